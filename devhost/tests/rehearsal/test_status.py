"""From a status answer back to a history: what is got back, and what is said where it cannot be."""

import copy

import pytest

from devhost.durabletask import history as h
from devhost.rehearsal.recorded import Verdict
from devhost.rehearsal.status_answers import case_of
from devhost.timekeeping.ticks import SECOND, parse

T = "2026-11-24T10:00:{:09.6f}Z"
STARTED = {
    "EventType": "ExecutionStarted",
    "Input": '"1"',
    "Correlation": None,
    "Generation": 0,
    "Timestamp": T.format(0),
    "FunctionName": "Review",
}
ENDED = {"EventType": "ExecutionCompleted", "OrchestrationStatus": "Completed", "Result": None}


def done(name, scheduled, at, result="r"):
    """An activity's result with its folded start."""
    shown = {"EventType": "TaskCompleted", "Result": result, "Timestamp": T.format(at)}
    return {**shown, "ScheduledTime": T.format(scheduled).replace("Z", "+00:00"), "FunctionName": name, "Input": None}


def timer(at, due):
    """A timer that was set."""
    return {"EventType": "TimerCreated", "FireAt": T.format(due), "Timestamp": T.format(at)}


def fired(at, due):
    """A timer's message: it bears the time at which the timer was set."""
    return {"EventType": "TimerFired", "FireAt": T.format(due), "Timestamp": T.format(at)}


def event(at, value='"yes"'):
    """An event from outside."""
    return {"EventType": "EventRaised", "Name": "Approval", "Input": value, "Timestamp": T.format(at)}


def answer(*events, **fields):
    """A status answer with these rows."""
    body = {"name": "Review", "instanceId": "case-1", "runtimeStatus": "Running", "output": None}
    return {**body, "lastUpdatedTime": "2026-11-24T10:00:40Z", "historyEvents": [STARTED, *events], **fields}


def told(case, kind, *fields):
    """These fields of all rows of a kind."""
    return [tuple(row[field] for field in fields) for row in case.rows if row["EventType"] == kind]


def clocks(rows):
    """When the turns began, in seconds."""
    began = parse("2026-11-24T10:00:00Z")
    return [(parse(row["Timestamp"]) - began) / SECOND for row in rows if row["EventType"] == h.ORCHESTRATOR_STARTED]


def test_numbers_follow_the_times_of_the_starts():
    """Results that came in another order than their activities were started still get the right numbers."""
    case = case_of(answer(done("B", 0.3, 1, "b"), done("A", 0.2, 2, "a"), timer(2.1, 20)), "x")
    assert told(case, h.TASK_SCHEDULED, "EventId", "Name") == [(0, "A"), (1, "B")]
    assert told(case, h.TASK_COMPLETED, "TaskScheduledId", "Result") == [(1, '"b"'), (0, '"a"')]
    assert told(case, h.TIMER_CREATED, "EventId") == [(2,)]


def test_an_unfolded_start_stands_before_what_came_after_it():
    """An activity that ran while the event came was started before the event."""
    case = case_of(answer(event(1), done("A", 0.2, 2)), "x")
    kinds = [row["EventType"] for row in case.rows if row["EventType"] not in (12, 13)]
    assert kinds == [h.EXECUTION_STARTED, h.TASK_SCHEDULED, h.EVENT_RAISED, h.TASK_COMPLETED]


def test_one_reading_puts_starts_as_late_as_they_can_be():
    """Events bear the time of the call: one that came during a turn may be on either side of what it made."""
    case = case_of(answer(event(1), done("A", 0.2, 2)), "x")
    kinds = [row["EventType"] for row in case.readings[-1] if row["EventType"] not in (12, 13)]
    assert kinds == [h.EXECUTION_STARTED, h.EVENT_RAISED, h.TASK_SCHEDULED, h.TASK_COMPLETED]


def test_a_fired_timer_finds_its_own():
    """Of two timers of one due time the one fired that was set just before the message was made."""
    case = case_of(answer(timer(0.1, 20), timer(0.2, 20), fired(0.100001, 20), fired(0.200001, 20)), "x")
    assert told(case, h.TIMER_FIRED, "TimerId") == [(0,), (1,)]


def test_the_clock_lies_between_a_message_and_what_it_led_to():
    """A turn's likeliest clock is that of its first row; without one its message's time, or when a timer is due."""
    case = case_of(answer(timer(0.3, 20), event(5), fired(0.300001, 20)), "x")
    assert clocks(case.rows) == [0.3, 5, 20]
    assert clocks(case.readings[0]) == [0, 5, 19]
    assert clocks(case.readings[1]) == [0.3, 41, 41]


def test_what_says_whose_child_it_is_comes_back():
    """A child's payload names its parent; its own children's ids tell its execution."""
    guid = "0123456789abcdef0123456789abcdef"
    child = {"EventType": "SubOrchestrationInstanceCreated", "Name": "Child", "InstanceId": f"{guid}:0"}
    case = case_of(answer({**child, "Timestamp": T.format(1)}, parentInstanceId="p", version="2.0"), "x")
    started = case.rows[1]
    assert started["ParentInstance"]["OrchestrationInstance"]["InstanceId"] == "p"
    assert started["OrchestrationInstance"] == {"InstanceId": "case-1", "ExecutionId": guid}
    assert (started["Version"], case.version_known) == ("2.0", True)


def test_all_other_rows_come_back():
    """Failures, suspensions, termination and messages to entities keep what the answer shows of them."""
    failed = {**done("A", 0.2, 1), "EventType": "TaskFailed", "Reason": "why", "Details": "{}", "FailureDetails": None}
    failed.pop("Result")
    sent = {"EventType": "EventSent", "InstanceId": "@counter@k", "Name": "op", "Input": "{}", "Timestamp": T.format(2)}
    suspended = {"EventType": "ExecutionSuspended", "Reason": "wait", "Timestamp": T.format(3)}
    resumed = {"EventType": "ExecutionResumed", "Reason": "go", "Timestamp": T.format(4)}
    terminated = {"EventType": "ExecutionTerminated", "Input": "enough", "Timestamp": T.format(5)}
    ended = {**ENDED, "OrchestrationStatus": "Terminated", "Timestamp": T.format(6)}
    case = case_of(answer(failed, sent, suspended, resumed, terminated, ended, runtimeStatus="Terminated"), "x")
    assert told(case, h.TASK_FAILED, "TaskScheduledId", "Reason", "Details") == [(0, "why", "{}")]
    assert told(case, h.EVENT_SENT, "EventId", "InstanceId", "Input") == [(1, "@counter@k", "{}")]
    assert told(case, h.SUSPENDED, "Reason") + told(case, h.RESUMED, "Reason") == [("wait",), ("go",)]
    assert told(case, h.EXECUTION_TERMINATED, "Input") == [("enough",)]
    assert told(case, h.EXECUTION_COMPLETED, "OrchestrationStatus") == [(h.STATUS_NUMBERS["Terminated"],)]


WITHOUT_INPUT = copy.deepcopy(STARTED)
del WITHOUT_INPUT["Input"]
WITHOUT_RESULT = done("A", 0.2, 1)
del WITHOUT_RESULT["Result"]
WITHOUT_START = done("A", 0.2, 1)
del WITHOUT_START["ScheduledTime"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (answer(historyEvents=None), "holds no history: read it again with showHistory=true"),
        (answer(historyEvents=[WITHOUT_INPUT]), "showInput=false"),
        (answer(historyEvents=[event(1)]), "does not begin with ExecutionStarted"),
        (answer(WITHOUT_RESULT), "lacks the results of its tasks: read it again with showHistory=true"),
        (answer(WITHOUT_START), "a result of something that it has never started"),
        (answer({"Data": None, "EventType": "GenericEvent", "Timestamp": T.format(1)}), "has been rewound"),
        (answer(done("A", 0.2, 1), done("A", 0.2, 2)), "bear the same time, 2026-11-24T10:00:00.2Z"),
        (answer(timer(2, 20), timer(1, 20)), "times of its rows go back"),
        (answer(fired(1, 20)), "A timer fired that its history does not set"),
        (answer({"EventType": "Sneezed", "Timestamp": T.format(1)}), "an unknown kind: Sneezed"),
        (answer({**event(1), "Timestamp": "soon"}), "not as an extension writes it"),
    ],
)
def test_what_cannot_be_told_is_said(body, why):
    """An answer that lacks what a verdict needs gets none, with the reason."""
    case = case_of(body, "x")
    assert (case.verdict, list(case.rows)) == (Verdict.CANNOT_TELL, [])
    assert why in case.why


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (answer(instanceId="@counter@k"), "It is an entity"),
        (answer(runtimeStatus="Pending", historyEvents=[]), "It has not begun"),
        (answer(runtimeStatus="Pending", historyEvents=None), "It has not begun"),
    ],
)
def test_what_has_no_history_is_skipped(body, why):
    """Entities, and instances that have not begun, are passed over with a word."""
    case = case_of(body, "x")
    assert case.verdict is Verdict.SKIPPED
    assert case.why.startswith(why)
