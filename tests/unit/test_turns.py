"""Whose turn it is, read from the record."""

from levels import HOUR, T0, group, name, opening

from approval.acts import Kind
from approval.review.votes import Vote
from approval.turns import turn_of

BOTH = opening(1, group("noor", "ruth", need=2))


def opened(given, what="opened"):
    """The entry of a level that opens, or that goes to somebody else."""
    return {"what": what, "opening": given.to_json()}


def vote(person, act="approve"):
    """The entry of a vote that counts."""
    return {"what": "act", "verdict": "counts", "act": {"act": act, "by": name(person).to_json()}}


def escalated(given, target):
    """The same opening, as it is with its target."""
    more = {"id": given.opening, "target": target, "escalation": 1}
    return opening(given.level, *given.groups, at=T0 + HOUR, **more)


def test_the_votes_of_an_opening_stay_when_it_is_escalated():
    """With the escalation in which each was given."""
    later = escalated(BOTH, "jo")
    turn = turn_of([opened(BOTH), vote("noor"), opened(later, "escalated"), vote("jo", "reject")])
    assert turn.votes == (Vote(name("noor"), Kind.APPROVE, 0), Vote(name("jo"), Kind.REJECT, 1))
    assert turn.who == ()


def test_another_opening_begins_without_votes():
    """Whoever has voted in the one before is asked again."""
    again = opening(1, *BOTH.groups, id="e" * 32)
    turn = turn_of([opened(BOTH), vote("noor"), opened(again)])
    assert (turn.votes, turn.who) == ((), ("noor", "ruth"))


def test_people_have_decided_once_and_only_by_a_vote_for_or_against():
    """An abstention is no decision; two votes of one person at two levels are one entry."""
    second = opening(2, group("noor", "ruth", need=2))
    votes = [vote("ruth", "abstain"), vote("noor"), {"what": "levelClosed"}, opened(second), vote("noor")]
    turn = turn_of([opened(BOTH), *votes])
    assert turn.decided_by == ("noor",)
