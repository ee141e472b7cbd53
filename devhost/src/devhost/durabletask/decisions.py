"""What an episode decides: values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from devhost.durabletask import history as h

if TYPE_CHECKING:
    from devhost.durabletask.history import Row

# The rows that record a decision, and the decision's kind.
KIND_OF_ROW = {h.TASK_SCHEDULED: "activity", h.SUB_CREATED: "sub", h.TIMER_CREATED: "timer", h.EVENT_SENT: "sent"}


@dataclass(slots=True)
class TaskDecision:
    """Something to be written and carried out: the next number of the execution's counter, and what it is."""

    number: int
    kind: str  # "activity", "sub", "timer" or "sent"
    name: str = ""
    input: str | None = None
    instance_id: str | None = None
    version: str | None = None
    fire_at: int = 0
    signal: bool = False
    http: dict[str, Any] | None = None


@dataclass(slots=True)
class EpisodeResult:
    """What an episode leads to.

    Attributes:
        decisions: new ones, in ascending number.
        status: Running, Suspended, Completed, Failed, Terminated or ContinuedAsNew.
        output: JSON text or a reason's text; None for none.
        custom_status: JSON text; None clears it.
        completion_id: the ``EventId`` of the ``ExecutionCompleted`` row.
        error: of a failed execution: its text without the engine's prefix, for a parent's ``Details``.
        thrown: of one that failed for another reason than what it raised: the .NET exception, for the same.
        next_input: of a continued execution: its input's JSON text.
        carried: of a continued execution: the events that came after the one that led to it.
        complaints: sentences for the log, each naming what will not happen and why.
        waits: names of the events that it waits for, each once.
    """

    decisions: list[TaskDecision]
    status: str
    output: str | None = None
    custom_status: str | None = None
    completion_id: int = -1
    error: str | None = None
    thrown: str = ""
    next_input: str | None = None
    carried: list[Row] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    waits: tuple[str, ...] = ()
