"""What is certain of an act before the case has judged it, and how each verdict is said."""

import pytest
from seen_cases import FIRST, SECOND, closed, just_submitted, opened, seen, status, voted

from approval.acts import Kind, Verdict
from service.act_errors import ActRefused
from service.acting import Wish, certain_verdict, decided_before, refusal
from service.case_reading import opening_of_level, state_of, verdict_recorded, verdict_shown


def vote(person="noor", kind=Kind.APPROVE, revision=1, level=1, opening=None, comment=None):
    """A vote that counts, unless something is changed."""
    return Wish(person, kind, revision, level, opening, comment)


WITHDRAW = Wish("dana", Kind.WITHDRAW, 1)
OVER = {
    "state": "approved",
    "level": None,
    "turn": None,
    "closed": [closed(1), closed(2), closed(3, by="pat")],
    "decided": {"outcome": "Approved", "by": "pat", "byName": "Pat Keane", "at": "2026-11-26T09:00:00Z"},
}
ENDED = {"what": "ended", "state": "withdrawn", "at": "2026-11-26T08:00:00Z", "by": {"id": "dana", "name": "Dana"}}


@pytest.mark.parametrize("wish", [vote(), vote("ruth", Kind.REJECT, comment="No."), vote(opening=FIRST), WITHDRAW])
def test_what_may_count_goes_to_the_case(wish):
    """The case alone judges."""
    assert certain_verdict(wish, seen()) is None


@pytest.mark.parametrize("contributors", [(), ("noor",)])
def test_nobody_decides_on_a_proposal_of_their_own(contributors):
    """Neither the author nor a contributor, also when it is over: own case comes before late."""
    person = contributors[0] if contributors else "dana"
    assert certain_verdict(vote(person), seen(contributors=contributors)) is Verdict.OWN_CASE
    assert certain_verdict(vote(person), seen(contributors=contributors, **OVER)) is Verdict.OWN_CASE


@pytest.mark.parametrize("wish", [vote(), WITHDRAW])
def test_before_the_first_level_is_open_an_act_is_early(wish):
    """A withdrawal too."""
    assert certain_verdict(wish, just_submitted()) is Verdict.EARLY
    assert certain_verdict(wish, seen(run=None, level=None, turn=None)) is Verdict.EARLY


@pytest.mark.parametrize("wish", [vote(), vote(level=3), WITHDRAW])
def test_an_act_on_a_case_that_is_over_is_late(wish):
    """Whichever level it names."""
    assert certain_verdict(wish, seen(**OVER)) is Verdict.LATE


@pytest.mark.parametrize("runtime", ["Terminated", "Failed", "Canceled"])
def test_a_case_that_somebody_stopped_is_over(runtime):
    """Its status still shows what was before."""
    assert certain_verdict(vote(), seen(runtime=runtime)) is Verdict.LATE
    assert state_of(seen(runtime=runtime)) in {"stopped", "fault"}


def test_an_act_for_a_level_that_is_closed_is_late_also_while_the_next_is_being_opened():
    """It names the level, so it cannot count for the next one."""
    assert certain_verdict(vote(), seen(closed=[closed(1)], level=None, turn=None)) is Verdict.LATE


def test_an_act_for_a_level_that_is_going_to_somebody_else_is_late():
    """The record knows that it was open; the one behind it was not."""
    record = [opened(), opened(level=2, opening=SECOND)]
    case = seen(record, closed=[closed(1)], level=None, turn=None)
    assert certain_verdict(vote(level=2), case) is Verdict.LATE
    assert certain_verdict(vote(level=2, opening=SECOND), case) is Verdict.LATE
    assert certain_verdict(vote(level=3), case) is Verdict.EARLY
    assert str(refusal(Verdict.LATE, vote(level=2), case)) == (
        "The level Line of authority was passed on to somebody else. Your act changed nothing."
    )


@pytest.mark.parametrize("wish", [vote(revision=2), vote(opening="0" * 32)])
def test_an_act_for_another_revision_or_opening_is_stale(wish):
    """What was looked at is not what is asked."""
    assert certain_verdict(wish, seen()) is Verdict.STALE


@pytest.mark.parametrize("wish", [vote("eli"), vote("amir"), Wish("noor", Kind.WITHDRAW, 1)])
def test_who_is_not_asked_has_no_vote_and_only_the_author_withdraws(wish):
    """Neither somebody else nor who was left out."""
    assert certain_verdict(wish, seen()) is Verdict.NOT_YOURS


def test_a_level_that_is_not_open_yet_is_early():
    """It may open, and then it is another question."""
    assert certain_verdict(vote(level=2), seen()) is Verdict.EARLY


def test_a_level_that_the_policy_does_not_have_is_stale():
    """It will never open, so nobody is told to try again later."""
    levels = len(seen().submission.policy.level_names)
    assert certain_verdict(vote(level=levels), seen()) is Verdict.EARLY
    assert certain_verdict(vote(level=levels + 1), seen()) is Verdict.STALE


def test_after_an_escalation_the_target_alone_is_asked():
    """The refusal names them."""
    target = {"id": "jo", "name": "Jo Lindqvist"}
    case = seen(
        [opened(escalation=1, target=target)],
        level={"number": 1, "name": "…", "opening": FIRST, "escalation": 1},
        turn=status()["turn"] | {"with": ["jo"]},
    )
    assert certain_verdict(vote("jo"), case) is None
    assert certain_verdict(vote("noor"), case) is Verdict.NOT_YOURS
    assert "Jo Lindqvist" in str(refusal(Verdict.NOT_YOURS, vote("noor"), case))


def test_a_second_vote_is_repeated_and_one_that_is_not_needed_is_late():
    """One person, one vote per opening."""
    turn = status()["turn"] | {"with": ["ruth"], "voted": ["noor"], "notNeeded": ["amir"]}
    assert certain_verdict(vote(), seen(turn=turn)) is Verdict.REPEATED
    assert certain_verdict(vote("amir"), seen(turn=turn)) is Verdict.LATE
    assert "decided by enough" in str(refusal(Verdict.LATE, vote("amir"), seen(turn=turn)))


@pytest.mark.parametrize("wish", [vote(kind=Kind.REJECT), vote(kind=Kind.ABSTAIN)])
def test_a_missing_comment_or_an_abstention_that_is_not_allowed_is_incomplete(wish):
    """The level says so."""
    assert certain_verdict(wish, seen()) is Verdict.INCOMPLETE


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.COUNTS])
def test_each_verdict_has_its_refusal(verdict):
    """With the verdict in it, and a sentence."""
    error = refusal(verdict, vote(), seen(**OVER))
    assert isinstance(error, ActRefused)
    assert (error.verdict, error.facts()["verdict"]) == (verdict, str(verdict))
    assert error.detail.endswith(".")


def test_late_names_who_decided_the_level_and_when():
    """Not who decided the case at last."""
    error = refusal(Verdict.LATE, vote("noor"), seen(**OVER))
    assert error.facts()["decided"] == {
        "is": "approved", "level": 1, "by": "ruth", "name": "Ruth Pemberton", "at": "2026-11-26T09:00:00Z",
    }  # fmt: skip
    assert "Technical approval was approved by Ruth Pemberton at 2026-11-26T09:00:00Z" in error.detail


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (seen(**OVER), ("approved", "Pat Keane")),
        (seen([ENDED], state="withdrawn"), ("withdrawn", "Dana")),
        (seen(runtime="Terminated"), ("stopped", None)),
    ],
)  # fmt: skip
def test_late_for_a_level_that_never_closed_names_how_the_case_ended(case, expected):
    """By somebody, or by nobody."""
    decided = decided_before(vote(level=9), case)
    assert (decided.outcome, decided.name) == expected


def test_the_ring_of_verdicts_is_read_by_the_first_six_digits():
    """The latest counts, and an act that is not in it has none."""
    shown = {"verdicts": "b7c1aa:c f00bad:l b7c1aa:r zzz"}
    assert verdict_shown(shown, "f00bad" + "0" * 26) is Verdict.LATE
    assert verdict_shown(shown, "b7c1aa" + "0" * 26) is Verdict.REPEATED
    assert verdict_shown(shown, "123456" + "0" * 26) is None
    assert verdict_shown({}, "123456") is None
    assert {verdict_shown({"verdicts": f"b7c1aa:{one.letter}"}, "b7c1aa") for one in Verdict} == set(Verdict)


def test_the_record_has_verdicts_too():
    """By the whole id."""
    assert verdict_recorded([opened(), voted(verdict="stale")], "b7" * 16) is Verdict.STALE
    assert verdict_recorded([opened(), voted()], "b8" * 16) is None


def test_the_opening_of_a_level_is_found_in_the_status_or_in_the_record():
    """Of the present level, of one before, and of none."""
    case = seen([opened(opening="0" * 32)], level={"number": 2, "name": "…", "opening": "1" * 32, "escalation": 0})
    assert [opening_of_level(case, level) for level in (1, 2, 3)] == ["0" * 32, "1" * 32, None]


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (seen(runtime="Failed"), "The case was ended by a fault of ours."),
        (seen(runtime="Terminated"), "The case was stopped by whoever runs this service."),
        (
            seen(state="expired", endedAt="2026-11-26T09:00:00Z"),
            "The case was rejected, as nobody had decided in time,",
        ),
    ],
)
def test_late_says_in_a_sentence_how_a_case_ended_that_nobody_decided(case, words):
    """Not by its code."""
    assert refusal(Verdict.LATE, vote("noor"), case).detail.startswith(words)
