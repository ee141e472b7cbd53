"""What the log is told about a review, event by event."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.logs import EVENTS
from approval.case import Case
from approval.effects import RETRY_AFTER
from approval.journal import Entry, entries
from approval.policy import Policy
from approval.review import HOP, OUTCOME, Review

T0 = datetime(2026, 11, 24, 20, tzinfo=UTC)


def after(seconds):
    """A moment after the approver was asked."""
    return T0 + timedelta(seconds=seconds)


@pytest.fixture
def opened():
    """A review that waits for twenty seconds."""
    return Review.opened(Case(Policy()), T0)


def test_a_new_review_waits(opened):
    """Its first entry says until when."""
    assert entries(opened) == [Entry("waiting", {"due": "2026-11-24T20:00:20Z"})]


def test_junk_is_counted_and_not_quoted(opened):
    """How many events were ignored, and nothing of what they said."""
    once = opened.heard("perhaps", after(1))
    assert entries(once) == [Entry("eventIgnored", {"count": 1})]
    assert entries(once.heard(17, after(2))) == [Entry("eventIgnored", {"count": 2})]


@pytest.mark.parametrize(("said", "outcome"), [("yes", "Approved"), ("no", "Rejected")])
def test_a_decision_says_its_outcome_and_how_long_it_took(opened, said, outcome):
    """In seconds since the approver was asked."""
    decided = opened.heard(said, after(12.5))
    assert entries(decided) == [Entry("decided", {"outcome": outcome, "secondsToDecision": 12.5})]


def test_a_decision_that_comes_too_late_is_ignored(opened):
    """It is no second decision."""
    late = opened.heard("yes", after(1)).heard("no", after(2))
    assert entries(late) == [Entry("eventIgnored", {"count": 1})]


def test_an_expiry_is_an_escalation(opened):
    """Told with the time that was waited in vain."""
    assert entries(opened.woke(after(19.5))) == [Entry("escalated", {"secondsWaited": 20.0})]


def test_a_hop_and_another_try_are_no_news():
    """The case stands as it stood."""
    long = Review.opened(Case(Policy(timeout="P20D")), T0)
    assert entries(long.woke(T0 + HOP)) == []
    failed = long.heard("yes", after(1)).failed(OUTCOME, after(2))
    assert entries(failed.woke(after(12))) == []


def test_a_recorded_outcome_closes_the_case(opened):
    """Also that of an escalation."""
    closed = opened.woke(after(20)).done(OUTCOME, "message", after(21))
    assert entries(closed) == [Entry("closed", {"outcome": "Escalated", "secondsOpen": 21.0})]


def test_a_failed_activity_says_which_and_when_it_is_tried_again(opened):
    """At last that it is given up, and that the instance fails."""
    review = opened.heard("yes", after(1)).failed(OUTCOME, after(2))
    told = {"activity": "Approval", "failures": 1, "triesAgainAt": "2026-11-24T20:00:12Z"}
    assert entries(review) == [Entry("activityFailed", told)]
    for _ in RETRY_AFTER:
        review = review.woke(review.wakes_at).failed(OUTCOME, review.wakes_at)
    failures = len(RETRY_AFTER) + 1
    assert entries(review) == [
        Entry("activityFailed", {"activity": "Approval", "failures": failures, "triesAgainAt": None}),
        Entry("failed", {"problem": "outcome-not-recorded"}),
    ]


def test_every_entry_stands_in_the_logs_list_of_events(opened):
    """With exactly the fields that are listed for it."""
    decided = opened.heard("yes", after(1))
    reviews = [opened, opened.heard(1, after(1)), decided, opened.woke(after(20)), decided.failed(OUTCOME, after(2))]
    told = [entry for review in [*reviews, decided.done(OUTCOME, "message", after(3))] for entry in entries(review)]
    assert {entry.event: tuple(entry.fields) for entry in told} == {
        entry.event: EVENTS[entry.event].fields for entry in told
    }


def test_seconds_have_three_decimals(opened):
    """Microseconds tell nobody anything."""
    decided = opened.heard("yes", after(1.23456))
    assert entries(decided) == [Entry("decided", {"outcome": "Approved", "secondsToDecision": 1.235})]


def test_a_late_wake_up_waited_as_long_as_it_waited(opened):
    """The seconds count until the moment of the wake-up, and a clock that goes back takes none away."""
    assert entries(opened.woke(after(25))) == [Entry("escalated", {"secondsWaited": 25.0})]
    assert entries(opened.heard("perhaps", after(30)).woke(after(29))) == [Entry("escalated", {"secondsWaited": 30.0})]
