"""A history as intervals: rows in, what took time or happened at one moment out. Pure.

Rules of this module:

1. Every interval belongs to one lane: the orchestrator's own, the timers', or that of one activity, child, event or
   entity.
2. Nothing is invented. The wait for an event that has come begins at the end of the episode before it; only the engine
   knows which events are awaited now.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from devhost.durabletask import history as h
from devhost.durabletask.failures import HTTP_ACTIVITY
from devhost.pages.format import duration, exact_time, since
from devhost.timekeeping.ticks import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from devhost.durabletask.history import Row

OWN = ("own", "")
TIMERS = ("timer", "")
WORDS = {
    "episode": "episode",
    "activity": "activity",
    "sub": "sub-orchestration",
    "timer": "timer",
    "wait": "wait for the event",
    "event": "event",
    "entity": "entity",
    "hold": "suspended",
    "stall": "stalled",
    "mark": "",
}
ENDINGS = {status: number for status, number in h.STATUS_NUMBERS.items() if status in h.TERMINAL}


@dataclass(slots=True)
class Interval:
    """What took its time, or happened at one moment.

    Attributes:
        kind: a key of ``WORDS``.
        lane: kind and name of the lane it belongs to.
        name: of the function, event, entity or mark.
        began: in ticks.
        ended: in ticks; None while it is open.
        state: ``done``, ``failed``, ``open``, or ``dropped`` where its end came without it.
        note: more for the text, such as when a timer is due.
        due: of a timer that has not fired, in ticks.
    """

    kind: str
    lane: tuple[str, str]
    name: str
    began: int
    ended: int | None = None
    state: str = "open"
    note: str = ""
    due: int | None = None

    @property
    def is_moment(self) -> bool:
        """It has no length."""
        return self.kind in ("event", "mark")

    def close(self, at: int, state: str = "done") -> None:
        """Ends it; never before it began."""
        self.ended, self.state = max(at, self.began), state

    def sentence(self, start: int) -> str:
        """All of it in words."""
        head = " ".join(part for part in (WORDS[self.kind], self.name) if part)
        parts = [f"{exact_time(self.began)} ({since(self.began - start)}): {head}"]
        if not self.is_moment:
            if self.ended is not None:
                parts.append(duration(self.ended - self.began))
            parts.append({"done": "", "dropped": "not finished when the instance ended"}.get(self.state, self.state))
        return ", ".join(part for part in (*parts, self.note) if part)


@dataclass(slots=True)
class _Reading:
    """What is open while the rows are read."""

    now: int
    intervals: list[Interval] = field(default_factory=list)
    scheduled: dict[tuple[str, int], Interval] = field(default_factory=dict)
    calls: dict[str, Interval] = field(default_factory=dict)
    episode: Interval | None = None
    hold: Interval | None = None
    quiet_since: int | None = None  # the end of the last episode that did more than suspend or resume
    only_held: bool = True
    over: int | None = None

    def add(self, interval: Interval) -> Interval:
        self.intervals.append(interval)
        return interval

    def moment(self, kind: str, lane: tuple[str, str], name: str, at: int, note: str = "") -> Interval:
        return self.add(Interval(kind, lane, name, at, at, "done", note))


def intervals_of(
    rows: Iterable[Row], now: int, waits: Iterable[str] = (), complaint: str | None = None
) -> list[Interval]:
    """Every interval of a history, in the order in which they began.

    Args:
        rows: of one execution, as they are stored.
        now: in ticks.
        waits: names of the events that are awaited now.
        complaint: the host's warning about the instance, while it is true.
    """
    reading = _Reading(now)
    for row in rows:
        _read(reading, row, parse(row["Timestamp"]))
    if reading.over is None and reading.quiet_since is not None:
        for name in waits:
            reading.add(Interval("wait", ("event", name), name, reading.quiet_since))
        if complaint:
            reading.add(Interval("stall", OWN, "", reading.quiet_since, note=complaint))
    if reading.over is not None:
        for interval in reading.intervals:
            if interval.ended is None:
                interval.close(reading.over, "dropped")
    return sorted(reading.intervals, key=lambda interval: interval.began)


def _read(reading: _Reading, row: Row, at: int) -> None:  # noqa: C901, PLR0912 - one branch a kind of row is the plainest table
    kind = row["EventType"]
    if kind not in (h.SUSPENDED, h.RESUMED, h.ORCHESTRATOR_COMPLETED):
        reading.only_held = kind == h.ORCHESTRATOR_STARTED
    if kind == h.ORCHESTRATOR_STARTED:
        reading.episode, reading.over = (
            reading.add(Interval("episode", OWN, "", at)),
            None,
        )  # a rewound one starts again
    elif kind == h.ORCHESTRATOR_COMPLETED:
        if reading.episode is not None:
            reading.episode.close(at)
        if reading.quiet_since is None or not reading.only_held:
            reading.quiet_since = at
        reading.episode = None
    elif kind == h.EXECUTION_STARTED:
        reading.moment("mark", OWN, "started", at)
    elif kind == h.TASK_SCHEDULED:
        name = "HTTP call" if row["Name"] == HTTP_ACTIVITY else row["Name"]
        reading.scheduled["task", row["EventId"]] = reading.add(Interval("activity", ("activity", name), name, at))
    elif kind == h.SUB_CREATED:
        interval = Interval("sub", ("sub", row["Name"]), row["Name"], at, note=f"instance {row['InstanceId']}")
        reading.scheduled["sub", row["EventId"]] = reading.add(interval)
    elif kind == h.TIMER_CREATED:
        due = parse(row["FireAt"])
        reading.scheduled["timer", row["EventId"]] = reading.add(
            Interval("timer", TIMERS, "", at, note=_due(due, reading.now), due=due)
        )
    elif kind in (h.TASK_COMPLETED, h.TASK_FAILED, h.SUB_COMPLETED, h.SUB_FAILED):
        what = "task" if kind in (h.TASK_COMPLETED, h.TASK_FAILED) else "sub"
        done = reading.scheduled.pop((what, row["TaskScheduledId"]), None)
        if done is not None:
            done.close(at, "failed" if kind in (h.TASK_FAILED, h.SUB_FAILED) else "done")
    elif kind == h.TIMER_FIRED:
        fired = reading.scheduled.pop(("timer", row["TimerId"]), None)
        if fired is not None:  # the row's time is that of the timer's creation; it fired in this episode
            fired.close(reading.episode.began if reading.episode is not None else parse(row["FireAt"]))
            fired.note = f"due {exact_time(parse(row['FireAt']))}"
    elif kind == h.EVENT_SENT:
        _sent(reading, row, at)
    elif kind == h.EVENT_RAISED:
        _raised(reading, row["Name"], at)
    else:
        _read_order(reading, kind, row, at)


def _read_order(reading: _Reading, kind: int, row: Row, at: int) -> None:
    """Operations on the instance, and its end."""
    if kind == h.SUSPENDED:
        if reading.hold is None:
            reading.hold = reading.add(Interval("hold", OWN, "", at, note=row.get("Reason") or ""))
    elif kind == h.RESUMED:
        if reading.hold is not None:
            reading.hold.close(at)
        reading.hold = None
    elif kind == h.EXECUTION_TERMINATED:
        reading.moment("mark", OWN, "terminate asked for", at, row.get("Input") or "")
    elif kind == h.GENERIC:
        reading.moment("mark", OWN, "rewound", at)
    elif kind == h.EXECUTION_COMPLETED:
        status = next((name for name, number in ENDINGS.items() if number == row["OrchestrationStatus"]), "ended")
        mark = reading.moment("mark", OWN, status, at)
        mark.state = "done" if status == "Completed" else "failed"
        reading.over = at


def _due(due: int, now: int) -> str:
    return f"due {exact_time(due)}" + (f", in {duration(due - now)}" if due > now else "")


def _sent(reading: _Reading, row: Row, at: int) -> None:
    request: Any = {}
    with suppress(ValueError):
        request = json.loads(row.get("Input") or "{}")
    request = request if isinstance(request, dict) else {}
    to, operation = str(row["InstanceId"]), str(request.get("op", "op"))
    lane = ("entity", to)
    if request.get("signal"):
        reading.moment("event", lane, f"signal {operation}", at)
        return
    reading.calls[str(request.get("id", ""))] = reading.add(Interval("entity", lane, f"{to} {operation}", at))


def _raised(reading: _Reading, name: str, at: int) -> None:
    call = reading.calls.pop(name, None)
    if call is not None:
        call.close(at)
        return
    lane = ("event", name)
    since = reading.quiet_since
    if since is not None and since < at:
        reading.add(Interval("wait", lane, name, since, at, "done"))
    reading.moment("event", lane, name, at)
