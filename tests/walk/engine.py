"""The engine as an orchestrator meets it, in virtual time: it walks the returned actions, one after another.

Rules, as the extension 3.19.0 was seen to follow them:

1. At each turn the orchestrator gets the whole history and answers with all actions since the start. The walk goes
   through that list over the same history; an action behind an unfinished one is not started.
2. Activities and timers get a number when they start and keep the instance open until they are done or cancelled.
3. An event goes to the newest waiter of its name, else into a queue from which the next new waiter is served.
4. A compound action counts when any (or all) of the children listed in it are done; without children at once.
5. A timer fires whole seconds after it was made, rounded down, and then as late as the poll; cancelled ones fire too.
6. Messages that wait together may come in one turn.

A replay at each turn costs the square of the turns. With ``replays=False`` an instance goes on where its last turn left
it, and is replayed once, at its end, which has to give the same answer.
"""

import heapq
import json
import math
import sys
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from azure.durable_functions.models import DurableOrchestrationContext
from azure.durable_functions.models.history import HistoryEvent
from azure.durable_functions.models.TaskOrchestrationExecutor import TaskOrchestrationExecutor
from azure.durable_functions.orchestrator import Orchestrator

from approval.payload import readable

STARTED, SCHEDULED, COMPLETED, FAILED, TIMER, FIRED, TURN, END_OF_TURN, RAISED = 0, 4, 5, 6, 10, 11, 12, 13, 15
CALL, SLEEP, WAIT, ANY, ALL = 0, 5, 6, 11, 12
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
DELIVERY_S = 0.03
THINKING_S = 0.004  # so "in 5 s" is 4.996 s when the timer is made, and fires after 4
LABEL = "$OutOfProcData$:"

# The SDK parses the time of every row at every turn, which is half of the time that a schedule takes.
_rows = sys.modules[HistoryEvent.__module__]
_rows.dt_parse = lru_cache(100_000)(_rows.dt_parse)


class Nondeterministic(AssertionError):
    """The history holds what the orchestrator does not ask for any more."""


def written(seconds):
    """Seconds since the epoch as the extension writes a time."""
    return f"{EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S.%f}0Z"


def seconds(text):
    """Seconds since the epoch of a written time."""
    return (datetime.strptime(text[:26], "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=UTC) - EPOCH).total_seconds()


@dataclass
class Node:
    """A started action."""

    action: dict
    number: int | None = None
    finished: bool = False
    children: list = field(default_factory=list)

    @property
    def is_done(self):
        """Whether the walk may go past it."""
        kind = self.action["actionType"]
        if kind in {ANY, ALL}:
            judge = any if kind == ANY else all
            return not self.children or judge(child.is_done for child in self.children)
        return self.finished


class Walk:
    """One pass over a history with the orchestrator's answer to it."""

    def __init__(self, history, actions):
        self.actions, self.path, self.by_number, self.fresh = actions, [], {}, {}
        self.waiters, self.early, self.open = {}, {}, set()
        for row in history:
            self._apply(row)

    @property
    def has_ended(self):
        """Whether every action was started and the last one is done."""
        return len(self.path) == len(self.actions) and all(node.is_done for node in self.path[-1:])

    def _apply(self, row):
        kind = row["EventType"]
        if kind in {SCHEDULED, TIMER}:
            node = self.fresh.pop(row["EventId"], None)
            expected = {SCHEDULED: CALL, TIMER: SLEEP}[kind]
            if node is None or node.action["actionType"] != expected:
                raise Nondeterministic(row)
            if kind == SCHEDULED and node.action["functionName"] != row["Name"]:
                raise Nondeterministic(row)
        elif kind in {COMPLETED, FAILED, FIRED}:
            number = row["TimerId" if kind == FIRED else "TaskScheduledId"]
            self.open.discard(number)
            self.by_number[number].finished = True
        elif kind == RAISED:
            name = row["Name"].lower()
            if self.waiters.get(name):
                self.waiters[name].pop().finished = True
            else:
                self.early.setdefault(name, []).append(row)
        if kind in {STARTED, COMPLETED, FAILED, FIRED, RAISED}:
            self._go_on()

    def _go_on(self):
        while len(self.path) < len(self.actions) and all(node.is_done for node in self.path[-1:]):
            self.path.append(self._start(self.actions[len(self.path)]))

    def _start(self, action):
        node = Node(action)
        kind = action["actionType"]
        if kind in {ANY, ALL}:
            node.children = [self._start(child) for child in action["compoundActions"]]
        elif kind == WAIT:
            name = action["externalEventName"].lower()
            if self.early.get(name):
                self.early[name].pop(0)
                node.finished = True
            else:
                self.waiters.setdefault(name, []).append(node)
        else:
            node.number = len(self.by_number)
            self.by_number[node.number] = self.fresh[node.number] = node
            if action.get("isCanceled"):
                node.finished = True
            else:
                self.open.add(node.number)
        return node


class Kept:
    """An orchestrator that is kept between its turns, and gets the rows that are new."""

    def __init__(self, orchestrator):
        self.orchestrator, self.executor, self.seen = orchestrator, TaskOrchestrationExecutor(), 0

    def __call__(self, trigger):
        """The answer to a trigger, as the SDK's own handle gives it."""
        history = trigger["history"]
        fresh, self.seen = history[self.seen :], len(history)
        if fresh == history:
            context = DurableOrchestrationContext(**trigger)
            return self.executor.execute(context, context.histories, self.orchestrator)
        for row in fresh:
            if self.executor.has_execution_completed:
                break
            self.executor.process_event(HistoryEvent(**_readable(row)))
        return self.executor.get_orchestrator_state_str()


def _readable(row):
    """As ``functions.orchestrators`` makes the events of a whole history readable."""
    return {**row, "Input": readable(row["Input"])} if row["EventType"] == RAISED else row


class Instance:
    """One instance from its start to its end; activities are plain functions that may raise.

    Attributes:
        stalled: the orchestrator has returned, and the walk is stuck before the end of its actions.
    """

    def __init__(self, orchestrator, activities, rng, given=None, most_turns=400, own_id="i", *, replays=True):
        handle, self.activities, self.rng, self.given = Orchestrator.create(orchestrator), activities, rng, given
        self.replay = lambda trigger: handle(json.dumps(trigger))
        self.handle = self.replay if replays else Kept(orchestrator)
        self.own_id, self.most_turns, self.history, self.mail, self.sent = own_id, most_turns, [], [], 0
        self.now, self.turns, self.status, self.output = 0.0, 0, "Running", None
        self.custom_status, self.stalled, self.answer = None, False, None
        self._send(0, {"EventType": STARTED, "Name": "o", "Version": None, "Input": None})

    def raise_event(self, at_s, name, value):
        """Put an event into the mail, as the webhook does with its JSON body; bytes are put in as they are."""
        text = value.decode() if isinstance(value, bytes) else json.dumps(value)
        self._send(at_s, {"EventType": RAISED, "Name": name, "Input": text})

    def call_at(self, at_s, function):
        """Call a function at that time, between two turns: somebody looks at the case and acts."""
        self._send(at_s, function)

    def run(self):
        """Turn after turn, until the instance has ended or no mail is left."""
        while self.status == "Running" and self.mail and self.turns < self.most_turns:
            together = self.rng.choice((0, 0, 0, 0.5))
            letters = [self._take()]
            while self.mail and self.mail[0][0] <= self.now + together and not callable(letters[-1]):
                letters.append(self._take())
            for call in filter(callable, letters):
                call()
            if letters := [letter for letter in letters if not callable(letter)]:
                self.now += DELIVERY_S
                self._turn(letters)
        if self.handle is not self.replay:
            assert self._ask(self.replay) == self.answer, "a replay gives another answer than going on"
        return self

    def rows(self, kind):
        """The rows of one kind in the history."""
        return [row for row in self.history if row["EventType"] == kind]

    def _send(self, at_s, letter):
        self.sent += 1
        heapq.heappush(self.mail, (at_s, self.sent, letter))

    def _take(self):
        at_s, _, letter = heapq.heappop(self.mail)
        self.now = max(self.now, at_s)
        return letter

    def _write(self, row):
        self.history.append({"EventId": -1, "IsPlayed": False, **row, "Timestamp": written(self.now)})

    def _turn(self, letters):
        self.turns += 1
        self._write({"EventType": TURN})
        for letter in letters:
            self._write(letter)
        answer = self.answer = self._ask(self.handle)
        self.now += THINKING_S
        self.custom_status = answer.get("customStatus")
        walk = Walk(self.history, answer["actions"][0])
        for number, node in sorted(walk.fresh.items()):
            self._carry_out(number, node.action)
        is_through = answer["isDone"] or "error" in answer
        self.stalled = is_through and not walk.has_ended
        if is_through and walk.has_ended and not walk.open:
            self.status = "Failed" if "error" in answer else "Completed"
            self.output = answer.get("error", answer.get("output"))
        self._write({"EventType": END_OF_TURN})

    def _ask(self, handle):
        trigger = {
            "history": self.history, "input": None if self.given is None else json.dumps(self.given),
            "instanceId": self.own_id, "isReplaying": self.turns > 1, "parentInstanceId": None,
            "upperSchemaVersion": 1, "upperSchemaVersionNew": 3,
            "longRunningTimerIntervalDuration": "3.00:00:00", "maximumShortTimerDuration": "6.00:00:00",
        }  # fmt: skip
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Potential duplicate Task completion", UserWarning)
            try:
                return json.loads(handle(trigger))
            except Exception as error:
                _, label, state = str(error).partition(LABEL)
                if not label:
                    raise
                return json.loads(state)

    def _carry_out(self, number, action):
        if action["actionType"] == SLEEP:
            self._write({"EventType": TIMER, "EventId": number, "FireAt": action["fireAt"]})
            delay_s = max(0, math.floor(seconds(action["fireAt"]) - self.now))
            late_s = self.rng.choice((0, 0.02, 0.3, 1))
            fired = {"EventType": FIRED, "TimerId": number, "FireAt": action["fireAt"]}
            self._send(self.now + delay_s + late_s, fired)
            return
        self._write({"EventType": SCHEDULED, "EventId": number, "Name": action["functionName"], "Version": ""})
        done_s = self.now + self.rng.choice((0.05, 0.1, 1, 3, 10))
        try:
            result = self.activities[action["functionName"]](json.loads(action["input"]))
        except Exception as error:  # noqa: BLE001 - as the engine does with any error of an activity
            failure = {"TaskScheduledId": number, "Reason": f"it failed: {error}", "Details": "text"}
            self._send(done_s, {"EventType": FAILED, **failure})
        else:
            self._send(done_s, {"EventType": COMPLETED, "TaskScheduledId": number, "Result": json.dumps(result)})
