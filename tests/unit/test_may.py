"""What would be refused now, seen from the custom status and the submission."""

from dataclasses import replace

import pytest
from levels import DAY, Led, answer, group, opening, skipped, submission

from approval.acts import Kind, Verdict
from approval.level_status import describe_levels
from approval.may import REASONS, may, needs_comment, refusal
from approval.opening import OpenedAs

OTHER = "e" * 32
APPROVE, REJECT, ABSTAIN, WITHDRAW = Kind


def allowed(case, person):
    """What this person may do now."""
    found = may(describe_levels(case.review), case.submission, person)
    return [str(kind) for kind, verdict in found.items() if verdict is None]


def refused(case, person, kind=APPROVE, **more):
    """The verdict that an act would get."""
    found = refusal(describe_levels(case.review), case.submission, person, kind, **more)
    return None if found is None else str(found)


@pytest.fixture
def case():
    """Noor and Ruth are asked; a rejection wants a comment, nobody may abstain."""
    return Led(2, contributors=("eli",), level={"comment": ["reject"]}).opened(comment=frozenset({"reject"}))


def test_who_may_do_what(case):
    """Those who are asked vote, the author withdraws, nobody else does anything."""
    assert [allowed(case, person) for person in ("noor", "ruth", "dana", "eli", "kim")] == [
        ["approve", "reject"], ["approve", "reject"], ["withdraw"], [], [],
    ]  # fmt: skip


def test_why_not(case):
    """Own case, not yours; every verdict but counts has a sentence."""
    found = {person: refused(case, person) for person in ("dana", "eli", "kim", "noor")}
    assert found == {"dana": "own case", "eli": "own case", "kim": "not yours", "noor": None}
    assert refused(case, "noor", WITHDRAW) == "not yours"
    assert set(REASONS) == set(Verdict) - {Verdict.COUNTS}


def test_incomplete(case):
    """A comment that is wanted, an abstention that is not allowed."""
    assert (refused(case, "noor", REJECT), refused(case, "noor", REJECT, comment=" ")) == ("incomplete", "incomplete")
    assert refused(case, "noor", REJECT, comment="No.") is None
    assert refused(case, "noor", ABSTAIN) == "incomplete"
    assert [needs_comment(describe_levels(case.review), case.submission, kind) for kind in Kind] == [
        False, True, False, False,
    ]  # fmt: skip
    free = Led(level={"abstain": True}).opened(abstain=True)
    assert refused(free, "noor", ABSTAIN) is None


def test_a_level_that_was_frozen_without_a_word_on_it():
    """Nobody may abstain there, and no comment is wanted."""
    given = submission()
    bare = replace(given, policy=replace(given.policy, levels_given=({"name": "Level 1"},)))
    case = Led(given=bare).opened()
    assert [refused(case, "noor", kind) for kind in (APPROVE, REJECT, ABSTAIN)] == [None, None, "incomplete"]


def test_no_comment_is_wanted_while_no_level_is_open():
    """Neither before the first one nor between two."""
    case = Led(2, level={"comment": ["approve", "reject"]})
    for _ in range(2):
        assert not any(needs_comment(describe_levels(case.review), case.submission, kind) for kind in Kind)
        case.opened()
        assert needs_comment(describe_levels(case.review), case.submission, APPROVE)
        case.hear("noor")


def test_early_before_the_first_opening():
    """A withdrawal too."""
    case = Led(2)
    assert (refused(case, "noor"), refused(case, "dana", WITHDRAW), refused(case, "dana")) == (
        "early", "early", "own case",
    )  # fmt: skip


def test_while_the_next_level_is_being_opened(case):
    """Late for the one before, early for the next; a withdrawal counts."""
    case.hear("noor")
    assert (refused(case, "ruth", level=1), refused(case, "pat", level=2), refused(case, "ruth")) == (
        "late", "early", "late",
    )  # fmt: skip
    assert refused(case, "dana", WITHDRAW) is None


def test_while_a_level_behind_a_skipped_one_goes_to_somebody_else():
    """Late, as the case says; that the first one was skipped closes nothing."""
    case = Led(3).answered(answer(opening(2), OpenedAs.OPENED, skipped=[skipped(1)])).woke().woke()
    assert [refused(case, "noor", level=level) for level in (1, 2, None)] == ["late", "late", "late"]
    assert case.hear("noor", opening=opening(2).opening, level=2) == "late"


def test_while_a_later_level_goes_to_somebody_else(case):
    """Late for the opening that is over, as the case says."""
    case.hear("noor")
    case.opened(2, group("pat", "sam")).woke().woke()
    assert refused(case, "pat", level=2, opening=opening(2).opening) == "late"
    assert case.hear("pat", opening=opening(2).opening, level=2) == "late"


def test_an_act_for_another_level_or_opening(case):
    """Late behind; stale where the opening is another one, or the policy has no such level."""
    case.hear("noor")
    case.opened(2, group("pat", "ruth"))
    assert [refused(case, "pat", level=level) for level in (1, 2, 3)] == ["late", None, "stale"]
    assert refused(case, "pat", level=2, opening=OTHER) == "stale"
    assert refused(case, "pat", level=2, opening=opening(2).opening) is None
    assert refused(case, "pat", revision=2) == refused(case, "dana", WITHDRAW, revision=2) == "stale"


def test_who_has_voted_and_who_is_not_needed():
    """Repeated, late, and not yours once the level has gone to somebody else."""
    case = Led().opened(1, group("noor", "ruth"), group("amir", "jo", "sam", need=2), within=DAY)
    case.hear("ruth")
    case.hear("amir")
    assert [refused(case, person) for person in ("amir", "noor", "ruth", "jo")] == [
        "repeated", "late", "late", None,
    ]  # fmt: skip
    case.woke().escalated("kim")
    assert [refused(case, person) for person in ("amir", "noor", "jo", "kim")] == [
        "not yours", "late", "not yours", None,
    ]  # fmt: skip


def test_after_the_end_everything_is_late(case):
    """But that nobody votes on their own case."""
    case.hear("noor", "reject")
    assert [refused(case, person) for person in ("ruth", "kim", "dana")] == ["late", "late", "own case"]
    assert refused(case, "dana", WITHDRAW) == "late"
    nobodys = Led().answered(answer(outcome=OpenedAs.REFUSED))
    assert refused(nobodys, "noor") == "late"


@pytest.mark.parametrize("person", ["dana", "eli", "noor", "ruth", "amir", "jo", "kim", "pat"])
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("steps", range(6))
def test_the_case_says_the_same(person, kind, steps):
    """What is refused here gets this verdict there, and what is not counts."""
    case = Led(2, contributors=("eli",), level={"abstain": True}).opened(
        1, group("noor", "ruth", "pat", need=2), group("amir"), abstain=True, within=DAY
    )
    for step in (
        lambda: case.hear("amir"), lambda: case.hear("noor"), case.woke, lambda: case.escalated("jo"),
        lambda: (case.hear("jo"), case.opened(2, group("kim", "noor"), abstain=True)),
    )[:steps]:  # fmt: skip
        step()
    act = replace(case.act(person, str(kind)))
    expected = refused(case, person, kind, level=act.level, opening=act.opening)
    assert case.hear_act(act) == (expected or "counts")


@pytest.mark.parametrize("before", [0, 1])
def test_a_later_level_is_early_also_while_the_first_goes_to_somebody_else(before):
    """Whether or not levels were skipped before it; no level is closed yet."""
    case = Led(3 + before)
    past = [skipped(1)] if before else []
    case.answered(answer(opening(1 + before), OpenedAs.OPENED, skipped=past))
    later = 2 + before
    assert refused(case, "noor", level=later) == "early"
    while str(case.review.state) != "escalating":
        case.woke()
    assert refused(case, "noor", level=later) == "early"
    assert refused(case, "noor", level=later - 1) == "late"
    case.escalated("kim")
    assert refused(case, "noor", level=later) == "early"
