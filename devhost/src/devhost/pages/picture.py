"""Intervals as a picture: lanes with bars, each at its place, and an axis. Pure.

Rules of this module:

1. Bars of one lane that overlap get rows of their own.
2. The axis keeps the order of all moments but not their distances: a gap counts by the logarithm of its length, so
   that ten days of waiting and a step of a millisecond are both visible. The marks on the axis give the times.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devhost.pages.format import MILLISECOND, duration
from devhost.pages.timeline import OWN, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_INTERVALS, MOST_LANES, MOST_ROWS = 800, 40, 10
LABEL_HEIGHT, ROW_HEIGHT, LANE_GAP, AXIS_HEIGHT = 20, 15, 9, 26
BAR_HEIGHT = 11
LEFT, RIGHT = 1.0, 97.0  # percent of the width that the first and the last moment lie at
BETWEEN_BARS = 1.5  # percent; bars that lie nearer do not share a row
WIDTH_BESIDE, WIDTH_INSIDE = 17.0, 30.0  # percent of the width for a duration beside or inside a bar, on a phone
BETWEEN_TICKS = 24.0
SMALLEST_GAP, ALL_SMALL_GAPS = 0.4, 12.0  # what a gap of no length counts, and what all of them count at most
MOMENTS_A_SCREEN = 120
LANE_TITLES = {
    "own": "",
    "activity": "activity",
    "sub": "sub-orchestration",
    "timer": "",
    "event": "event",
    "entity": "entity",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A interval at its place: ``x`` and ``width`` in percent, ``y`` in pixels."""

    interval: Interval
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
class Picture:
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
        earlier: how many intervals are not drawn because so many came after them.
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


class Scale:
    """Where a moment lies, in percent of the width (rule 2)."""

    def __init__(self, moments: Iterable[int]) -> None:
        self.moments = sorted(set(moments))
        least = min(SMALLEST_GAP, ALL_SMALL_GAPS / max(1, len(self.moments)))
        sums = [0.0]
        for earlier, later in zip(self.moments, self.moments[1:], strict=False):
            sums.append(sums[-1] + least + math.log10(1 + (later - earlier) / MILLISECOND))
        whole = sums[-1] or 1.0
        self._places = [LEFT + (RIGHT - LEFT) * one / whole for one in sums]

    def place(self, moment: int) -> float:
        """In percent; the moment is one of those that the scale was made of."""
        return round(self._places[bisect_left(self.moments, moment)], 2)


def draw(intervals: Sequence[Interval], now: int) -> Picture:
    """The picture of these intervals, in the order in which they began; what is open reaches until now."""
    earlier = max(0, len(intervals) - MOST_INTERVALS)
    intervals = intervals[earlier:]
    is_open = any(interval.ended is None for interval in intervals)
    ends = [interval.ended for interval in intervals if interval.ended is not None]
    last = max([now, *ends]) if is_open else max(ends, default=now)
    start = min((interval.began for interval in intervals), default=now)
    scale = Scale([start, last, *(interval.began for interval in intervals), *ends])
    by_lane: dict[tuple[str, str], list[Interval]] = {OWN: []}
    for interval in intervals:
        by_lane.setdefault(interval.lane, []).append(interval)
    lanes: list[Lane] = []
    y = AXIS_HEIGHT
    for (kind, name), of_lane in list(by_lane.items())[:MOST_LANES]:
        lanes.append(_lane(kind, name, of_lane, y, scale, last))
        y += lanes[-1].height + LANE_GAP
    return Picture(
        lanes=lanes,
        ticks=_ticks(scale, start, last, is_open=is_open),
        height=y,
        width=min(4, 1 + len(scale.moments) // MOMENTS_A_SCREEN),
        start=start,
        words=[interval.sentence(start) for interval in intervals],
        summary=_summary(intervals, last - start, is_open=is_open),
        left_out=max(0, len(by_lane) - MOST_LANES),
        earlier=earlier,
    )


def _lane(kind: str, name: str, intervals: Sequence[Interval], y: int, scale: Scale, last: int) -> Lane:
    rows: list[float] = []  # where the last bar of each row ends
    placed: list[tuple[Interval, float, float, int]] = []
    crowded = 0
    for interval in intervals:
        x = scale.place(interval.began)
        end = scale.place(last if interval.ended is None else interval.ended)
        row = 0
        if kind != "own" and not interval.is_moment:  # episodes and marks of the orchestrator share its one row
            free = (number for number, taken in enumerate(rows) if taken + BETWEEN_BARS <= x or taken <= x < end)
            row = next(free, len(rows))
            if row >= MOST_ROWS:
                row, crowded = MOST_ROWS - 1, crowded + 1
        if row == len(rows):
            rows.append(0.0)
        rows[row] = max(rows[row], end)
        placed.append((interval, x, end, row))
    top = y + LABEL_HEIGHT
    bars: list[Bar] = []
    next_x = [100.0] * (len(rows) + 1)
    for interval, x, end, row in reversed(placed):
        bars.append(_bar(interval, x, end, top + row * ROW_HEIGHT, next_x[row], last))
        next_x[row] = x
    bars.reverse()
    title = {"own": "orchestrator", "timer": "timers"}.get(kind, LANE_TITLES[kind])
    return Lane(kind, title, name, y, LABEL_HEIGHT + max(1, len(rows)) * ROW_HEIGHT, bars, crowded)


def _bar(interval: Interval, x: float, end: float, y: int, next_x: float, last: int) -> Bar:
    width = round(end - x, 2)
    if interval.is_moment or interval.kind == "episode":
        return Bar(interval, x, width, y)
    text = _bar_text(interval, last)
    if width >= WIDTH_INSIDE:
        return Bar(interval, x, width, y, text, round(x + width / 2, 2), text_inside=True)
    if min(next_x, 100.0) - end >= WIDTH_BESIDE:
        return Bar(interval, x, width, y, text, round(end, 2))
    return Bar(interval, x, width, y)


def _bar_text(interval: Interval, last: int) -> str:
    if interval.ended is not None:
        return duration(interval.ended - interval.began)
    if interval.due is not None and interval.due > last:
        return f"{duration(interval.due - last)} left"
    return "stalled" if interval.kind == "stall" else "open"


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


def _summary(intervals: Sequence[Interval], length: int, *, is_open: bool) -> str:
    """One sentence: how many of what, in what time."""
    names = {
        "episode": ("episode", "episodes"),
        "activity": ("activity call", "activity calls"),
        "sub": ("sub-orchestration", "sub-orchestrations"),
        "timer": ("timer", "timers"),
        "event": ("event", "events"),
        "entity": ("entity call", "entity calls"),
    }
    counts = {kind: sum(interval.kind == kind for interval in intervals) for kind in names}
    counts_text = [f"{count} {names[kind][count != 1]}" for kind, count in counts.items() if count]
    failed = sum(interval.state == "failed" and not interval.is_moment for interval in intervals)
    if failed:
        counts_text.append(f"{failed} failed")
    stalled = any(interval.kind == "stall" for interval in intervals)
    over = "so far" if is_open else "in all"
    return f"{', '.join(counts_text) or 'Nothing yet'}; {duration(length)} {over}{'; stalled' if stalled else ''}."
