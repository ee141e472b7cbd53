"""Whose turn it is, read from the record."""

from records import Story, closed, name

from approval.acts import Kind
from approval.review.votes import Vote
from approval.turns import turn_of

BOTH = ((("noor", "ruth"), 2),)


def test_the_votes_of_an_opening_stay_when_it_is_escalated():
    """With the escalation in which each was given."""
    story = Story().opened(groups=BOTH).acted("noor").escalated("jo", groups=BOTH).acted("jo", "reject")
    turn = turn_of(story.record)
    assert turn.votes == (Vote(name("noor"), Kind.APPROVE, 0), Vote(name("jo"), Kind.REJECT, 1))
    assert turn.who == ()


def test_another_opening_begins_without_votes():
    """Whoever has voted in the one before is asked again."""
    turn = turn_of(Story().opened(groups=BOTH).acted("noor").opened(groups=BOTH, of="e").record)
    assert (turn.votes, turn.who) == ((), ("noor", "ruth"))


def test_people_have_decided_once_and_only_by_a_vote_for_or_against():
    """An abstention is no decision; two votes of one person at two levels are one entry."""
    first = Story().opened(groups=BOTH).acted("ruth", "abstain").acted("noor", "approve", closed())
    turn = turn_of(first.opened(level=2, groups=BOTH).acted("noor", level=2).record)
    assert turn.decided_by == ("noor",)
