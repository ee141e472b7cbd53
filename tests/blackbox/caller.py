"""Somebody who knows the app by its addresses alone: what they send, what they get, how long they are ready to wait."""

import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from devhost.testing import process as hostprocess

APPROVED = ["Your project design proposal has been -  Approved!"]
REJECTED = ["Your project design proposal has been -  Rejected!"]
ESCALATED = [
    "ESCALATION : You have not approved the project design proposal - reassigning to your Manager!  Head of department!"
]
ENDED = ("Completed", "Failed", "Terminated", "Canceled")
# A real host looks at its queue every 30 s if nothing else is set.
until = partial(hostprocess.until, within_s=60.0)


@dataclass(frozen=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, which is JSON."""
        return json.loads(self.body)


def send(
    method: str,
    url: str,
    body: bytes | None = None,
    headers: Mapping[str, str | bytes] | None = None,
    *,
    within_s: float = 60,
) -> Answer:
    """One request on a connection of its own. No request of this suite may be answered with a 500."""
    to = urlsplit(url)
    kind = http.client.HTTPSConnection if to.scheme == "https" else http.client.HTTPConnection
    connection = kind(to.hostname or "", to.port, timeout=within_s)
    try:
        connection.request(method, to.path + (f"?{to.query}" if to.query else ""), body, dict(headers or {}))
        got = connection.getresponse()
        answer = Answer(got.status, {name.lower(): value for name, value in got.headers.items()}, got.read())
    finally:
        connection.close()
    assert answer.status < 500, f"{method} {url}: {answer.status} {answer.body!r}"
    return answer


class Case:
    """A started instance, known by the links that its starter was given."""

    def __init__(self, links: Mapping[str, str]) -> None:
        self.links = links
        self.id = links["id"]

    def look(self, query: str = "") -> Answer:
        """The answer of the status link; ``query`` such as ``showHistory=true``."""
        return send("GET", self.links["statusQueryGetUri"] + (f"&{query}" if query else ""))

    def raised(self, payload: object, name: str = "Approval") -> Answer:
        """The answer to an event with this JSON value, or with these very bytes."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        url = self.links["sendEventPostUri"].replace("{eventName}", quote(name))
        return send("POST", url, body, {"Content-Type": "application/json"})

    def hears(self, payload: object, name: str = "Approval") -> None:
        """The event is accepted."""
        assert self.raised(payload, name).status == 202

    def steered(self, link: str, reason: str = "") -> Answer:
        """The answer of terminatePostUri, suspendPostUri or another link that takes a reason."""
        return send("POST", self.links[link].replace("{text}", quote(reason)), b"")

    def shows(self, what: str, holds: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """The first status for which ``holds`` is true."""

        def seen() -> dict[str, Any] | None:
            status = self.look().json
            return status if holds(status) else None

        return until(seen, f"{self.id} {what}")

    def waits(self) -> dict[str, Any]:
        """The status once the case has had its first turn."""
        return self.shows("waits", lambda status: status["runtimeStatus"] != "Pending")

    def ends(self) -> dict[str, Any]:
        """The status once the case is over."""
        return self.shows("ends", lambda status: status["runtimeStatus"] in ENDED)

    def output(self) -> Any:
        """What came out of it, once it is Completed."""
        status = self.ends()
        assert status["runtimeStatus"] == "Completed", status
        return status["output"]

    def history(self) -> list[dict[str, Any]]:
        """The rows of its history, outputs and inputs included."""
        rows: list[dict[str, Any]] = self.look("showHistory=true&showHistoryOutput=true").json["historyEvents"]
        return rows


class Caller:
    """A client of one host.

    Args:
        base_url: ``http://localhost:7071``, without a slash.
        function_key: of a host that checks keys.
    """

    def __init__(self, base_url: str, function_key: str | None = None) -> None:
        self.base_url = base_url
        self.own_headers = {"x-functions-key": function_key} if function_key else {}

    def asked(
        self, name: str = "OrchFunction", body: object = None, *, method: str = "POST", key: str | None = None
    ) -> Answer:
        """The starter's answer; a body of bytes is sent as it is, None sends none. ``name`` is quoted already."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers: dict[str, str | bytes] = dict(self.own_headers)
        if data is not None:
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["Idempotency-Key"] = key.encode()
        return send(method, f"{self.base_url}/api/orchestrators/{name}", data, headers)

    def started(
        self, name: str = "OrchFunction", body: object = None, *, method: str = "POST", key: str | None = None
    ) -> Case:
        """A new case; the start is accepted."""
        answer = self.asked(name, body, method=method, key=key)
        assert answer.status == 202, answer
        return Case(answer.json)


def proposal(**changes: object) -> dict[str, object]:
    """A small proposal that nobody has to decide on before the tests are over."""
    return {"title": "Mill Lane bridge", "author": "dana@example.com", "policy": {"timeout": "PT1H"}} | changes
