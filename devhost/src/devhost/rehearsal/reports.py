"""Upgrade rehearsal: the report about one recorded history and the present code.

A history that was put together from a status answer may have several readings. One that holds settles the matter; if
the first does not hold and another does, the verdict is "cannot tell".
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from devhost.dotnet.json_text import compact
from devhost.durabletask import history as h
from devhost.rehearsal.recorded import Verdict
from devhost.rehearsal.replay import Divergence, described, first_divergence, replay

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from devhost.durabletask.decisions import TaskDecision
    from devhost.durabletask.orchestrator_result import OrchestratorResult
    from devhost.rehearsal.recorded import RecordedExecution
    from devhost.rehearsal.replay import Replayed
    from devhost.runtime.ports import Runner

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_GUID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")  # the SDK makes them of the clock
_ENDED_BY_DIVERGENCE = "Non-Deterministic workflow detected"
KEEP_OLD_STEPS = (
    "Let instances that have begun keep the old steps: ask context.version and leave the old branch in place, or give "
    "the new steps a new orchestrator name. Or drain them before the release, or run the release beside the old one in "
    "a task hub of its own."
)
KEEP_ORCHESTRATOR = "Keep it in the app until its last instance has ended, and start new ones under the new name."


@dataclass(frozen=True, slots=True)
class Report:
    """The answer about one history.

    Attributes:
        execution: what was replayed.
        verdict: of it.
        sentence: what it is about, plain.
        divergence: where they part, if they do.
        advice: what to do.
        notes: further sentences, good to know.
    """

    execution: RecordedExecution
    verdict: Verdict
    sentence: str
    divergence: Divergence | None = None
    advice: str = ""
    notes: Sequence[str] = ()


def rehearse(execution: RecordedExecution, runner: Runner, asked_version: Callable[[], bool] = lambda: False) -> Report:
    """Replays one history.

    Args:
        execution: with the rows.
        runner: the present app's functions.
        asked_version: whether the code has asked for ``context.version`` since it was last asked.
    """
    if execution.why:
        return Report(execution, execution.verdict, execution.why)
    if execution.name.lower() not in runner.functions.orchestrations:
        known = ", ".join(runner.spelled.get("orchestrator", ())) or "none"
        divergence = Divergence(
            1, 2, f"the orchestrator '{execution.name}'", f"no orchestrator of that name (it has {known})"
        )
        return Report(
            execution, Verdict.DIVERGES, "The app no longer has this orchestrator.", divergence, KEEP_ORCHESTRATOR
        )
    if runner.functions.is_off("orchestrator", execution.name):
        divergence = Divergence(
            1, 2, f"the orchestrator '{execution.name}'", "an orchestrator that a setting turns off"
        )
        return Report(
            execution, Verdict.DIVERGES, "A setting turns this orchestrator off: its instances fail when they wake.",
            divergence, f"Take away the setting AzureWebJobs.{execution.name}.Disabled.",
        )  # fmt: skip
    if execution.status == "Failed" and _ENDED_BY_DIVERGENCE in str(execution.output):
        return Report(
            execution, Verdict.SKIPPED, "It has failed of non-determinism already: its history agrees with no code."
        )
    asked_version()
    replayed = replay(execution.rows, runner, execution.slack)
    needs_version = asked_version() and not execution.version_known
    if replayed.divergence is None:
        report = _agreeing(execution, replayed)
        if report.verdict in (Verdict.SAME, Verdict.GOES_ON) or not needs_version:
            return report
        return _without_version(execution)
    holds = next((rows for rows in execution.readings if replay(rows, runner).divergence is None), None)
    if holds is not None:
        return Report(
            execution, Verdict.CANNOT_TELL,
            "Whether it diverges depends on the orchestrator's clock, or on which of two things happened within "
            "moments came first; a status answer tells neither.",
            advice="Replay it from the host's own database or from a recorded file, or read the code.",
        )  # fmt: skip
    if needs_version:
        return _without_version(execution)
    return _diverging(execution, first_divergence(execution.rows, runner) or replayed)


def _without_version(execution: RecordedExecution) -> Report:
    sentence = "The code asks for context.version, which the source does not tell, and without one it is not the same."
    return Report(
        execution, Verdict.CANNOT_TELL, sentence, advice="Name the version of these instances with --version."
    )


def _diverging(execution: RecordedExecution, replayed: Replayed) -> Report:
    assert replayed.divergence is not None
    open_now = execution.status not in h.TERMINAL
    sentence = (
        "The engine finds other steps than it has recorded, and fails the instance at its next message."
        if open_now
        else "It has ended, but an instance at the same point would fail at its next message."
    )
    return Report(execution, Verdict.DIVERGES, sentence, replayed.divergence, KEEP_OLD_STEPS)


def _agreeing(execution: RecordedExecution, replayed: Replayed) -> Report:
    notes = [*replayed.unlike, *_against_recording(execution, replayed)]
    if execution.status not in h.TERMINAL and execution.status != "ContinuedAsNew":
        return _still_open(execution, replayed, notes)
    return _over(execution, replayed, notes)


def _still_open(execution: RecordedExecution, replayed: Replayed, notes: list[str]) -> Report:
    outcome, rows = replayed.outcome, execution.rows
    if outcome.status in h.TERMINAL or outcome.status == "ContinuedAsNew":
        what = "continues as new" if outcome.status == "ContinuedAsNew" else f"ends as {outcome.status}"
        raised = _own_text(replayed.result)
        divergence = Divergence(
            sum(row["EventType"] == h.ORCHESTRATOR_STARTED for row in rows), len(rows),
            "an open instance that waits", f"no wait: it {what} there", raised and f"the code raises: {raised}",
        )  # fmt: skip
        sentence = f"It is open, and at its next message, of any kind, it {what}."
        return Report(execution, Verdict.DIVERGES, sentence, divergence, KEEP_OLD_STEPS, notes)
    rewound = execution.status == "Pending" and any(row["EventType"] == h.GENERIC for row in rows)
    if outcome.decisions and not rewound:
        notes = [f"at its next message it would also start {_list(outcome.decisions)}", *notes]
    waits = f"It waits for {replayed.waits_for}." if replayed.waits_for else "It waits for nothing that could wake it."
    verdict = Verdict.DIFFERS if notes else Verdict.GOES_ON
    return Report(execution, verdict, waits, notes=[*notes, *outcome.complaints])


def _over(execution: RecordedExecution, replayed: Replayed, notes: list[str]) -> Report:
    outcome = replayed.outcome
    if outcome.status != execution.status:
        now = f"ends as {outcome.status}" if outcome.status in h.TERMINAL else f"waits for {replayed.waits_for}"
        started = f", and has started {_list(outcome.decisions)}" if outcome.decisions else ""
        notes = [f"it ended there as {execution.status}; the code now {now}{started}", *notes]
    elif execution.status in ("Completed", "Failed"):
        output = None if outcome.output is None else _parsed(outcome.output)
        if not _same(execution.output, output, times_count=not execution.slack):
            notes = [f"it ended with {_short(execution.output)}; the code now gives {_short(output)}", *notes]
    sentence = f"It ended as {execution.status}."
    return Report(execution, Verdict.DIFFERS if notes else Verdict.SAME, sentence, notes=notes)


def _against_recording(execution: RecordedExecution, replayed: Replayed) -> list[str]:
    """What a recorded answer shows and a history does not: waits, inputs of activities."""
    if execution.recorded is None:
        return []
    before, now = _comparable(execution.recorded), _comparable(replayed.result)
    for number, (old, new) in enumerate(zip(before, now, strict=False), 1):
        if old != new:
            return [f"action {number} was {_short(old)}; it is now {_short(new)}"]
    if len(before) != len(now):
        return [f"the recorded answer has {len(before)} actions; the code now asks for {len(now)}"]
    return []


def _comparable(result: OrchestratorResult) -> list[Any]:
    """The actions without the times of timers, which differ anyway."""

    def plain(action: dict[str, Any]) -> dict[str, Any]:
        kept = {key: value for key, value in action.items() if key != "fireAt"}
        if "compoundActions" in kept:
            kept["compoundActions"] = [plain(one) for one in kept["compoundActions"]]
        return kept

    return [plain(action) for action in result.actions]


def _own_text(result: OrchestratorResult) -> str:
    return (result.error or result.unreadable or "").partition("\n")[0]


def _list(decisions: Sequence[TaskDecision]) -> str:
    return " and ".join(described(decision) for decision in decisions)


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
