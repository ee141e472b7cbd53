"""Non-determinism: the history holds a decision that the present code does not make (contract 3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devhost.durabletask.decisions import TaskDecision
    from devhost.durabletask.history import Row

CHANGED = "Was a change made to the orchestrator code after this instance had already started running?"
# What .NET calls the decision of each kind.
ACTION_TYPES = {
    "activity": "ScheduleTaskOrchestratorAction",
    "sub": "CreateSubOrchestrationAction",
    "timer": "CreateTimerOrchestratorAction",
    "sent": "SendEventOrchestratorAction",
}


class NonDeterministic(Exception):
    """The history holds a decision that the walk did not make."""


def divergence(event: Row, kind: str, decision: TaskDecision | None) -> str:
    """The engine's own message about a row that the walk did not make."""
    number, name, instance = event["EventId"], event.get("Name"), event.get("InstanceId")
    version = event.get("Version") or ""
    made = ACTION_TYPES[decision.kind] if decision else ""
    other_name = decision is not None and decision.kind == kind
    if kind == "activity":
        start = "A previous execution of this orchestration scheduled an activity task with sequence "
        if decision is None:
            what = f"ID {number} and name '{name}' (version '{version}'), but the current replay execution hasn't "
            return f"{start}{what}(yet?) scheduled this task. {CHANGED}"
        start += f"number {number} named '{name}', but the current orchestration replay instead "
        if other_name:
            what = f"scheduled an activity task named '{decision.name}' with this sequence number. "
        else:
            what = f"produced a {made} action with this sequence number."
        return f"{start}{what} {CHANGED}"
    if kind == "timer":
        start = f"A previous execution of this orchestration scheduled a timer task with sequence number {number} "
        if decision is None:
            return f"{start}but the current replay execution hasn't (yet?) scheduled this task. {CHANGED}"
        what = f"named but the current orchestration replay instead produced a {made} action with this sequence number."
        return f"{start}{what} {CHANGED}"
    if kind == "sub":
        start = (
            f"A previous execution of this orchestration scheduled a sub-orchestration task with sequence ID {number} "
            f"and name '{name}' (version '{version}', instance ID '{instance}'), but the current "
        )
        if decision is None:
            return f"{start}replay execution hasn't (yet?) scheduled this task. {CHANGED}"
        if other_name:
            what = f"scheduled a sub-orchestration task with name {decision.name} at this sequence number."
        else:
            what = f"produced a {made} action at this sequence number."
        return f"{start}orchestration replay instead {what} {CHANGED}"
    start = f"A previous execution of this orchestration scheduled a send event task with sequence ID {number}, type "
    if decision is None:
        what = f"'EventSent' name '{name}', instance ID '{instance}', but the current replay execution hasn't (yet?) "
        return f"{start}{what}scheduled this task. {CHANGED}"
    what = f"'EventSent', name '{name}', instance ID '{instance}', but the current orchestration replay instead "
    return f"{start}{what}scheduled a {made} task at this sequence number. {CHANGED}"
