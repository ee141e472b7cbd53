"""A client that may lose its host in the middle of a request: what it was answered counts, everything else is open."""

import http.client
import json
from collections.abc import Mapping
from typing import Any

LOST = (OSError, http.client.HTTPException)
HUB = "/runtime/webhooks/durabletask"
JSON_BODY = {"Content-Type": "application/json"}
APPROVED = ["Your project design proposal has been -  Approved!"]
REJECTED = ["Your project design proposal has been -  Rejected!"]
ESCALATED = [
    "ESCALATION : You have not approved the project design proposal - reassigning to your Manager!  Head of department!"
]


class Client:
    """One connection, kept open while the host lives. For one thread.

    Args:
        port: of the host, on this machine.
    """

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def send(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], bytes] | None:
        """Status, headers and body of the answer; None if the host went away before all of it was here."""
        data = None if body is None else json.dumps(body)
        return self.send_text(method, path, data, {**(JSON_BODY if data else {}), **(headers or {})})

    def send_text(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes] | None:
        """The same for a body of any kind."""
        try:
            self._connection.request(method, path, body, dict(headers))
            answer = self._connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except LOST:
            self._connection.close()
            return None

    def start(self, key: str, timeout: str) -> str | None:
        """The id of the case under this key; None if there was no answer."""
        body = {"title": key, "author": "crash", "policy": {"timeout": timeout}}
        answer = self.send("POST", "/api/orchestrators/OrchFunction", body, {"Idempotency-Key": key})
        if answer is None:
            return None
        status, _, raw = answer
        if status == 503:  # the app lost the engine, as both are going down
            return None
        assert status == 202, answer
        started: str = json.loads(raw)["id"]
        return started

    def raise_event(self, instance_id: str, payload: object) -> int | None:
        """The status of the answer to an event; None if there was none."""
        answer = self.send("POST", f"{HUB}/instances/{instance_id}/raiseEvent/Approval", payload)
        return answer and answer[0]

    def status(self, instance_id: str, query: str = "") -> dict[str, Any]:
        """The status of an instance."""
        answer = self.send("GET", f"{HUB}/instances/{instance_id}?{query}")
        assert answer is not None
        assert answer[0] in {200, 202}, answer
        shown: dict[str, Any] = json.loads(answer[2])
        return shown

    def history(self, instance_id: str) -> list[dict[str, Any]]:
        """The rows of its history."""
        rows: list[dict[str, Any]] = self.status(instance_id, "showHistory=true")["historyEvents"]
        return rows

    def everything(self) -> dict[str, dict[str, Any]]:
        """Every instance in the hub, by its id."""
        found: dict[str, dict[str, Any]] = {}
        token = ""
        while True:
            answer = self.send(
                "GET", f"{HUB}/instances/?top=1000&showInput=false", headers={"x-ms-continuation-token": token}
            )
            assert answer is not None
            found |= {each["instanceId"]: each for each in json.loads(answer[2])}
            token = answer[1].get("x-ms-continuation-token") or ""
            if not token:
                return found
