"""What a case costs: how often its orchestrator and its activities run, and the CPU of a turn beside the bare loop's.

    python bench/billed.py [--runs 15] [--turns 200]
    python bench/billed.py --base-url http://localhost:7071 --capture FILE

The first form runs everything on the local host, within this process, in virtual time. The second counts on any other
host that writes each durable invocation, payload and answer, as a line of JSON to FILE; the app runs there with
``APPROVAL_POLICIES=examples/policies/county.toml`` and ``IDENTITY=local``.

1. One execution is one run of an orchestrator or of an activity, as they are billed. HTTP functions are not counted.
2. A turn of which nothing is new but results of ``Announce`` belongs to ``Announce``. Notices are counted apart.
3. The CPU is that of the SDK's handler over the same three payloads, without any host: of this app, and of the
   original tutorial's loop in ``bench/bare_app``. They take turns, so that a busy machine slows both; medians count.
"""

import argparse
import base64
import json
import os
import statistics
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
BARE = ROOT / "bench/bare_app"
STARTED, SCHEDULED, COMPLETED, TIMER, EVENT = 12, 4, 5, 10, 15  # row types that the payload of a turn holds
SETTINGS = {
    "APPROVAL_POLICIES": "examples/policies/county.toml",
    "IDENTITY": "local",
    "PUBLIC_BASE_URL": "http://localhost:7071",
    "SEAL_KEY": f"2026-11:{base64.b64encode(bytes(range(32))).decode()}",
    "ID_KEY": "a key for the ids of a measurement",
    "SESSION_KEY": "a key for the sessions of a measurement",
}
SCHEME = {"title": "Mill Lane bridge", "fields": {"kind": "scheme", "amount": "60000.00"}}
WITHIN_S = 60.0
sys.path.insert(0, str(ROOT / "devhost/bench"))

Ask = Callable[[str, str, Any, dict[str, str]], tuple[int, dict[str, str], bytes]]


class Run(NamedTuple):
    """One run of an orchestrator or of an activity: its payload as the host gave it."""

    name: str
    payload: Any
    is_turn: bool

    def is_of(self, own_id: str) -> bool:
        """Whether it is one of the case itself: its turn, or an activity that it has called."""
        if self.is_turn:
            return bool(self.payload["instanceId"] == own_id)
        return self.name in ("Approval", "Escalation") or own_id in json.dumps(self.payload)

    def is_of_a_notice(self, own_id: str) -> bool:
        """Whether it tells people of the case."""
        if self.is_turn:
            return bool(self.payload["instanceId"].startswith(f"notice-{own_id}-"))
        return self.name in ("ReadNotices", "SendNotice") and own_id in json.dumps(self.payload)


def counted(runs: Iterable[Run], own_id: str) -> dict[str, int]:
    """How often a case ran: turns, its activities by name, timers, and what belongs to Announce and to notices."""
    found: Counter[str] = Counter()
    for run in runs:
        if run.is_of_a_notice(own_id):
            found["for notices"] += 1
        elif run.is_of(own_id) and run.is_turn:
            rows = run.payload["history"]
            found["turns"] += 1
            found["turns for Announce alone"] += _is_for_announce(rows)
            found["timers"] = sum(row["EventType"] == TIMER for row in rows)
        elif run.is_of(own_id):
            found[run.name] += 1
    return dict(found)


def _is_for_announce(rows: list[Mapping[str, Any]]) -> bool:
    """Whether all that is new since the turn before are results of Announce."""
    named = {row["EventId"]: row["Name"] for row in rows if row["EventType"] == SCHEDULED}
    latest = max(n for n, row in enumerate(rows) if row["EventType"] == STARTED)
    new = rows[latest + 1 :]
    return bool(new) and all(
        row["EventType"] == COMPLETED and named.get(row["TaskScheduledId"]) == "Announce" for row in new
    )


def shown(what: str, found: Mapping[str, int], output: object) -> None:
    """A row of the table."""
    activities = {name: count for name, count in found.items() if name[0].isupper()}
    with_announce = found["turns"] + sum(activities.values())
    announced = activities.get("Announce", 0) + found.get("turns for Announce alone", 0)
    ran = ", ".join(f"{name} {count}" for name, count in sorted(activities.items()))
    print(
        f"| {what} | {found['turns']} | {found.get('timers', 0)} | {ran} | {with_announce - announced} "
        f"| {with_announce} | {found.get('for notices', 0)} | {json.dumps(output)} |",
        flush=True,
    )


# ------------------------------------------------------------------ on any host, over HTTP


class Web:
    """People who use a host."""

    def __init__(self, ask: Ask) -> None:
        self._ask, self._cookies = ask, dict[str, str]()

    def asks(self, method: str, path: str, body: Any = None, person: str | None = None) -> Any:
        """The answer, parsed."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if person:
            headers["Cookie"] = self._cookie(person)
        status, _, raw = self._ask(method, path, body, headers)
        assert status < 300, (method, path, status, raw)
        return json.loads(raw or b"null")

    def _cookie(self, person: str) -> str:
        if person not in self._cookies:
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            _, headers, _ = self._ask("POST", "/sign-in", f"person={person}".encode(), form)
            self._cookies[person] = headers["set-cookie"].partition(";")[0]
        return self._cookies[person]

    def two_levels(self) -> str:
        """A case whose two levels are approved by one vote each."""
        own_id: str = self.asks("POST", "/api/proposals", SCHEME, "dana")["id"]
        for level, person in ((1, "ruth"), (2, "pat")):
            end = time.monotonic() + WITHIN_S
            while person not in {one["id"] for one in self._turn(own_id)}:
                assert time.monotonic() < end, "its turn does not come"
            act = {"act": "approve", "revision": 1, "level": level}
            self.asks("POST", f"/api/proposals/{own_id}/acts", act, person)
        return own_id

    def _turn(self, own_id: str) -> list[dict[str, str]]:
        with_people: list[dict[str, str]] = self.asks("GET", f"/api/proposals/{own_id}", None, "dana")["turn"]["with"]
        return with_people


def over_http(base: str, capture: Path) -> None:
    """The two cases on a host that writes what it runs."""

    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    opener = urllib.request.build_opener(NoRedirect)

    def ask(method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(base + path, raw, headers, method=method)
        try:
            with opener.open(request, timeout=60) as got:
                return got.status, {k.lower(): v for k, v in got.headers.items()}, got.read()
        except urllib.error.HTTPError as error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()

    web = Web(ask)

    def runs() -> list[Run]:
        lines = [json.loads(line) for line in capture.read_text(encoding="utf-8").splitlines()]
        return [Run(line["name"], line["payload"], line["kind"] == "orchestrator") for line in lines]

    def is_over(url: str) -> Any:
        end = time.monotonic() + WITHIN_S
        while True:
            answer = json.loads(opener.open(url, timeout=60).read())
            if answer["runtimeStatus"] not in ("Pending", "Running"):
                return answer["output"]
            assert time.monotonic() < end, answer

    before = len(runs())
    links = web.asks("POST", "/api/orchestrators/OrchFunction")
    web.asks("POST", links["sendEventPostUri"].removeprefix(base).replace("{eventName}", "Approval"), "Approved")
    output = is_over(links["statusQueryGetUri"])
    shown("tutorial's case", counted(runs()[before:], links["id"]), output)
    before = len(runs())
    own_id = web.two_levels()
    output = is_over(links["statusQueryGetUri"].replace(links["id"], own_id))
    time.sleep(5)  # the notices come after the case
    shown("two levels, one vote each", counted(runs()[before:], own_id), output)


# ------------------------------------------------------------------ on the local host, in this process


def in_process() -> list[str]:
    """The two cases on the local host; gives the payloads of the tutorial's case."""
    from replayed import DurableHost  # noqa: PLC0415 - only this form needs the local host

    host = DurableHost(ROOT)

    def ask(method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        answer = host.call(method, path, body, headers)
        return answer.status, dict(answer.headers), answer.body

    def runs() -> list[Run]:
        turns = [Run("OrchFunction", json.loads(payload), is_turn=True) for payload in host.payloads]
        return [*turns, *(Run(name, given, is_turn=False) for name, given in host.calls)]

    try:
        links = json.loads(host.call("POST", "/api/orchestrators/OrchFunction").body)
        host.raise_event(links["id"], "Approval", "Approved")
        shown("tutorial's case", counted(runs(), links["id"]), host.status(links["id"]).output)
        payloads = list(host.payloads)
        host.calls.clear()
        host.payloads.clear()
        own_id = Web(ask).two_levels()
        host.run_until_idle()
        shown("two levels, one vote each", counted(runs(), own_id), host.status(own_id).output)
    finally:
        host.close()
    return payloads


def cpu(payloads: list[str], runs: int, turns: int) -> None:
    """The turns of the tutorial's case, by both loops in turns."""
    from replayed import orchestrator, shipped_and_changed, timed  # noqa: PLC0415

    loops = {"the bare loop": orchestrator(BARE, "OrchFunction"), "the app": orchestrator(ROOT, "OrchFunction")}

    def measure() -> dict[str, list[float]]:
        found: dict[str, list[float]] = {name: [] for name in loops}
        for _ in range(runs + 1):
            for name, loop in loops.items():
                found[name].append(timed(lambda: [loop(one) for one in payloads], turns) / len(payloads))  # noqa: B023
        return {name: times[1:] for name, times in found.items()}  # the first fills caches

    print("\n| SDK | bare loop, CPU a turn | the app | ratio |\n|---|---|---|---|")
    for sdk, found in zip(("as shipped", "with devhost's faster parser"), shipped_and_changed(measure), strict=True):
        bare, own = (statistics.median(found[name]) for name in loops)
        pairs = [b / a for a, b in zip(found["the bare loop"], found["the app"], strict=True)]
        print(f"| {sdk} | {bare:.0f} µs | {own:.0f} µs | {statistics.median(pairs):.2f} |")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base-url", metavar="URL")
    parser.add_argument("--capture", type=Path, metavar="FILE")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--turns", type=int, default=200)
    given = parser.parse_args()
    print("| case | turns | timers | activities | executions without Announce | with it | for notices | output |")
    print("|---|---|---|---|---|---|---|---|")
    if given.base_url:
        over_http(given.base_url.rstrip("/"), given.capture)
        return
    os.environ.update(SETTINGS)
    os.chdir(ROOT)
    cpu(in_process(), given.runs, given.turns)


if __name__ == "__main__":
    main()
