"""Who has to do something now, read from the record of a case: the level that is open, and who of it has not decided.

1. It follows from the entries alone, so it can be asked of any moment of the past: of the record up to a move.
2. Who has the turn follows from the votes by ``approval.review.votes``, as in the review itself.
3. A level that is out of reach is still with those who have not voted, until it has gone to somebody else or ended.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from approval.acts import VOTES, Kind, Name, Verdict
from approval.opening import Opening
from approval.record import Entry, What
from approval.review.votes import Standing, Vote, Votes, group_standing

_UNDECIDED = frozenset({Standing.OPEN, Standing.STUCK})


@dataclass(frozen=True, slots=True)
class Turn:
    """Who has to decide on what, at one moment of a case.

    Attributes:
        opening: the level that is open; None where none is.
        who: the ids of those who have to decide, each once.
        votes: those that have counted in this opening, in order.
        decided_by: everybody whose approve or reject has counted at any level of the case, in order.
        is_over: the case has ended.
    """

    opening: Opening | None = None
    who: tuple[str, ...] = ()
    votes: Votes = ()
    decided_by: tuple[str, ...] = ()
    is_over: bool = False

    @property
    def key(self) -> tuple[str, int] | None:
        """What another turn of the same person differs in: the opening, and how often it was escalated."""
        return (self.opening.opening, self.opening.escalation) if self.opening and self.who else None

    def after(self, entry: Entry) -> Self:
        """The turn after one more entry of the record."""
        match entry["what"]:
            case What.OPENED | What.ESCALATED:
                return self._opened(Opening.from_json(entry["opening"]))
            case What.ACT if entry["verdict"] == Verdict.COUNTS and entry["act"]["act"] in VOTES:
                return self._voted(Name.from_json(entry["act"]["by"]), Kind(entry["act"]["act"]))
            case What.LEVEL_CLOSED:
                return type(self)(decided_by=self.decided_by)
            case What.ENDED | What.FAULT:
                return type(self)(decided_by=self.decided_by, is_over=True)
        return self

    def _opened(self, opening: Opening) -> Self:
        is_same = self.opening is not None and self.opening.opening == opening.opening
        votes = self.votes if is_same else ()
        return type(self)(opening, _who(opening, votes), votes, self.decided_by)

    def _voted(self, by: Name, act: Kind) -> Self:
        if self.opening is None:
            return self
        votes = (*self.votes, Vote(by, act, self.opening.escalation))
        is_decision = act is not Kind.ABSTAIN and by.id not in self.decided_by
        decided_by = (*self.decided_by, by.id) if is_decision else self.decided_by
        return type(self)(self.opening, _who(self.opening, votes), votes, decided_by)


@dataclass(frozen=True, slots=True)
class Moves:
    """A record, cut before and after one of its moves.

    Attributes:
        before: whose turn it was.
        after: whose turn it is.
        entries: of the move; empty if the record does not hold it.
    """

    before: Turn = field(default_factory=Turn)
    after: Turn = field(default_factory=Turn)
    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, record: Iterable[Entry], move: int) -> Self:
        """The record around this move."""
        before = after = Turn()
        entries: list[Entry] = []
        for entry in record:
            if entry["move"] < move:
                before = after = before.after(entry)
            elif entry["move"] == move:
                entries.append(entry)
                after = after.after(entry)
        return cls(before, after, tuple(entries))


def turn_of(record: Iterable[Entry]) -> Turn:
    """Whose turn it is at the end of a record."""
    turn = Turn()
    for entry in record:
        turn = turn.after(entry)
    return turn


def _who(opening: Opening, votes: Votes) -> tuple[str, ...]:
    """Who has to decide at an open level; at one that is out of reach, who had to until then."""
    if opening.target is not None:
        asked = [opening.target.id]
    else:
        left = [group for group in opening.groups if group_standing(group, opening, votes) in _UNDECIDED]
        asked = [person for group in left for person in group.asked]
    voted = {vote.by.id for vote in votes}
    return tuple(person for person in dict.fromkeys(asked) if person not in voted)
