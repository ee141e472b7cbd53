"""What an orchestrator has decided is carried out: activities, timers, children, entities (contract 4.4, 5.2)."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from devhost.dotnet.json_text import compact
from devhost.durabletask import history as h
from devhost.durabletask.model import PendingActivity
from devhost.runtime import trace_context
from devhost.runtime.checkpoint import begin, send_to_entity
from devhost.runtime.entities import MESSAGES
from devhost.timekeeping.ticks import SECOND, parse, stamp

if TYPE_CHECKING:
    from devhost.durabletask.decisions import TaskDecision
    from devhost.durabletask.history import Row
    from devhost.durabletask.versions import Versions
    from devhost.runtime.checkpoint import Checkpoint
    from devhost.store.database import Store
    from devhost.timekeeping.clock import Clock

ENTITY_NAMES = uuid.UUID("9e952958-5e33-4daf-827f-2fa12937b875")  # the extension's namespace for its own GUIDs
QUEUE_LATENCY = SECOND // 100  # no recorded timer came sooner after its whole seconds
QUEUE_ROUND = SECOND // 20  # nor any sooner than this, where nothing was left of its delay


def delay_of(fire_at: int, at: int) -> int:
    """How long a timer waits: whole seconds, rounded down, so it fires up to a second early (contract 4.4)."""
    return max(0, (fire_at - at) // SECOND) * SECOND


class Execution:
    """One execution of an instance, which puts into the checkpoint what its decisions ask for.

    Args:
        instance_id: of the instance.
        execution_id: of the execution.
        checkpoint: of the episode.
        store: read only.
        clock: the host's.
        versions: a child without a version gets the default.

    Attributes:
        began: when the episode began, in ticks.
        sent: the label of the last message to each entity.
    """

    def __init__(
        self,
        instance_id: str,
        execution_id: str,
        checkpoint: Checkpoint,
        store: Store,
        clock: Clock,
        versions: Versions,
    ) -> None:
        self.instance_id, self.execution_id = instance_id, execution_id
        self._checkpoint, self._store, self._clock, self._versions = checkpoint, store, clock, versions
        self.began = 0
        self.sent: dict[str, str] = {}

    def carry_out(self, decision: TaskDecision, started: Row, at: int) -> Row:
        """The decision's row; its message goes into the change."""
        if decision.kind == "activity":
            text = decision.input if decision.http is None else compact(decision.http)
            trace = trace_context.for_task(started["ParentTraceContext"])
            parent = None if trace is None else str(trace["TraceParent"])
            task = PendingActivity(self.execution_id, decision.number, self.instance_id, decision.name, text, parent)
            self._checkpoint.change.add_task(task)
            self._checkpoint.tasks.append(task)
            own: dict[str, Any] = {"EventType": h.TASK_SCHEDULED, "Name": decision.name, "Version": "", "Input": None}
            return h.row({**own, "ParentTraceContext": trace, "Tags": None}, at, decision.number)
        if decision.kind == "timer":
            self._set_timer(decision, at)
            return h.row({"EventType": h.TIMER_CREATED, "FireAt": stamp(decision.fire_at)}, at, decision.number)
        if decision.kind == "sub":
            if decision.version is None:
                decision.version = self._versions.default
            trace = trace_context.for_task(started["ParentTraceContext"])
            self._start_child(decision, started, at, trace)
            span = trace and trace_context.span_id(trace["TraceParent"])
            own = {"EventType": h.SUB_CREATED, "Name": decision.name, "Version": decision.version}
            own |= {"InstanceId": decision.instance_id, "Input": None, "ClientSpanId": span, "Tags": None}
            return h.row(own, at, decision.number)
        request = self._request(decision, started["ParentTraceContext"])
        assert decision.instance_id is not None
        send_to_entity(self._checkpoint.change, decision.instance_id, request, at)
        self._checkpoint.wake.append(decision.instance_id)
        own = {"EventType": h.EVENT_SENT, "InstanceId": decision.instance_id, "Name": "op", "Input": request}
        return h.row(own, at, decision.number)

    def _set_timer(self, decision: TaskDecision, at: int) -> None:
        delay = delay_of(decision.fire_at, at)
        # One that is due within the second fires at once, but not before it has gone through the queue: an
        # orchestrator that then makes another timer for the same moment must see time pass.
        due = at + delay + QUEUE_LATENCY if delay else at + QUEUE_ROUND if decision.fire_at > at else None
        body = compact(h.timer_fired(decision.number, decision.fire_at, at))
        self._checkpoint.change.send(self.instance_id, self.execution_id, body, at, due)
        if due is None:
            self._checkpoint.wake.append(self.instance_id)
        elif self._checkpoint.due is None or due < self._checkpoint.due:
            self._checkpoint.due = due

    def _start_child(self, decision: TaskDecision, started: Row, at: int, trace: Row | None) -> None:
        child_id = decision.instance_id
        assert child_id is not None
        old = self._store.instance(child_id)
        if old is not None and old.status not in h.TERMINAL:
            self._checkpoint.complaints.append(
                f"its sub-orchestration '{decision.name}' has the id '{child_id}' of an instance that is {old.status}: "
                "it replaces that one, and any caller that waits for the old one waits for ever"
            )
        parent = {
            "Name": started["Name"],
            "OrchestrationInstance": started["OrchestrationInstance"],
            "TaskScheduleId": decision.number,
            "Version": started["Version"],
        }
        row = h.execution_started(
            instance_id=child_id,
            execution_id=uuid.uuid4().hex,
            name=decision.name,
            version=decision.version,
            input_text=None if decision.input is None else compact(decision.input),
            at=at + 10,
            generation=None,
            parent=parent,
            trace=trace and trace_context.for_instance(trace["TraceParent"], trace["TraceState"] or "", at),
        )
        begin(self._checkpoint.change, row, at, parent_id=self.instance_id, over=old)
        self._checkpoint.wake.append(child_id)

    def _request(self, decision: TaskDecision, trace: Row | None) -> str:
        """An entity request, field by field as the extension writes it (contract 5.2)."""
        assert decision.instance_id is not None
        assert decision.input is not None
        asked = json.loads(decision.input)
        before, label = self.sent.get(decision.instance_id), stamp(self.began)
        if before is not None and parse(before) >= self.began:
            label = stamp(parse(before) + 1, "")  # .NET has forgotten by then that it is UTC
        self.sent[decision.instance_id] = label
        request: dict[str, Any] = {"$type": MESSAGES.format("RequestMessage"), "op": asked["op"]}
        if decision.signal:
            request["signal"] = True
        request |= {
            "input": None if asked["input"] is None else compact(asked["input"]),
            "id": str(uuid.uuid5(ENTITY_NAMES, f"{self.execution_id}_{decision.number}")),
            "parent": self.instance_id,
            "parentExecution": self.execution_id,
            "Timestamp": label,
            "Predecessor": before or "0001-01-01T00:00:00",
        }
        if trace is not None:
            request["parentTraceContext"] = trace_context.for_entity(trace, signal=decision.signal)
        request["requestTime"] = stamp(self._clock.now(), "+00:00")
        return compact(request)
