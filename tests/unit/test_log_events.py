"""What the log says of a review, move by move."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.logs import EVENTS
from approval.case import Case
from approval.effects import RETRY_AFTER
from approval.policy.one_level import OneLevelPolicy
from approval.review.one_level import HOP, OUTCOME, Review
from service.log_events import LogEvent, log_events

T0 = datetime(2026, 11, 24, 20, tzinfo=UTC)


def after(seconds):
    """A moment after the approver was asked."""
    return T0 + timedelta(seconds=seconds)


@pytest.fixture
def opened():
    """A review that waits for twenty seconds."""
    return Review.opened(Case(OneLevelPolicy()), T0)


def test_a_new_review_waits(opened):
    """Its first log event says until when."""
    assert log_events(opened) == [LogEvent("waiting", {"due": "2026-11-24T20:00:20Z"})]


def test_junk_is_counted_and_not_quoted(opened):
    """How many events were ignored, and nothing of what they said."""
    once = opened.heard("perhaps", after(1))
    assert log_events(once) == [LogEvent("eventIgnored", {"count": 1})]
    assert log_events(once.heard(17, after(2))) == [LogEvent("eventIgnored", {"count": 2})]


@pytest.mark.parametrize(("said", "outcome"), [("yes", "Approved"), ("no", "Rejected")])
def test_a_decision_says_its_outcome_and_how_long_it_took(opened, said, outcome):
    """In seconds since the approver was asked."""
    decided = opened.heard(said, after(12.5))
    assert log_events(decided) == [LogEvent("decided", {"outcome": outcome, "secondsToDecision": 12.5})]


def test_an_expiry_is_an_escalation(opened):
    """Logged with the time that was waited in vain."""
    assert log_events(opened.woke(after(19.5))) == [LogEvent("escalated", {"secondsWaited": 20.0})]


def test_a_hop_and_another_try_are_no_news():
    """The case is unchanged."""
    long = Review.opened(Case(OneLevelPolicy(timeout="P20D")), T0)
    assert log_events(long.woke(T0 + HOP)) == []
    failed = long.heard("yes", after(1)).failed(OUTCOME, after(2))
    assert log_events(failed.woke(after(12))) == []


def test_a_recorded_outcome_closes_the_case(opened):
    """Also that of an escalation."""
    closed = opened.woke(after(20)).done(OUTCOME, "message", after(21))
    assert log_events(closed) == [LogEvent("closed", {"outcome": "Escalated", "secondsOpen": 21.0})]


def test_a_failed_activity_says_which_and_when_it_is_tried_again(opened):
    """At last that it is given up, and that the instance fails."""
    review = opened.heard("yes", after(1)).failed(OUTCOME, after(2))
    told = {"activity": "Approval", "failures": 1, "triesAgainAt": "2026-11-24T20:00:12Z"}
    assert log_events(review) == [LogEvent("activityFailed", told)]
    for _ in RETRY_AFTER:
        review = review.woke(review.wakes_at).failed(OUTCOME, review.wakes_at)
    failures = len(RETRY_AFTER) + 1
    assert log_events(review) == [
        LogEvent("activityFailed", {"activity": "Approval", "failures": failures, "triesAgainAt": None}),
        LogEvent("failed", {"problem": "outcome-not-recorded"}),
    ]


def test_every_log_event_stands_in_the_logs_list_of_events(opened):
    """With exactly the fields that are listed for it."""
    decided = opened.heard("yes", after(1))
    reviews = [opened, opened.heard(1, after(1)), decided, opened.woke(after(20)), decided.failed(OUTCOME, after(2))]
    told = [one for review in [*reviews, decided.done(OUTCOME, "message", after(3))] for one in log_events(review)]
    assert {one.name: tuple(one.fields) for one in told} == {one.name: EVENTS[one.name].fields for one in told}


def test_seconds_have_three_decimals(opened):
    """Microseconds tell nobody anything."""
    decided = opened.heard("yes", after(1.23456))
    assert log_events(decided) == [LogEvent("decided", {"outcome": "Approved", "secondsToDecision": 1.235})]


def test_a_late_wake_up_waited_as_long_as_it_waited(opened):
    """The seconds count until the moment of the wake-up, and a clock that goes back takes none away."""
    assert log_events(opened.woke(after(25))) == [LogEvent("escalated", {"secondsWaited": 25.0})]
    assert log_events(opened.heard("perhaps", after(30)).woke(after(29))) == [
        LogEvent("escalated", {"secondsWaited": 30.0})
    ]
