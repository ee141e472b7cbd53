"""A recorded history is replayed on the present code: what the code asks for, row by row.

Rules of this module:

1. The engine decides, not this module: the orchestrator runs over the history's rows by the runner that serves, and its
   result is walked by :class:`devhost.durabletask.walk.Walk`. A row that the walk did not make is divergence.
2. A history that diverges is replayed once more, a turn longer each time, up to the first turn that diverges. A later
   divergence would only be a consequence of it.
3. What the history does not hold is not compared: inputs of activities, waits, custom statuses.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from devhost.dotnet.json_text import compact
from devhost.dotnet.newtonsoft import LooseJsonError, first_token
from devhost.durabletask import history as h
from devhost.durabletask.decisions import KIND_OF_ROW
from devhost.durabletask.divergence import NonDeterministic
from devhost.durabletask.engine import decide
from devhost.durabletask.orchestrator_result import OrchestratorResult
from devhost.durabletask.walk import Walk
from devhost.timekeeping.ticks import parse, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from devhost.durabletask.decisions import EpisodeResult, TaskDecision
    from devhost.durabletask.functions import Functions
    from devhost.durabletask.history import Row
    from devhost.runtime.ports import Runner

_KINDS = {"activity": "the activity", "sub": "the sub-orchestration", "timer": "a timer", "sent": "a message to"}


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a history and the code part.

    Attributes:
        turn: 1-based: which episode.
        row: 1-based: which row of the history, OrchestratorStarted and OrchestratorCompleted counted.
        there: what the history has.
        now: what the code asks for instead.
        why: the engine's or the code's own message, if there is more to it.
    """

    turn: int
    row: int
    there: str
    now: str
    why: str = ""


@dataclass(slots=True)
class Replayed:
    """The present code's walk over one history."""

    outcome: EpisodeResult
    result: OrchestratorResult
    waits_for: str
    unlike: list[str] = field(default_factory=list)  # rows that the engine accepts, though the code means another
    divergence: Divergence | None = None


def turns(rows: Sequence[Row]) -> Iterator[int]:
    """Where each turn of a history ends: after its OrchestratorCompleted, before the next OrchestratorStarted."""
    for place, row in enumerate(rows):
        if place and row["EventType"] == h.ORCHESTRATOR_STARTED:
            yield place
    yield len(rows)


def with_decisions(rows: Sequence[Row], result: OrchestratorResult, functions: Functions) -> list[Row]:
    """A recorded turn with the rows that its recorded result leads to, as the next turn would have them."""
    outcome = decide(rows, result, functions)
    if outcome.status not in ("Running", "Completed", "Failed", "ContinuedAsNew"):
        return list(rows)
    at = max(parse(row["Timestamp"]) for row in rows)
    return [*rows, *(_row_of(decision, at + place) for place, decision in enumerate(outcome.decisions, 1))]


def _row_of(decision: TaskDecision, at: int) -> Row:
    kind = next(number for number, name in KIND_OF_ROW.items() if name == decision.kind)
    own: dict[str, Any] = {"EventType": kind}
    if decision.kind == "timer":
        own["FireAt"] = stamp(decision.fire_at)
    elif decision.kind == "sent":
        asked = json.loads(decision.input or "{}")
        request = {"op": asked.get("op"), "id": f"{decision.instance_id}/{decision.number}", "Timestamp": stamp(at)}
        own |= {"InstanceId": decision.instance_id, "Name": decision.name, "Input": compact(request)}
    else:
        own |= {"Name": decision.name, "Version": "", "InstanceId": decision.instance_id, "Input": None}
    return h.row(own, at, decision.number)


def _run(rows: Sequence[Row], runner: Runner) -> OrchestratorResult:
    started = {**rows[1], "IsPlayed": True}
    try:
        given = "null" if started["Input"] is None else first_token(started["Input"])
    except LooseJsonError:
        return OrchestratorResult(unreadable=f"the input is no JSON: {started['Input']}")
    # All of it has been played before: so the app's own logging, behind is_replaying, stays silent.
    texts = [compact({**row, "IsPlayed": True}) for row in rows]
    return runner.orchestrate(started["Name"], h.payload(texts, started, given))


def replay(rows: Sequence[Row], runner: Runner, slack: int = 0) -> Replayed:
    """Runs the present code over the rows and walks its result along them.

    Args:
        rows: a history.
        runner: the present app's functions.
        slack: by how many ticks a recorded time may be wrong.
    """
    result = _run(rows, runner)
    walk = Walk(rows[1], result, runner.functions)
    turn, divergence = 0, None
    unlike: list[str] = []
    times: list[tuple[str, str]] = []
    for place, row in enumerate(rows):
        turn += row["EventType"] == h.ORCHESTRATOR_STARTED
        asked = walk.decisions.get(row["EventId"]) if row["EventType"] in KIND_OF_ROW else None
        try:
            walk.apply(row)
        except NonDeterministic:
            divergence = Divergence(turn, place + 1, _there(row), described(asked), _own_words(result, walk))
            break
        if asked is not None and (other := _unlike(row, asked, slack)):
            unlike.append(other)
        if asked is not None and asked.kind == "timer":
            times.append((stamp(asked.fire_at), row["FireAt"]))
    waits = _waits_for(walk)
    for meant, recorded in times:  # a timer that is set stays as it was set
        waits = waits.replace(meant, recorded)
    return Replayed(decide(rows, result, runner.functions), result, waits, unlike, divergence)


def first_divergence(rows: Sequence[Row], runner: Runner) -> Replayed | None:
    """The replay up to the first turn that diverges, or None."""
    for end in turns(rows):
        replayed = replay(rows[:end], runner)
        if replayed.divergence is not None:
            return replayed
    return None


def _waits_for(walk: Walk) -> str:
    if walk.current is not None:
        return walk.current.what or "an unfinished task"
    return " and ".join(future.what for future in walk.open.values())


def _there(row: Row) -> str:
    number, kind = row["EventId"], KIND_OF_ROW[row["EventType"]]
    if kind == "timer":
        return f"a timer of {row['FireAt']} as number {number}"
    if kind == "sent":
        return f"a message to {row['InstanceId']} as number {number}"
    return f"{_KINDS[kind]} '{row['Name']}' as number {number}"


def described(decision: TaskDecision | None) -> str:
    """What the code asks for, for a sentence."""
    if decision is None:
        return "nothing there"
    if decision.kind == "timer":
        return f"a timer of {stamp(decision.fire_at)}"
    if decision.kind == "sent":
        return f"a message to {decision.instance_id}"
    return f"{_KINDS[decision.kind]} '{decision.name}'"


def _own_words(result: OrchestratorResult, walk: Walk) -> str:
    """The reason that the code or the walk gives for something missing."""
    raised = result.error or result.unreadable
    if raised:
        return f"the code raises: {raised.partition(chr(10))[0]}"
    return next((text for text in walk.complaints if "which this app does not have" in text), "")


def _unlike(row: Row, decision: TaskDecision, slack: int) -> str:
    """What the engine does not compare, though the history records it; empty where it is the same."""
    if row["EventType"] == h.EVENT_SENT:
        asked, meant = json.loads(row["Input"]), json.loads(decision.input or "{}")
        if (row["InstanceId"], asked["op"]) != (decision.instance_id, meant["op"]):
            return (
                f"message number {row['EventId']} went to {row['InstanceId']} as '{asked['op']}', and the code now "
                f"sends '{meant['op']}' to {decision.instance_id}"
            )
    if row["EventType"] == h.TIMER_CREATED and abs(decision.fire_at - parse(row["FireAt"])) > slack:
        return (
            f"timer number {row['EventId']} is set to {row['FireAt']}, and the code would now set it to "
            f"{stamp(decision.fire_at)}: instances that have it keep it"
        )
    return ""
