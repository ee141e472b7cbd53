"""The way of a case through its levels: what is done, what is open, and who will be asked after that.

Preview, page and REST show the same path. What is done or open is read from the record. What is ahead is worked out by
``approval.open_level`` itself, with the people of today's policy file, and with these assumptions:

1. A level is approved when its time is over, without an escalation: so a due time that is ahead is the latest one.
2. Who is needed in any case approves. Where several could, nobody is assumed. A later level may depend on who it is,
   as it asks the manager of the last approver or people who have not decided yet: it says so, and lists all of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from approval.acts import VOTES, Kind, Name, Verdict
from approval.errors import UnfitPolicyFile
from approval.instants import read, written
from approval.open_level import open_level
from approval.opening import Group, Opened, OpenedAs, Opening, Request, Skipped, Voted
from approval.policy.model import ALL, Level, ManagerOf, PolicyFile
from approval.record import Entry, What
from approval.review.votes import Vote, Votes, turn, unfinished
from approval.submission import Submission

_LAST_APPROVER = ManagerOf("last approver")
_MOST_VARIANTS = 8


class LevelIs(StrEnum):
    """Where a level is on the path."""

    DONE = "done"
    HERE = "here"
    AHEAD = "ahead"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class LevelOnPath:
    """One level on the path of a case.

    Example::

        {"level": "Line of authority", "number": 1, "is": "ahead", "with": [{"id": "ruth", "name": "Ruth Pemberton"}],
         "because": ["authority spend, limit 100,000 GBP"], "due": "2026-11-30T16:40:00Z", "left_out": [], "why": null,
         "depends": false, "outcome": null, "by": null, "at": null}

    Attributes:
        opening: as it is, was, or will be; None if the level is skipped or cannot open.
        turn: who has to decide, of a level that is open or ahead.
        why: why it is skipped, goes to somebody else as soon as it opens, or cannot open.
        depends: who is asked depends on who decides before; ``turn`` has all who could be.
        outcome: of a level that is done: ``approved``, ``rejected``, ``expired``, or how the case ended meanwhile.
        by: whose act that was, if one was.
        at: when it was done.
    """

    number: int
    name: str
    is_at: LevelIs
    opening: Opening | None = None
    turn: tuple[Name, ...] = ()
    why: str | None = None
    depends: bool = False
    outcome: str | None = None
    by: Name | None = None
    at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """The level as REST shows it."""
        opening = self.opening
        return {
            "level": self.name,
            "number": self.number,
            "is": str(self.is_at),
            "with": [person.to_json() for person in self.turn],
            "because": [group.because for group in opening.groups] if opening else [],
            "due": written(opening.due) if opening else None,
            "left_out": [one.to_json() for one in opening.left_out] if opening else [],
            "why": self.why,
            "depends": self.depends,
            "outcome": self.outcome,
            "by": self.by.to_json() if self.by else None,
            "at": written(self.at) if self.at else None,
        }


def path(
    submission: Submission, file: PolicyFile, at: datetime, record: Iterable[Entry] = ()
) -> tuple[LevelOnPath, ...]:
    """All levels of a case, in order, as far as they can be foreseen; those after the end of a case are left out.

    Args:
        submission: of the case; of a preview, one that nobody has sealed.
        file: the policy file in force.
        at: now, with whole seconds.
        record: of the case; empty before it begins.

    Raises:
        UnreadableInput: this version of the app cannot read the frozen levels.
    """
    past = _Past()
    for entry in record:
        past.take(entry)
    if past.is_over:
        return tuple(past.levels)
    here = past.opening
    found = list(past.levels)
    if here:
        found.append(LevelOnPath(here.level, here.name, LevelIs.HERE, here, _turn(here, past.votes), past.why))
    voted = tuple(past.voted)
    start = _Start.after(here, voted, past.votes) if here else _Start(past.next_level, at, voted)
    return (*found, *_ahead(submission, file, start))


@dataclass(slots=True)
class _Past:
    """What the record says, entry by entry.

    Attributes:
        voted: the votes that counted, at all levels.
        votes: those at the level that is open.
        opening: of the level that is open.
        why: why it went to somebody else, if it did.
    """

    levels: list[LevelOnPath] = field(default_factory=list)
    voted: list[Voted] = field(default_factory=list)
    votes: Votes = ()
    opening: Opening | None = None
    why: str | None = None
    next_level: int = 1
    is_over: bool = False

    def take(self, entry: Entry) -> None:
        """One more entry."""
        match entry["what"]:
            case What.OPENED:
                self.opening, self.why, self.votes = Opening.from_json(entry["opening"]), None, ()
            case What.ESCALATED:
                self.opening, self.why = Opening.from_json(entry["opening"]), str(entry["why"])
            case What.SKIPPED:
                number = int(entry["level"])
                self.levels.append(LevelOnPath(number, entry["name"], LevelIs.SKIPPED, why=entry["why"]))
                self.next_level = number + 1
            case What.ACT if entry["verdict"] == Verdict.COUNTS and entry["act"]["act"] in VOTES:
                act, escalation = entry["act"], self.opening.escalation if self.opening else 0
                vote = Vote(Name.from_json(act["by"]), Kind(act["act"]), escalation)
                self.voted.append(Voted(act["level"], vote.by.id, vote.kind))
                self.votes = (*self.votes, vote)
            case What.LEVEL_CLOSED:
                self._close(entry, entry["is"])
            case What.ENDED | What.FAULT:
                if self.opening:
                    self._close(entry, entry.get("state", What.FAULT))
                self.is_over = True

    def _close(self, entry: Entry, outcome: str) -> None:
        opening, by = self.opening, entry.get("by")
        number = opening.level if opening else int(entry["level"])
        name = opening.name if opening else str(entry["name"])
        person, at = Name.from_json(by) if by else None, read(entry["at"])
        done = LevelOnPath(number, name, LevelIs.DONE, opening, why=self.why, outcome=outcome, by=person, at=at)
        self.levels.append(done)
        self.opening, self.why, self.next_level = None, None, number + 1


@dataclass(frozen=True, slots=True)
class _Start:
    """What is assumed when the next level opens.

    Attributes:
        voted: the votes that are known or certain.
        last: who could have approved last, as far as it is not certain.
    """

    level: int
    at: datetime
    voted: tuple[Voted, ...]
    last: tuple[str, ...] = ()

    @classmethod
    def after(cls, opening: Opening, voted: tuple[Voted, ...], votes: Votes = ()) -> "_Start":
        """After an open level with these votes, approved at its due time."""
        needed = (Voted(opening.level, person, Kind.APPROVE) for person in _needed(opening, votes))
        last = turn(opening, votes)
        return cls(opening.level + 1, opening.due, (*voted, *needed), () if len(last) == 1 else last)

    def variants(self) -> Iterator[tuple[Voted, ...]]:
        """The votes with each who could have approved last."""
        if not self.last:
            yield self.voted
        for person in self.last[:_MOST_VARIANTS]:
            vote = Voted(self.level - 1, person, Kind.APPROVE)
            yield (*(one for one in self.voted if one != vote), vote)


def _ahead(submission: Submission, file: PolicyFile, start: _Start) -> Iterator[LevelOnPath]:
    levels = submission.policy.levels()
    while start.level <= len(levels):
        is_open_question = submission.policy.different_people or _asks_last_approver(levels[start.level - 1 :])
        variants = list(start.variants()) if is_open_question else [start.voted]
        try:
            answers = [_opened(submission, file, start, voted) for voted in variants]
        except UnfitPolicyFile as error:
            name = levels[start.level - 1].name
            yield LevelOnPath(start.level, name, LevelIs.AHEAD, why=error.detail)
            return
        answered = _joined(answers)
        yield from (_skipped(one) for one in answered.skipped)
        opening = answered.opening
        if opening is None:
            return
        depends = len(start.last) > _MOST_VARIANTS and is_open_question
        depends = depends or any(_who(one) != _who(answers[0]) for one in answers)
        expires = answered.outcome is OpenedAs.EXPIRED
        asked = () if expires else _turn(opening, ())
        yield LevelOnPath(opening.level, opening.name, LevelIs.AHEAD, opening, asked, answered.why, depends)
        if expires:
            return
        start = _Start.after(opening, start.voted)


def _asks_last_approver(levels: Sequence[Level]) -> bool:
    return any(each.asked == _LAST_APPROVER for level in levels for each in level.approvers)


def _opened(submission: Submission, file: PolicyFile, start: _Start, voted: tuple[Voted, ...]) -> Opened:
    request = Request(submission.case, None, start.level, start.at, voted=voted)
    return open_level(request, submission, file, "", {}, "")


def _skipped(one: Skipped) -> LevelOnPath:
    return LevelOnPath(one.level, one.name, LevelIs.SKIPPED, why=one.why)


def _who(answered: Opened) -> object:
    """What an answer says of people; not why they are asked, which may name the last approver."""
    opening = answered.opening
    return opening and ([(group.asked, group.need) for group in opening.groups], opening.left_out, opening.target)


def _joined(answers: Sequence[Opened]) -> Opened:
    """One answer of several that differ in people: all who could be asked, and those who are left out in any case."""
    first = answers[0]
    openings = [one.opening for one in answers if one.opening and one.opening.target is None and not one.why]
    if first.opening is None or len(openings) < len(answers):
        return first
    names: dict[str, str] = {}
    for opening in openings:
        names |= opening.names
    groups = tuple(
        Group(same[0].because if len({one.because for one in same}) == 1 else _LAST_APPROVERS, _all(same), same[0].need)
        for same in zip(*(opening.groups for opening in openings), strict=True)
    )
    out = tuple(one for one in first.opening.left_out if all(one in opening.left_out for opening in openings))
    return replace(first, opening=replace(first.opening, groups=groups, names=names, left_out=out))


_LAST_APPROVERS = "manager of the last approver"


def _all(groups: Iterable[Group]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(person for group in groups for person in group.asked))


def _turn(opening: Opening, votes: Votes) -> tuple[Name, ...]:
    """Who has to decide at a level."""
    return tuple(Name(person, opening.names[person]) for person in turn(opening, votes))


def _needed(opening: Opening, votes: Votes) -> list[str]:
    """Who has to approve in any case for the level to be approved."""
    if opening.target is not None:
        return list(turn(opening, votes))
    voted = {vote.by.id for vote in votes}
    approved = {vote.by.id for vote in votes if vote.kind is Kind.APPROVE}
    found: dict[str, None] = {}
    for group in unfinished(opening, votes):
        silent = [person for person in group.asked if person not in voted]
        if group.need == ALL or len(approved.intersection(group.asked)) + len(silent) <= group.need:
            found |= dict.fromkeys(silent)
    return list(found)
