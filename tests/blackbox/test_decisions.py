"""The event Approval, in every shape in which people and programs send it, and what is made of it."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from caller import APPROVED, REJECTED, proposal

YES = [
    None,
    True,
    "Approved",
    " approve ",
    "YES",
    "true",
    json.dumps("Approved"),
    json.dumps(json.dumps("Approved")),
    {"decision": "approve", "by": "dana@example.com", "comment": "Go ahead."},
    {"Outcome": "Approved"},
    {"approved": True},
    json.dumps({"decision": "approve", "by": "dana@example.com"}),
]
NO = [
    False,
    "Rejected",
    "no",
    "false",
    json.dumps("Declined"),
    {"decision": "reject", "by": "dana@example.com", "comment": "Too expensive."},
    {"approved": False},
    json.dumps({"outcome": "denied"}),
]
JUNK = [
    17,
    [],
    ["Approved"],
    "",
    "maybe",
    {},
    {"decision": "later"},
    {"decision": "approve", "approved": False},
    "{not json",
    "Approved " * 2_000,
    {"decision": ["approve"]},
    b'"half a character: \\ud83d"',
    b'{"decision": "later", "by": "\\u0000"}',
]
AT_ONCE = 50


@pytest.mark.parametrize("payload", YES, ids=str)
def test_a_yes_approves(caller, payload):
    """Every way to say yes gives the original tutorial's sentence, to the character."""
    case = caller.started()
    case.hears(payload)
    assert case.output() == APPROVED


@pytest.mark.parametrize("payload", NO, ids=str)
def test_a_no_rejects(caller, payload):
    """Every way to say no gives the original tutorial's sentence, to the character."""
    case = caller.started()
    case.hears(payload)
    assert case.output() == REJECTED


def test_who_decided_when_and_why_stays_visible(caller):
    """After the end the custom status tells who decided what, when, and with which comment."""
    case = caller.started(body=proposal())
    case.waits()
    case.hears({"decision": "reject", "by": "dana@example.com", "comment": "Keine Pläne: siehe §4."})
    shown = case.ends()["customStatus"]
    assert shown["stage"] == "rejected"
    assert shown["then"] is None
    assert {**shown["decided"], "at": None} == {
        "outcome": "Rejected",
        "by": "dana@example.com",
        "at": None,
        "comment": "Keine Pläne: siehe §4.",
    }
    assert shown["decided"]["at"] >= shown["askedAt"]


def test_junk_is_noted_and_ignored_until_somebody_decides(caller):
    """What is no decision never ends a case: it is counted, the latest five are shown, and a yes still counts."""
    case = caller.started(body=proposal())
    case.waits()
    for number, payload in enumerate(JUNK, 1):
        case.hears(payload)
        status = case.shows("notes it", lambda seen, n=number: seen["customStatus"]["ignored"]["count"] == n)
        assert status["runtimeStatus"] == "Running"
    latest = status["customStatus"]["ignored"]["latest"]
    case.hears({"decision": "approve"})
    assert len(latest) == 5
    assert all(each["reason"] and each["at"] for each in latest)
    assert case.output() == APPROVED


def test_an_event_that_comes_before_the_first_turn_counts(caller):
    """Nobody has to wait for the case to show itself before deciding."""
    cases = [caller.started(body=proposal()) for _ in range(10)]
    for case in cases:
        case.hears("Rejected")
    assert [case.output() for case in cases] == [REJECTED] * 10


def test_of_events_sent_before_the_first_turn_the_first_counts(caller):
    """Two decisions in one go make the first of them the outcome."""
    case = caller.started(body=proposal())
    case.hears("Rejected")
    second = case.raised("Approved")
    assert second.status in {202, 410}
    assert case.output() == REJECTED


def test_the_plain_case_takes_one_timer_and_one_activity(caller):
    """The history of an approval holds one event, one timer, one activity and one end, in that order."""
    case = caller.started(body=proposal())
    case.waits()
    case.hears("Approved")
    case.ends()
    kinds = [row["EventType"] for row in case.history()]
    assert kinds == ["ExecutionStarted", "TimerCreated", "EventRaised", "TaskCompleted", "ExecutionCompleted"]


def test_an_event_of_another_name_changes_nothing(caller):
    """An event that nobody waits for, odd names among them, neither decides nor disturbs."""
    case = caller.started(body=proposal())
    case.waits()
    for name in ("Rejection", "approval ", "Äpproval", "a b&c", "%", "'\"<b>"):
        case.hears("Rejected", name)
    case.hears("Approved")
    assert case.output() == APPROVED
    assert case.look().json["customStatus"]["ignored"]["count"] == 0


def test_an_event_after_the_end_is_gone(caller):
    """A decision that comes too late is answered 410, and the outcome stays."""
    case = caller.started(body=proposal())
    case.hears("Approved")
    before = case.ends()
    assert case.raised("Rejected").status == 410
    assert case.look().json == before


@pytest.mark.parametrize("body", [b"", b"{", b"not json", b"nul"], ids=repr)
def test_an_event_that_is_not_json_is_refused(caller, body):
    """The host answers 400 and the case never hears of it."""
    case = caller.started(body=proposal())
    case.waits()
    assert case.raised(body).status == 400
    case.hears("Approved")
    assert case.output() == APPROVED
    assert case.look().json["customStatus"]["ignored"]["count"] == 0


def test_fifty_events_at_once_give_one_outcome(caller):
    """Fifty people decide together: the first event in the history is the outcome, and there is only that one."""
    case = caller.started(body=proposal())
    case.waits()
    gate = threading.Barrier(AT_ONCE)

    def decide(number):
        gate.wait(timeout=30)
        return case.raised({"decision": "approve" if number % 2 else "reject", "by": f"approver-{number}"}).status

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(decide, range(AT_ONCE)))
    output, rows = case.output(), case.history()
    first = json.loads(next(row["Input"] for row in rows if row["EventType"] == "EventRaised"))
    decided = case.look().json["customStatus"]["decided"]
    assert set(answers) <= {202, 410}
    assert answers.count(202) >= 1
    assert output == (APPROVED if first["decision"] == "approve" else REJECTED)
    assert decided["by"] == first["by"]
    assert [row["EventType"] for row in rows].count("TaskCompleted") == 1
    assert [row["EventType"] for row in rows].count("ExecutionCompleted") == 1
