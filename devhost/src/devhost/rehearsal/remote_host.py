"""A host's instances with their histories, read from its management API over HTTP. It only ever reads.

Rules of this module:

1. Every request is a GET. Redirects are not followed: the key would go with them.
2. The key travels in a header, never in a URL.
3. A request has a time limit. After 429, 5xx or a broken connection it is sent again a few times, then it is an error.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

CODE_SETTING: Final = "DEVHOST_CODE"
API: Final = "/runtime/webhooks/durabletask"
# The API compares these exactly, and lists everything if it knows none of the names.
STATUSES: Final = ("Pending", "Running", "Suspended", "Completed", "Failed", "Terminated", "Canceled", "ContinuedAsNew")
TRIES: Final = 5
LONGEST_TIMEOUT_S: Final = 3600
LONGEST_PAUSE_S: Final = 30.0
PAGE: Final = 100
CHUNK: Final = 1 << 16
LARGEST: Final = 1 << 28  # bytes of one answer
TOKEN: Final = "x-ms-continuation-token"  # noqa: S105 - a header's name
KEY_NEEDED: Final = (
    "the management API wants a key: the system key durabletask_extension (in Azure: az functionapp keys list, under "
    f"systemKeys), or the master key. Give it in the environment variable {CODE_SETTING}, or by --code"
)


class RemoteHostError(Exception):
    """The host cannot be read, or only in part; the message gives the reason and what to do."""


@dataclass(frozen=True, slots=True)
class RemoteResponse:
    """The response to a GET; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, parsed.

        Raises:
            RemoteHostError: it is not JSON, or is nested too deep.
        """
        try:
            return json.loads(self.body)
        except RecursionError:
            raise RemoteHostError("the answer is JSON that is nested too deep.") from None
        except ValueError:
            raise RemoteHostError("the answer is no JSON: does the base URL lead to a Functions host?") from None


class RemoteHost:
    """Reads one management API.

    Args:
        base_url: of the host, with or without the management API's path.
        code: the key, or None if none is needed.
        timeout_s: how long one request may take from start to end.
        hub: another task hub than the host's own.
        pause: waits for that many seconds.
    """

    def __init__(
        self,
        base_url: str,
        code: str | None = None,
        *,
        timeout_s: float = 30.0,
        hub: str | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base = _api(base_url, code)
        self._code, self._timeout_s, self._pause = code, timeout_s, pause
        self._query = {"taskHub": hub} if hub else {}
        self._opener = build_opener(_NoRedirect)

    def listed(self, statuses: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
        """Every instance, page by page, without input; each id once."""
        query = self._query | {"top": str(PAGE), "showInput": "false"}
        if statuses:
            query["runtimeStatus"] = ",".join(statuses)
        seen: set[str] = set()
        tokens: set[str] = set()
        token = ""
        while True:
            answer = self._get("/instances/", query, {TOKEN: token} if token else {})
            if answer.status == 404:  # noqa: PLR2004
                raise RemoteHostError(f"there is no management API at {self._base}: is the base URL right?")
            self._usable(answer)
            page = answer.json()
            if not isinstance(page, list) or not all(isinstance(one, dict) and "instanceId" in one for one in page):
                raise RemoteHostError(f"{self._base} does not answer as a management API: is the base URL right?")
            for one in page:
                name = str(one["instanceId"])
                if name not in seen:
                    seen.add(name)
                    yield one
            token = answer.headers.get(TOKEN, "").strip()
            if not token:
                return
            if token in tokens:
                raise RemoteHostError("the host gives the same page again and again: nothing more can be read")
            tokens.add(token)

    def with_history(self, instance_id: str) -> RemoteResponse:
        """The status of one instance, with its history: 200 or 202; 404 if it is gone; 400 if the host cannot show it.

        Raises:
            RemoteHostError: the host does not answer, or not as it should.
        """
        query = self._query | {"showHistory": "true", "showHistoryOutput": "true", "showInput": "true"}
        answer = self._get(f"/instances/{_segment(instance_id)}", query, {})
        if answer.status not in (400, 404, 410):
            self._usable(answer)
        return answer

    def _usable(self, answer: RemoteResponse) -> None:
        if answer.status in (401, 403):
            raise RemoteHostError(f"{self._base} answers {answer.status}: {KEY_NEEDED}.")
        if answer.status in range(300, 400):
            to = _place(answer.headers.get("location", ""))
            raise RemoteHostError(
                f"{self._base} sends on to {to}, and redirects are not followed: "
                "give that as --base-url, if it is the host you mean."
            )
        if answer.status not in (200, 202):
            raise RemoteHostError(
                f"{self._base} answers {answer.status}, also after {TRIES} tries where that may help."
            )

    def _get(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> RemoteResponse:
        asked = dict(headers) | {"accept": "application/json"}
        if self._code:
            asked["x-functions-key"] = self._code
        request = Request(f"{self._base}{path}?{urlencode(query)}", headers=asked, method="GET")  # noqa: S310 - see _api
        trouble = ""
        for number in range(TRIES):
            pause = min(2.0**number, LONGEST_PAUSE_S)
            try:
                answer = self._once(request)
            except (
                OSError,
                HTTPException,
                ValueError,
            ) as error:  # ValueError: headers that cannot be read, or sent back
                trouble = str(getattr(error, "reason", error)) or type(error).__name__
            else:
                if answer.status != 429 and answer.status < 500:  # noqa: PLR2004 - the others may work at the next try
                    return answer
                trouble = f"it answers {answer.status}"
                pause = _asked_pause(answer, pause)
            if number + 1 < TRIES:
                self._pause(pause)
        raise RemoteHostError(f"{self._base} could not be read in {TRIES} tries: {trouble}.")

    def _once(self, request: Request) -> RemoteResponse:
        end = time.monotonic() + self._timeout_s
        try:
            response = self._opener.open(request, timeout=self._timeout_s)
        except HTTPError as error:
            response = error
        with response:
            chunks, size = [], 0
            while chunk := response.read1(CHUNK):
                chunks.append(chunk)
                size += len(chunk)
                if size > LARGEST:
                    raise HTTPException(f"an answer of more than {LARGEST >> 20} MB")
                if time.monotonic() > end:
                    raise TimeoutError(f"no whole answer within {self._timeout_s:g} s")
            headers = {name.lower(): value for name, value in response.headers.items()}
            return RemoteResponse(response.status, headers, b"".join(chunks))


def _segment(instance_id: str) -> str:
    """The id as a path of the API must hold it, which is decoded three times: ``%2541`` would name ``A``."""
    for _ in range(3):
        instance_id = quote(instance_id, safe="")
    return instance_id


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follows no redirect."""


def _api(base_url: str, code: str | None) -> str:
    """The management API's address, without a slash at the end."""
    try:
        parts = urlsplit(base_url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise RemoteHostError("the base URL cannot be read: give one such as https://NAME.azurewebsites.net.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine:
        raise RemoteHostError("the base URL must begin with http:// or https:// and name a host.")
    if code and not (code.isascii() and code.isprintable()):
        raise RemoteHostError("the key holds a character that no key has: a line end, perhaps.")
    if parts.scheme == "http" and code and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise RemoteHostError("a key would go over http for everybody to read: use https, or give none.")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise RemoteHostError(
            f"the base URL must not hold a key or a query: give the key in {CODE_SETTING}, or by --code."
        )
    path = parts.path.rstrip("/").removesuffix("/instances").removesuffix(API)
    return f"{parts.scheme}://{parts.netloc}{path}{API}"


def _asked_pause(answer: RemoteResponse, otherwise: float) -> float:
    """The pause that Retry-After asks for, up to a limit."""
    try:
        asked = float(answer.headers["retry-after"])
    except (KeyError, ValueError):
        return otherwise
    return min(max(asked, 0.0), LONGEST_PAUSE_S) if asked == asked else otherwise  # noqa: PLR0124 - not a number


def _place(location: str) -> str:
    """Scheme and host of an address; the rest may hold secrets."""
    try:
        where = urlsplit(location)
    except ValueError:
        return "an address that is none"
    return f"{where.scheme}://{where.netloc}"
