"""One episode: an instance with its messages goes in, one change of the store comes out (contract 3.2, 3.5, 4.7)."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from devhost.dotnet.json_text import compact
from devhost.dotnet.newtonsoft import LooseJsonError, first_token
from devhost.durabletask import engine
from devhost.durabletask import history as h
from devhost.durabletask.failures import NO_FUNCTION, child_details, unknown_function
from devhost.durabletask.history import Row, played
from devhost.durabletask.model import Instance, Message, Task
from devhost.durabletask.orchestrator_result import OrchestratorResult
from devhost.durabletask.versions import MISMATCH, Versions
from devhost.runtime import spans, trace_context
from devhost.store.changes import Change
from devhost.timekeeping.ticks import SECOND, parse, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from devhost.durabletask.decisions import Decision, Outcome
    from devhost.runtime.ports import Runner
    from devhost.store.database import Store
    from devhost.timekeeping.clock import Clock

ENTITY_NAMES = uuid.UUID("9e952958-5e33-4daf-827f-2fa12937b875")  # the extension's namespace for its own GUIDs
MESSAGES = "Microsoft.Azure.WebJobs.Extensions.DurableTask.{0}, Microsoft.Azure.WebJobs.Extensions.DurableTask"
MANY_CONTINUATIONS = 100
QUEUE_LATENCY = SECOND // 100  # no recorded timer came sooner after its whole seconds
QUEUE_ROUND = SECOND // 20  # nor any sooner than this, where nothing was left of its delay


@dataclass(slots=True)
class Step:
    """What came of an episode.

    Attributes:
        change: to be committed whole.
        tasks: activities to run once that is done.
        wake: ids of instances that have got a message by it.
        due: when the nearest new timer is due, or None.
        told: sentences for the console about what happened.
        complaints: loud sentences about what will not happen.
        waits: names of the events that the instance waits for now.
        spans: of what is over by it, where the instance has a trace and somebody collects them.
    """

    change: Change = field(default_factory=Change)
    tasks: list[Task] = field(default_factory=list)
    wake: list[str] = field(default_factory=list)
    due: int | None = None
    told: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    waits: tuple[str, ...] = ()
    spans: list[spans.Span] = field(default_factory=list)


def delay_of(fire_at: int, at: int) -> int:
    """How long a timer waits: whole seconds, rounded down, so it fires up to a second early (contract 4.4)."""
    return max(0, (fire_at - at) // SECOND) * SECOND


def refuse(instance: Instance, inbox: list[Message], store: Store, clock: Clock) -> Step | None:
    """What comes of an instance that is left as it is, since its version is not for this host: mostly None.

    One that has never run can still be terminated: that needs no host.
    """
    rows = [json.loads(message.body) for message in inbox]
    ended = next((row for row in rows if row["EventType"] == h.EXECUTION_TERMINATED), None)
    if ended is None or instance.status != "Pending" or store.history(instance.id):
        return None
    step = Step()
    step.change.set_state(instance, "Terminated", ended["Input"], None, clock.now())
    step.change.clear_inbox(instance.id)
    step.told.append(f"{instance.name} terminated")
    return step


def run_episode(
    instance: Instance,
    inbox: list[Message],
    store: Store,
    runner: Runner,
    clock: Clock,
    versions: Versions | None = None,
) -> Step | None:
    """Takes in the messages and runs the orchestrator; None where there is nothing for it among them.

    Args:
        instance: as it stands in the store.
        inbox: what is due for it, in the order of arrival.
        store: read only.
        runner: the app's functions.
        clock: the host's.
        versions: of orchestrations: an instance of another one fails, and a child without one gets the default.
    """
    step = Step()
    step.change.taken(inbox)
    mine = [message for message in inbox if message.execution_id in (None, instance.execution_id)]
    if instance.status in h.TERMINAL or not mine:
        return step
    episodes = store.history(instance.id)
    work = _Episode(instance, step, store, runner, clock, versions or Versions(match="None"))
    work.run(episodes, [message.body for message in mine])
    return step


def _sets_running(row: str) -> bool:
    return json.loads(row)["EventType"] in (h.EXECUTION_STARTED, h.RESUMED)


class _Episode:
    """The work on one instance until its messages are used up: once, or once more for each continue-as-new."""

    def __init__(
        self, instance: Instance, step: Step, store: Store, runner: Runner, clock: Clock, versions: Versions
    ) -> None:
        self.instance, self.step, self.store, self.runner, self.clock = instance, step, store, runner, clock
        self.versions = versions
        self.execution_id = instance.execution_id
        self.began = 0
        self.sent: dict[str, str] = {}  # the label of the last message to each entity

    def run(self, episodes: list[str], bodies: list[str]) -> None:
        self.began = self.clock.now()
        began = compact(h.orchestrator_started(self.began))
        number, rounds = len(episodes), 0
        texts = [*episodes, began, *bodies]
        new = [began, *(played(body) for body in bodies)]
        carried_status = None
        while True:
            history: list[Row] = json.loads(f"[{','.join(texts)}]")
            if len(history) < 2 or history[1]["EventType"] != h.EXECUTION_STARTED:  # noqa: PLR2004 - as the SDK asks
                self.step.complaints.append("a message came for an execution that never began; it is dropped")
                return
            self.sent = {
                row["InstanceId"]: json.loads(row["Input"])["Timestamp"]
                for row in history
                if "Input" in row and row["EventType"] == h.EVENT_SENT
            }
            if self.versions.refuses(history[1]["Version"]):
                self._fail(history[1], new, number)
                return
            if rounds == 0 and history[1]["ParentTraceContext"] and spans.provider() is not None:
                self.step.spans += spans.awaited(history, history[-len(bodies) :], history[1])
            outcome = engine.decide(history, self._answer(texts, history[1]), self.runner.functions)
            self.step.complaints += outcome.complaints
            self.step.waits = outcome.waits
            custom_status = outcome.custom_status
            if custom_status is None and rounds:
                custom_status = carried_status  # carried over one episode of a continued execution
            self._write(outcome, history[1], custom_status, new, number)
            if outcome.status != "ContinuedAsNew":
                return
            rounds += 1
            carried_status = custom_status
            if rounds == MANY_CONTINUATIONS:
                self.step.complaints.append(
                    f"it has continued as new {rounds} times without ever waiting for anything; if that never ends, "
                    "neither does this episode"
                )
            number = 0
            texts, new = self._next_execution(outcome, history[1])

    def _answer(self, texts: list[str], started: Row) -> OrchestratorResult:
        name, functions = started["Name"], self.runner.functions
        if name.lower() not in functions.orchestrations or functions.is_off("orchestrator", name):
            return OrchestratorResult(
                unreadable=unknown_function("orchestrator", name, self.runner.spelled), thrown=NO_FUNCTION
            )
        try:
            given = "null" if started["Input"] is None else first_token(started["Input"])
        except LooseJsonError:
            text = f"One or more errors occurred. (Exception while executing function: {started['Name']})"
            return OrchestratorResult(unreadable=text)
        return self.runner.orchestrate(started["Name"], h.payload(texts, started, given))

    def _write(self, outcome: Outcome, started: Row, custom_status: str | None, new: list[str], number: int) -> None:
        """Puts the episode's rows, its decisions and the instance's new state (contract 4.10) into the change."""
        change, at = self.step.change, 0
        for decision in outcome.decisions:
            at = self.clock.now()
            new.append(compact(self._carry_out(decision, started, at)))
        ended = outcome.status in h.TERMINAL
        if outcome.status == "ContinuedAsNew":
            return
        if ended:
            at = self.clock.now()
            row = h.execution_completed(outcome.completion_id, outcome.status, outcome.output, at)
            new.append(compact(row))
        if not (number == 0 and new[-1].startswith('{"EventType":13')):  # a continued execution brings its own
            at = self.clock.now()
            new.append(compact(h.orchestrator_completed(at)))
        change.add_episode(self.instance.id, number, ",".join(new))
        # What says nothing leaves the old output: a reason, or the failure of an earlier life.
        output = self.instance.output if outcome.output is None else outcome.output
        status = outcome.status
        # Only a start and a resumption make an instance Running, so a rewound one stays Pending (contract 4.9).
        if status == "Running" and self.instance.status == "Pending" and not any(map(_sets_running, new)):
            status = "Pending"
        change.set_state(self.instance, status, output, custom_status, at or self.clock.now())
        if ended:
            change.clear_inbox(self.instance.id)
            self._tell_parent(outcome, started)
            self._tell_end(outcome, started, at)

    def _fail(self, started: Row, new: list[str], number: int) -> None:
        """Ends an instance whose version this host does not take; Python is not called."""
        at = self.clock.now()
        text = f"{MISMATCH['ErrorType']}: {MISMATCH['ErrorMessage']}"
        new.append(compact(h.execution_completed(0, "Failed", None, at, MISMATCH)))
        at = self.clock.now()
        new.append(compact(h.orchestrator_completed(at)))
        change = self.step.change
        change.add_episode(self.instance.id, number, ",".join(new))
        change.set_state(self.instance, "Failed", text, self.instance.custom_status, at)
        change.clear_inbox(self.instance.id)
        self._send_to_parent(started, lambda task, now: h.sub_failed(task, None, None, now, MISMATCH))
        self.step.told.append(f"{started['Name']} failed: {text}")

    def _tell_end(self, outcome: Outcome, started: Row, at: int) -> None:
        told, trace = f"{started['Name']} {outcome.status.lower()}", started["ParentTraceContext"]
        if trace:
            told += f", trace {trace_context.trace_id(trace['Id'])}"
            if spans.provider() is not None:
                failed = {"Failed": outcome.output or "", "Terminated": "Terminated"}.get(outcome.status)
                self.step.spans.append(spans.orchestration(started, outcome.status, failed, at))
        self.step.told.append(told)

    # ---------------------------------------------------------------- decisions

    def _carry_out(self, decision: Decision, started: Row, at: int) -> Row:
        """The decision's row; its message goes into the change."""
        if decision.kind == "activity":
            text = decision.input if decision.http is None else compact(decision.http)
            trace = trace_context.for_task(started["ParentTraceContext"])
            parent = None if trace is None else str(trace["TraceParent"])
            task = Task(self.execution_id, decision.number, self.instance.id, decision.name, text, parent)
            self.step.change.add_task(task)
            self.step.tasks.append(task)
            own: dict[str, Any] = {"EventType": h.TASK_SCHEDULED, "Name": decision.name, "Version": "", "Input": None}
            return h.row({**own, "ParentTraceContext": trace, "Tags": None}, at, decision.number)
        if decision.kind == "timer":
            self._set_timer(decision, at)
            return h.row({"EventType": h.TIMER_CREATED, "FireAt": stamp(decision.fire_at)}, at, decision.number)
        if decision.kind == "sub":
            if decision.version is None:
                decision.version = self.versions.default
            trace = trace_context.for_task(started["ParentTraceContext"])
            self._start_child(decision, started, at, trace)
            span = trace and trace_context.span_id(trace["TraceParent"])
            own = {"EventType": h.SUB_CREATED, "Name": decision.name, "Version": decision.version}
            own |= {"InstanceId": decision.instance_id, "Input": None, "ClientSpanId": span, "Tags": None}
            return h.row(own, at, decision.number)
        request = self._request(decision, started["ParentTraceContext"])
        assert decision.instance_id is not None
        send_to_entity(self.step.change, decision.instance_id, request, at)
        self.step.wake.append(decision.instance_id)
        own = {"EventType": h.EVENT_SENT, "InstanceId": decision.instance_id, "Name": "op", "Input": request}
        return h.row(own, at, decision.number)

    def _set_timer(self, decision: Decision, at: int) -> None:
        delay = delay_of(decision.fire_at, at)
        # One that is due within the second fires at once, but not before it has gone through the queue: who asks the
        # clock then, and makes another timer for the same moment, must see time pass.
        due = at + delay + QUEUE_LATENCY if delay else at + QUEUE_ROUND if decision.fire_at > at else None
        body = compact(h.timer_fired(decision.number, decision.fire_at, at))
        self.step.change.send(self.instance.id, self.execution_id, body, at, due)
        if due is None:
            self.step.wake.append(self.instance.id)
        elif self.step.due is None or due < self.step.due:
            self.step.due = due

    def _start_child(self, decision: Decision, started: Row, at: int, trace: Row | None) -> None:
        child_id = decision.instance_id
        assert child_id is not None
        old = self.store.instance(child_id)
        if old is not None and old.status not in h.TERMINAL:
            self.step.complaints.append(
                f"its sub-orchestration '{decision.name}' has the id '{child_id}' of an instance that is {old.status}: "
                "it takes that one's place, and whoever waits for the old one waits for ever"
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
        begin(self.step.change, row, at, parent_id=self.instance.id, over=old)
        self.step.wake.append(child_id)

    def _request(self, decision: Decision, trace: Row | None) -> str:
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
            "parent": self.instance.id,
            "parentExecution": self.execution_id,
            "Timestamp": label,
            "Predecessor": before or "0001-01-01T00:00:00",
        }
        if trace is not None:
            request["parentTraceContext"] = trace_context.for_entity(trace, signal=decision.signal)
        request["requestTime"] = stamp(self.clock.now(), "+00:00")
        return compact(request)

    # ---------------------------------------------------------------- ends

    def _next_execution(self, outcome: Outcome, started: Row) -> tuple[list[str], list[str]]:
        """The rows that a continued execution begins with, first as Python sees them, then as they are stored."""
        self.step.change.drop_execution(self.instance.id, self.execution_id)
        self.execution_id = uuid.uuid4().hex
        at = self.clock.now()
        assert outcome.next_input is not None
        row = h.execution_started(
            instance_id=self.instance.id,
            execution_id=self.execution_id,
            name=started["Name"],
            version=started["Version"],
            input_text=compact(outcome.next_input),
            at=at,
            generation=None,
            parent=started["ParentInstance"],
            tags=started["Tags"],
            trace=started["ParentTraceContext"],
        )
        self.began = self.clock.now()
        began = compact(h.orchestrator_started(self.began))
        carried = [played(compact({**event, "IsPlayed": False})) for event in outcome.carried]
        ended = compact(h.orchestrator_completed(self.clock.now()))
        self.instance = self.instance._replace(
            execution_id=self.execution_id, input=row["Input"], created=at, updated=at
        )
        self.step.change.put_instance(self.instance)
        self.step.told.append(f"{started['Name']} continued as new")
        return [began, compact(row), *carried, ended], [began, played(compact(row)), *carried, played(ended)]

    def _tell_parent(self, outcome: Outcome, started: Row) -> None:
        if outcome.status == "Completed":
            self._send_to_parent(started, lambda number, at: h.sub_completed(number, outcome.output, at))
        else:
            details = child_details(outcome.error, outcome.thrown)
            self._send_to_parent(started, lambda number, at: h.sub_failed(number, outcome.output, details, at))

    def _send_to_parent(self, started: Row, make: Callable[[int, int], Row]) -> None:
        parent = started["ParentInstance"]
        if not parent:
            return
        to = parent["OrchestrationInstance"]
        at = self.clock.now()
        row = make(parent["TaskScheduleId"], at)
        self.step.change.send(to["InstanceId"], to["ExecutionId"], compact(row), at)
        self.step.wake.append(to["InstanceId"])


def begin(change: Change, started: Row, at: int, parent_id: str | None = None, over: Instance | None = None) -> None:
    """A new life: the instance's row, and its first message."""
    of = started["OrchestrationInstance"]
    if over is not None:
        change.reset(of["InstanceId"])
    change.put_instance(
        Instance(
            id=of["InstanceId"],
            execution_id=of["ExecutionId"],
            name=started["Name"],
            parent_id=parent_id,
            generation=started["Generation"],
            status="Pending",
            input=started["Input"],
            output=None,
            custom_status=None,
            created=at,
            updated=at,
            version=started["Version"],
        )
    )
    change.send(of["InstanceId"], of["ExecutionId"], compact(started), at)


def send_to_entity(change: Change, entity_id: str, request: str, at: int) -> None:
    """A request to an entity, which comes to be by its first one."""
    change.add_entity(entity_id, uuid.uuid4().hex, at)
    change.send(entity_id, None, request, at)
