"""Who hears of what: one message to one person about one move of a case, in plain words.

1. Everything follows from the record, the move's number and what was submitted. So a notice says nothing that the
   record does not hold, and the same move gives the same notices each time.
2. A person hears of a move once, of the end of a case once, and of nothing that they have just done themselves.
3. Who has voted hears that the case is decided, never that a decision of theirs is not needed.
4. Before a notice is sent, ``still_holds`` looks at the record again: nobody is asked about a case that is decided.
5. A notice is one sentence and one link, to the page of the case. Seeing and deciding need a sign-in there.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import StrEnum

from approval.acts import Kind, Verdict
from approval.instants import day_in_words
from approval.opening import Opening
from approval.record import Entry, What
from approval.submission import Submission
from approval.text import one_line
from approval.turns import Moves, Turn, turn_of

ZoneOf = Callable[[str], tzinfo]
LABEL = "Open the proposal"
_NEWS = frozenset({What.OPENED, What.REMINDED, What.ESCALATED, What.LEVEL_CLOSED, What.ENDED})


class NoticeKind(StrEnum):
    """What a notice is about."""

    SUBMITTED = "submitted for you"
    ASKED = "asked"
    REMINDED = "reminded"
    ESCALATED_TO = "escalated to you"
    ESCALATED_PAST = "escalated past you"
    NOT_NEEDED = "not needed any more"
    DECIDED = "decided"


_TURNS = frozenset({NoticeKind.ASKED, NoticeKind.REMINDED, NoticeKind.ESCALATED_TO})


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one person.

    Example::

        Notice(NoticeKind.ASKED, "noor", "Your decision: Mill Lane bridge",
               "“Mill Lane bridge” by Dana Okafor, 80,000 GBP, waits for …",
               "Open the proposal", "/proposals/P-7K3M9QXV", ("9f2c…", 0))

    Attributes:
        to: the id of the person.
        sentence: the whole message.
        label: of the link.
        path: where the link leads, below ``PUBLIC_BASE_URL``.
        turn: the turn that it is about; None where it asks for nothing.
    """

    kind: NoticeKind
    to: str
    subject: str
    sentence: str
    label: str
    path: str
    turn: tuple[str, int] | None = None


def notice_id(case: str, run: str | None, move: int) -> str:
    """The id of the instance of ``Notice`` that tells people of a move.

    Example: ``notice-P-7K3M9QXV-51aa…-3``

    Args:
        case: its id.
        run: the first opening of the run; None if no level has opened.
        move: its number.
    """
    return f"notice-{case}-{run or 'none'}-{move}"


def message_id(case: str, run: str | None, move: int, person: str, host: str) -> str:
    """The id of a person's mail about a move: the same at each try, so that a mailbox knows a second one.

    Example: ``<3f2a…@approval.county.example>``

    Args:
        case: its id.
        run: as for ``notice_id``; a case that is started again has other mails.
        move: its number.
        person: by id.
        host: of the address that links begin with.
    """
    named = "\0".join((case, run or "", str(move), person)).encode()
    return f"<{hashlib.sha256(named).hexdigest()[:40]}@{host}>"


def moves_to_tell(entries: Iterable[Entry]) -> tuple[int, ...]:
    """The moves among these entries that somebody may have to hear of, for ``Announce`` to start a ``Notice`` for each.

    Whether anybody has to, and who, is found out there, from the whole record.
    """
    return tuple(dict.fromkeys(int(entry["move"]) for entry in entries if _may_concern_somebody(entry)))


def notices(record: Sequence[Entry], move: int, submission: Submission, zone_of: ZoneOf) -> tuple[Notice, ...]:
    """The notices of a move, one for each person who has to hear of it.

    Args:
        record: all entries so far; those of later moves do not matter.
        move: its number; one that the record does not hold gives none.
        submission: what was submitted.
        zone_of: the zone that a person, by id, reads times in.
    """
    around = Moves.of(record, move)
    told = _Told(submission, zone_of)
    for entry in around.entries:
        if entry["what"] == What.ENDED:
            told.of_the_end(entry, around)
    told.of_their_turn(around)
    for entry in around.entries:
        if entry["what"] == What.REMINDED and around.after.opening:
            for person in entry["to"]:
                if person in around.after.who:
                    told.reminded(person, around.after.opening)
        if entry["what"] == What.SUBMITTED and entry["how"] == "machine":
            told.submitted()
    told.of_the_end_of_their_turn(around)
    return tuple(told.notices.values())


def still_holds(notice: Notice, record: Iterable[Entry]) -> bool:
    """Whether a notice is still worth sending, by the record as it is now."""
    turn = turn_of(record)
    if notice.kind in _TURNS:
        return notice.to in turn.who and notice.turn == turn.key
    if notice.kind is NoticeKind.NOT_NEEDED:
        return notice.to not in turn.who  # asked again meanwhile: that notice says it all
    if notice.kind is NoticeKind.SUBMITTED:
        return not turn.is_over
    return True


def text_of(notice: Notice, base_url: str, service: str) -> str:
    """The message in plain text: the sentence, the link, and from whom it is.

    Args:
        notice: what to say.
        base_url: what links begin with.
        service: the name of the policy file.
    """
    footer = f"Sent by the approval service of {one_line(service)}. Nobody reads answers to this mail."
    return f"{notice.sentence}\n\n{notice.label}:\n{base_url}{notice.path}\n\n-- \n{footer}\n"


def moment(at: datetime, zone: tzinfo) -> str:
    """A time as people read it: ``Wed 9 Dec 2026, 16:40 (Europe/London)``."""
    local = at.astimezone(zone)
    return f"{day_in_words(local)} {local.year}, {local:%H:%M} ({getattr(zone, 'key', None) or local.tzname()})"


def _may_concern_somebody(entry: Entry) -> bool:
    if entry["what"] == What.ACT:  # it may be the last approval that one of several groups needs
        return bool(entry["verdict"] == Verdict.COUNTS and entry["act"]["act"] in (Kind.APPROVE, Kind.ABSTAIN))
    return entry["what"] in _NEWS or (entry["what"] == What.SUBMITTED and entry["how"] == "machine")


class _Told:
    """Collects the notices of one move; the first one of a person is the one that is sent."""

    def __init__(self, submission: Submission, zone_of: ZoneOf) -> None:
        self.notices: dict[str, Notice] = {}
        self._submission, self._zone_of = submission, zone_of
        self._title = one_line(submission.title)
        self._author = one_line(submission.author.name)
        amount = _amount(submission.amount)
        self._what = f"“{self._title}” by {self._author}{f', {amount},' if amount else ''}"

    def of_the_end(self, entry: Entry, around: Moves) -> None:
        """The author and those who have decided hear how it ended; who has just ended it knows."""
        state, by = entry["state"], entry.get("by")
        last = str(by["id"]) if by else ""
        if state == "withdrawn":
            return
        word, subject = _ENDS.get(state, ("is over", "Over"))
        who = f" by {one_line(by['name'])}" if by else ""
        why = "" if by or state != "expired" else ", as nobody decided in time"
        for person in (self._submission.author.id, *around.after.decided_by):
            if person != last:
                own = "Your proposal " if person == self._submission.author.id else ""
                said = f"“{self._title}”" if own else self._what
                self._add(NoticeKind.DECIDED, person, f"{subject}: {self._title}", f"{own}{said} {word}{who}{why}.")

    def of_their_turn(self, around: Moves) -> None:
        """Those who have the turn from this move on are asked."""
        opening = around.after.opening
        if opening is None or around.after.key == around.before.key:
            return
        for person in around.after.who:
            due = moment(opening.due, self._zone_of(person))
            if opening.target is not None:
                why = _why(around)
                said = f"{self._what} is yours to decide by {due}, as {why}."
                self._add(NoticeKind.ESCALATED_TO, person, f"Now yours to decide: {self._title}", said, around.after)
            else:
                said = f"{self._what} waits for your decision ({one_line(opening.name)}) until {due}."
                self._add(NoticeKind.ASKED, person, f"Your decision: {self._title}", said, around.after)

    def reminded(self, person: str, opening: Opening) -> None:
        """Who still has the turn is reminded of the end of the time, and of what happens then."""
        then = f"it goes to {one_line(opening.then.name)}" if opening.then else "it is rejected"
        due = moment(opening.due, self._zone_of(person))
        said = f"{self._what} still waits for your decision; if nobody decides by {due}, {then}."
        turn = Turn(opening, (person,))
        self._add(NoticeKind.REMINDED, person, f"Reminder: {self._title}", said, turn)

    def submitted(self) -> None:
        """The author of a proposal that a machine has submitted."""
        said = f"“{self._title}” was submitted in your name by another system; you may withdraw it."
        self._add(NoticeKind.SUBMITTED, self._submission.author.id, f"Submitted in your name: {self._title}", said)

    def of_the_end_of_their_turn(self, around: Moves) -> None:
        """Those whose turn is over, and who have not voted, need not decide any more."""
        voted = {str(entry["act"]["by"]["id"]) for entry in around.entries if entry["what"] == What.ACT}
        target = around.after.opening.target if around.after.opening else None
        is_escalated = any(entry["what"] == What.ESCALATED for entry in around.entries)
        for person in around.before.who:
            if person in around.after.who or person in voted:
                continue
            if is_escalated and target:
                said = f"{self._what} has gone to {one_line(target.name)}, as {_why(around)}: you need not decide."
                self._add(NoticeKind.ESCALATED_PAST, person, f"Gone on: {self._title}", said)
            else:
                said = f"Your decision on {self._what} is not needed any more: {self._reason(around)}."
                self._add(NoticeKind.NOT_NEEDED, person, f"Not needed any more: {self._title}", said)

    def _reason(self, around: Moves) -> str:
        found = {entry["what"]: entry for entry in around.entries}
        ended, closed = found.get(What.ENDED), found.get(What.LEVEL_CLOSED)
        if ended and ended["state"] == "withdrawn":
            return f"{self._author} has withdrawn it"
        if ended and ended["state"] == "expired":
            return "the time to decide is over, and it is rejected"
        if closed:
            word = "rejected" if closed["is"] == "rejected" else "approved"
            return f"{one_line(closed['by']['name'])} has {word} it" if closed.get("by") else f"it is {word}"
        act = found.get(What.ACT)
        if act and act["act"]["act"] == Kind.APPROVE:
            return f"{one_line(act['act']['by']['name'])} has approved it"
        return "it is decided"

    def _add(self, kind: NoticeKind, to: str, subject: str, sentence: str, turn: Turn | None = None) -> None:
        path = f"/proposals/{self._submission.case}"
        self.notices.setdefault(to, Notice(kind, to, subject, sentence, LABEL, path, turn.key if turn else None))


_ENDS = {
    "approved": ("is approved", "Approved"),
    "rejected": ("is rejected", "Rejected"),
    "expired": ("is rejected", "Rejected"),
    "overridden": ("is decided", "Decided"),
}
_TOO_FEW = "there are too few people to decide"  # of a level that went to somebody as it opened
_WHYS = {"time is over": "nobody decided in time", "abstentions": "too many have abstained"}


def _why(around: Moves) -> str:
    for entry in around.entries:
        if entry["what"] == What.ESCALATED:
            return _WHYS.get(entry["why"], _TOO_FEW)
    return _TOO_FEW


def _amount(amount: str | None) -> str:
    """``80,000.00 GBP``."""
    if not amount:
        return ""
    digits, _, currency = amount.partition(" ")
    return f"{Decimal(digits):,f} {currency}"
