"""The review: what happened goes in, a new review comes out."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.case import Case
from approval.decision import Decision, Outcome
from approval.effects import RETRY_AFTER, Effect
from approval.errors import MisplacedEffect, MisplacedEvent, NotRecorded
from approval.policy.one_level import OneLevelPolicy
from approval.review.one_level import HOP, MOST_IGNORED, NEXT, OUTCOME, Event, Review, Stage

T0 = datetime(2026, 11, 24, 20, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def opened(timeout="PT20S"):
    """A review that was opened at T0."""
    return Review.opened(Case(OneLevelPolicy(timeout)), T0)


def at(stage):
    """A review that has come to this stage."""
    review = opened()
    if stage is Stage.APPROVED:
        return review.heard("yes", T0 + SECOND)
    if stage is Stage.REJECTED:
        return review.heard("no", T0 + SECOND)
    return review.woke(review.due) if stage is Stage.ESCALATED else review


def tell(review, event):
    """The review after the event, by whichever method takes it."""
    now = review.now + SECOND
    if event in {Event.APPROVE, Event.REJECT, Event.JUNK}:
        return review.heard({Event.APPROVE: "yes", Event.REJECT: "no", Event.JUNK: 5}[event], now)
    if event in {Event.EXPIRE, Event.HOP}:
        long = replace(review, due=review.now + HOP * (2 if event is Event.HOP else 1))
        return (long if review.is_open else review).woke(now)
    if event is Event.RETRY and not review.is_open:
        return review.failed(OUTCOME, now).woke(now)
    if event in {Event.RECORDED, Event.FAILED} and not review.is_open:
        return review.done(OUTCOME, "x", now) if event is Event.RECORDED else review.failed(OUTCOME, now)
    return review._moved(event, now)


PAIRS = list(itertools.product(Stage, Event))


@pytest.mark.parametrize(("stage", "event"), PAIRS, ids=str)
def test_every_event_in_every_stage_does_what_the_table_says(stage, event):
    """A pair in the table leads to its stage; any other is refused, and the review stays as it was."""
    review = at(stage)
    if (stage, event) in NEXT:
        assert tell(review, event).stage is NEXT[stage, event]
    else:
        before = replace(review)
        told = Event.RETRY if event in {Event.EXPIRE, Event.HOP} else event  # a timer of a closed review is for a retry
        with pytest.raises(MisplacedEvent, match=f"^A review that is {stage} cannot take the event {told}\\.$"):
            tell(review, event)
        assert review == before


def test_a_decision_once_made_is_never_left():
    """No event leads from one outcome to another."""
    assert all(after is stage for (stage, _), after in NEXT.items() if stage is not Stage.WAITING)


def test_an_opened_review_waits_until_its_policy_says():
    """Asked now, due after the time to decide, nothing to do meanwhile."""
    review = opened()
    assert (review.stage, review.asked_at, review.due) == (Stage.WAITING, T0, T0 + 20 * SECOND)
    assert (review.wakes_at, review.to_start, review.is_open, review.is_over) == (review.due, (), True, False)


def test_times_are_utc_whatever_zone_the_clock_speaks():
    """The engine misreads other zones, so none gets out."""
    east = timezone(timedelta(hours=9))
    review = Review.opened(Case(OneLevelPolicy()), T0.astimezone(east))
    ignored = review.heard(5, T0.astimezone(east))
    closed = review.heard("yes", T0.astimezone(east))
    failed = closed.failed(OUTCOME, T0.astimezone(east))
    woken = review.woke((T0 + 20 * SECOND).astimezone(east))
    times = (
        review.asked_at, review.due, review.wakes_at, ignored.now, ignored.ignored[0].at, closed.now, closed.closed_at,
        failed.now, failed.wakes_at, woken.now, woken.closed_at,
    )  # fmt: skip
    assert [at.tzinfo for at in times if at.tzinfo is not UTC] == []


@pytest.mark.parametrize(
    ("payload", "stage", "told"), [("yes", Stage.APPROVED, "Approved"), (False, Stage.REJECTED, "Rejected")]
)
def test_a_decision_closes_the_review_and_calls_for_one_activity(payload, stage, told):
    """The activity gets the outcome; no time is waited for any more."""
    review = opened().heard(payload, T0 + SECOND)
    assert (review.stage, review.closed_at, review.decided.outcome) == (stage, T0 + SECOND, told)
    assert (review.to_start, review.wakes_at, review.is_over) == ((Effect(OUTCOME, "Approval", told),), None, False)


def test_who_decided_and_why_is_kept():
    """The decision is a value of its own."""
    review = opened().heard({"decision": "no", "by": "eli", "comment": "Too dear."}, T0)
    assert review.decided == Decision(Outcome.REJECTED, "eli", "Too dear.")


def test_an_expiry_closes_the_review_and_escalates():
    """Whom the case goes to is said by the policy."""
    review = opened().woke(T0 + 20 * SECOND)
    assert (review.stage, review.decided, review.to_start) == (
        Stage.ESCALATED, None, (Effect(OUTCOME, "Escalation", "Head of department"),),
    )  # fmt: skip


def test_a_timer_that_fired_early_is_due():
    """The engine's timers fire up to a second early; the review works on with the due time."""
    review = opened().woke(T0 + 19 * SECOND)
    assert (review.stage, review.now) == (Stage.ESCALATED, T0 + 20 * SECOND)


def test_time_never_goes_back():
    """After an early timer the clock may still show an earlier time."""
    review = opened("P12D").woke(T0 + HOP - SECOND)
    assert review.heard(5, T0 + HOP - SECOND).now == T0 + HOP


def test_a_long_time_to_decide_is_waited_for_in_hops():
    """Five days, five days, two days; then it is over."""
    review, hops = opened("P12D"), []
    while review.is_open:
        hops.append(review.wakes_at - review.now)
        review = review.woke(review.wakes_at - SECOND)
    assert hops == [HOP, HOP, timedelta(days=2)]
    assert review.stage is Stage.ESCALATED


def test_a_decision_that_overtakes_a_late_timer_counts():
    """Which came first is the engine's word, not the clock's."""
    assert opened().heard("yes", T0 + 25 * SECOND).stage is Stage.APPROVED


def test_junk_is_noted_and_changes_neither_stage_nor_deadline():
    """A junk event is a line in the status, nothing more."""
    review = opened().heard("maybe", T0 + SECOND)
    assert (review.stage, review.due, review.to_start, review.ignored_count) == (Stage.WAITING, opened().due, (), 1)
    assert review.ignored[0].reason == "'maybe' is neither a yes nor a no"


def test_only_the_latest_junk_is_kept_and_all_is_counted():
    """A flood of junk does not fill the status."""
    review = opened()
    for number in range(50):
        review = review.heard(f"junk {number}", T0)
    assert review.ignored_count == 50
    assert [event.reason for event in review.ignored][0::MOST_IGNORED] == ["'junk 45' is neither a yes nor a no"]


def test_the_result_of_the_last_activity_is_the_output():
    """Done means over; the output is what the activity gave."""
    review = at(Stage.APPROVED).done(OUTCOME, "message", T0 + 2 * SECOND)
    assert (review.is_over, review.verdict(), review.to_start) == (True, ["message"], ())


def test_a_failed_activity_is_tried_again_with_growing_pauses():
    """Each failure waits longer; the step is called for again when the pause is over."""
    review, pauses = at(Stage.REJECTED), []
    while not review.failed(OUTCOME, review.now).is_over:
        review = review.failed(OUTCOME, review.now)
        assert (review.to_start, review.is_over) == ((), False)
        pauses.append(review.wakes_at - review.now)
        review = review.woke(review.wakes_at)
        assert review.to_start == (Effect(OUTCOME, "Approval", "Rejected"),)
    assert tuple(pauses) == RETRY_AFTER
    assert list(pauses) == sorted(pauses)


def test_an_outcome_that_cannot_be_recorded_is_given_up_at_last():
    """The instance fails with a text that gives the final outcome."""
    review = at(Stage.ESCALATED).failed(OUTCOME, T0)
    for _ in RETRY_AFTER:
        review = review.woke(review.wakes_at).failed(OUTCOME, review.now)
    with pytest.raises(
        NotRecorded, match=r"was escalated, and that stands, but the activity Escalation failed 36 times"
    ):
        review.verdict()


def test_a_pause_is_never_longer_than_a_timer_may_be():
    """Retries use the same timers as deadlines."""
    assert max(RETRY_AFTER) <= HOP


def test_waking_a_review_that_waits_for_no_time_is_refused():
    """Nothing can have fired."""
    with pytest.raises(MisplacedEvent, match=r"^A review that is approved cannot take the event retry\.$"):
        at(Stage.APPROVED).done(OUTCOME, "x", T0).woke(T0)


moves = st.lists(
    st.tuples(
        st.sampled_from(["yes", "no", "junk", "wake", "record", "fail"]),
        st.floats(-2, 600_000).map(lambda seconds: timedelta(seconds=seconds)),
    ),
    max_size=40,
)


@given(st.sampled_from(["PT1S", "PT20S", "P3D", "P12D", "P1M"]), moves)
def test_any_order_of_events_keeps_the_rules(timeout, moves):
    """One outcome, never left; time never goes back; no wait over five days; at most one step at a time."""
    review, clock = opened(timeout), T0
    for move, passed in moves:
        clock += passed
        before = review
        try:
            if move in {"yes", "no", "junk"}:
                review = review.heard(move, clock)
            elif move == "wake":
                review = review.woke(clock)
            elif move == "record":
                review = review.done(OUTCOME, "x", clock)
            else:
                review = review.failed(OUTCOME, clock)
        except (MisplacedEvent, MisplacedEffect):
            assert review is before
        assert review.now >= before.now
        assert before.is_open or review.stage is before.stage
        assert before.is_open or review.closed_at == before.closed_at
        assert len(review.to_start) <= 1
        assert not (review.is_open and review.to_start)
        assert review.wakes_at is None or review.wakes_at - review.now <= HOP
        assert not review.is_open or (review.wakes_at is not None and review.wakes_at <= review.due)


@given(st.sampled_from(["PT1S", "PT20S", "P3D", "P12D", "P1M", "P1Y"]), st.randoms(use_true_random=False))
def test_waking_alone_ends_every_review(timeout, random):
    """However early or late timers fire, there are only as many as the hops need."""
    review, clock, fired = opened(timeout), T0, 0
    while review.is_open:
        clock = max(clock, review.wakes_at + timedelta(seconds=random.uniform(-1, 30)))
        review, fired = review.woke(clock), fired + 1
    assert fired <= (opened(timeout).due - T0) / HOP + 1
