"""What votes come to: the rules that two readers must not read differently."""

from dataclasses import replace

import pytest
from levels import group, name, opening

from approval.acts import Kind
from approval.policy.model import Rejection
from approval.review.votes import (
    Standing,
    Vote,
    group_standing,
    level_standing,
    needs_everyone,
    not_needed,
    turn,
    unfinished,
)

COUNTS = Rejection.COUNTS
KINDS = {"y": Kind.APPROVE, "n": Kind.REJECT, "a": Kind.ABSTAIN}


def votes(text, escalation=0):
    """``"noor:y ruth:n"`` as votes; y approves, n rejects, a abstains."""
    pairs = (each.split(":") for each in text.split())
    return tuple(Vote(name(person), KINDS[kind], escalation) for person, kind in pairs)


def standing(opened, text=""):
    """What these votes come to at the level."""
    return str(level_standing(opened, votes(text)))


THREE = ("a", "b", "c")


@pytest.mark.parametrize(
    ("need", "cast", "comes_to"),
    [
        (1, "", "open"), (1, "a:y", "approved"), (1, "a:n", "open"), (1, "a:n b:n", "open"),
        (1, "a:n b:n c:n", "rejected"), (1, "a:n b:n c:y", "approved"), (1, "a:a b:a c:a", "stuck"),
        (1, "a:a b:a c:n", "rejected"),
        (2, "a:y", "open"), (2, "a:y b:y", "approved"), (2, "a:n", "open"), (2, "a:n b:n", "rejected"),
        (2, "a:y b:n", "open"), (2, "a:y b:n c:y", "approved"), (2, "a:a", "open"), (2, "a:a b:a", "stuck"),
        (2, "a:a b:n", "rejected"), (2, "a:y b:a c:a", "stuck"),
        (3, "a:n", "rejected"), (3, "a:a", "stuck"), (3, "a:y b:y c:y", "approved"),
        ("all", "a:y b:y", "open"), ("all", "a:y b:y c:y", "approved"), ("all", "a:n", "rejected"),
        ("all", "a:y b:n", "rejected"), ("all", "a:a", "open"), ("all", "a:a b:y c:y", "approved"),
        ("all", "a:y b:a c:a", "approved"), ("all", "a:a b:a c:a", "stuck"), ("all", "a:a b:a c:n", "rejected"),
    ],
)  # fmt: skip
def test_unreachable(need, cast, comes_to):
    """Decided as soon as it is decided either way: with a rejection in the group it is rejected, else stuck."""
    assert standing(opening(1, group(*THREE, need=need), rejection=COUNTS), cast) == comes_to


@pytest.mark.parametrize("cast", ["a:n", "b:y a:n", "d:n"])
def test_one_rejection_in_any_group_ends_the_case_unless_rejections_count(cast):
    """``rejection`` is ``ends`` unless the level says otherwise."""
    assert standing(opening(1, group(*THREE, need=2), group("d")), cast) == "rejected"


def test_a_level_whose_rejections_count_ends_when_any_group_cannot_reach_its_need():
    """One group is enough, whatever the others have."""
    two = opening(1, group(*THREE, need=2), group("d", "e"), rejection=COUNTS)
    assert standing(two, "a:n d:n") == "open"
    assert standing(two, "d:n e:n") == "rejected"
    assert standing(two, "a:y b:y d:n e:n") == "rejected"


def test_a_level_is_done_when_all_its_groups_are():
    """Side by side: the second group still has to approve."""
    two = opening(1, group("a", "b"), group("c"))
    assert standing(two, "a:y") == "open"
    assert standing(two, "a:y c:y") == "approved"


def test_one_vote_counts_in_every_group_of_the_level_that_asks_its_person():
    """Who is asked twice votes once."""
    assert standing(opening(1, group("a", "b"), group("a", "c")), "a:y") == "approved"
    assert standing(opening(1, group("a", "b"), group("a"), rejection=COUNTS), "a:n") == "rejected"


def test_a_rejected_group_outweighs_a_stuck_one():
    """A rejection was counted where the level cannot be approved any more."""
    two = opening(1, group("a"), group("b"), rejection=COUNTS)
    assert standing(two, "a:a") == "stuck"
    assert standing(two, "b:n a:a") == "rejected"


def test_who_has_voted_or_is_asked_in_decided_groups_only_has_no_turn():
    """The turn is theirs who may still change something."""
    two = opening(1, group("a", "b"), group("b", "c", "d", need=2))
    assert turn(two, ()) == ("a", "b", "c", "d")
    assert turn(two, votes("a:y")) == ("b", "c", "d")
    assert turn(two, votes("b:y")) == ("c", "d")
    assert not_needed(two, votes("b:y")) == ("a",)
    assert unfinished(two, votes("b:y")) == (two.groups[1],)


def test_the_target_takes_the_place_of_all_who_have_not_voted():
    """After an escalation one person has the turn, who need not be of the group."""
    gone = opening(1, group(*THREE, need=2), target="jo")
    assert turn(gone, votes("a:y")) == ("jo",)
    assert not_needed(gone, votes("a:y")) == ()


def test_the_target_is_needed_also_if_a_decided_group_asks_them():
    """The others of that group are not."""
    gone = opening(1, group("a", "d"), group("b", "c"), target="a")
    assert turn(gone, votes("d:y")) == ("a",)
    assert not_needed(gone, votes("d:y")) == ("d",)


@pytest.mark.parametrize(
    ("cast", "comes_to"),
    [("jo:y", "approved"), ("jo:n", "rejected"), ("jo:a", "stuck")],
)
@pytest.mark.parametrize("need", [1, 2, "all"])
def test_the_target_alone_decides_every_unfinished_group(need, cast, comes_to):
    """Whatever number the group needs."""
    gone = opening(1, group(*THREE, need=need), group("d"), target="jo", rejection=COUNTS)
    assert level_standing(gone, votes("a:a") + votes(cast, 1)).value == comes_to


def test_votes_and_finished_groups_stay_after_an_escalation():
    """The target's rejection does not undo an approval; it does not count in a group that is approved."""
    gone = opening(1, group("a"), group("b", "c"), target="jo", rejection=COUNTS)
    before = votes("a:y b:n")
    assert unfinished(gone, before) == (gone.groups[1],)
    assert not_needed(gone, before) == ("a",)
    assert level_standing(gone, before + votes("jo:y", 1)) is Standing.APPROVED
    assert group_standing(gone.groups[0], gone, before + votes("jo:n", 1)) is Standing.APPROVED
    assert level_standing(gone, before + votes("jo:a", 1)) is Standing.REJECTED


def test_a_target_of_the_group_decides_as_target_and_not_as_member():
    """An abstention decides nothing, also where all others have approved."""
    gone = opening(1, group("a", "b", need="all"), target="b")
    assert level_standing(gone, votes("a:y")) is Standing.OPEN
    assert level_standing(gone, votes("a:y") + votes("b:a", 1)) is Standing.STUCK
    further = replace(gone, escalation=2, target=name("jo"))
    assert level_standing(further, votes("a:y") + votes("b:a", 1)) is Standing.OPEN
    assert level_standing(further, votes("a:y") + votes("b:a", 1) + votes("jo:y", 2)) is Standing.APPROVED


def test_a_level_that_went_to_a_target_as_it_opened_waits_for_the_target():
    """Too few were left in the group; they may not vote, and the group is not stuck meanwhile."""
    assert level_standing(opening(1, group("a", need=2), group(need="all"), target="jo"), ()) is Standing.OPEN


@pytest.mark.parametrize(
    ("groups", "cast", "everyone"),
    [
        ((group("a", "b"),), "", False), ((group("a"),), "", True), ((group("a", "b", need="all"),), "", True),
        ((group("a", "b", need=2),), "", True), ((group(*THREE, need=2),), "a:y", False),
        ((group(*THREE, need=2),), "a:a", True), ((group("a"), group("b", "c")), "", False),
    ],
)  # fmt: skip
def test_whether_everybody_who_has_the_turn_has_to_approve(groups, cast, everyone):
    """So that a sentence may say "and" or "or"."""
    assert needs_everyone(opening(1, *groups), votes(cast)) is everyone
    assert needs_everyone(opening(1, *groups, target="jo"), votes(cast))
