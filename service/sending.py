"""How a notice is sent to all who have to hear of a move: looked for, tried again, and given up after three days.

1. A notice may be started before the record holds its move. It is looked for again for a minute; a move that is not
   there then is none, and nobody hears of anything.
2. What cannot be sent is tried again after a minute, then after twice as long each time, at most after six hours, for
   three days. Then the instance fails, so that an operator sees it.
3. Who has got it is not tried again. A second mail after a crash has the id of the first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from approval.instants import written

LOOKS_AFTER = tuple(timedelta(seconds=seconds) for seconds in (2, 4, 8, 16, 30))
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=3)
SENT, OVER, NOT_SENT = "sent", "over", "not sent"
_MOST_MOVE = 1_000_000


class NotDelivered(Exception):
    """Somebody did not hear of a move in three days; the text says of which, and why."""


@dataclass(frozen=True, slots=True)
class News:
    """What a ``Notice`` is started with; everything else comes from the record.

    Example: ``{"case": "P-7K3M9QXV", "move": 3}``
    """

    case: str
    move: int

    @classmethod
    def from_input(cls, given: object) -> Self | None:
        """The case and the move that an input names; None if it names none."""
        if not isinstance(given, Mapping):
            return None
        case, move = given.get("case"), given.get("move")
        if not isinstance(case, str) or type(move) is not int or not 0 < move < _MOST_MOVE:
            return None
        return cls(case, move)


@dataclass(frozen=True, slots=True)
class Sending:
    """How far a notice has got.

    Attributes:
        news: what it is about.
        began: when.
        people: who has to hear of it, by id; None as long as the record has not been found.
        done: those who need not be tried again, with ``sent`` or ``over``.
        looks: how often the record was looked at and did not hold the move.
        failures: how many tries of anything have failed.
        why: the reason of the latest failure, a code.
        wakes_at: when it goes on; None if it goes on at once, or is over.
        is_on: whether it goes on.
    """

    news: News
    began: datetime
    people: tuple[str, ...] | None = None
    done: Mapping[str, str] = field(default_factory=dict)
    looks: int = 0
    failures: int = 0
    why: str | None = None
    wakes_at: datetime | None = None
    is_on: bool = True

    @property
    def left(self) -> tuple[str, ...]:
        """Who has not heard of it yet."""
        return tuple(person for person in self.people or () if person not in self.done)

    @property
    def has_failed(self) -> bool:
        """Whether it was given up."""
        return not self.is_on and (bool(self.left) or (self.people is None and self.why is not None))

    def looked(self, answer: object, now: datetime) -> Self:
        """After a look at the record: the people in ``to``, or that it does not hold the move.

        Args:
            answer: of ``ReadNotices``; None if it failed.
            now: aware UTC.
        """
        if not isinstance(answer, Mapping):
            return self._again("record-unreadable", now)
        if answer["found"]:
            people = tuple(answer["to"])
            return replace(self, people=people, is_on=bool(people), wakes_at=None, why=None)
        if self.looks >= len(LOOKS_AFTER):
            return replace(self, is_on=False, wakes_at=None, why=None)
        return replace(self, looks=self.looks + 1, wakes_at=now + LOOKS_AFTER[self.looks], why=None)

    def tried(self, answers: Sequence[Mapping[str, Any]] | None, now: datetime) -> Self:
        """After a try to send it to all who are left.

        Args:
            answers: of ``SendNotice``, one for each; None if one of them failed.
            now: aware UTC.
        """
        if answers is None:
            return self._again("sending-failed", now)
        done = {answer["person"]: answer["is"] for answer in answers if answer["is"] != NOT_SENT}
        failed = [answer["why"] for answer in answers if answer["is"] == NOT_SENT]
        everybody = {**self.done, **done}
        if not failed:
            return replace(self, done=everybody, is_on=False, wakes_at=None, why=None)
        return replace(self._again(failed[0], now), done=everybody)

    def status(self) -> dict[str, Any]:
        """The custom status.

        Example::

            {"case": "P-7K3M9QXV", "move": 3, "done": {"noor": "sent"}, "left": ["ruth"], "failures": 2,
             "why": "server-unreachable", "triesAgainAt": "2026-11-25T16:43:00Z"}
        """
        return {
            "case": self.news.case,
            "move": self.news.move,
            "done": dict(self.done),
            "left": list(self.left),
            "failures": self.failures,
            "why": self.why,
            "triesAgainAt": written(self.wakes_at) if self.wakes_at else None,
        }

    def failure(self) -> NotDelivered:
        """What the instance fails with."""
        count = f"{len(self.left)} of {len(self.people)} people" if self.people else "nobody"
        return NotDelivered(
            f"{count} could not be sent the notice of move {self.news.move} of {self.news.case} "
            f"within {GIVEN_UP_AFTER.days} days: {self.why}."
        )

    def _again(self, why: str, now: datetime) -> Self:
        pause = min(FIRST_PAUSE * 2 ** min(self.failures, 16), LONGEST_PAUSE)
        is_late = now + pause > self.began + GIVEN_UP_AFTER
        return replace(
            self,
            failures=self.failures + 1,
            why=why,
            is_on=not is_late,
            wakes_at=None if is_late else now + pause,
        )
