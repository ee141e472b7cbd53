"""A host under test, as a scenario talks to it over HTTP; every answer is written down as a step."""

import http.client
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from clocks import Clock

KEPT_HEADERS = ("location", "retry-after", "content-type", "x-ms-continuation-token", "allow")
TERMINAL = ("Completed", "Failed", "Terminated", "Canceled")
POLL_S = 0.2
Json = Any
Payload = dict[str, str]


class Host:
    """One scenario's talk with a host.

    Args:
        base: e.g. `http://localhost:7071`.
        clock: how to wait.
        query: what the host puts behind every management link: `taskHub=…&connection=…&code=…`.
        run: the run's tag, part of every instance id that is not the host's choice.

    `steps` holds what was asked and answered, `failures` what no host may do.
    """

    def __init__(self, base: str, clock: Clock, query: str = "", run: str = "") -> None:
        self.base = base.rstrip("/")
        self.hook = f"{self.base}/runtime/webhooks/durabletask"
        self.clock = clock
        self.query = query
        self.run = run
        self.steps: list[dict[str, Json]] = []
        self.failures: list[str] = []
        self._began = clock.now()

    def id(self, name: str) -> str:
        """An instance id of this run."""
        return f"{name}-{self.run}"

    def pause(self, seconds: float) -> None:
        """Lets time pass."""
        self.clock.pause(seconds)

    def at(self, seconds: float) -> None:
        """Waits until so many seconds after the last `start`."""
        left = (self._began + timedelta(seconds=seconds) - self.clock.now()).total_seconds()
        if left > 0:
            self.clock.pause(left)

    def http(
        self,
        label: str,
        method: str,
        url: str,
        body: Json = None,
        *,
        content_type: str | None = "application/json",
        headers: dict[str, str] | None = None,
        record: bool = True,
    ) -> tuple[int, http.client.HTTPMessage, Json]:
        """Sends a request and writes down the answer as a step.

        Args:
            label: the step's name.
            method: the verb.
            url: whole, or a path on this host.
            body: bytes as they are, None for no body, anything else as JSON.
            content_type: of the body; None sends a body without saying what it is.
            headers: further ones.
            record: False leaves the step out.

        Returns:
            Status, headers, and the body: parsed if it is JSON, else the text, None if empty.
        """
        if not url.startswith("http"):
            url = self.base + url
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        sent = dict(headers or {})
        if data is not None and content_type is not None:
            sent["Content-Type"] = content_type
        status, answered, raw = exchange(method, url, data, sent)
        text = raw.decode("utf-8", "replace")
        try:
            parsed = json.loads(text) if text else None
        except ValueError:
            parsed = text
        if record:
            kept = {key.lower(): value for key, value in answered.items() if key.lower() in KEPT_HEADERS}
            request = {"method": method, "url": url, "body": repr(body)}
            self.steps.append({"step": label, "request": request, "status": status, "headers": kept, "body": parsed})
        return status, answered, parsed

    def get(self, label: str, url: str) -> Json:
        """The body of a recorded GET."""
        return self.http(label, "GET", url)[2]

    def start(self, name: str, body: Json = None, instance_id: str | None = None, label: str = "start") -> Payload:
        """Starts an orchestrator through the app's own starter."""
        url = f"/api/orchestrators/{name}" + (f"?id={instance_id}" if instance_id else "")
        self._began = self.clock.now()
        status, _, payload = self.http(label, "POST", url, body)
        self.expect(status == 202, f"start {name}: {status}")
        return payload

    def wait(
        self,
        payload: Payload,
        *,
        until: tuple[str, ...] = TERMINAL,
        seconds: float = 60,
        label: str = "final",
        expected: bool = True,
    ) -> dict[str, Json]:
        """Looks until the instance is in one of the states, then writes down its status.

        Args:
            payload: the instance's check-status payload.
            until: names of states.
            seconds: how long at most.
            label: the step's name.
            expected: whether not getting there is a failure.
        """
        end = self.clock.now() + timedelta(seconds=seconds)
        while True:
            body = self.http(label, "GET", payload["statusQueryGetUri"], record=False)[2]
            state = body.get("runtimeStatus") if isinstance(body, dict) else None
            if state in until or self.clock.now() > end:
                break
            self.clock.pause(POLL_S)
        self.get(label, payload["statusQueryGetUri"])
        if expected:
            self.expect(state in until, f"{label}: {state} instead of {until}")
        return body if isinstance(body, dict) else {}

    def history(self, payload: Payload, label: str = "history") -> dict[str, Json]:
        """Status and history now, without waiting."""
        body = self.get(label, payload["statusQueryGetUri"] + "&showHistory=true&showHistoryOutput=true")
        return body if isinstance(body, dict) else {}

    def end(self, payload: Payload, label: str = "final", seconds: float = 60) -> dict[str, Json]:
        """Waits for the end, then writes down status and history."""
        status = self.wait(payload, seconds=seconds, label=label)
        self.history(payload, f"{label}, history")
        return status

    def event(
        self,
        payload: Payload,
        name: str,
        body: Json,
        label: str = "raiseEvent",
        content_type: str | None = "application/json",
    ) -> int:
        """Raises an event; None is sent as `null`."""
        url = payload["sendEventPostUri"].replace("{eventName}", name)
        return self.http(label, "POST", url, b"null" if body is None else body, content_type=content_type)[0]

    def op(self, payload: Payload, op: str, reason: str = "why", label: str | None = None) -> int:
        """Terminates, suspends, resumes or rewinds through the payload's link."""
        url = payload.get(f"{op}PostUri") or payload["terminatePostUri"].replace("/terminate?", f"/{op}?")
        return self.http(label or op, "POST", url.replace("{text}", reason))[0]

    def kill(self, payload: Payload, label: str = "terminate") -> None:
        """Terminates and writes down the end."""
        self.op(payload, "terminate", "enough", label)
        self.end(payload, "terminated")

    def kill_if_alive(self, payload: Payload, status: dict[str, Json]) -> None:
        """Terminates an instance that the status shows at work."""
        if status.get("runtimeStatus") not in TERMINAL:
            self.kill(payload)

    def url(self, instance_id: str, tail: str = "", more: str = "") -> str:
        """A management URL of an instance, made by hand; `more` is query and ends in `&`."""
        return f"{self.hook}/instances/{instance_id}{tail}?{more}{self.query}"

    def expect(self, ok: bool, complaint: str) -> None:  # noqa: FBT001 like assert
        """Notes what no host may do."""
        if not ok:
            self.failures.append(complaint)


def exchange(method: str, url: str, data: bytes | None, headers: dict[str, str]) -> tuple[int, Any, bytes]:
    """One request on a connection of its own."""
    to = urlsplit(url)
    connection = http.client.HTTPConnection(to.hostname or "", to.port or 80, timeout=60)
    try:
        connection.request(method, to.path + (f"?{to.query}" if to.query else ""), data, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()
