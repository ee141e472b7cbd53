"""What the crash sweep plays: stories of a client that knows its ids, and looks and repeats when an answer was lost.

1. Each step may be played any number of times: it looks first whether what it wants has already happened.
2. A story's time is counted from its beginning, so a step that was cut short waits for the rest only.
3. What is compared afterwards says nothing of moments and of ids that the host has chosen.
"""

import json
import re
from collections.abc import Callable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

Json = Any
OVER = ("Completed", "Failed", "Terminated", "Canceled")
ANSWERS = ("TaskCompleted", "TaskFailed", "SubOrchestrationInstanceCompleted", "SubOrchestrationInstanceFailed")
GUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
STACK = re.compile(r"Stack: [^\n]*")  # of Python: in a process of its own it is another one
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?")


class Lost(Exception):
    """The host went away before the answer was here."""


class HostAccess(Protocol):
    """How a client reaches its host."""

    def ask(
        self, method: str, path: str, body: Json = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], Json]:
        """Status, headers and body of an answer of the management API; :class:`Lost` if there was none."""

    def wait_until(self, seconds: float) -> None:
        """Lets time pass until so long after the beginning; :class:`Lost` if the host has died meanwhile."""


class Client:
    """A client of the management API. Every operation looks first.

    Args:
        access: to the host, before and after a restart.
        switch: the file that lets the app's failing activities work.
    """

    def __init__(self, access: HostAccess, switch: Path) -> None:
        self.access, self._switch = access, switch
        self.at = access.wait_until

    def switch_on(self) -> None:
        """From now on everything works."""
        self._switch.touch()

    def start(self, name: str, instance_id: str, given: Json = None, *, life: int = 0) -> None:
        """Starts an instance, or one over an ended one of the same id, whose lives before it are counted."""
        if self._lives(instance_id) <= life:
            self._post(f"orchestrators/{name}/{instance_id}", given, {202})

    def event(self, instance_id: str, name: str, word: str) -> None:
        """Raises an event; no two events of an instance hold the same word."""
        found = self.look(instance_id)
        if found["runtimeStatus"] not in OVER and word not in json.dumps(found):
            self._post(f"instances/{instance_id}/raiseEvent/{name}", word, {202})

    def signal(self, key: str, note: str) -> None:
        """Gives the entity a note."""
        _, _, kept = self.access.ask("GET", f"entities/Notes/{key}")
        if note not in (kept or []):
            self._post(f"entities/Notes/{key}?op=add", json.dumps(note), {202})

    def suspend(self, instance_id: str) -> None:
        """Holds it."""
        if self.look(instance_id)["runtimeStatus"] != "Suspended":
            self._post(f"instances/{instance_id}/suspend?reason=wait", None, {202})

    def resume(self, instance_id: str) -> None:
        """Lets it go on."""
        if self.look(instance_id)["runtimeStatus"] == "Suspended":
            self._post(f"instances/{instance_id}/resume?reason=go", None, {202})

    def terminate(self, instance_id: str) -> None:
        """Ends it."""
        if self.look(instance_id)["runtimeStatus"] not in OVER:
            self._post(f"instances/{instance_id}/terminate?reason=enough", None, {202})

    def rewind(self, instance_id: str) -> None:
        """Takes it back to before its failure."""
        if self.look(instance_id)["runtimeStatus"] == "Failed":
            self._post(f"instances/{instance_id}/rewind?reason=again", None, {202})

    def restart_anew(self, instance_id: str, name: str) -> None:
        """Starts it again under an id of the host's choice; no other instance of this name gets such an id."""
        if not any(each["name"] == name and GUID.fullmatch(each["instanceId"]) for each in self.everything()):
            self._post(f"instances/{instance_id}/restart", None, {202})

    def restart(self, instance_id: str, *, life: int) -> None:
        """Starts it again under its id."""
        if self._lives(instance_id) <= life:
            self._post(f"instances/{instance_id}/restart?restartWithNewInstanceId=false", None, {202})

    def purge(self, instance_id: str) -> None:
        """Forgets it."""
        self.access.ask("DELETE", f"instances/{instance_id}")

    def look(self, instance_id: str) -> Json:
        """Its status with the whole history."""
        path = f"instances/{quote(instance_id, safe='')}?showHistory=true&showHistoryOutput=true"
        return self.access.ask("GET", path)[2]

    def everything(self) -> list[Json]:
        """Every instance and entity in the hub."""
        found, token = [], ""
        while True:
            _, headers, some = self.access.ask("GET", "instances?top=20", headers={"x-ms-continuation-token": token})
            found += some
            token = headers.get("x-ms-continuation-token") or ""
            if not token:
                return found

    def picture(self) -> list[str]:
        """The state of everything, without moments and chosen ids, one text an instance."""
        shown = [_ordered(self.look(each["instanceId"])) for each in self.everything()]
        texts = [STACK.sub("STACK", json.dumps(each, indent=1)) for each in shown]
        return sorted(TIME.sub("TIME", GUID.sub("GUID", text)) for text in texts)

    def ends(self) -> dict[str, tuple[str, Json]]:
        """Runtime status and output of all instances whose ids the client has chosen."""
        shown = [each for each in self.everything() if each["name"][0] != "@" and not GUID.match(each["instanceId"])]
        return {each["instanceId"]: (each["runtimeStatus"], each["output"]) for each in shown}

    def _lives(self, instance_id: str) -> int:
        status, _, found = self.access.ask("GET", f"instances/{instance_id}?showHistory=true")
        if status == 404:
            return 0
        began = [row["Generation"] for row in found["historyEvents"] if row["EventType"] == "ExecutionStarted"]
        return began[0] + 1

    def _post(self, path: str, body: Json, wanted: set[int]) -> None:
        status, _, said = self.access.ask("POST", path, body)
        assert status in wanted, f"{path}: {status} {said}"


def _ordered(status: Json) -> Json:
    """The status with a history in which it does not count what of several things at once was ready first."""
    rows = []
    for is_answer, some in groupby(status.get("historyEvents", []), lambda row: row["EventType"] in ANSWERS):
        found = list(some)
        if is_answer:
            found.sort(key=lambda row: json.dumps([row["FunctionName"], row.get("Result")]))
        rows += found
    return status | {"historyEvents": rows}


# How the instances end whose ids the client has chosen, if all goes well: runtime status and output.
ENDS = {
    "chain": ("Completed", ["first done", "second done", "third done"]),
    "fan": ("Completed", "part 0 done and part 1 done and part 2 done and part 3 done and part 4 done done"),
    "decided": ("Completed", "approve done"),
    "silent": ("Completed", "escalation done"),
    "words": ("Completed", ["late", "early"]),
    "again": ("Completed", ["one", "two"]),
    "retried": ("Completed", ["patient done", "Activity function 'Never' failed:  ValueError: vain never works "]),
    "parent": ("Completed", ["a done", "b done", "Exception", ["before done", "after done"]]),
    "rounds": ("Completed", ["alpha done", "beta done", "gamma done"]),
    "one": ("Completed", [3, "burst", [1, 1]]),
    "two": ("Completed", [5, "burst", [1, 1]]),
    "held": ("Completed", ["one", "two"]),
    "waits": ("Terminated", "enough"),
    "twice": ("Completed", "escalation done"),
    "copied": ("Completed", ["first done", "second done", "third done"]),
    "breaks": ("Completed", ["before done", "after done"]),
    "below": ("Completed", ["before done", "after done"]),
    "fetched": ("Completed", "hello"),
}
Story = list[Callable[[Client], None]]


def stories(url: str) -> dict[str, Story]:
    """All stories by name.

    Args:
        url: of something that answers a GET.
    """
    return {
        "chain and fan-out": [
            lambda client: client.start("Chain", "chain"),
            lambda client: client.start("FanOut", "fan"),
        ],
        "races": [
            lambda client: client.start("Race", "decided"),
            lambda client: client.start("Race", "silent"),
            lambda client: client.event("decided", "Approval", "perhaps"),
            lambda client: client.at(10),
            lambda client: client.event("decided", "Approval", "approve"),
            lambda client: client.at(25),
        ],
        "events before and after their waits": [
            lambda client: client.start("Words", "words"),
            lambda client: client.event("words", "second", "early"),
            lambda client: client.at(2),
            lambda client: client.event("words", "first", "late"),
            lambda client: client.at(8),
            lambda client: client.start("Words", "again"),
            lambda client: client.event("again", "first", "one"),
            lambda client: client.at(15),
            lambda client: client.event("again", "second", "two"),
        ],
        "retries": [
            lambda client: client.start("Retried", "retried"),
            lambda client: client.at(15),
            Client.switch_on,
            lambda client: client.at(60),
        ],
        "children": [
            lambda client: client.start("Parent", "parent"),
            lambda client: client.at(20),
            Client.switch_on,
            lambda client: client.at(60),
        ],
        "rounds": [
            lambda client: client.start("Rounds", "rounds"),
            lambda client: client.event("rounds", "word", "alpha"),
            lambda client: client.event("rounds", "word", "beta"),
            lambda client: client.event("rounds", "word", "gamma"),
        ],
        "entities": [
            lambda client: client.signal("shared", "from outside"),
            lambda client: client.start("Talks", "one"),
            lambda client: client.start("Talks", "two"),
            lambda client: client.signal("shared", "from outside again"),
        ],
        "suspended": [
            lambda client: client.start("Words", "held"),
            lambda client: client.suspend("held"),
            lambda client: client.event("held", "first", "one"),
            lambda client: client.at(10),
            lambda client: client.event("held", "second", "two"),
            lambda client: client.resume("held"),
            lambda client: client.at(20),
        ],
        "ended and begun again": [
            lambda client: client.start("Waits", "waits"),
            lambda client: client.terminate("waits"),
            lambda client: client.start("Race", "twice"),
            lambda client: client.terminate("twice"),
            lambda client: client.start("Race", "twice", life=1),
            lambda client: client.event("twice", "Approval", "reject"),
            lambda client: client.start("Chain", "copied"),
            lambda client: client.restart_anew("copied", "Chain"),
            lambda client: client.restart("twice", life=2),
            lambda client: client.at(30),
            lambda client: client.start("FanOut", "forgotten"),
            lambda client: client.purge("forgotten"),
        ],
        "rewound": [
            lambda client: client.start("Breaks", "breaks"),
            lambda client: client.start("BreaksBelow", "below"),
            Client.switch_on,
            lambda client: client.rewind("breaks"),
            lambda client: client.rewind("below"),
        ],
        "fetched": [
            lambda client: client.start("Fetch", "fetched", {"url": url}),
        ],
    }
