"""What an instance shows of itself."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from approval.case import Case
from approval.effects import RETRY_AFTER
from approval.policy.one_level import OneLevelPolicy
from approval.review.one_level import OUTCOME, Ignored, Review
from approval.status import MOST_JSON, describe

T0 = datetime(2026, 11, 24, 20, 0, 0, 400_000, tzinfo=UTC)
CASE = Case(OneLevelPolicy(), "Mill Lane bridge", "dana@example.com")


def later(seconds):
    """So many seconds after the case was opened."""
    return T0 + timedelta(seconds=seconds)


def test_a_waiting_case_shows_what_is_documented():
    """The example in the docstring, to the character."""
    assert describe(Review.opened(CASE, T0).heard(5, later(5))) == {
        "stage": "waiting",
        "message": "Manager is asked to approve or reject “Mill Lane bridge” by dana@example.com. "
        "If nobody decides by 2026-11-24T20:00:20Z, it goes to Head of department.",
        "title": "Mill Lane bridge",
        "author": "dana@example.com",
        "asked": "Manager",
        "askedAt": "2026-11-24T20:00:00Z",
        "due": "2026-11-24T20:00:20Z",
        "then": "goes to Head of department",
        "decided": None,
        "escalated": None,
        "trouble": None,
        "ignored": {"count": 1, "latest": [{"at": "2026-11-24T20:00:05Z", "reason": "a number is no decision"}]},
    }


def test_a_decided_case_shows_who_decided_what_and_when():
    """The second example in the docstring."""
    payload = {"decision": "reject", "by": "eli@example.com", "comment": "No."}
    status = describe(Review.opened(CASE, T0).heard(payload, later(9)))
    assert (status["stage"], status["then"], status["escalated"]) == ("rejected", None, None)
    assert status["decided"] == {
        "outcome": "Rejected", "by": "eli@example.com", "at": "2026-11-24T20:00:09Z", "comment": "No.",
    }  # fmt: skip
    assert (
        status["message"]
        == "“Mill Lane bridge” by dana@example.com was rejected by eli@example.com at 2026-11-24T20:00:09Z."
    )


def test_the_original_tutorials_run_is_described_without_a_title():
    """No proposal, no title; the sentence still reads well."""
    review = Review.opened(Case(OneLevelPolicy()), T0)
    assert describe(review)["message"].startswith("Manager is asked to approve or reject the project design proposal. ")
    assert describe(review.heard(None, later(1)))["message"] == (
        "The project design proposal was approved at 2026-11-24T20:00:01Z."
    )


def test_a_message_names_when_it_was_decided_and_how_often_recording_that_failed():
    """The time of the decision stays, however late a failure is; at last the decision stands without a record."""
    review = Review.opened(CASE, T0).heard("Approved", later(9)).failed(OUTCOME, later(15))
    said = "“Mill Lane bridge” by dana@example.com was approved at 2026-11-24T20:00:09Z."
    assert describe(review)["message"] == (
        f"{said} Recording that failed once; it is tried again at 2026-11-24T20:00:25Z."
    )
    review = review.woke(review.wakes_at).failed(OUTCOME, later(25))
    assert describe(review)["message"] == (
        f"{said} Recording that failed 2 times; it is tried again at 2026-11-24T20:01:25Z."
    )
    while review.wakes_at:
        review = review.woke(review.wakes_at)
        review = review.failed(OUTCOME, review.now)
    assert describe(review)["message"] == (
        f"{said} Recording that failed {len(RETRY_AFTER) + 1} times and was given up; the decision stands."
    )


def test_an_expired_case_shows_whom_it_went_to():
    """Nobody decided, and the status says so."""
    status = describe(Review.opened(CASE, T0).woke(later(20)))
    assert status["escalated"] == {"to": "Head of department", "at": "2026-11-24T20:00:20Z"}
    assert status["decided"] is None
    assert status["message"].startswith(
        "Nobody decided on “Mill Lane bridge” by dana@example.com by 2026-11-24T20:00:20Z"
    )


def test_trouble_with_the_last_activity_is_told():
    """People see that the decision is final, and when it is tried again."""
    review = Review.opened(CASE, T0).heard("yes", later(1)).failed(OUTCOME, later(2))
    assert describe(review)["trouble"] == {
        "activity": "Approval", "failures": 1, "triesAgainAt": "2026-11-24T20:00:12Z",
    }  # fmt: skip
    assert "Recording that failed once; it is tried again at" in describe(review)["message"]
    for _ in RETRY_AFTER:
        review = review.woke(review.wakes_at).failed(OUTCOME, review.now)
    assert describe(review)["trouble"]["triesAgainAt"] is None
    assert "was given up; the decision stands" in describe(review)["message"]


@pytest.mark.parametrize("letter", ["x", '"', "\\", "ä", "你", "👍", "\x01", "\ud800", "\u202e"])
def test_the_longest_texts_of_any_script_fit(letter):
    """Every text as long as can be, every list full: 8,000 characters of JSON are never passed."""
    policy = OneLevelPolicy("P1Y", letter * 200, letter * 200)
    review = Review.opened(Case(policy, letter * 50_000, letter * 50_000), T0)
    for _ in range(50):
        review = review.heard(letter * 200, T0)
    decided = review.heard({"decision": "no", "by": letter * 300, "comment": letter * 1_000}, T0)
    for each in (review, decided, decided.failed(OUTCOME, T0), decided.done(OUTCOME, "x", T0)):
        assert len(json.dumps(describe(each))) <= MOST_JSON


def test_a_reason_has_its_own_limit():
    """Whatever notes why an event was ignored, the status stays bounded."""
    review = replace(Review.opened(CASE, T0), ignored=(Ignored(T0, "x" * 9_000),))
    assert len(describe(review)["ignored"]["latest"][0]["reason"]) <= 120


texts = st.text(max_size=400) | st.text(alphabet='👍"\\\n', min_size=150, max_size=250)


@given(texts, texts, texts, st.lists(st.text(max_size=100) | st.integers(), max_size=8), texts)
@example("", "", "", ["yes", "no"], "")
def test_no_text_makes_the_status_too_long_or_empty(title, author, role, payloads, by):
    """Bounded, plain JSON, and never falsy, which would clear it."""
    review = Review.opened(Case(OneLevelPolicy("PT20S", role, role), title, author), T0)
    for payload in (*payloads, {"decision": "yes", "by": by, "comment": by}):
        if not review.is_open:  # one of the texts is a decision, such as "yes"
            break
        review = review.heard(payload, T0)
        status = describe(review)
        assert status
        assert len(json.dumps(status)) <= MOST_JSON
