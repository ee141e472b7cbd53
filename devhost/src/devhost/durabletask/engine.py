"""The engine: what follows from a history and an orchestrator's answer. Pure: no clock, no store, no call.

Rules of this module (contract 3.5, 4.1, 4.3, 4.4, 4.6, 4.7, 4.9; what follows from them: contract 4.12):

1. The answer's actions are walked one after another. An action behind an unfinished one is not started, whatever
   Python thinks: an app that would hang in Azure hangs here, and :attr:`Outcome.complaints` says why.
2. The walk goes over the whole history each time. Started actions that no row matches are this episode's decisions.
3. A row that no started action matches is non-determinism and fails the instance.
4. An instance ends when the walk has ended and no scheduled activity, child or uncancelled timer is open.
5. Suspending holds back events and decisions, but not the end.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from devhost.dotnet.json_text import compact
from devhost.durabletask import history as h
from devhost.durabletask.failures import HTTP_ACTIVITY, NON_DETERMINISTIC, unknown_function
from devhost.timekeeping.ticks import SECOND, parse, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from devhost.durabletask.history import Row
    from devhost.durabletask.orchestrator_result import Action, Answer

CALL_ACTIVITY, CALL_ACTIVITY_WITH_RETRY, CALL_SUB, CALL_SUB_WITH_RETRY, CONTINUE_AS_NEW = 0, 1, 2, 3, 4
CREATE_TIMER, WAIT_FOR_EVENT, CALL_ENTITY, CALL_HTTP, SIGNAL_ENTITY, SCHEDULED_SIGNAL = 5, 6, 7, 8, 9, 10
WHEN_ANY, WHEN_ALL = 11, 12
SUB_CALLS = (CALL_SUB, CALL_SUB_WITH_RETRY)

EVENT = "the event "  # how the text about a wait for one begins
LONGEST_RETRY_PAUSE = 6 * 24 * 3600 * SECOND
CHANGED = "Was a change made to the orchestrator code after this instance had already started running?"


@dataclass(slots=True)
class Decision:
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


# What .NET calls the decision of each kind, in the texts about non-determinism.
ACTION_TYPES = {
    "activity": "ScheduleTaskOrchestratorAction",
    "sub": "CreateSubOrchestrationAction",
    "timer": "CreateTimerOrchestratorAction",
    "sent": "SendEventOrchestratorAction",
}
KIND_OF_ROW = {h.TASK_SCHEDULED: "activity", h.SUB_CREATED: "sub", h.TIMER_CREATED: "timer", h.EVENT_SENT: "sent"}


@dataclass(frozen=True, slots=True)
class Functions:
    """The names that the app has, in lower case: the engine compares names without case (contract 4.5).

    Attributes:
        spelled: the same as the app spells them, by kind, for texts; may be left out.
        off: those that a setting turns off, by kind and in lower case: the extension knows them as it knows the
            others, but nothing listens for them.
    """

    activities: Collection[str]
    orchestrations: Collection[str]
    entities: Collection[str]
    spelled: Mapping[str, Sequence[str]] = field(default_factory=dict)
    off: Mapping[str, Collection[str]] = field(default_factory=dict)

    def is_off(self, kind: str, name: str) -> bool:
        """Whether a setting turns this function off; ``kind`` is ``orchestrator``, ``activity`` or ``entity``."""
        return name.lower() in self.off.get(kind, ())


@dataclass(slots=True)
class Outcome:
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

    decisions: list[Decision]
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


def decide(history: Sequence[Row], answer: Answer, functions: Functions) -> Outcome:
    """What the extension does with this answer to this history.

    Args:
        history: the whole execution's rows, the episode's new messages at the end.
        answer: of the orchestrator run over exactly that history.
        functions: what the app has; a call of anything else faults without a trace.
    """
    started = history[1]
    walk = Walk(started, answer, functions)
    prefix = f"Orchestrator function '{started['Name']}' failed: "
    try:
        for event in history:
            walk.apply(event)
    except NonDeterministic as found:
        text = f"Non-Deterministic workflow detected: {found}"
        return walk.outcome("Failed", text, error=text, thrown=NON_DETERMINISTIC)
    if walk.terminated is not None:
        return walk.outcome("Terminated", walk.terminated.get("Input"))
    if walk.ended and not walk.open:
        if walk.refusal is not None:
            thrown = "System.ArgumentException" if answer.unreadable is None else answer.thrown
            return walk.outcome("Failed", prefix + walk.refusal, error=walk.refusal, thrown=thrown)
        if answer.error is not None:
            return walk.outcome("Failed", prefix + answer.error, error=answer.error)
        if walk.next_input is not None:
            return walk.outcome("ContinuedAsNew", None)
        if answer.done:
            return walk.outcome("Completed", answer.output)
    return walk.outcome("Suspended" if walk.suspended else "Running", walk.reason)


class NonDeterministic(Exception):
    """The history holds a decision that the walk did not make."""


class Task:
    """One of the engine's tasks: it is done once, with or without an error."""

    __slots__ = ("_then", "done", "failed", "what")

    def __init__(self, what: str = "", *, done: bool = False, failed: bool = False) -> None:
        self.what = what  # for complaints: what one waits for
        self.done = done
        self.failed = failed
        self._then: list[Callable[[], None]] = []

    def finish(self, *, failed: bool = False) -> None:
        """Is over; a second time changes nothing."""
        if not self.done:
            self.done, self.failed = True, failed
            waiting, self._then = self._then, []
            for call in waiting:
                call()

    def then(self, call: Callable[[], None]) -> None:
        """Runs ``call`` as soon as this is done: now, if it is."""
        if self.done:
            call()
        else:
            self._then.append(call)


class Walk:
    """One walk over one history. Feed it every row in order, then ask it."""

    def __init__(self, started: Row, answer: Answer, functions: Functions) -> None:
        self.answer, self.functions = answer, functions
        self.execution_id = started["OrchestrationInstance"]["ExecutionId"]
        parent = started["ParentInstance"]
        self.taken_ids = {started["OrchestrationInstance"]["InstanceId"]}
        if parent:
            self.taken_ids.add(parent["OrchestrationInstance"]["InstanceId"])
        self.refusal = answer.unreadable or _too_large(answer.custom_status)
        self.actions = [] if self.refusal else answer.actions
        self.counter = 0
        self.decisions: dict[int, Decision] = {}
        self.open: dict[int, Task] = {}
        self.now = 0
        self.position = 0  # of the action that the walk is at
        self.current: Task | None = None
        self.ended = False
        self.next_input: str | None = None
        self.carried: list[Row] = []
        self.terminated: Row | None = None
        self.suspended = False
        self.reason: str | None = None  # of this episode
        self.complaints: list[str] = []
        self._waiters: dict[str, list[tuple[str, Task]]] = {}
        self._buffer: dict[str, deque[Row]] = {}
        self._entity_calls: dict[int, Task] = {}
        self._held_events: list[Row] = []
        self._held_decisions: dict[int, Decision] = {}

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
            self._finish(event["TimerId"], failed=False)
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
            raise NonDeterministic(_divergence(event, kind, decision))
        del self.decisions[event["EventId"]]
        if event["EventId"] in self._entity_calls:
            answer_name = json.loads(event["Input"])["id"]
            self._waiters[answer_name.lower()] = [(answer_name, self._entity_calls.pop(event["EventId"]))]

    def _finish(self, number: int, *, failed: bool) -> None:
        task = self.open.pop(number, None)
        if task is not None:
            task.finish(failed=failed)

    def _raise(self, event: Row) -> None:
        if self.next_input is not None:
            self.carried.append(event)
            return
        key = event["Name"].lower()
        waiters = self._waiters.get(key)
        if not waiters:
            self._buffer.setdefault(key, deque()).append(event)
            return
        name, task = waiters.pop()
        if name != event["Name"]:
            self.complaints.append(
                f"the event '{event['Name']}' was used up by the wait for '{name}', but the Python SDK tells them "
                "apart by case and never shows it to the orchestrator"
            )
        task.finish()

    # ---------------------------------------------------------------- actions

    def _go(self, position: int) -> None:
        while position < len(self.actions):
            self.position = position
            self.current = task = self._start(self.actions[position])
            if not task.done:
                task.then(partial(self._go, position + 1))
                return
            position += 1
        self.ended, self.current = True, None

    def _start(self, action: Action) -> Task:
        kind = action["actionType"]
        if kind in (CALL_ACTIVITY, CALL_SUB):
            return self._run(action)
        if kind == CREATE_TIMER:
            return self._timer(action)
        if kind == WAIT_FOR_EVENT:
            return self._wait(action["externalEventName"])
        if kind in (WHEN_ANY, WHEN_ALL):
            return self._compound(kind, action["compoundActions"])
        if kind in (CALL_ACTIVITY_WITH_RETRY, CALL_SUB_WITH_RETRY):
            return self._retry(action)
        if kind in (CALL_ENTITY, SIGNAL_ENTITY, SCHEDULED_SIGNAL):
            return self._send(action, signal=kind != CALL_ENTITY)
        if kind == CALL_HTTP:
            return self._decide("activity", "an HTTP call", name=HTTP_ACTIVITY, http=action["httpRequest"])
        if kind == CONTINUE_AS_NEW:
            self.next_input = action["input"]
            return Task(done=True)
        self.complaints.append(f"the extension knows no action of type {kind}: it is passed over")
        return Task(done=True, failed=True)

    def _decide(self, kind: str, what: str, **fields: Any) -> Task:
        number = self.counter
        self.counter += 1
        self.decisions[number] = Decision(number, kind, **fields)
        self.open[number] = task = Task(what)
        return task

    def _run(self, action: Action) -> Task:
        refused = self._refused(action)
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

    def _refused(self, action: Action) -> str | None:
        """Why the extension never schedules this call, or None."""
        name = action["functionName"]
        if action["actionType"] not in SUB_CALLS:
            known = name.lower() in self.functions.activities
            return None if known else f"it called the activity '{name}', which this app does not have"
        if name.lower() not in self.functions.orchestrations:
            return f"it called the orchestrator '{name}', which this app does not have"
        child = action.get("instanceId") or ""
        if child in self.taken_ids or child.startswith("@"):
            return f"it gave its sub-orchestration '{name}' the id '{child}', which is refused"
        return None

    def _fault(self, why: str) -> Task:
        self.complaints.append(f"{why}: the extension schedules nothing and the orchestrator waits for ever")
        return Task(done=True, failed=True)

    def _timer(self, action: Action) -> Task:
        fire_at = parse(action["fireAt"])
        task = self._decide("timer", f"the timer of {stamp(fire_at)}", fire_at=fire_at)
        if action["isCanceled"]:
            del self.open[self.counter - 1]
            task.finish()
        return task

    def _wait(self, name: str) -> Task:
        """Newest waiter first, early events in the order of their arrival; no number is used (contract 4.1)."""
        key = name.lower()
        early = self._buffer.get(key)
        if early:
            early.popleft()
            return Task(done=True)
        task = Task(f"{EVENT}'{name}'")
        self._waiters.setdefault(key, []).append((name, task))
        return task

    def _compound(self, kind: int, actions: Iterable[Action]) -> Task:
        children = [self._start(action) for action in actions]
        is_any = kind == WHEN_ANY
        whole = Task((" or " if is_any else " and ").join(child.what for child in children if child.what))

        def check() -> None:
            if (any if is_any else all)(child.done for child in children):
                whole.finish(failed=not is_any and any(child.failed for child in children))

        for child in children:
            child.then(check)
        if not children:
            whole.finish()
        return whole

    def _retry(self, action: Action) -> Task:
        """Attempts and pauses take their numbers as they come; the last failure costs one more timer (contract 4.6)."""
        unknown = self._refused(action)
        if unknown:
            return self._fault(unknown)
        options = action["retryOptions"]
        most = options["maxNumberOfAttempts"]
        first = options["firstRetryIntervalInMilliseconds"] * SECOND // 1000
        factor = options.get("backoffCoefficient") or 1
        longest = options.get("maxRetryIntervalInMilliseconds")
        longest = longest * SECOND // 1000 if longest else LONGEST_RETRY_PAUSE
        timeout = options.get("retryTimeoutInMilliseconds")
        whole = Task(f"'{action['functionName']}' with its retries")
        began = self.now

        def attempt(k: int) -> None:
            run = self._run(action)

            def ran() -> None:
                if not run.failed:
                    return whole.finish()
                if k + 1 >= most:
                    pause = self._decide("timer", "the last pause of a retry", fire_at=self.now)
                    return pause.then(lambda: whole.finish(failed=True))
                if timeout and self.now >= began + timeout * SECOND // 1000:
                    return whole.finish(failed=True)
                delay = min(int(first * factor**k), longest)
                pause = self._decide("timer", "the pause before a retry", fire_at=self.now + delay)
                return pause.then(lambda: attempt(k + 1))

            run.then(ran)

        attempt(0)
        return whole

    def _send(self, action: Action, *, signal: bool) -> Task:
        """A message to an entity; a call's answer is an event named by the message's id (contract 5.2)."""
        name = action["instanceId"].split("@")[1]
        if name.lower() not in self.functions.entities:
            if signal:  # sent at once, not awaited: what goes wrong is the orchestrator's own failure
                self.refusal, self.actions = unknown_function("entity", name, self.functions.spelled), []
                return Task(done=True, failed=True)
            return self._fault(f"it called the entity '{name}', which this app does not have")
        number = self.counter
        task = self._decide(
            "sent",
            f"the answer of the entity {action['instanceId']}",
            name="op",
            instance_id=action["instanceId"],
            input=compact({"op": action["operation"], "input": action["input"]}),
            signal=signal,
        )
        del self.open[number]
        if signal:
            task.finish()
        else:
            self._entity_calls[number] = task
        return task

    # ---------------------------------------------------------------- the end

    def outcome(self, status: str, output: str | None, error: str | None = None, thrown: str = "") -> Outcome:
        """The walk's result under that status."""
        if status in ("Running", "Suspended"):
            self._look_for_stalls()
        return Outcome(
            decisions=[self.decisions[number] for number in sorted(self.decisions)],
            status=status,
            output=output,
            custom_status=None if _too_large(self.answer.custom_status) else self.answer.custom_status,
            completion_id=self.counter,
            error=error,
            thrown=thrown,
            next_input=self.next_input,
            carried=self.carried,
            complaints=self.complaints,
            waits=self._awaited_events(),
        )

    def _awaited_events(self) -> tuple[str, ...]:
        waiters = [one for found in self._waiters.values() for one in found]
        return tuple(dict.fromkeys(name for name, task in waiters if task.what.startswith(EVENT)))

    def _look_for_stalls(self) -> None:
        """Says where Python and the walk have parted: the extension itself says nothing (contract 4.1, 4.3)."""
        if self.suspended:
            return
        if self.current is not None and self.position + 1 < len(self.actions):
            behind = self.actions[self.position + 1]
            self.complaints.append(
                f"Python has gone on, but the extension still waits for {self.current.what or 'an unfinished task'}: "
                f"until then it starts nothing more, not even {_name_of(behind)}"
            )
        elif self.current is not None and self.answer.over:
            self.complaints.append(
                f"Python has finished, but the extension still waits for {self.current.what or 'an unfinished task'}"
            )
        elif self.ended and self.answer.over and self.open:
            waiting = ", ".join(task.what for task in self.open.values())
            self.complaints.append(f"Python has finished, but it stays Running while these are open: {waiting}")
        elif self.ended and not self.answer.over and not self.open and not any(self._waiters.values()):
            self.complaints.append("it waits for nothing and will never wake: it yielded something that is no task")


def _too_large(custom_status: str | None) -> str | None:
    """The refusal of a custom status of 17 KiB and more in UTF-16, or None (contract 4.8)."""
    if custom_status is None or len(custom_status) < 4096:  # noqa: PLR2004 - no text this short can reach 17 KiB
        return None
    kilobytes = len(custom_status.encode("utf-16-le")) // 1024
    if kilobytes <= 16:  # noqa: PLR2004 - the engine's limit
        return None
    return (
        "The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. "
        f"The current payload size is {kilobytes} KB."
    )


def _as_text(version: Any) -> str | None:
    """A version as .NET reads it from JSON: a number's text has no needless zeros."""
    if version is None or isinstance(version, str):
        return version
    return str(int(version)) if version == int(version) else str(version)


def _name_of(action: Action) -> str:
    kind = action["actionType"]
    if kind in (WHEN_ANY, WHEN_ALL):
        return " or ".join(_name_of(child) for child in action["compoundActions"]) or "an empty race"
    if kind == CREATE_TIMER:
        return f"the timer of {action['fireAt']}"
    if kind == WAIT_FOR_EVENT:
        return f"the wait for '{action['externalEventName']}'"
    return f"'{action.get('functionName') or action.get('instanceId') or 'the next action'}'"


def _divergence(event: Row, kind: str, decision: Decision | None) -> str:
    """The engine's own words about a row that the walk did not make."""
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
