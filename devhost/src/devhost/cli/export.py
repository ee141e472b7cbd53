"""``python -m devhost export``: histories from a host's management API, one JSON object a line. It only ever reads.

Rules of this module:

1. Every request is a GET. Redirects are not followed: the key would go with them.
2. The key travels in a header, never in a URL. Where an answer holds it, it is blotted out before it is written.
3. A request ends within its time; 429, 5xx and a broken connection are tried again a few times, then it is an error.
4. An instance that is gone by the time it is asked for, or that the host cannot show, is told and passed over. A host
   that fails for three in a row is given up.
5. What the host answers is a stranger's text: it may be anything, and is shown as ``devhost.shown`` says.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from devhost.shown import in_json, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

CODE_SETTING: Final = "DEVHOST_CODE"
API: Final = "/runtime/webhooks/durabletask"
# The API compares these to the letter, and lists everything where it knows none of the names.
STATUSES: Final = ("Pending", "Running", "Suspended", "Completed", "Failed", "Terminated", "Canceled", "ContinuedAsNew")
TRIES: Final = 5
LONGEST_TIMEOUT_S: Final = 3600
LONGEST_PAUSE_S: Final = 30.0
PAGE: Final = 100
CHUNK: Final = 1 << 16
LARGEST: Final = 1 << 28  # bytes of one answer
FAILURES_IN_A_ROW: Final = 3
TOKEN: Final = "x-ms-continuation-token"  # noqa: S105 - a header's name
KEY_NEEDED: Final = (
    "the management API wants a key: the system key durabletask_extension (in Azure: az functionapp keys list, under "
    f"systemKeys), or the master key. Give it in the environment variable {CODE_SETTING}, or by --code"
)


class ExportFailed(Exception):
    """Nothing, or not everything, could be read; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a GET; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, parsed.

        Raises:
            ExportFailed: it is no JSON, or none that can be read.
        """
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ExportFailed("the answer is JSON that is nested too deep.") from None
        except ValueError:
            raise ExportFailed("the answer is no JSON: does the base URL lead to a Functions host?") from None


@dataclass(slots=True)
class Counts:
    """What became of the instances."""

    written: dict[str, int] = field(default_factory=dict)
    entities: int = 0
    gone: int = 0
    refused: int = 0

    def text(self) -> str:
        """The summary, one line."""
        by_status = ", ".join(f"{number} {status}" for status, number in sorted(self.written.items()))
        number = sum(self.written.values())
        parts = [f"{number} instance{'' if number == 1 else 's'} exported" + (f" ({by_status})" if by_status else "")]
        if self.entities:
            parts.append(f"entities, which have no history, left out: {self.entities}")
        if self.gone:
            parts.append(f"{self.gone} gone meanwhile")
        if self.refused:
            parts.append(f"{self.refused} that the host could not show")
        return "; ".join(parts)


class Reader:
    """GETs on one management API.

    Args:
        base_url: of the host, with or without the management API's path.
        code: the key, or None where none is needed.
        timeout_s: how long one request may take from start to end.
        hub: another task hub than the host's own.
        pause: waits those seconds.
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
                raise ExportFailed(f"there is no management API at {self._base}: is the base URL right?")
            self._usable(answer)
            page = answer.json()
            if not isinstance(page, list) or not all(isinstance(one, dict) and "instanceId" in one for one in page):
                raise ExportFailed(f"{self._base} does not answer as a management API: is the base URL right?")
            for one in page:
                name = str(one["instanceId"])
                if name not in seen:
                    seen.add(name)
                    yield one
            token = answer.headers.get(TOKEN, "").strip()
            if not token:
                return
            if token in tokens:
                raise ExportFailed("the host gives the same page again and again: nothing more can be read")
            tokens.add(token)

    def with_history(self, instance_id: str) -> Answer:
        """The status answer of one instance, with its history: 200 or 202, 404 for gone, 400 for not to be shown.

        Raises:
            ExportFailed: the host does not answer, or not as it should.
        """
        query = self._query | {"showHistory": "true", "showHistoryOutput": "true", "showInput": "true"}
        answer = self._get(f"/instances/{_segment(instance_id)}", query, {})
        if answer.status not in (400, 404, 410):
            self._usable(answer)
        return answer

    def _usable(self, answer: Answer) -> None:
        if answer.status in (401, 403):
            raise ExportFailed(f"{self._base} answers {answer.status}: {KEY_NEEDED}.")
        if answer.status in range(300, 400):
            to = _place(answer.headers.get("location", ""))
            raise ExportFailed(
                f"{self._base} sends on to {to}, and redirects are not followed: "
                "give that as --base-url, if it is the host you mean."
            )
        if answer.status not in (200, 202):
            raise ExportFailed(f"{self._base} answers {answer.status}, also after {TRIES} tries where that may help.")

    def _get(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
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
                if answer.status != 429 and answer.status < 500:  # noqa: PLR2004 - what may pass by itself
                    return answer
                trouble = f"it answers {answer.status}"
                pause = _asked_pause(answer, pause)
            if number + 1 < TRIES:
                self._pause(pause)
        raise ExportFailed(f"{self._base} could not be read in {TRIES} tries: {trouble}.")

    def _once(self, request: Request) -> Answer:
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
            return Answer(response.status, headers, b"".join(chunks))


def export(
    reader: Reader,
    write: Callable[[str], object],
    tell: Callable[[str], object],
    statuses: Sequence[str],
    code: str | None,
) -> Counts:
    """Writes the instances one after the other, and tells what was passed over.

    Raises:
        ExportFailed: the host cannot be read, or not any more.
    """
    counts, in_a_row = Counts(), 0
    for listed in reader.listed(statuses):
        instance_id = listed["instanceId"]
        if isinstance(instance_id, str) and instance_id.startswith("@"):
            counts.entities += 1
            continue
        try:
            body, why = _shown(reader, instance_id)
            in_a_row = 0
        except ExportFailed as error:
            body, why = None, str(error).removesuffix(".")
            in_a_row += 1
            if in_a_row == FAILURES_IN_A_ROW:
                raise
            failed = error
        if body is not None:
            status = body["runtimeStatus"]
            counts.written[status] = counts.written.get(status, 0) + 1
            write(blotted(json.dumps(body, ensure_ascii=False, separators=(",", ":")), code))
            continue
        if why is None:
            counts.gone += 1
            why = "gone since it was listed"
        else:
            counts.refused += 1
        tell(f"{instance_id}: {why}; passed over")
    if in_a_row and not counts.written:
        raise failed
    return counts


def _shown(reader: Reader, instance_id: object) -> tuple[dict[str, Any] | None, str | None]:
    """The status answer; without one, why there is none, or None if the instance is gone.

    Raises:
        ExportFailed: the host does not answer as it should.
    """
    if not isinstance(instance_id, str):
        return None, "its id is no text"
    try:
        answer = reader.with_history(instance_id)
    except UnicodeEncodeError:  # half a character; that is no fault of the host
        return None, "no address can hold its id"
    if answer.status in (404, 410):
        return None, None
    if answer.status == 400:  # noqa: PLR2004 - not to be shown
        return None, f"the host cannot show its history ({_reason(answer)})"
    body = answer.json()
    if not isinstance(body, dict) or not all(isinstance(body.get(key), str) for key in ("instanceId", "runtimeStatus")):
        raise ExportFailed("what the host answers is no status answer.")
    return body, None


def blotted(text: str, code: str | None) -> str:
    """The text without the key, as it is and as it stands in a URL: an input may hold a link with it."""
    for form in {code, quote(code, safe="", errors="surrogatepass"), json.dumps(code)[1:-1]} if code else ():
        text = text.replace(form, "[key]")
    return text


def _segment(instance_id: str) -> str:
    """The id as it must stand in a path of the API, which is decoded three times: ``%2541`` would name ``A``."""
    for _ in range(3):
        instance_id = quote(instance_id, safe="")
    return instance_id


def main(arguments: Sequence[str]) -> int:
    """The command: 0 all exported, 1 some instance could not be shown, 2 the host cannot be read."""
    given = _parser().parse_args(arguments)
    code = given.code or os.environ.get(CODE_SETTING) or None

    def tell(text: str) -> None:
        say(blotted(text, code))

    try:
        reader = Reader(given.base_url, code, timeout_s=given.timeout, hub=given.task_hub)
        if given.output is None:
            counts = export(reader, _line_to(sys.stdout), tell, given.status, code)
        else:
            counts = _to_file(given.output, lambda write: export(reader, write, tell, given.status, code))
    except ExportFailed as error:
        tell(f"export: {error}")
        return 2
    except OSError as error:
        tell(f"export: {given.output or 'standard output'} cannot be written: {error.strerror or error}.")
        return 2
    name = given.output or "FILE"
    tell(f"{counts.text()}. To replay them on the present code: python -m devhost replay --app . {name}")
    return 1 if counts.refused else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m devhost export",
        description="Reads instances with their histories from a host's management API; it changes nothing there.",
    )
    parser.add_argument(
        "--base-url", required=True, metavar="URL", help="of the host, e.g. https://NAME.azurewebsites.net"
    )
    parser.add_argument(
        "--status", nargs="+", default=[], choices=STATUSES, help="only these (default: all)", metavar="STATUS"
    )
    parser.add_argument(
        "--code", metavar="KEY", help=f"system or master key; better in {CODE_SETTING}, where nobody sees it"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to (default: standard output)")
    parser.add_argument("--task-hub", metavar="NAME", help="another task hub than the host's own")
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=30.0,
        metavar="S",
        help="seconds that one request may take (default: %(default)g)",
    )
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= LONGEST_TIMEOUT_S:
        raise argparse.ArgumentTypeError(f"must be more than 0 and at most {LONGEST_TIMEOUT_S}")
    return seconds


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Leaves the answer as it is."""


def _api(base_url: str, code: str | None) -> str:
    """The management API's address, without a slash at the end."""
    try:
        parts = urlsplit(base_url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise ExportFailed("the base URL cannot be read: give one such as https://NAME.azurewebsites.net.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine:
        raise ExportFailed("the base URL must begin with http:// or https:// and name a host.")
    if code and not (code.isascii() and code.isprintable()):
        raise ExportFailed("the key holds a character that no key has: a line end, perhaps.")
    if parts.scheme == "http" and code and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ExportFailed("a key would go over http for everybody to read: use https, or give none.")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ExportFailed(
            f"the base URL must not hold a key or a query: give the key in {CODE_SETTING}, or by --code."
        )
    path = parts.path.rstrip("/").removesuffix("/instances").removesuffix(API)
    return f"{parts.scheme}://{parts.netloc}{path}{API}"


def _asked_pause(answer: Answer, otherwise: float) -> float:
    """What Retry-After says, within reason."""
    try:
        asked = float(answer.headers["retry-after"])
    except (KeyError, ValueError):
        return otherwise
    return min(max(asked, 0.0), LONGEST_PAUSE_S) if asked == asked else otherwise  # noqa: PLR0124 - not a number


def _place(location: str) -> str:
    """Scheme and host of an address, without what may be secret in it."""
    try:
        where = urlsplit(location)
    except ValueError:
        return "an address that is none"
    return f"{where.scheme}://{where.netloc}"


def _reason(answer: Answer) -> str:
    try:
        body = json.loads(answer.body)
        return str(body.get("ExceptionMessage") or body.get("Message"))
    except (ValueError, AttributeError, RecursionError):
        return "400"


def _line_to(stream: TextIO) -> Callable[[str], object]:
    return lambda text: stream.write(f"{in_json(text, stream.encoding)}\n")


def _to_file(path: Path, work: Callable[[Callable[[str], object]], Counts]) -> Counts:
    """The whole file or none, for its owner's eyes only: histories hold people's data."""
    part = path.with_name(f"{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            counts = work(_line_to(stream))
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return counts
