"""A devhost in virtual time with the app on it, and what a test does to it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from devhost.store import Store

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 30
ENDED = ("Completed", "Failed", "Terminated")
# The other test folders have modules of their own by plain names; these are for this one.
sys.path.insert(0, str(ROOT / "docs"))


class Lab:
    """A host whose time moves only when asked, and the store behind it."""

    def __init__(self, base_url: str, database: Path) -> None:
        self.base_url, self._database = base_url, database

    def ask(self, url: str, body: object = None) -> tuple[int, object]:
        """Status and body of a GET, or of a POST if there is a body."""
        data = None if body is None else json.dumps(body).encode()
        headers = {} if data is None else {"Content-Type": "application/json"}
        request = urllib.request.Request(url if "://" in url else self.base_url + url, data, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text, code = answer.read(), answer.status
        except urllib.error.HTTPError as error:
            text, code = error.read(), error.code
        return code, json.loads(text) if text else None

    def advance(self, seconds: float) -> None:
        """Lets so much time pass; returns when all is done that was due by then."""
        code, _ = self.ask("/devhost/clock", {"advance": seconds})
        assert code == 200

    def start(self, name: str, given: object) -> str:
        """The id of a new instance, which has had its first turn."""
        code, links = self.ask(f"/api/orchestrators/{name}", given)
        assert code == 202, links
        self.advance(0)
        return links["id"]

    def hears(self, instance_id: str, payload: object) -> None:
        """The event Approval for it."""
        url = f"/runtime/webhooks/durabletask/instances/{instance_id}/raiseEvent/Approval"
        assert self.ask(url, payload)[0] == 202
        self.advance(0)

    def look(self, instance_id: str) -> dict[str, object]:
        """Its status now."""
        _, status = self.ask(f"/runtime/webhooks/durabletask/instances/{instance_id}")
        return status

    def output(self, instance_id: str, within_s: float = 0) -> object:
        """What came out of it, after that much time."""
        self.advance(within_s)
        status = self.look(instance_id)
        assert status["runtimeStatus"] == "Completed", status
        return status["output"]

    def turns(self, instance_id: str) -> list[list[dict[str, object]]]:
        """The rows of its history, turn by turn."""
        store = Store(self._database)
        try:
            return [json.loads(f"[{rows}]") for rows in store.history(instance_id)]
        finally:
            store.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory) -> Iterator[Lab]:
    """One host for all tests of this folder."""
    state = tmp_path_factory.mktemp("patterns")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    command = [sys.executable, "-m", "devhost", "--port", str(port), "--state", state, "--virtual-time"]
    settings = {name: value for name, value in os.environ.items() if name != "PATTERNS"}
    with (state / "log").open("wb") as log:
        host = subprocess.Popen(
            [*command, "--sync", "NORMAL"], cwd=ROOT, env=settings, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _wait_for(port, host, state / "log")
        yield Lab(f"http://localhost:{port}", state / "DesignApproval.db")
    finally:
        host.send_signal(signal.SIGTERM)
        host.wait(timeout=10)


def _wait_for(port: int, host: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < end and host.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            os.sched_yield()
        else:
            return
    pytest.fail(f"devhost did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")
