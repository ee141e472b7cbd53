"""A history as a picture: rows in, lanes with bars and their places out. Pure.

Rules of this module:

1. Every span of time belongs to one lane: the orchestrator's own, or that of one activity, child, event, entity by
   name, or that of the timers. What overlaps within a lane gets a row of its own.
2. The axis keeps the order of all moments but not their distances: a gap counts by the logarithm of its length, so
   that ten days of waiting and a step of a millisecond are both seen. The marks on the axis say how late it is.
3. Nothing is invented. A wait for an event that has come is drawn from the end of the episode before it; which events
   are awaited now is known from the engine only.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from devhost.durabletask import history as h
from devhost.durabletask.failures import HTTP_ACTIVITY
from devhost.pages.format import MILLISECOND, duration, exact_time, since
from devhost.timekeeping.ticks import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from devhost.durabletask.history import Row

MOST_SPANS, MOST_LANES, MOST_ROWS = 800, 40, 10
LABEL_HEIGHT, ROW_HEIGHT, LANE_GAP, AXIS_HEIGHT = 20, 15, 9, 26
BAR_HEIGHT = 11
LEFT, RIGHT = 1.0, 97.0  # percent of the width that the first and the last moment lie at
BETWEEN_BARS = 1.5  # percent; bars that lie nearer do not share a row
ROOM_FOR_TEXT, ROOM_INSIDE = 17.0, 30.0  # percent that a duration takes beside or within a bar, on a phone
BETWEEN_TICKS = 24.0
SMALLEST_GAP, ALL_SMALL_GAPS = 0.4, 12.0  # what a gap of no length counts, and what all of them count at most
MOMENTS_A_SCREEN = 120
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
LANE_TITLES = {
    "own": "",
    "activity": "activity",
    "sub": "sub-orchestration",
    "timer": "",
    "event": "event",
    "entity": "entity",
}
ENDINGS = {status: number for status, number in h.STATUS_NUMBERS.items() if status in h.TERMINAL}


@dataclass(slots=True)
class Span:
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


@dataclass(frozen=True, slots=True)
class Bar:
    """A span at its place: ``x`` and ``width`` in percent, ``y`` in pixels."""

    span: Span
    x: float
    width: float
    y: int
    text: str = ""
    text_x: float = 0.0
    text_inside: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane at its place, in pixels."""

    kind: str
    title: str
    name: str
    y: int
    height: int
    bars: Sequence[Bar]
    crowded: int = 0  # bars that share the last row because there are too many


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis, ``x`` in percent."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole picture.

    Attributes:
        lanes: from top to bottom.
        ticks: of the axis, which lies above them.
        height: in pixels.
        width: 1 to 4: how many screens wide it wants to be.
        start: what the axis calls 0, in ticks.
        words: the same as sentences, in the order of time.
        summary: one sentence about all.
        left_out: how many lanes are not drawn.
        earlier: how many spans are not drawn because so many came after them.
    """

    lanes: Sequence[Lane]
    ticks: Sequence[Tick]
    height: int
    width: int
    start: int
    words: Sequence[str]
    summary: str
    left_out: int = 0
    earlier: int = 0


@dataclass(slots=True)
class _Reading:
    """What is open while the rows are read."""

    now: int
    spans: list[Span] = field(default_factory=list)
    scheduled: dict[tuple[str, int], Span] = field(default_factory=dict)
    calls: dict[str, Span] = field(default_factory=dict)
    episode: Span | None = None
    hold: Span | None = None
    quiet_since: int | None = None  # the end of the last episode that was not only told to hold or to go on
    only_held: bool = True
    over: int | None = None

    def add(self, span: Span) -> Span:
        self.spans.append(span)
        return span

    def moment(self, kind: str, lane: tuple[str, str], name: str, at: int, note: str = "") -> Span:
        return self.add(Span(kind, lane, name, at, at, "done", note))


OWN = ("own", "")
TIMERS = ("timer", "")


def spans_of(rows: Iterable[Row], now: int, waits: Iterable[str] = (), complaint: str | None = None) -> list[Span]:
    """Everything that a history tells, in the order in which it began.

    Args:
        rows: of one execution, as they are stored.
        now: in ticks.
        waits: names of the events that are awaited now.
        complaint: what the host has said loudly of the instance and still holds.
    """
    reading = _Reading(now)
    for row in rows:
        _read(reading, row, parse(row["Timestamp"]))
    if reading.over is None and reading.quiet_since is not None:
        for name in waits:
            reading.add(Span("wait", ("event", name), name, reading.quiet_since))
        if complaint:
            reading.add(Span("stall", OWN, "", reading.quiet_since, note=complaint))
    if reading.over is not None:
        for span in reading.spans:
            if span.ended is None:
                span.close(reading.over, "dropped")
    return sorted(reading.spans, key=lambda span: span.began)


def _read(reading: _Reading, row: Row, at: int) -> None:  # noqa: C901, PLR0912 - one branch a kind of row is the plainest table
    kind = row["EventType"]
    if kind not in (h.SUSPENDED, h.RESUMED, h.ORCHESTRATOR_COMPLETED):
        reading.only_held = kind == h.ORCHESTRATOR_STARTED
    if kind == h.ORCHESTRATOR_STARTED:
        reading.episode, reading.over = reading.add(Span("episode", OWN, "", at)), None  # a rewound one begins anew
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
        reading.scheduled["task", row["EventId"]] = reading.add(Span("activity", ("activity", name), name, at))
    elif kind == h.SUB_CREATED:
        span = Span("sub", ("sub", row["Name"]), row["Name"], at, note=f"instance {row['InstanceId']}")
        reading.scheduled["sub", row["EventId"]] = reading.add(span)
    elif kind == h.TIMER_CREATED:
        due = parse(row["FireAt"])
        reading.scheduled["timer", row["EventId"]] = reading.add(
            Span("timer", TIMERS, "", at, note=_due(due, reading.now), due=due)
        )
    elif kind in (h.TASK_COMPLETED, h.TASK_FAILED, h.SUB_COMPLETED, h.SUB_FAILED):
        what = "task" if kind in (h.TASK_COMPLETED, h.TASK_FAILED) else "sub"
        done = reading.scheduled.pop((what, row["TaskScheduledId"]), None)
        if done is not None:
            done.close(at, "failed" if kind in (h.TASK_FAILED, h.SUB_FAILED) else "done")
    elif kind == h.TIMER_FIRED:
        fired = reading.scheduled.pop(("timer", row["TimerId"]), None)
        if fired is not None:  # the row's stamp is when the timer was made; it came with this episode
            fired.close(reading.episode.began if reading.episode is not None else parse(row["FireAt"]))
            fired.note = f"due {exact_time(parse(row['FireAt']))}"
    elif kind == h.EVENT_SENT:
        _sent(reading, row, at)
    elif kind == h.EVENT_RAISED:
        _raised(reading, row["Name"], at)
    else:
        _read_order(reading, kind, row, at)


def _read_order(reading: _Reading, kind: int, row: Row, at: int) -> None:
    """What was ordered from outside, and the end."""
    if kind == h.SUSPENDED:
        if reading.hold is None:
            reading.hold = reading.add(Span("hold", OWN, "", at, note=row.get("Reason") or ""))
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
    reading.calls[str(request.get("id", ""))] = reading.add(Span("entity", lane, f"{to} {operation}", at))


def _raised(reading: _Reading, name: str, at: int) -> None:
    call = reading.calls.pop(name, None)
    if call is not None:
        call.close(at)
        return
    lane = ("event", name)
    since = reading.quiet_since
    if since is not None and since < at:
        reading.add(Span("wait", lane, name, since, at, "done"))
    reading.moment("event", lane, name, at)


# ---------------------------------------------------------------- places


class Scale:
    """Where a moment lies, in percent of the width (rule 2)."""

    def __init__(self, moments: Iterable[int]) -> None:
        self.moments = sorted(set(moments))
        floor = min(SMALLEST_GAP, ALL_SMALL_GAPS / max(1, len(self.moments)))
        sums = [0.0]
        for earlier, later in zip(self.moments, self.moments[1:], strict=False):
            sums.append(sums[-1] + floor + math.log10(1 + (later - earlier) / MILLISECOND))
        whole = sums[-1] or 1.0
        self._places = [LEFT + (RIGHT - LEFT) * one / whole for one in sums]

    def place(self, moment: int) -> float:
        """In percent; the moment is one of those that the scale was made of."""
        return round(self._places[bisect_left(self.moments, moment)], 2)


def draw(spans: Sequence[Span], now: int) -> Timeline:
    """The picture of these spans, in the order in which they began; what is open reaches until now."""
    earlier = max(0, len(spans) - MOST_SPANS)
    spans = spans[earlier:]
    is_open = any(span.ended is None for span in spans)
    ends = [span.ended for span in spans if span.ended is not None]
    last = max([now, *ends]) if is_open else max(ends, default=now)
    start = min((span.began for span in spans), default=now)
    scale = Scale([start, last, *(span.began for span in spans), *ends])
    by_lane: dict[tuple[str, str], list[Span]] = {OWN: []}
    for span in spans:
        by_lane.setdefault(span.lane, []).append(span)
    lanes: list[Lane] = []
    y = AXIS_HEIGHT
    for (kind, name), of_lane in list(by_lane.items())[:MOST_LANES]:
        lanes.append(_lane(kind, name, of_lane, y, scale, last))
        y += lanes[-1].height + LANE_GAP
    return Timeline(
        lanes=lanes,
        ticks=_ticks(scale, start, last, is_open=is_open),
        height=y,
        width=min(4, 1 + len(scale.moments) // MOMENTS_A_SCREEN),
        start=start,
        words=[span.sentence(start) for span in spans],
        summary=_summary(spans, last - start, is_open=is_open),
        left_out=max(0, len(by_lane) - MOST_LANES),
        earlier=earlier,
    )


def _lane(kind: str, name: str, spans: Sequence[Span], y: int, scale: Scale, last: int) -> Lane:
    rows: list[float] = []  # where the last bar of each row ends
    placed: list[tuple[Span, float, float, int]] = []
    crowded = 0
    for span in spans:
        x = scale.place(span.began)
        end = scale.place(last if span.ended is None else span.ended)
        row = 0
        if kind != "own" and not span.is_moment:  # episodes and marks of the orchestrator share its one row
            free = (number for number, taken in enumerate(rows) if taken + BETWEEN_BARS <= x or taken <= x < end)
            row = next(free, len(rows))
            if row >= MOST_ROWS:
                row, crowded = MOST_ROWS - 1, crowded + 1
        if row == len(rows):
            rows.append(0.0)
        rows[row] = max(rows[row], end)
        placed.append((span, x, end, row))
    top = y + LABEL_HEIGHT
    bars: list[Bar] = []
    next_x = [100.0] * (len(rows) + 1)
    for span, x, end, row in reversed(placed):
        bars.append(_bar(span, x, end, top + row * ROW_HEIGHT, next_x[row], last))
        next_x[row] = x
    bars.reverse()
    title = {"own": "orchestrator", "timer": "timers"}.get(kind, LANE_TITLES[kind])
    return Lane(kind, title, name, y, LABEL_HEIGHT + max(1, len(rows)) * ROW_HEIGHT, bars, crowded)


def _bar(span: Span, x: float, end: float, y: int, next_x: float, last: int) -> Bar:
    width = round(end - x, 2)
    if span.is_moment or span.kind == "episode":
        return Bar(span, x, width, y)
    text = _bar_text(span, last)
    if width >= ROOM_INSIDE:
        return Bar(span, x, width, y, text, round(x + width / 2, 2), text_inside=True)
    if min(next_x, 100.0) - end >= ROOM_FOR_TEXT:
        return Bar(span, x, width, y, text, round(end, 2))
    return Bar(span, x, width, y)


def _bar_text(span: Span, last: int) -> str:
    if span.ended is not None:
        return duration(span.ended - span.began)
    if span.due is not None and span.due > last:
        return f"{duration(span.due - last)} left"
    return "stalled" if span.kind == "stall" else "open"


def _ticks(scale: Scale, start: int, last: int, *, is_open: bool) -> list[Tick]:
    ticks = [Tick(LEFT, "0", "start")]
    end = scale.place(last)
    over = f"+{duration(last - start)}" if last - start >= MILLISECOND else duration(last - start)
    for moment in scale.moments:
        x, text = scale.place(moment), f"+{duration(moment - start)}"
        is_new = moment - start >= MILLISECOND and text not in (ticks[-1].text, over)
        if is_new and x - ticks[-1].x >= BETWEEN_TICKS and end - x >= BETWEEN_TICKS:
            ticks.append(Tick(x, text, "middle"))
    if end - LEFT >= BETWEEN_TICKS:
        ticks.append(Tick(end, "now" if is_open else over, "end"))
    return ticks


def _summary(spans: Sequence[Span], length: int, *, is_open: bool) -> str:
    """One sentence: how many of what, in what time."""
    names = {
        "episode": ("episode", "episodes"),
        "activity": ("activity call", "activity calls"),
        "sub": ("sub-orchestration", "sub-orchestrations"),
        "timer": ("timer", "timers"),
        "event": ("event", "events"),
        "entity": ("entity call", "entity calls"),
    }
    counts = {kind: sum(span.kind == kind for span in spans) for kind in names}
    told = [f"{count} {names[kind][count != 1]}" for kind, count in counts.items() if count]
    failed = sum(span.state == "failed" and not span.is_moment for span in spans)
    if failed:
        told.append(f"{failed} failed")
    stalled = any(span.kind == "stall" for span in spans)
    over = "so far" if is_open else "in all"
    return f"{', '.join(told) or 'Nothing yet'}; {duration(length)} {over}{'; stalled' if stalled else ''}."
