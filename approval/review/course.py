"""How far a case has come through its levels: what is open, who has voted, what is closed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from approval.acts import VOTES, Act, Kind, Name
from approval.instants import written
from approval.opening import Opened, Opening, Voted
from approval.record import What
from approval.review.votes import Standing, Vote, Votes, level_standing, turn

SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class ClosedLevel:
    """A level that nobody can vote at any more.

    Attributes:
        ended: ``approved``, ``rejected``, ``skipped`` or ``expired``.
        by: whose vote closed it, if one did.
    """

    level: int
    name: str
    ended: str
    by: Name | None
    at: datetime

    def to_json(self) -> dict[str, Any]:
        """The members of an entry ``levelClosed``."""
        by = self.by.to_json() if self.by else None
        return {"level": self.level, "name": self.name, "is": self.ended, "by": by}

    def to_status(self) -> dict[str, Any]:
        """The level in the custom status."""
        by, name = (self.by.id, self.by.name) if self.by else (None, None)
        status = {"level": self.level, "name": self.name, "is": self.ended, "by": by, "byName": name}
        return {**status, "at": written(self.at)}


@dataclass(frozen=True, slots=True)
class Course:
    """The levels of a case at one moment.

    Attributes:
        run: the first opening of this run; None before it.
        opening: the level that is open, or was the latest.
        votes: those that count in it.
        reminders: those that are still to come.
        closed_openings: ids; an act for one of them is late.
        voted: all votes that count, over all levels.
        closed: the levels that are closed or were skipped, in order.
        keys: whose seals count.
    """

    run: str | None = None
    opening: Opening | None = None
    votes: Votes = ()
    reminders: tuple[datetime, ...] = ()
    closed_openings: frozenset[str] = frozenset()
    voted: tuple[Voted, ...] = ()
    closed: tuple[ClosedLevel, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def standing(self) -> Standing:
        """What the votes of the open level have come to."""
        return Standing.OPEN if self.opening is None else level_standing(self.opening, self.votes)

    @property
    def turn(self) -> tuple[str, ...]:
        """Who has to vote now, if the level is open."""
        return () if self.opening is None else turn(self.opening, self.votes)

    @property
    def last_approval(self) -> Name | None:
        """Who closed the latest level that was approved."""
        return next((level.by for level in reversed(self.closed) if level.ended == Standing.APPROVED), None)

    def opened(self, answer: Opened, at: datetime) -> Self:
        """After a level has opened, been escalated, or could not open."""
        opening = answer.opening
        skipped = tuple(ClosedLevel(one.level, one.name, SKIPPED, None, at) for one in answer.skipped)
        course = replace(self, keys=answer.keys, closed=self.closed + skipped)
        if opening is None:
            return course
        is_same = self.opening is not None and self.opening.opening == opening.opening
        return replace(
            course,
            run=self.run or opening.opening,
            opening=opening,
            votes=self.votes if is_same else (),
            reminders=opening.reminders,
        )

    def with_vote(self, act: Act) -> Self:
        """With a vote that counts."""
        assert self.opening is not None
        assert act.kind in VOTES
        vote = Vote(act.by, act.kind, self.opening.escalation)
        voted = Voted(self.opening.level, act.by.id, act.kind)
        return replace(self, votes=(*self.votes, vote), voted=(*self.voted, voted))

    def with_closed_level(self, ended: str, by: Name | None, at: datetime) -> Self:
        """With the open level closed."""
        assert self.opening is not None
        level = ClosedLevel(self.opening.level, self.opening.name, ended, by, at)
        past = self.closed_openings | {self.opening.opening}
        return replace(self, closed=(*self.closed, level), closed_openings=past, reminders=())

    def closings_since(self, before: Self) -> list[dict[str, Any]]:
        """The entries ``levelClosed`` of what has closed since then; a level that was skipped has one of its own."""
        fresh = self.closed[len(before.closed) :]
        return [{"what": What.LEVEL_CLOSED.value, **one.to_json()} for one in fresh if one.ended != SKIPPED]

    def reminded(self, now: datetime) -> Self:
        """Without the reminders whose time has come."""
        return replace(self, reminders=tuple(at for at in self.reminders if at > now))

    def has_voted(self, person: str) -> bool:
        """Whether a vote of this person counts in the open level."""
        return any(vote.by.id == person for vote in self.votes)

    def needs_comment(self, kind: Kind) -> bool:
        """Whether the open level wants a comment with such an act."""
        return self.opening is not None and kind in self.opening.comment
