"""A devhost in virtual time with the app on it, and what a test does to it."""

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import ROOT

from devhost.store.database import Store
from devhost.testing.process import HostProcess

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
    host = HostProcess(ROOT, state, "--virtual-time", "--sync", "NORMAL", PATTERNS=None)
    try:
        host.start()
        yield Lab(host.origin, state / "DesignApproval.db")
    finally:
        host.close()
