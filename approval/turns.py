"""Who has to do something now, read from the record of a case: the level that is open, and who of it has not decided.

1. It follows from the entries alone, so it can be asked of any moment of the past: of the record up to a move.
2. Who has voted has no turn any more. Neither has who is asked only by groups that have all the approvals they need.
3. After an escalation the one that the level went to has the turn, alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from approval.acts import VOTES, Kind, Verdict
from approval.opening import Opening
from approval.policy.model import ALL
from approval.record import Entry, What


@dataclass(frozen=True, slots=True)
class Turn:
    """Who has to decide on what, at one moment of a case.

    Attributes:
        opening: the level that is open; None where none is.
        who: the ids of those who have to decide, each once.
        voted: who has voted in this opening, in order, with approve, reject or abstain.
        decided_by: everybody whose approve or reject has counted at any level of the case, in order.
        is_over: the case has ended.
    """

    opening: Opening | None = None
    who: tuple[str, ...] = ()
    voted: tuple[tuple[str, Kind], ...] = ()
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
                return self._voted(str(entry["act"]["by"]["id"]), Kind(entry["act"]["act"]))
            case What.LEVEL_CLOSED:
                return type(self)(decided_by=self.decided_by)
            case What.ENDED | What.FAULT:
                return type(self)(decided_by=self.decided_by, is_over=True)
        return self

    def _opened(self, opening: Opening) -> Self:
        is_same = self.opening is not None and self.opening.opening == opening.opening
        voted = self.voted if is_same else ()
        return type(self)(opening, _who(opening, voted), voted, self.decided_by)

    def _voted(self, person: str, act: Kind) -> Self:
        if self.opening is None:
            return self
        voted = (*self.voted, (person, act))
        is_decision = act is not Kind.ABSTAIN and person not in self.decided_by
        decided_by = (*self.decided_by, person) if is_decision else self.decided_by
        return type(self)(self.opening, _who(self.opening, voted), voted, decided_by)


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


def _who(opening: Opening, voted: Iterable[tuple[str, Kind]]) -> tuple[str, ...]:
    """Who has to decide at an open level."""
    acts = dict(voted)
    if opening.target is not None:
        return () if opening.target.id in acts else (opening.target.id,)
    found: dict[str, None] = {}
    for group in opening.groups:
        left = [person for person in group.asked if acts.get(person) is not Kind.ABSTAIN]
        need = len(left) if group.need == ALL else group.need
        if sum(acts.get(person) is Kind.APPROVE for person in left) < need:
            found |= dict.fromkeys(person for person in left if person not in acts)
    return tuple(found)
