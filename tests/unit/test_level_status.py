"""What a case with levels shows of itself."""

import json
import time
from dataclasses import replace
from decimal import Decimal

import companies
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from levels import CASE, DAY, T0, Led, answer, group, name, opening, sealed_input, skipped, submission

from approval.effects import RETRY_AFTER
from approval.level_status import MOST_JSON, describe_levels
from approval.opening import Opened, OpenedAs
from approval.review.course import ClosedLevel
from approval.review.levels import LevelsReview
from approval.review.transitions import CaseStage
from approval.status import describe


def test_a_waiting_case_shows_what_is_documented():
    """The example in the docstring, but for the amount."""
    case = Led().opened(reminders=(T0 + 7 * DAY,))
    first = opening(1).opening
    assert describe(case.review) == {
        "state": "with approvers",
        "message": "With Noor Haddad or Ruth Pemberton since Wed 25 Nov 16:40 UTC. Reminder Wed 2 Dec 16:40 UTC. "
        "If nobody decides by Sat 5 Dec 16:40 UTC it goes to Jo Lindqvist, then it is rejected.",
        "title": "Mill Lane bridge",
        "author": {"id": "dana", "name": "Dana Okafor"},
        "amount": None,
        "policy": "structures",
        "visibleTo": "staff",
        "revision": 1,
        "run": first,
        "level": {"number": 1, "name": "Level 1", "opening": first, "escalation": 0},
        "turn": {
            "with": ["noor", "ruth"], "everyone": False, "voted": [], "notNeeded": [],
            "because": ["group technical-approval"],
            "since": "2026-11-25T16:40:00Z", "due": "2026-12-05T16:40:00Z",
            "next": {"what": "reminder", "at": "2026-12-02T16:40:00Z"},
            "then": "goes to Jo Lindqvist, then it is rejected",
        },
        "closed": [], "decided": None, "endedAt": None, "why": None, "askedAt": "2026-11-25T16:40:00Z",
        "due": "2026-12-05T16:40:00Z", "verdicts": "", "acts": 0, "unsealed": 0, "trouble": None,
    }  # fmt: skip


def test_a_decided_case_shows_who_decided_what_and_when():
    """And level by level how it came to that."""
    case = Led(2).answered(answer(opening(2, group("ruth", "pat")), OpenedAs.OPENED, skipped=[skipped(1)]))
    case.hear("ruth")
    status = describe(case.review)
    assert (status["state"], status["level"], status["turn"], status["due"]) == ("approved", None, None, None)
    at = "2026-11-25T16:40:00Z"
    assert status["decided"] == {"outcome": "Approved", "by": "ruth", "byName": "Ruth Pemberton", "at": at}
    assert status["closed"] == [
        {"level": 1, "name": "Level 1", "is": "skipped", "by": None, "byName": None, "at": at},
        {"level": 2, "name": "Level 2", "is": "approved", "by": "ruth", "byName": "Ruth Pemberton", "at": at},
    ]


def test_while_a_level_is_being_opened_nobody_has_the_turn():
    """The state is the same: it is with its approvers."""
    case = Led(2)
    assert (describe(case.review)["state"], describe(case.review)["run"]) == ("with approvers", None)
    case.opened()
    case.hear("noor")
    status = describe(case.review)
    assert [status[key] for key in ("state", "level", "turn", "due")] == ["with approvers", None, None, None]


def test_who_has_voted_and_who_is_not_needed_any_more():
    """So that a page knows what to say to them."""
    case = Led().opened(1, group("noor", "ruth"), group("amir", "jo", "sam", need=2))
    case.hear("ruth")
    case.hear("amir")
    turn = describe(case.review)["turn"]
    assert [turn[key] for key in ("with", "voted", "notNeeded")] == [["jo", "sam"], ["amir"], ["noor", "ruth"]]


def test_an_expired_and_a_withdrawn_case_were_not_decided():
    """They ended, and the status says when and why."""
    expired = Led().opened().woke().woke().answered(answer(outcome=OpenedAs.EXPIRED))
    withdrawn = Led().opened()
    withdrawn.hear("dana", "withdraw")
    shown = [describe(case.review) for case in (expired, withdrawn)]
    assert [(one["state"], one["decided"], one["why"]) for one in shown] == [
        ("expired", None, "time is over"), ("withdrawn", None, None),
    ]  # fmt: skip
    assert [one["endedAt"] for one in shown] == ["2026-12-05T16:40:00Z", "2026-11-25T16:40:00Z"]


def test_an_escalated_level_is_with_its_target():
    """Counted, and for another reason than before."""
    case = Led().opened().woke().woke().escalated("jo")
    status = describe(case.review)
    assert (status["level"]["escalation"], status["turn"]["with"], status["turn"]["because"]) == (
        1, ["jo"], ["escalation"],
    )  # fmt: skip


def test_what_happens_then_is_what_the_open_level_says():
    """The first level goes to one person, the second up the line."""
    given = submission(2)
    first, second = given.policy.levels_given
    levels = (first, {**second, "escalateTo": "next in line"})
    case = Led(given=replace(given, policy=replace(given.policy, levels_given=levels))).opened()
    assert describe(case.review)["turn"]["then"] == "goes to Jo Lindqvist, then it is rejected"
    case.hear("noor")
    case.opened(2)
    assert describe(case.review)["turn"]["then"] == (
        "goes to Jo Lindqvist, then up the line, and is rejected at its end"
    )


def test_the_amount_is_shown_with_its_currency():
    """The only value of a field that is."""
    values = {"kind": "structure", "amount": Decimal("80000.00"), "category": 2, "departure": False}
    given = companies.submission(companies.company("county"), "dana", values)
    assert describe(LevelsReview.opened(given, CASE, sealed_input(given), T0))["amount"] == "80000.00 GBP"


@pytest.fixture
def kolkata(monkeypatch):
    """The host's own zone is India's."""
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("kolkata")
def test_the_message_is_in_utc_whatever_zone_the_host_has():
    """Each replay gives the same one, wherever it happens."""
    assert "since Wed 25 Nov 16:40 UTC. If nobody" in describe(Led().opened().review)["message"]


def test_of_very_many_people_the_first_are_shown():
    """56 together: who has the turn comes first, then who has voted, then who is not needed."""
    waiting, done = ([f"{each}{number}" for number in range(40)] for each in "wd")
    case = Led().opened(1, group(*waiting, need=2), group(*done))
    for person in ("w0", "d0"):
        case.hear(person)
    turn = describe(case.review)["turn"]
    assert [turn[key] for key in ("with", "voted", "notNeeded")] == [waiting[1:], ["w0"], done[:16]]
    many = [f"m{number}" for number in range(60)]
    case = Led().opened(1, group(*many, need=2))
    case.hear("m59")
    turn = describe(case.review)["turn"]
    assert (turn["with"], turn["voted"]) == (many[:56], [])


def test_trouble_and_counts_are_shown():
    """A failed step with its next try; acts and events that are none."""
    case = Led(quiet=False).opened().failed("announce:1").raised("junk")
    case.hear("kim")
    status = describe(case.review)
    assert status["trouble"] == {"activity": "Announce", "failures": 1, "triesAgainAt": "2026-11-25T16:40:10Z"}
    assert (status["acts"], status["unsealed"], status["verdicts"]) == (1, 1, "000001:n")
    assert "The step Announce failed once" in status["message"]
    assert RETRY_AFTER[0].total_seconds() == 10


def test_a_case_with_very_many_levels_shows_the_last_ones():
    """As many as there is space for."""
    case = Led().opened(1, group(*(f"person-of-the-office-{n:03}" for n in range(50))))
    levels = tuple(ClosedLevel(number, "Level \u4e2d" * 9, "approved", name("ruth"), T0) for number in range(1, 100))
    review = replace(case.review, course=replace(case.review.course, closed=levels))
    status = describe_levels(review)
    assert len(json.dumps(status)) <= MOST_JSON
    shown = [one["level"] for one in status["closed"]]
    assert shown == list(range(100 - len(shown), 100))
    assert len(shown) > 5


texts = st.text(max_size=400) | st.sampled_from(["\u202e", "\ud83d\udca9" * 900, '"' * 4_000, "\\" * 9_000])


@given(texts, texts, texts, texts, st.integers(0, 120), st.booleans())
@example("\u4e2d" * 2_000, "\u4e2d" * 2_000, "\u4e2d" * 2_000, "\u4e2d" * 900, 120, True)  # noqa: FBT003
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_text_makes_the_status_too_long(title, person, level, why, people, escalates):
    """8,000 characters of JSON, whatever the texts are; an instance would fail over 8,703."""
    everybody = tuple(f"{person[:30]}{number}" for number in range(people)) or ("noor",)
    made = replace(opening(1, *(group(*everybody[n::9]) for n in range(9)), then=person or "jo"), name=level)
    made = replace(made, groups=tuple(replace(each, because=why) for each in made.groups))
    made = replace(made, target=name(person or "jo"), escalation=1) if escalates else made
    given_in = replace(submission(30), title=title, author=name(person))
    review = LevelsReview.opened(given_in, CASE, sealed_input(submission()), T0)
    case = Led()
    case.review, case.submission = review, given_in
    closed = tuple(ClosedLevel(one, level, "approved", name(person), T0) for one in range(30))
    course = replace(review.course.opened(answer_of(made), T0), closed=closed)
    for shown in (
        review,
        replace(review, course=course, state=CaseStage.WITH_APPROVERS),
        replace(review, ended_why=why),
    ):
        assert 0 < len(json.dumps(describe_levels(shown))) <= MOST_JSON


def answer_of(made):
    """An answer with this opening, that needs not be written as JSON."""
    return Opened(OpenedAs.OPENED, made)
