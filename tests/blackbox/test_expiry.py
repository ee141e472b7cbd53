"""Nobody decides in time. All these cases are started first and then collected, so that their waits overlap."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from caller import APPROVED, ESCALATED, Case, proposal

SHORT = {"timeout": "PT4S"}
EARLY_S = 1.0  # timers of the real host are cut to whole seconds


@dataclass(frozen=True)
class Waiting:
    """Cases whose time runs while the tests of this file look at them."""

    original: Case
    named: Case
    wrong_case: Case
    junk: Case
    suspended: Case


@pytest.fixture(scope="module")
def waiting(caller) -> Waiting:
    """One case for each test, all started at the same time."""
    named = proposal(policy=SHORT | {"approver": "Head of bridges", "escalateTo": "Director, “Straßen”"})
    cases = Waiting(caller.started(), *(caller.started(body=body) for body in [named, *[proposal(policy=SHORT)] * 3]))
    cases.wrong_case.waits()
    cases.wrong_case.hears("Approved", "approval")
    cases.junk.hears({"decision": "later"})
    cases.suspended.waits()
    assert cases.suspended.steered("suspendPostUri", "holiday").status == 202
    return cases


def test_a_case_that_nobody_decides_is_escalated(waiting):
    """When the time to decide is over, the output is the original tutorial's escalation, to the character."""
    assert waiting.original.output() == ESCALATED


def test_it_is_escalated_when_it_is_due(waiting):
    """The escalation comes no more than the host's own second before the due time that was shown."""
    status = waiting.original.ends()
    shown = status["customStatus"]
    due = datetime.fromisoformat(shown["due"])
    assert (datetime.fromisoformat(status["lastUpdatedTime"]) - due).total_seconds() >= -EARLY_S - 1
    assert (shown["stage"], shown["decided"]) == ("escalated", None)
    assert shown["escalated"] == {"to": "Head of department", "at": shown["escalated"]["at"]}
    assert datetime.fromisoformat(shown["escalated"]["at"]) >= due


def test_it_goes_to_whom_the_proposal_names(waiting):
    """The escalation names who gets the case, as the proposal's policy says."""
    output = waiting.named.output()
    assert output == [ESCALATED[0].replace("Head of department", "Director, “Straßen”")]


def test_a_fired_timer_is_due_however_early(waiting):
    """The case takes one timer: it does not ask the clock again and set another for the same moment."""
    waiting.named.ends()
    kinds = [row["EventType"] for row in waiting.named.history()]
    assert kinds == ["ExecutionStarted", "TimerCreated", "TimerFired", "TaskCompleted", "ExecutionCompleted"]


def test_an_event_in_the_wrong_case_decides_nothing(waiting):
    """The host takes the event ``approval`` as it takes every name; the case waits for ``Approval`` and escalates."""
    assert waiting.wrong_case.output() == ESCALATED
    assert waiting.wrong_case.look().json["customStatus"]["ignored"]["count"] == 0


def test_junk_does_not_put_the_deadline_off(waiting):
    """A case that heard something unusable is escalated by the due time it was given first."""
    status = waiting.junk.ends()
    shown = status["customStatus"]
    assert status["output"] == ESCALATED
    assert shown["ignored"]["count"] == 1
    assert (datetime.fromisoformat(shown["due"]) - datetime.fromisoformat(shown["askedAt"])).total_seconds() == 4


def test_a_suspended_case_is_escalated_only_when_it_is_resumed(waiting):
    """While a case is suspended its time runs out, but nothing follows from that before somebody resumes it."""
    waiting.original.ends()
    due = datetime.fromisoformat(waiting.suspended.look().json["customStatus"]["due"])
    status = waiting.suspended.shows("is overdue", lambda _: datetime.now(UTC) > due)
    assert (status["runtimeStatus"], status["output"]) == ("Suspended", "holiday")
    assert waiting.suspended.steered("resumePostUri", "back").status == 202
    assert waiting.suspended.output() == ESCALATED


def test_a_decision_in_the_last_moment_is_one_outcome(caller):
    """Cases that hear a yes about when their time runs out are approved or escalated, never both, never neither."""
    cases = [caller.started(body=proposal(policy={"timeout": "PT2S"})) for _ in range(12)]
    for case in cases:
        case.waits()
    due = datetime.fromisoformat(cases[0].look().json["customStatus"]["due"])
    cases[0].shows("is nearly due", lambda _: (due - datetime.now(UTC)).total_seconds() < EARLY_S)
    answers = [case.raised("Approved").status for case in cases]
    outputs = [case.output() for case in cases]
    assert set(answers) <= {202, 410}
    assert all(output in (APPROVED, ESCALATED) for output in outputs)
    assert all(output == ESCALATED for output, status in zip(outputs, answers, strict=True) if status == 410)
