"""One episode: an instance with its messages goes in, one change of the store comes out (contract 3.2, 3.5, 4.7)."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from devhost.dotnet.json_text import compact
from devhost.dotnet.newtonsoft import LooseJsonError, first_token
from devhost.durabletask import engine
from devhost.durabletask import history as h
from devhost.durabletask.failures import NO_FUNCTION, child_details, unknown_function
from devhost.durabletask.history import Row, played
from devhost.durabletask.orchestrator_result import OrchestratorResult
from devhost.durabletask.versions import MISMATCH, Versions
from devhost.runtime import spans, trace_context
from devhost.runtime.checkpoint import Checkpoint
from devhost.runtime.execution import Execution

if TYPE_CHECKING:
    from collections.abc import Callable

    from devhost.durabletask.decisions import EpisodeResult
    from devhost.durabletask.model import Instance, Message
    from devhost.runtime.ports import Runner
    from devhost.store.database import Store
    from devhost.timekeeping.clock import Clock

MANY_CONTINUATIONS = 100


def refuse(instance: Instance, inbox: list[Message], store: Store, clock: Clock) -> Checkpoint | None:
    """The result for an instance that is left as it is, since its version is not for this host: mostly None.

    One that has never run can still be terminated: that needs no host.
    """
    rows = [json.loads(message.body) for message in inbox]
    ended = next((row for row in rows if row["EventType"] == h.EXECUTION_TERMINATED), None)
    if ended is None or instance.status != "Pending" or store.history(instance.id):
        return None
    checkpoint = Checkpoint()
    checkpoint.change.set_state(instance, "Terminated", ended["Input"], None, clock.now())
    checkpoint.change.clear_inbox(instance.id)
    checkpoint.happened.append(f"{instance.name} terminated")
    return checkpoint


def run_episode(
    instance: Instance,
    inbox: list[Message],
    store: Store,
    runner: Runner,
    clock: Clock,
    versions: Versions | None = None,
) -> Checkpoint | None:
    """Takes in the messages and runs the orchestrator; None if there is nothing for it among them.

    Args:
        instance: as stored.
        inbox: what is due for it, in the order of arrival.
        store: read only.
        runner: the app's functions.
        clock: the host's.
        versions: of orchestrations: an instance of another one fails, and a child without one gets the default.
    """
    checkpoint = Checkpoint()
    checkpoint.change.taken(inbox)
    mine = [message for message in inbox if message.execution_id in (None, instance.execution_id)]
    if instance.status in h.TERMINAL or not mine:
        return checkpoint
    episodes = store.history(instance.id)
    work = _Episode(instance, checkpoint, store, runner, clock, versions or Versions(match="None"))
    work.run(episodes, [message.body for message in mine])
    return checkpoint


def _sets_running(row: str) -> bool:
    return json.loads(row)["EventType"] in (h.EXECUTION_STARTED, h.RESUMED)


class _Episode:
    """The work on one instance until its messages are used up: once, or once more for each continue-as-new."""

    def __init__(
        self, instance: Instance, checkpoint: Checkpoint, store: Store, runner: Runner, clock: Clock, versions: Versions
    ) -> None:
        self.instance, self.checkpoint, self.runner, self.clock = instance, checkpoint, runner, clock
        self.versions = versions
        self.execution = Execution(instance.id, instance.execution_id, checkpoint, store, clock, versions)

    def run(self, episodes: list[str], bodies: list[str]) -> None:
        self.execution.began = self.clock.now()
        began = compact(h.orchestrator_started(self.execution.began))
        number, rounds = len(episodes), 0
        texts = [*episodes, began, *bodies]
        new = [began, *(played(body) for body in bodies)]
        carried_status = None
        while True:
            history: list[Row] = json.loads(f"[{','.join(texts)}]")
            if len(history) < 2 or history[1]["EventType"] != h.EXECUTION_STARTED:  # noqa: PLR2004 - as the SDK asks
                self.checkpoint.complaints.append("a message came for an execution that never began; it is dropped")
                return
            self.execution.sent = {
                row["InstanceId"]: json.loads(row["Input"])["Timestamp"]
                for row in history
                if "Input" in row and row["EventType"] == h.EVENT_SENT
            }
            if self.versions.refuses(history[1]["Version"]):
                self._fail(history[1], new, number)
                return
            if rounds == 0 and history[1]["ParentTraceContext"] and spans.provider() is not None:
                self.checkpoint.spans += spans.awaited(history, history[-len(bodies) :], history[1])
            outcome = engine.decide(history, self._answer(texts, history[1]), self.runner.functions)
            self.checkpoint.complaints += outcome.complaints
            self.checkpoint.waits = outcome.waits
            custom_status = outcome.custom_status
            if custom_status is None and rounds:
                custom_status = carried_status  # carried over one episode of a continued execution
            self._write(outcome, history[1], custom_status, new, number)
            if outcome.status != "ContinuedAsNew":
                return
            rounds += 1
            carried_status = custom_status
            if rounds == MANY_CONTINUATIONS:
                self.checkpoint.complaints.append(
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

    def _write(
        self, outcome: EpisodeResult, started: Row, custom_status: str | None, new: list[str], number: int
    ) -> None:
        """Puts the episode's rows, its decisions and the instance's new state (contract 4.10) into the change."""
        change, at = self.checkpoint.change, 0
        for decision in outcome.decisions:
            at = self.clock.now()
            new.append(compact(self.execution.carry_out(decision, started, at)))
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
        # Without a new output the old one stays: a reason, or the failure before a rewind.
        output = self.instance.output if outcome.output is None else outcome.output
        status = outcome.status
        # Only a start and a resumption make an instance Running, so a rewound one stays Pending (contract 4.9).
        if status == "Running" and self.instance.status == "Pending" and not any(map(_sets_running, new)):
            status = "Pending"
        change.set_state(self.instance, status, output, custom_status, at or self.clock.now())
        if ended:
            change.clear_inbox(self.instance.id)
            self._answer_parent(outcome, started)
            self._report_end(outcome, started, at)

    def _fail(self, started: Row, new: list[str], number: int) -> None:
        """Ends an instance whose version this host does not take; Python is not called."""
        at = self.clock.now()
        text = f"{MISMATCH['ErrorType']}: {MISMATCH['ErrorMessage']}"
        new.append(compact(h.execution_completed(0, "Failed", None, at, MISMATCH)))
        at = self.clock.now()
        new.append(compact(h.orchestrator_completed(at)))
        change = self.checkpoint.change
        change.add_episode(self.instance.id, number, ",".join(new))
        change.set_state(self.instance, "Failed", text, self.instance.custom_status, at)
        change.clear_inbox(self.instance.id)
        self._send_to_parent(started, lambda task, now: h.sub_failed(task, None, None, now, MISMATCH))
        self.checkpoint.happened.append(f"{started['Name']} failed: {text}")

    def _report_end(self, outcome: EpisodeResult, started: Row, at: int) -> None:
        text, trace = f"{started['Name']} {outcome.status.lower()}", started["ParentTraceContext"]
        if trace:
            text += f", trace {trace_context.trace_id(trace['Id'])}"
            if spans.provider() is not None:
                failed = {"Failed": outcome.output or "", "Terminated": "Terminated"}.get(outcome.status)
                self.checkpoint.spans.append(spans.orchestration(started, outcome.status, failed, at))
        self.checkpoint.happened.append(text)

    def _next_execution(self, outcome: EpisodeResult, started: Row) -> tuple[list[str], list[str]]:
        """The rows that a continued execution begins with, first as Python sees them, then as they are stored."""
        self.checkpoint.change.drop_execution(self.instance.id, self.execution.execution_id)
        self.execution.execution_id = uuid.uuid4().hex
        at = self.clock.now()
        assert outcome.next_input is not None
        row = h.execution_started(
            instance_id=self.instance.id,
            execution_id=self.execution.execution_id,
            name=started["Name"],
            version=started["Version"],
            input_text=compact(outcome.next_input),
            at=at,
            generation=None,
            parent=started["ParentInstance"],
            tags=started["Tags"],
            trace=started["ParentTraceContext"],
        )
        self.execution.began = self.clock.now()
        began = compact(h.orchestrator_started(self.execution.began))
        carried = [played(compact({**event, "IsPlayed": False})) for event in outcome.carried]
        ended = compact(h.orchestrator_completed(self.clock.now()))
        self.instance = self.instance._replace(
            execution_id=self.execution.execution_id, input=row["Input"], created=at, updated=at
        )
        self.checkpoint.change.put_instance(self.instance)
        self.checkpoint.happened.append(f"{started['Name']} continued as new")
        return [began, compact(row), *carried, ended], [began, played(compact(row)), *carried, played(ended)]

    def _answer_parent(self, outcome: EpisodeResult, started: Row) -> None:
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
        self.checkpoint.change.send(to["InstanceId"], to["ExecutionId"], compact(row), at)
        self.checkpoint.wake.append(to["InstanceId"])
