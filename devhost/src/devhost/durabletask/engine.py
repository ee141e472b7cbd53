"""The engine: what follows from a history and an orchestrator's result. Pure: no clock, no store, no call.

What follows in the usual cases is listed in contract 4.12. Rules of this module (contract 3.5, 4.3, 4.7, 4.9):

1. An instance ends when the walk has ended and no scheduled activity, child or uncancelled timer is open.
2. Termination ends it in any case, and so does a history that the present code does not lead to.
3. Suspending holds back events and decisions, but not the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from devhost.durabletask import actions
from devhost.durabletask.decisions import EpisodeResult
from devhost.durabletask.divergence import NonDeterministic
from devhost.durabletask.failures import NON_DETERMINISTIC
from devhost.durabletask.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from devhost.durabletask.functions import Functions
    from devhost.durabletask.history import Row
    from devhost.durabletask.orchestrator_result import OrchestratorResult


def decide(history: Sequence[Row], result: OrchestratorResult, functions: Functions) -> EpisodeResult:
    """What the extension does with this result for this history.

    Args:
        history: the whole execution's rows, the episode's new messages at the end.
        result: of the orchestrator run over exactly that history.
        functions: what the app has; a call of anything else faults without a trace.
    """
    started = history[1]
    walk = Walk(started, result, functions)
    prefix = f"Orchestrator function '{started['Name']}' failed: "
    try:
        for event in history:
            walk.apply(event)
    except NonDeterministic as found:
        text = f"Non-Deterministic workflow detected: {found}"
        return _outcome(walk, "Failed", text, error=text, thrown=NON_DETERMINISTIC)
    if walk.terminated is not None:
        return _outcome(walk, "Terminated", walk.terminated.get("Input"))
    if walk.ended and not walk.open:
        if walk.refusal is not None:
            thrown = "System.ArgumentException" if result.unreadable is None else result.thrown
            return _outcome(walk, "Failed", prefix + walk.refusal, error=walk.refusal, thrown=thrown)
        if result.error is not None:
            return _outcome(walk, "Failed", prefix + result.error, error=result.error)
        if walk.next_input is not None:
            return _outcome(walk, "ContinuedAsNew", None)
        if result.done:
            return _outcome(walk, "Completed", result.output)
    stall = _stall(walk)
    if stall:
        walk.complaints.append(stall)
    return _outcome(walk, "Suspended" if walk.suspended else "Running", walk.reason)


def _outcome(walk: Walk, status: str, output: str | None, error: str | None = None, thrown: str = "") -> EpisodeResult:
    result = walk.result
    return EpisodeResult(
        decisions=[walk.decisions[number] for number in sorted(walk.decisions)],
        status=status,
        output=output,
        custom_status=None if result.custom_status_refusal else result.custom_status,
        completion_id=walk.counter,
        error=error,
        thrown=thrown,
        next_input=walk.next_input,
        carried=walk.carried,
        complaints=walk.complaints,
        waits=walk.events.names,
    )


def _stall(walk: Walk) -> str:
    """Where Python and the walk have parted, if they have: the extension itself logs nothing (contract 4.1, 4.3)."""
    if walk.suspended:
        return ""
    over = walk.result.over
    if walk.current is not None:
        awaited = walk.current.what
        if walk.position + 1 < len(walk.actions):
            behind = actions.described(walk.actions[walk.position + 1])
            return (
                f"Python has gone on, but the extension still waits for {awaited}: until then it starts nothing more, "
                f"not even {behind}"
            )
        return f"Python has finished, but the extension still waits for {awaited}" if over else ""
    if walk.ended and over and walk.open:
        waiting = ", ".join(future.what for future in walk.open.values())
        return f"Python has finished, but it stays Running while these are open: {waiting}"
    if walk.ended and not over and not walk.open and not walk.events.is_awaited:
        why = "" if walk.complaints else ": it yielded something that is no task"
        return f"it waits for nothing and will never wake{why}"
    return ""
