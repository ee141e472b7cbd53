"""Upgrade rehearsal: a recorded history is replayed on the present code, and the engine says whether they still agree.

Rules of this module:

1. The engine decides, not this module: the orchestrator is run over the history's rows by the runner that serves, and
   its answer is walked by :class:`devhost.durabletask.engine.Walk`. A row that the walk did not make is divergence.
2. Where it diverges, the history is replayed once more, a turn longer each time: the first turn that diverges is told.
   A later one would tell of consequences only.
3. A history that was put together from a status answer may have several readings. One that holds settles the matter;
   if the first does not hold and another does, nobody can tell.
4. What the history does not hold is not compared: inputs of activities, waits, custom statuses.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from devhost.dotnet.json_text import compact
from devhost.dotnet.newtonsoft import LooseJsonError, first_token
from devhost.durabletask import history as h
from devhost.durabletask.engine import KIND_OF_ROW, NonDeterministic, Walk, decide
from devhost.durabletask.orchestrator_result import Answer
from devhost.timekeeping.ticks import parse, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from devhost.durabletask.engine import Decision, Functions, Outcome
    from devhost.durabletask.history import Row
    from devhost.runtime.ports import Runner

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_GUID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")  # the SDK makes them of the clock
_ENDED_BY_DIVERGENCE = "Non-Deterministic workflow detected"
_KINDS = {"activity": "the activity", "sub": "the sub-orchestration", "timer": "a timer", "sent": "a message to"}
KEEP_OLD_STEPS = (
    "Let instances that have begun keep the old steps: ask context.version and leave the old branch in place, or give "
    "the new steps a new orchestrator name. Or drain them before the release, or run the release beside the old one in "
    "a task hub of its own."
)
KEEP_ORCHESTRATOR = "Keep it in the app until its last instance has ended, and start new ones under the new name."


class Verdict(StrEnum):
    """What became of one history."""

    DIVERGES = "diverges"
    DIFFERS = "differs"
    GOES_ON = "goes on"
    SAME = "same end"
    CANNOT_TELL = "cannot tell"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Case:
    """One execution's history.

    Attributes:
        source: where it was read, for people.
        instance_id: of the instance.
        name: of the orchestration.
        status: the recorded runtime status.
        output: the recorded output, parsed.
        rows: the history's rows, as the extension stores them.
        readings: other rows that the same source might stand for, most likely first.
        version_known: whether the rows tell the instance's version.
        slack: by how many ticks the times in ``rows`` may be wrong; 0 where they were recorded.
        recorded: the answer that was recorded with the last turn, if one was.
        why: set where there is nothing to replay; then ``verdict`` says what that means.
        verdict: with ``why``.
        is_broken: the source holds something there that is no history, or a damaged one.
    """

    source: str
    instance_id: str
    name: str
    status: str = ""
    output: Any = None
    rows: Sequence[Row] = ()
    readings: Sequence[Sequence[Row]] = ()
    version_known: bool = True
    slack: int = 0
    recorded: Answer | None = None
    why: str = ""
    verdict: Verdict = Verdict.SKIPPED
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """Where a history and the code part.

    Attributes:
        turn: 1-based: which episode.
        row: 1-based: which row of the history, OrchestratorStarted and OrchestratorCompleted counted.
        there: what the history has.
        now: what the code asks for instead.
        why: the engine's or the code's own words, if they say more.
    """

    turn: int
    row: int
    there: str
    now: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The answer about one history.

    Attributes:
        case: what was replayed.
        verdict: of it.
        sentence: what it is about, plain.
        step: where they part, if they do.
        advice: what to do.
        notes: further sentences, good to know.
    """

    case: Case
    verdict: Verdict
    sentence: str
    step: Step | None = None
    advice: str = ""
    notes: Sequence[str] = ()


@dataclass(slots=True)
class _Walked:
    """The present code's walk over one history."""

    outcome: Outcome
    answer: Answer
    waits_for: str
    unlike: list[str] = field(default_factory=list)  # rows that the engine takes, though the code means another
    step: Step | None = None


def rehearse(case: Case, runner: Runner, asked_version: Callable[[], bool] = lambda: False) -> Report:
    """Replays one history.

    Args:
        case: with the rows.
        runner: the present app's functions.
        asked_version: whether the code has asked for ``context.version`` since it was last asked.
    """
    if case.why:
        return Report(case, case.verdict, case.why)
    if case.name.lower() not in runner.functions.orchestrations:
        known = ", ".join(runner.spelled.get("orchestrator", ())) or "none"
        step = Step(1, 2, f"the orchestrator '{case.name}'", f"no orchestrator of that name (it has {known})")
        return Report(case, Verdict.DIVERGES, "The app no longer has this orchestrator.", step, KEEP_ORCHESTRATOR)
    if runner.functions.is_off("orchestrator", case.name):
        step = Step(1, 2, f"the orchestrator '{case.name}'", "an orchestrator that a setting turns off")
        return Report(
            case, Verdict.DIVERGES, "A setting turns this orchestrator off: its instances fail when they wake.", step,
            f"Take away the setting AzureWebJobs.{case.name}.Disabled.",
        )  # fmt: skip
    if case.status == "Failed" and _ENDED_BY_DIVERGENCE in str(case.output):
        return Report(
            case, Verdict.SKIPPED, "It has failed of non-determinism already: its history agrees with no code."
        )
    asked_version()
    walked = _walk(case.rows, runner, case.slack)
    hangs_on_version = asked_version() and not case.version_known
    if walked.step is None:
        report = _agreeing(case, walked)
        if report.verdict in (Verdict.SAME, Verdict.GOES_ON) or not hangs_on_version:
            return report
        return _without_version(case)
    holds = next((rows for rows in case.readings if _walk(rows, runner).step is None), None)
    if holds is not None:
        return Report(
            case, Verdict.CANNOT_TELL,
            "Whether it diverges hangs on the orchestrator's clock, or on which of two things happened within "
            "moments came first; a status answer tells neither.",
            advice="Replay it from the host's own database or from a recorded file, or look at the code.",
        )  # fmt: skip
    if hangs_on_version:
        return _without_version(case)
    return _diverging(case, _first_divergence(case.rows, runner) or walked)


def turns(rows: Sequence[Row]) -> Iterator[int]:
    """Where each turn of a history ends: after its OrchestratorCompleted, before the next OrchestratorStarted."""
    for place, row in enumerate(rows):
        if place and row["EventType"] == h.ORCHESTRATOR_STARTED:
            yield place
    yield len(rows)


def with_decisions(rows: Sequence[Row], answer: Answer, functions: Functions) -> list[Row]:
    """A recorded turn with the rows that its recorded answer leads to, as the next turn would have them."""
    outcome = decide(rows, answer, functions)
    if outcome.status not in ("Running", "Completed", "Failed", "ContinuedAsNew"):
        return list(rows)
    at = max(parse(row["Timestamp"]) for row in rows)
    return [*rows, *(_row_of(decision, at + place) for place, decision in enumerate(outcome.decisions, 1))]


def _row_of(decision: Decision, at: int) -> Row:
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


# ---------------------------------------------------------------- the walk


def _answer(rows: Sequence[Row], runner: Runner) -> Answer:
    started = {**rows[1], "IsPlayed": True}
    try:
        given = "null" if started["Input"] is None else first_token(started["Input"])
    except LooseJsonError:
        return Answer(unreadable=f"the input is no JSON: {started['Input']}")
    # All of it has been played before: so the app's own logging, behind is_replaying, stays silent.
    texts = [compact({**row, "IsPlayed": True}) for row in rows]
    return runner.orchestrate(started["Name"], h.payload(texts, started, given))


def _walk(rows: Sequence[Row], runner: Runner, slack: int = 0) -> _Walked:
    answer = _answer(rows, runner)
    walk = Walk(rows[1], answer, runner.functions)
    turn, step = 0, None
    unlike: list[str] = []
    times: list[tuple[str, str]] = []
    for place, row in enumerate(rows):
        turn += row["EventType"] == h.ORCHESTRATOR_STARTED
        asked = walk.decisions.get(row["EventId"]) if row["EventType"] in KIND_OF_ROW else None
        try:
            walk.apply(row)
        except NonDeterministic:
            step = Step(turn, place + 1, _there(row), _now(asked), _own_words(answer, walk))
            break
        if asked is not None and (other := _unlike(row, asked, slack)):
            unlike.append(other)
        if asked is not None and asked.kind == "timer":
            times.append((stamp(asked.fire_at), row["FireAt"]))
    waits = _waits_for(walk)
    for meant, recorded in times:  # a timer that is set stays as it was set
        waits = waits.replace(meant, recorded)
    return _Walked(decide(rows, answer, runner.functions), answer, waits, unlike, step)


def _first_divergence(rows: Sequence[Row], runner: Runner) -> _Walked | None:
    for end in turns(rows):
        walked = _walk(rows[:end], runner)
        if walked.step is not None:
            return walked
    return None


def _waits_for(walk: Walk) -> str:
    if walk.current is not None:
        return walk.current.what or "an unfinished task"
    return " and ".join(task.what for task in walk.open.values())


def _there(row: Row) -> str:
    number, kind = row["EventId"], KIND_OF_ROW[row["EventType"]]
    if kind == "timer":
        return f"a timer of {row['FireAt']} as number {number}"
    if kind == "sent":
        return f"a message to {row['InstanceId']} as number {number}"
    return f"{_KINDS[kind]} '{row['Name']}' as number {number}"


def _now(decision: Decision | None) -> str:
    if decision is None:
        return "nothing there"
    if decision.kind == "timer":
        return f"a timer of {stamp(decision.fire_at)}"
    if decision.kind == "sent":
        return f"a message to {decision.instance_id}"
    return f"{_KINDS[decision.kind]} '{decision.name}'"


def _own_words(answer: Answer, walk: Walk) -> str:
    """What the code or the walk itself says about why something is missing."""
    raised = answer.error or answer.unreadable
    if raised:
        return f"the code raises: {raised.partition(chr(10))[0]}"
    return next((text for text in walk.complaints if "which this app does not have" in text), "")


def _unlike(row: Row, decision: Decision, slack: int) -> str:
    """What the engine does not compare, though the history tells it; empty where it is the same."""
    if row["EventType"] == h.EVENT_SENT:
        asked, meant = json.loads(row["Input"]), json.loads(decision.input or "{}")
        if (row["InstanceId"], asked["op"]) != (decision.instance_id, meant["op"]):
            return (
                f"message number {row['EventId']} went to {row['InstanceId']} as '{asked['op']}', and the code now "
                f"sends '{meant['op']}' to {decision.instance_id}"
            )
    if row["EventType"] == h.TIMER_CREATED and abs(decision.fire_at - parse(row["FireAt"])) > slack:
        return (
            f"timer number {row['EventId']} stands at {row['FireAt']}, and the code would now set it to "
            f"{stamp(decision.fire_at)}: instances that have it keep it"
        )
    return ""


# ---------------------------------------------------------------- verdicts


def _without_version(case: Case) -> Report:
    sentence = "The code asks for context.version, which the source does not tell, and without one it is not the same."
    return Report(case, Verdict.CANNOT_TELL, sentence, advice="Name the version of these instances with --version.")


def _diverging(case: Case, walked: _Walked) -> Report:
    assert walked.step is not None
    open_now = case.status not in h.TERMINAL
    sentence = (
        "The engine finds other steps than it has recorded, and fails the instance at its next message."
        if open_now
        else "It has ended, but an instance that stands where this one stood would fail at its next message."
    )
    return Report(case, Verdict.DIVERGES, sentence, walked.step, KEEP_OLD_STEPS)


def _agreeing(case: Case, walked: _Walked) -> Report:
    notes = [*walked.unlike, *_against_recording(case, walked)]
    if case.status not in h.TERMINAL and case.status != "ContinuedAsNew":
        return _still_open(case, walked, notes)
    return _over(case, walked, notes)


def _still_open(case: Case, walked: _Walked, notes: list[str]) -> Report:
    outcome, rows = walked.outcome, case.rows
    if outcome.status in h.TERMINAL or outcome.status == "ContinuedAsNew":
        what = "continues as new" if outcome.status == "ContinuedAsNew" else f"ends as {outcome.status}"
        raised = _own_text(walked.answer)
        step = Step(
            sum(row["EventType"] == h.ORCHESTRATOR_STARTED for row in rows), len(rows),
            "an open instance that waits", f"no wait: it {what} there", raised and f"the code raises: {raised}",
        )  # fmt: skip
        sentence = f"It is open, and at its next message, whatever that is, it {what}."
        return Report(case, Verdict.DIVERGES, sentence, step, KEEP_OLD_STEPS, notes)
    rewound = case.status == "Pending" and any(row["EventType"] == h.GENERIC for row in rows)
    if outcome.decisions and not rewound:
        notes = [f"at its next message it would also start {_list(outcome.decisions)}", *notes]
    waits = f"It waits for {walked.waits_for}." if walked.waits_for else "It waits for nothing that could wake it."
    verdict = Verdict.DIFFERS if notes else Verdict.GOES_ON
    return Report(case, verdict, waits, notes=[*notes, *outcome.complaints])


def _over(case: Case, walked: _Walked, notes: list[str]) -> Report:
    outcome = walked.outcome
    if outcome.status != case.status:
        now = f"ends as {outcome.status}" if outcome.status in h.TERMINAL else f"waits for {walked.waits_for}"
        started = f", and has started {_list(outcome.decisions)}" if outcome.decisions else ""
        notes = [f"it ended there as {case.status}; the code now {now}{started}", *notes]
    elif case.status in ("Completed", "Failed"):
        output = None if outcome.output is None else _parsed(outcome.output)
        if not _same(case.output, output, times_count=not case.slack):
            notes = [f"it ended with {_short(case.output)}; the code now gives {_short(output)}", *notes]
    sentence = f"It ended as {case.status}."
    return Report(case, Verdict.DIFFERS if notes else Verdict.SAME, sentence, notes=notes)


def _against_recording(case: Case, walked: _Walked) -> list[str]:
    """What a recorded answer shows and a history does not: waits, inputs of activities."""
    if case.recorded is None:
        return []
    before, now = _comparable(case.recorded), _comparable(walked.answer)
    for number, (old, new) in enumerate(zip(before, now, strict=False), 1):
        if old != new:
            return [f"action {number} was {_short(old)}; it is now {_short(new)}"]
    if len(before) != len(now):
        return [f"the recorded answer has {len(before)} actions; the code now asks for {len(now)}"]
    return []


def _comparable(answer: Answer) -> list[Any]:
    """The actions without the times of timers, which are told apart from them."""

    def plain(action: dict[str, Any]) -> dict[str, Any]:
        kept = {key: value for key, value in action.items() if key != "fireAt"}
        if "compoundActions" in kept:
            kept["compoundActions"] = [plain(one) for one in kept["compoundActions"]]
        return kept

    return [plain(action) for action in answer.actions]


def _own_text(answer: Answer) -> str:
    return (answer.error or answer.unreadable or "").partition("\n")[0]


def _list(decisions: Sequence[Decision]) -> str:
    return " and ".join(_now(decision) for decision in decisions)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _same(one: Any, other: Any, *, times_count: bool) -> bool:
    """Whether two outputs are the same, but for a Python stack, and for times and ids where the clock is estimated."""
    texts = [compact(value).partition("\\nStack:")[0] for value in (one, other)]
    if not times_count:
        texts = [_GUID.sub("<id>", _TIME.sub("<time>", text)) for text in texts]
    return texts[0] == texts[1]


def _short(value: Any, most: int = 160) -> str:
    text = compact(value)
    return text if len(text) <= most else f"{text[:most]}…"


def with_version(case: Case, version: str) -> Case:
    """The case read as an instance of that version, where the source does not tell one."""
    if case.version_known or not case.rows:
        return case

    def put(rows: Sequence[Row]) -> list[Row]:
        return [rows[0], {**rows[1], "Version": version}, *rows[2:]]

    return replace(case, rows=put(case.rows), readings=[put(rows) for rows in case.readings], version_known=True)
