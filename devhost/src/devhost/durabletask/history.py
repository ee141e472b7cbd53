"""Rows of a history as the Durable extension stores them and sends them to Python (contract 3.2).

Rules of this module:

1. The order of the keys is the extension's: a row's own fields, then ``EventId``, ``IsPlayed``, ``Timestamp``.
2. A row is kept as JSON text. It has ``"IsPlayed":false`` in its own episode; rows of messages have true afterwards,
   rows of decisions and the two orchestrator rows never do (contract 3.2, ordering rule 5).
3. Missing values are null, never left out: the SDK reads them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from devhost.dotnet.json_text import compact, recoded
from devhost.timekeeping.ticks import stamp

Row = dict[str, Any]

EXECUTION_STARTED = 0
EXECUTION_COMPLETED = 1
EXECUTION_TERMINATED = 3
TASK_SCHEDULED = 4
TASK_COMPLETED = 5
TASK_FAILED = 6
SUB_CREATED = 7
SUB_COMPLETED = 8
SUB_FAILED = 9
TIMER_CREATED = 10
TIMER_FIRED = 11
ORCHESTRATOR_STARTED = 12
ORCHESTRATOR_COMPLETED = 13
EVENT_SENT = 14
EVENT_RAISED = 15
GENERIC = 17
SUSPENDED = 19
RESUMED = 20

NAMES = {
    0: "ExecutionStarted",
    1: "ExecutionCompleted",
    3: "ExecutionTerminated",
    4: "TaskScheduled",
    5: "TaskCompleted",
    6: "TaskFailed",
    7: "SubOrchestrationInstanceCreated",
    8: "SubOrchestrationInstanceCompleted",
    9: "SubOrchestrationInstanceFailed",
    10: "TimerCreated",
    11: "TimerFired",
    12: "OrchestratorStarted",
    13: "OrchestratorCompleted",
    14: "EventSent",
    15: "EventRaised",
    17: "GenericEvent",
    19: "ExecutionSuspended",
    20: "ExecutionResumed",
}
STATUS_NUMBERS = {
    "Running": 0,
    "Completed": 1,
    "ContinuedAsNew": 2,
    "Failed": 3,
    "Canceled": 4,
    "Terminated": 5,
    "Pending": 6,
    "Suspended": 7,
}
TERMINAL = frozenset({"Completed", "Failed", "Terminated", "Canceled"})

_UNPLAYED = '"IsPlayed":false'
_PLAYED = '"IsPlayed":true'

# The end of every trigger payload, after the history; contract 3.1.
_PAYLOAD_TAIL = (
    ',"upperSchemaVersion":1,"upperSchemaVersionNew":3,"longRunningTimerIntervalDuration":"3.00:00:00",'
    '"maximumShortTimerDuration":"6.00:00:00","defaultHttpAsyncRequestSleepTimeMillseconds":30000}'
)


def row(own: Mapping[str, Any], at: int, event_id: int = -1) -> Row:
    """A row of the fields ``own`` (with ``EventType``), made ``at`` those ticks, not yet played."""
    return {**own, "EventId": event_id, "IsPlayed": False, "Timestamp": stamp(at)}


def played(text: str) -> str:
    """The text of a message's row once its episode is over."""
    head, _, tail = text.rpartition(_UNPLAYED)
    return f"{head}{_PLAYED}{tail}"


def execution_started(  # noqa: PLR0913 - the row has so many fields
    *,
    instance_id: str,
    execution_id: str,
    name: str,
    version: str | None,
    input_text: str | None,
    at: int,
    generation: int | None,
    parent: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    trace: Mapping[str, Any] | None = None,
) -> Row:
    """The first message of an execution.

    Args:
        instance_id: any text without ``/``.
        execution_id: a GUID with dashes for a start, 32 hex digits for everything else.
        name: the orchestration as the caller spelled it.
        version: null unless one was asked for.
        input_text: raw JSON text, or None for none.
        at: ticks of the call that made it.
        generation: how often the id was used before; null for a child and after continue-as-new.
        parent: of a sub-orchestration: Name, OrchestrationInstance, TaskScheduleId, Version.
        tags: of a restarted instance.
        trace: whom it was started by, if that has a trace.
    """
    own = {
        "OrchestrationInstance": {"InstanceId": instance_id, "ExecutionId": execution_id},
        "EventType": EXECUTION_STARTED,
        "ParentInstance": parent,
        "Name": name,
        "Version": version,
        "Input": input_text,
        "Tags": tags,
        "Correlation": None,
        "ParentTraceContext": trace,
        "ScheduledStartTime": None,
        "Generation": generation,
        "GenerateNewTrace": False,
    }
    return row(own, at)


def task_completed(task_id: int, result: str | None, at: int) -> Row:
    """An activity's result: JSON text of any writing, or None."""
    text = None if result is None else recoded(result)
    return row({"EventType": TASK_COMPLETED, "TaskScheduledId": task_id, "Result": text}, at)


def task_failed(task_id: int, reason: str, details: str, at: int) -> Row:
    """An activity's failure (contract 4.5)."""
    own = {"EventType": TASK_FAILED, "TaskScheduledId": task_id, "Reason": reason, "Details": details}
    return row({**own, "FailureDetails": None}, at)


def sub_completed(task_id: int, result: str | None, at: int) -> Row:
    """A child's output: JSON text, or None."""
    return row({"EventType": SUB_COMPLETED, "TaskScheduledId": task_id, "Result": result}, at)


def sub_failed(
    task_id: int, reason: str | None, details: str | None, at: int, failure: Mapping[str, Any] | None = None
) -> Row:
    """A child that failed or was terminated (contract 4.9)."""
    own = {"EventType": SUB_FAILED, "TaskScheduledId": task_id, "Reason": reason, "Details": details}
    return row({**own, "FailureDetails": failure}, at)


def timer_fired(timer_id: int, fire_at: int, created_at: int) -> Row:
    """A fired timer. Its stamp is when the timer was made, not when it fired (contract 3.2, ordering rule 6)."""
    return row({"EventType": TIMER_FIRED, "TimerId": timer_id, "FireAt": stamp(fire_at)}, created_at + 10)


def event_raised(name: str, input_text: str | None, at: int) -> Row:
    """An external event; its input is JSON text."""
    return row({"EventType": EVENT_RAISED, "Name": name, "Input": input_text, "ParentTraceContext": None}, at)


def terminated(reason: str | None, at: int) -> Row:
    """The order to end at once."""
    return row({"EventType": EXECUTION_TERMINATED, "Input": reason}, at)


def suspended(reason: str | None, at: int) -> Row:
    """The order to hold."""
    return row({"EventType": SUSPENDED, "Reason": reason}, at)


def resumed(reason: str | None, at: int) -> Row:
    """The order to go on."""
    return row({"EventType": RESUMED, "Reason": reason}, at)


def generic(data: str | None, at: int) -> Row:
    """A rewind's own message."""
    return row({"Data": data, "EventType": GENERIC}, at)


def orchestrator_started(at: int) -> Row:
    """The start of an episode; the orchestrator's clock shows it."""
    return row({"EventType": ORCHESTRATOR_STARTED}, at)


def orchestrator_completed(at: int) -> Row:
    """The end of an episode."""
    return row({"EventType": ORCHESTRATOR_COMPLETED}, at)


def execution_completed(
    event_id: int, status: str, result: str | None, at: int, failure: Mapping[str, Any] | None = None
) -> Row:
    """The last decision of an execution; ``status`` by name."""
    own = {"EventType": EXECUTION_COMPLETED, "OrchestrationStatus": STATUS_NUMBERS[status], "Result": result}
    return row({**own, "FailureDetails": failure}, at, event_id)


def payload(rows: Iterable[str], started: Row, given: str) -> str:
    """The trigger payload of one episode: a JSON text, byte for byte as the extension orders it (contract 3.1).

    Args:
        rows: the texts of the whole history of this execution, the new messages at its end.
        started: the execution's ``ExecutionStarted`` row as those texts hold it.
        given: its input as a JSON value.
    """
    parent = started["ParentInstance"]
    source = (started["Tags"] or {}).get("MS_DurableFunctions_SourceInstanceId")
    replaying = "true" if started["IsPlayed"] else "false"
    return (
        f'{{"history":[{",".join(rows)}],"input":{given},'
        f'"instanceId":{compact(started["OrchestrationInstance"]["InstanceId"])},"isReplaying":{replaying},'
        f'"parentInstanceId":{compact(parent and parent["OrchestrationInstance"]["InstanceId"])},'
        f'"sourceInstanceId":{compact(source)}{_PAYLOAD_TAIL}'
    )
