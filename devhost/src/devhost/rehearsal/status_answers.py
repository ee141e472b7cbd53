"""From a status answer back to a history (contract 1.5 lists what such an answer leaves out; 3.2 what a history holds).

What is lost there, and how it is restored:

1. Numbers of tasks: every number of the counter has one row, and rows are made in the order of their numbers. So the
   order of their times gives the numbers; two rows of one time cannot be distinguished.
2. Scheduled rows that are folded into their completion: their time and name are there. Such a row is put before the
   first thing that happened after its time. Messages bear the time at which they were made, so an event that came
   while the orchestrator was running may be on the wrong side; the reading with the rows as late as possible is
   kept beside.
3. Which timer fired: the one that has the same FireAt and was made just before.
4. Turns: each message begins one. The orchestrator's clock lies between the message and the first row that the turn
   made; a timer's message is not older than a second before FireAt. The likeliest clock makes the first reading,
   the earliest and the latest one make two more.
5. The version: newer extensions show it, where there is one. Tags and the parent's name are lost.

What cannot be restored is reported: a rewound history, one without inputs or results.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from devhost.dotnet.json_text import compact
from devhost.durabletask import history as h
from devhost.rehearsal.recorded import RecordedExecution, Verdict
from devhost.timekeeping.ticks import SECOND, parse, stamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from devhost.durabletask.history import Row

_NUMBERS: Final = {name: number for number, name in h.NAMES.items()}
_COMPLETIONS: Final = {
    h.TASK_COMPLETED: h.TASK_SCHEDULED,
    h.TASK_FAILED: h.TASK_SCHEDULED,
    h.SUB_COMPLETED: h.SUB_CREATED,
    h.SUB_FAILED: h.SUB_CREATED,
}
_DECISIONS: Final = (h.TASK_SCHEDULED, h.SUB_CREATED, h.TIMER_CREATED, h.EVENT_SENT)
_RESULTS: Final = (h.TASK_COMPLETED, h.SUB_COMPLETED)
_CHILD: Final = re.compile(r"([0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}):[0-9a-f]+")
_UNKNOWN_EXECUTION: Final = "0" * 32
READ_AGAIN: Final = "read it again with showHistory=true&showHistoryOutput=true (python -m devhost export does)"


class _Lost(Exception):
    """The answer does not hold what a verdict needs; the sentence names it."""


@dataclass(slots=True, eq=False)
class _Event:
    """A row to be.

    Attributes:
        kind: its EventType.
        at: its own time.
        seen: before this it was not read.
        shown: as the answer shows it.
        number: of a decision, its task's.
        cause: of a completion or a fired timer, the decision.
    """

    kind: int
    at: int
    seen: int
    shown: Mapping[str, Any]
    number: int = -1
    cause: _Event | None = None

    @property
    def is_decision(self) -> bool:
        """Whether the orchestrator made it."""
        return self.kind in _DECISIONS


@dataclass(slots=True)
class _Turn:
    """A message and what was decided on it."""

    message: _Event
    made: list[_Event] = field(default_factory=list)
    earliest: int = 0
    latest: int = 0


def case_of(body: Mapping[str, Any], source: str) -> RecordedExecution:
    """The history behind a status answer, as far as it can be restored.

    Args:
        body: the answer, parsed; asked with ``showHistory``, ``showHistoryOutput`` and ``showInput``.
        source: where it was read, for people.
    """
    instance_id, status = str(body["instanceId"]), str(body["runtimeStatus"])
    known = RecordedExecution(source, instance_id, str(body.get("name") or ""), status, body.get("output"))

    def without(why: str, verdict: Verdict) -> RecordedExecution:
        return RecordedExecution(source, instance_id, known.name, status, known.output, why=why, verdict=verdict)

    if not all(isinstance(body[key], str) for key in ("instanceId", "runtimeStatus")):
        why = "Its instanceId or its runtimeStatus is no text, so it is no status answer."
        return replace(without(why, Verdict.CANNOT_TELL), is_broken=True)
    if instance_id.startswith("@"):
        return without("It is an entity: entities have no history to replay.", Verdict.SKIPPED)
    shown = body.get("historyEvents")
    if not shown and status == "Pending":
        return without("It has not begun: it runs on the present code from its start.", Verdict.SKIPPED)
    if not isinstance(shown, list) or not shown:
        return without(f"The answer holds no history: {READ_AGAIN}.", Verdict.CANNOT_TELL)
    try:
        readings, slack = _readings(body, shown)
    except _Lost as lost:
        return without(str(lost), Verdict.CANNOT_TELL)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, StopIteration) as error:
        why = f"Its history is not as an extension writes it ({error!r})."
        return replace(without(why, Verdict.CANNOT_TELL), is_broken=True)
    return RecordedExecution(
        source, instance_id, str(shown[0]["FunctionName"]), status, known.output, readings[0], readings[1:],
        version_known="version" in body, slack=slack,
    )  # fmt: skip


def _readings(body: Mapping[str, Any], shown: Sequence[Mapping[str, Any]]) -> tuple[list[list[Row]], int]:
    events = [_event(one) for one in shown]
    if events[0].kind != h.EXECUTION_STARTED:
        raise _Lost("Its history does not begin with ExecutionStarted.")
    if not isinstance(shown[0]["FunctionName"], str):
        raise TypeError(f"FunctionName is {shown[0]['FunctionName']!r:.80}")
    if "Input" not in shown[0]:
        raise _Lost("The answer was read with showInput=false, and the orchestrator cannot be run without its input.")
    if any(event.kind == h.GENERIC for event in events):
        raise _Lost("It has been rewound, and the answer does not show which rows were set back.")
    if any(event.kind in _RESULTS and "Result" not in event.shown for event in events):
        raise _Lost(f"The answer lacks the results of its tasks: {READ_AGAIN}.")
    folded = _unfold(events)
    _number([event for event in events if event.is_decision], folded)
    _match_timers(events)
    end = parse(str(body["lastUpdatedTime"])) + SECOND
    turns = _turns(_placed(events, folded, late=False))
    _bound(turns, end)
    slack = SECOND + max((turn.latest - turn.earliest for turn in turns if turn.made), default=0)
    execution = _execution_id(events)
    late_rows = _turns(_placed(events, folded, late=True))
    _bound(late_rows, end)
    clocks = (
        [_likeliest(turn) for turn in turns],
        [turn.earliest for turn in turns],
        [turn.latest for turn in turns],
    )
    readings = [_rows(body, execution, turns, clock) for clock in clocks]
    readings.append(_rows(body, execution, late_rows, [_likeliest(turn) for turn in late_rows]))
    return readings, slack


def _event(shown: Mapping[str, Any]) -> _Event:
    kind = _NUMBERS.get(str(shown["EventType"]))
    if kind is None:
        raise _Lost(f"Its history holds a row of an unknown kind: {shown['EventType']}.")
    at = parse(shown["Timestamp"])
    seen = max(at, parse(shown["FireAt"]) - SECOND) if kind == h.TIMER_FIRED else at
    return _Event(kind, at, seen, shown)


def _unfold(events: Sequence[_Event]) -> list[_Event]:
    """The scheduled rows that are folded into their completions."""
    folded = []
    for event in events:
        if event.kind in _COMPLETIONS:
            if "ScheduledTime" not in event.shown:
                raise _Lost("Its history holds a result of something that it has never started.")
            at = parse(event.shown["ScheduledTime"])
            event.cause = _Event(_COMPLETIONS[event.kind], at, at, {**event.shown, "Name": event.shown["FunctionName"]})
            folded.append(event.cause)
    return sorted(folded, key=lambda event: event.at)


def _number(standing: Sequence[_Event], folded: Sequence[_Event]) -> None:
    if any(one.at > other.at for one, other in pairwise(standing)):
        raise _Lost("The times of its rows go back, so the order of its steps is unknown.")
    made = sorted([*standing, *folded], key=lambda event: event.at)
    unplaced = {id(event) for event in folded}
    for one, other in pairwise(made):
        if one.at == other.at and (id(one) in unplaced or id(other) in unplaced):
            raise _Lost(f"Two of its steps bear the same time, {stamp(one.at)}, so their order is unknown.")
    for number, event in enumerate(made):
        event.number = number


def _match_timers(events: Sequence[_Event]) -> None:
    waiting: list[_Event] = []
    for event in events:
        if event.kind == h.TIMER_CREATED:
            waiting.append(event)
        elif event.kind == h.TIMER_FIRED:
            due = parse(event.shown["FireAt"])
            fitting = [one for one in waiting if parse(one.shown["FireAt"]) == due and one.at <= event.at]
            if not fitting:
                raise _Lost("A timer fired that its history does not set.")
            event.cause = fitting[-1]
            waiting.remove(fitting[-1])


def _placed(events: Sequence[_Event], folded: Sequence[_Event], *, late: bool) -> list[_Event]:
    """The rows with the unfolded ones where they belong, or as late as they can be."""
    rows = list(events)
    for event in folded:
        place = next(
            place
            for place, row in enumerate(rows)
            if place and (row.cause is event or ((row.is_decision or not late) and row.seen > event.at))
        )
        rows.insert(place, event)
    return rows


def _turns(rows: Sequence[_Event]) -> list[_Turn]:
    turns: list[_Turn] = []
    for row in rows:
        if row.is_decision or row.kind == h.EXECUTION_COMPLETED:
            turns[-1].made.append(row)
        else:
            turns.append(_Turn(row))
    return turns


def _bound(turns: Sequence[_Turn], end: int) -> None:
    """When each turn began: not before its message, not after what was made in it or later."""
    before = 0
    for turn in turns:
        turn.earliest = before = max(before, turn.message.seen)
    after = end
    for turn in reversed(turns):
        after = min([after, *(row.at for row in turn.made)])
        turn.latest = max(turn.earliest, after)


def _likeliest(turn: _Turn) -> int:
    if turn.made:
        return turn.latest
    if turn.message.kind == h.TIMER_FIRED:
        return min(max(parse(turn.message.shown["FireAt"]), turn.earliest), turn.latest)
    return turn.earliest


def _execution_id(events: Sequence[_Event]) -> str:
    """Children that were given no id bear their parent's execution in it."""
    for event in events:
        found = _CHILD.fullmatch(str(event.shown.get("InstanceId") or ""))
        if found:
            return found[1]
    return _UNKNOWN_EXECUTION


# ---------------------------------------------------------------- rows


def _rows(body: Mapping[str, Any], execution: str, turns: Sequence[_Turn], clocks: Sequence[int]) -> list[Row]:
    rows: list[Row] = []
    now = 0
    for turn, clock in zip(turns, clocks, strict=True):
        now = max(now, clock)
        rows.append(h.orchestrator_started(now))
        rows.append(_message(body, execution, turn.message))
        rows += [_made(event) for event in turn.made]
        rows.append(h.orchestrator_completed(max([now, *(event.at for event in turn.made)])))
    return rows


def _message(body: Mapping[str, Any], execution: str, event: _Event) -> Row:
    shown, kind = event.shown, event.kind
    if kind == h.EXECUTION_STARTED:
        return h.execution_started(
            instance_id=str(body["instanceId"]),
            execution_id=execution,
            name=shown["FunctionName"],
            version=body.get("version"),
            input_text=shown["Input"],
            at=event.at,
            generation=shown.get("Generation"),
            parent=_parent(body.get("parentInstanceId")),
        )
    if kind in _COMPLETIONS:
        assert event.cause is not None
        own: dict[str, Any] = {"EventType": kind, "TaskScheduledId": event.cause.number}
        if kind in _RESULTS:
            own["Result"] = None if shown["Result"] is None else compact(shown["Result"])
        else:
            own |= {key: shown.get(key) for key in ("Reason", "Details", "FailureDetails")}
    elif kind == h.TIMER_FIRED:
        assert event.cause is not None
        own = {"EventType": kind, "TimerId": event.cause.number, "FireAt": shown["FireAt"]}
    elif kind == h.EVENT_RAISED:
        own = {"EventType": kind, "Name": shown["Name"], "Input": shown["Input"], "ParentTraceContext": None}
    elif kind in (h.SUSPENDED, h.RESUMED):
        own = {"EventType": kind, "Reason": shown.get("Reason")}
    elif kind == h.EXECUTION_TERMINATED:
        own = {"EventType": kind, "Input": shown.get("Input")}
    else:
        raise _Lost(f"Its history holds a row that no replay understands: {h.NAMES[kind]}.")
    return h.row(own, event.at)


def _made(event: _Event) -> Row:
    shown, kind = event.shown, event.kind
    own: dict[str, Any] = {"EventType": kind}
    if kind == h.EXECUTION_COMPLETED:
        status = h.STATUS_NUMBERS[shown["OrchestrationStatus"]]
        own |= {"OrchestrationStatus": status, "Result": None, "FailureDetails": None}
    elif kind == h.TIMER_CREATED:
        own["FireAt"] = shown["FireAt"]
    elif kind == h.EVENT_SENT:
        own |= {"InstanceId": shown["InstanceId"], "Name": shown["Name"], "Input": shown["Input"]}
    else:
        own |= {"Name": shown["Name"], "Version": "", "InstanceId": shown.get("InstanceId"), "Input": None}
    return h.row(own, event.at, event.number)


def _parent(parent_id: Any) -> dict[str, Any] | None:
    if parent_id is None:
        return None
    of = {"InstanceId": str(parent_id), "ExecutionId": _UNKNOWN_EXECUTION}
    return {"Name": "", "OrchestrationInstance": of, "TaskScheduleId": 0, "Version": None}
