"""The walk: an orchestrator's actions are followed over a history, row by row (contract 3.5).

Rules of this module (contract 4.4, 4.7, 4.9):

1. The result's actions are walked one after another. An action behind an unfinished one is not started, whether or not
   Python has gone on: an app that would hang in Azure hangs here too.
2. Each episode walks the whole history from its first row. Started actions that no row matches are this episode's
   decisions.
3. A row that no started action matches is non-determinism.
4. While the instance is suspended, events and decisions are held back.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from devhost.dotnet.json_text import compact
from devhost.durabletask import history as h
from devhost.durabletask.actions import (
    CALL_ACTIVITY,
    CALL_ACTIVITY_WITH_RETRY,
    CALL_ENTITY,
    CALL_HTTP,
    CALL_SUB,
    CALL_SUB_WITH_RETRY,
    CONTINUE_AS_NEW,
    CREATE_TIMER,
    SCHEDULED_SIGNAL,
    SIGNAL_ENTITY,
    SUB_CALLS,
    WAIT_FOR_EVENT,
    WHEN_ALL,
    WHEN_ANY,
    Action,
)
from devhost.durabletask.decisions import KIND_OF_ROW, TaskDecision
from devhost.durabletask.divergence import NonDeterministic, divergence
from devhost.durabletask.external_events import ExternalEvents
from devhost.durabletask.failures import HTTP_ACTIVITY, unknown_function
from devhost.durabletask.future import Future, all_of, any_of
from devhost.durabletask.retry import RetryPolicy
from devhost.timekeeping.ticks import parse, stamp

if TYPE_CHECKING:
    from collections.abc import Collection

    from devhost.durabletask.functions import Functions
    from devhost.durabletask.history import Row
    from devhost.durabletask.orchestrator_result import OrchestratorResult


class Walk:
    """One walk over one history: ``apply`` every row in order, then read the result.

    Args:
        started: the execution's ``ExecutionStarted``.
        result: of the orchestrator run over the history.
        functions: what the app has.

    Attributes:
        decisions: made, but not in the history so far, by number.
        open: what is scheduled and not done, by number.
        counter: the next number.
        actions: those that are walked.
        position: of the action that the walk is at.
        current: what the walk waits for there; None before its start and after its end.
        ended: all actions are done.
        events: what it waits for, and what came early.
        refusal: why the extension fails the orchestration regardless of its actions, or None.
        next_input: of the next execution, once the walk has reached ``continue_as_new``.
        carried: events that came after that.
        terminated: the row that terminated it.
        suspended: whether it is suspended now.
        reason: given with a suspension or resumption of this episode.
        complaints: sentences about what the extension drops without a word.
    """

    def __init__(self, started: Row, result: OrchestratorResult, functions: Functions) -> None:
        self.result, self.functions = result, functions
        self.execution_id = started["OrchestrationInstance"]["ExecutionId"]
        parent = started["ParentInstance"]
        self.taken_ids = {started["OrchestrationInstance"]["InstanceId"]}
        if parent:
            self.taken_ids.add(parent["OrchestrationInstance"]["InstanceId"])
        self.refusal = result.unreadable or result.custom_status_refusal
        self.actions = [] if self.refusal else result.actions
        self.counter = 0
        self.decisions: dict[int, TaskDecision] = {}
        self.open: dict[int, Future] = {}
        self.now = 0
        self.position = 0
        self.current: Future | None = None
        self.ended = False
        self.next_input: str | None = None
        self.carried: list[Row] = []
        self.terminated: Row | None = None
        self.suspended = False
        self.reason: str | None = None
        self.complaints: list[str] = []
        self.events = ExternalEvents(self.complaints.append)
        self._entity_calls: dict[int, Future] = {}
        self._held_events: list[Row] = []
        self._held_decisions: dict[int, TaskDecision] = {}

    # ---------------------------------------------------------------- rows

    def apply(self, event: Row) -> None:  # noqa: C901 - one branch a kind of row is the plainest table
        """Takes the next row of the history.

        Raises:
            NonDeterministic: it is a decision that the walk did not make.
        """
        kind = event["EventType"]
        if kind == h.ORCHESTRATOR_STARTED:
            self.now, self.reason = parse(event["Timestamp"]), None
        elif kind == h.EXECUTION_TERMINATED:
            self.terminated = self.terminated or event
        elif kind == h.RESUMED:
            self._resume(event)
        elif self.suspended:
            if kind != h.SUSPENDED:
                self._held_events.append(event)
            elif event["Reason"] is not None:
                self.reason = event["Reason"]
        elif kind == h.SUSPENDED:
            self.suspended = True
            self.reason = event["Reason"] if event["Reason"] is not None else self.reason
            self._held_decisions.update(self.decisions)
            self.decisions.clear()
        elif kind == h.EXECUTION_STARTED:
            self._go(0)
        elif kind in KIND_OF_ROW:
            self._match(event, KIND_OF_ROW[kind])
        elif kind == h.TIMER_FIRED:
            self._finish(event["TimerId"])
        elif kind in (h.TASK_COMPLETED, h.SUB_COMPLETED, h.TASK_FAILED, h.SUB_FAILED):
            self._finish(event["TaskScheduledId"], failed=kind in (h.TASK_FAILED, h.SUB_FAILED))
        elif kind == h.EVENT_RAISED:
            self._raise(event)

    def _resume(self, event: Row) -> None:
        self.suspended = False
        self.reason = event["Reason"] if event["Reason"] is not None else self.reason
        self.decisions.update(self._held_decisions)
        self._held_decisions.clear()
        held, self._held_events = self._held_events, []
        for late in held:
            self.apply(late)

    def _match(self, event: Row, kind: str) -> None:
        decision = self.decisions.get(event["EventId"])
        if decision is None or decision.kind != kind or decision.name.lower() != event.get("Name", "").lower():
            raise NonDeterministic(divergence(event, kind, decision))
        del self.decisions[event["EventId"]]
        if event["EventId"] in self._entity_calls:
            self.events.wait_for_response(json.loads(event["Input"])["id"], self._entity_calls.pop(event["EventId"]))

    def _finish(self, number: int, *, failed: bool = False) -> None:
        future = self.open.pop(number, None)
        if future is not None:
            future.finish(failed=failed)

    def _raise(self, event: Row) -> None:
        if self.next_input is not None:
            self.carried.append(event)
        else:
            self.events.deliver(event)

    # ---------------------------------------------------------------- actions

    def _go(self, position: int) -> None:
        while position < len(self.actions):
            self.position = position
            self.current = future = self._start(self.actions[position])
            if not future.done:
                future.then(partial(self._go, position + 1))
                return
            position += 1
        self.ended, self.current = True, None

    def _start(self, action: Action) -> Future:
        """What the engine does with an action of each type (contract 3.4)."""
        kind = action["actionType"]
        if kind in (CALL_ACTIVITY, CALL_SUB):
            return self._run(action)
        if kind == CREATE_TIMER:
            return self._timer(action)
        if kind == WAIT_FOR_EVENT:
            return self.events.wait(action["externalEventName"])
        if kind in (WHEN_ANY, WHEN_ALL):
            children = [self._start(child) for child in action["compoundActions"]]
            return any_of(children) if kind == WHEN_ANY else all_of(children)
        if kind in (CALL_ACTIVITY_WITH_RETRY, CALL_SUB_WITH_RETRY):
            return self._retry(action)
        if kind in (CALL_ENTITY, SIGNAL_ENTITY, SCHEDULED_SIGNAL):
            return self._send(action, signal=kind != CALL_ENTITY)
        if kind == CALL_HTTP:
            return self._decide("activity", "an HTTP call", name=HTTP_ACTIVITY, http=action["httpRequest"])
        if kind == CONTINUE_AS_NEW:
            self.next_input = action["input"]
            return Future(done=True)
        self.complaints.append(f"the extension knows no action of type {kind}: it is passed over")
        return Future(done=True)

    def _decide(self, kind: str, what: str, **fields: Any) -> Future:
        number = self.counter
        self.counter += 1
        self.decisions[number] = TaskDecision(number, kind, **fields)
        self.open[number] = future = Future(what)
        return future

    def _run(self, action: Action) -> Future:
        refused = _refusal(action, self.functions, self.taken_ids)
        if refused:
            return self._fault(refused)
        name = action["functionName"]
        if action["actionType"] not in SUB_CALLS:
            return self._decide("activity", f"the activity '{name}'", name=name, input=action["input"])
        return self._decide(
            "sub",
            f"the sub-orchestration '{name}'",
            name=name,
            input=action["input"],
            instance_id=action.get("instanceId") or f"{self.execution_id}:{self.counter}",
            version=_as_text(action.get("version")),
        )

    def _fault(self, why: str) -> Future:
        self.complaints.append(f"{why}: the extension schedules nothing and the orchestrator waits for ever")
        return Future(done=True)

    def _timer(self, action: Action) -> Future:
        fire_at = parse(action["fireAt"])
        future = self._decide("timer", f"the timer of {stamp(fire_at)}", fire_at=fire_at)
        if action["isCanceled"]:
            del self.open[self.counter - 1]
            future.finish()
        return future

    def _retry(self, action: Action) -> Future:
        """Attempts and pauses take their numbers as they come; the last failure costs one more timer (contract 4.6)."""
        policy = RetryPolicy.read(action["retryOptions"])
        whole = Future(f"'{action['functionName']}' with its retries")
        began = self.now

        def attempt(number: int) -> None:
            run = self._run(action)

            def ran() -> None:
                if not run.failed:
                    whole.finish()
                elif policy.is_last(number):
                    pause = self._decide("timer", "the last pause of a retry", fire_at=self.now)
                    pause.then(whole.finish)
                elif policy.has_timed_out(self.now - began):
                    whole.finish()
                else:
                    fire_at = self.now + policy.pause_after(number)
                    pause = self._decide("timer", "the pause before a retry", fire_at=fire_at)
                    pause.then(lambda: attempt(number + 1))

            run.then(ran)

        attempt(0)
        return whole

    def _send(self, action: Action, *, signal: bool) -> Future:
        """A message to an entity; a call's answer is an event named by the message's id (contract 5.2)."""
        name = action["instanceId"].split("@")[1]
        if name.lower() not in self.functions.entities:
            if signal:  # sent at once, not awaited: what goes wrong is the orchestrator's own failure
                self.refusal, self.actions = unknown_function("entity", name, self.functions.spelled), []
                return Future(done=True)
            return self._fault(f"it called the entity '{name}', which this app does not have")
        number = self.counter
        future = self._decide(
            "sent",
            f"the answer of the entity {action['instanceId']}",
            name="op",
            instance_id=action["instanceId"],
            input=compact({"op": action["operation"], "input": action["input"]}),
            signal=signal,
        )
        del self.open[number]
        if signal:
            future.finish()
        else:
            self._entity_calls[number] = future
        return future


def _refusal(action: Action, functions: Functions, taken_ids: Collection[str]) -> str | None:
    """Why the extension never schedules this call, or None (contract 4.5)."""
    name = action["functionName"]
    if action["actionType"] not in SUB_CALLS:
        known = name.lower() in functions.activities
        return None if known else f"it called the activity '{name}', which this app does not have"
    if name.lower() not in functions.orchestrations:
        return f"it called the orchestrator '{name}', which this app does not have"
    child = action.get("instanceId") or ""
    if child in taken_ids or child.startswith("@"):
        return f"it gave its sub-orchestration '{name}' the id '{child}', which is refused"
    return None


def _as_text(version: Any) -> str | None:
    """A version as .NET reads it from JSON: a number's text has no needless zeros."""
    if version is None or isinstance(version, str):
        return version
    return str(int(version)) if version == int(version) else str(version)
