"""A case with levels at one moment, and the small steps of which every move of ``approval.review.levels`` is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from approval.acts import Name
from approval.decision import Outcome
from approval.effects import Effect, Effects, Pending
from approval.errors import MisplacedEvent
from approval.instants import written
from approval.opening import Request
from approval.record import Entry, What, announcement
from approval.review.acts_seen import ActsSeen
from approval.review.course import Course
from approval.review.journal import Journal
from approval.review.transitions import NEXT, CaseEvent, CaseStage
from approval.submission import Submission

HOP = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class LevelsState:
    """The values of a case at one moment.

    Attributes:
        given: the whole input of the instance, as ``OpenLevel`` gets it.
        instance: its id, which is the id of the case.
        asked_at: when the case began.
        now: the latest time that the review was given, aware UTC.
        awake_at: when a timer was last made in any case.
        opens: how many ``OpenLevel`` have begun.
        escalations: how many ``Escalation`` have begun.
        messages: what the output is made of: the key of each effect that gives a message, in the order in which they
            began, with its result.
        ended_at: when the case was decided or ended otherwise; None while it is open.
        ended_by: whose act ended it, if one did.
        ended_why: why it ended without one, or cannot go on.
        last_failed: the effect that failed last; for the log.
        news: what has just happened; for the log.
    """

    submission: Submission
    given: Any
    instance: str
    asked_at: datetime
    now: datetime
    awake_at: datetime
    state: CaseStage = CaseStage.STARTING
    course: Course = field(default_factory=Course)
    acts: ActsSeen = field(default_factory=ActsSeen)
    journal: Journal = field(default_factory=Journal)
    effects: Effects = field(default_factory=Effects)
    opens: int = 0
    escalations: int = 0
    messages: tuple[tuple[str, Any], ...] = ()
    ended_at: datetime | None = None
    ended_by: Name | None = None
    ended_why: str | None = None
    last_failed: Pending | None = None
    news: tuple[CaseEvent, ...] = (CaseEvent.BEGUN,)

    @property
    def is_open(self) -> bool:
        """Whether the case can still end in another way."""
        return self.state.is_open

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen: all is carried out and announced, or was given up."""
        return not self.is_open and self.effects.are_settled

    @property
    def is_asking(self) -> bool:
        """Whether somebody has the turn."""
        return self.state is CaseStage.WITH_APPROVERS

    @property
    def to_start(self) -> tuple[Effect, ...]:
        """The activities to start now; each is listed once, directly after the move that called for it."""
        return self.effects.to_start

    @property
    def trouble(self) -> Pending | None:
        """The effect that has failed and has not given its result since; None if there is none."""
        return next((one for one in self.effects if one.failures), None)

    @property
    def wakes_at(self) -> datetime | None:
        """When to wake the review if nothing happens before; None only if the case is closed and waits for no time."""
        times = [] if self.effects.wakes_at is None else [self.effects.wakes_at]
        if self.is_open:
            times.append(self.awake_at + HOP)
        if self.is_asking and self.course.opening:
            times += [self.course.opening.due, *self.course.reminders[:1]]
        return min(times, default=None)

    @property
    def record(self) -> tuple[Entry, ...]:
        """Everything that has happened, as it is or will be announced."""
        return self.journal.entries

    @property
    def open_key(self) -> str:
        """The key of the latest ``OpenLevel``."""
        return f"open:{self.opens}"

    @property
    def announce_key(self) -> str:
        """The key of the latest ``Announce``."""
        return f"announce:{self.journal.batches}"

    def later(self, at: datetime) -> datetime:
        """The time of the case, which never goes back."""
        return max(at.astimezone(UTC), self.now)

    def moved(self, event: CaseEvent, now: datetime, **changes: Any) -> Self:
        """After an event, with nothing to start.

        Raises:
            MisplacedEvent: it cannot happen in this state.
        """
        if (self.state, event) not in NEXT:
            raise MisplacedEvent(self.state, event)
        state, effects = NEXT[self.state, event], self.effects.started()
        return replace(self, **{"now": now, "news": (event,), "state": state, "effects": effects, **changes})

    def noted(self, *entries: Mapping[str, Any]) -> Self:
        """With these entries of the record, which belong to one move."""
        return replace(self, journal=self.journal.noted(self.now, *entries))

    def opening_level(self, level: int, escalation: int = 0) -> Self:
        """While ``OpenLevel`` opens the first level from this one on, or escalates the open one."""
        opening = self.course.opening if escalation else None
        request = Request(
            instance=self.instance,
            given=self.given,
            level=level,
            at=self.now,
            escalation=escalation,
            opening=opening.opening if opening else None,
            asked=self.course.turn if escalation else (),
            voted=self.course.voted,
            present=opening,
        )
        begun = replace(self, opens=self.opens + 1)
        return begun.beginning(Effect(begun.open_key, "OpenLevel", request.to_json()))

    def beginning(self, effect: Effect, *, gives_message: bool = False) -> Self:
        """With one more activity to start."""
        messages = (*self.messages, (effect.key, None)) if gives_message else self.messages
        return replace(self, effects=self.effects.begun(effect), messages=messages)

    def escalated(self) -> Self:
        """With the message to the target of the open level, if it has one."""
        target = self.course.opening.target if self.course.opening else None
        if target is None:
            return self
        number = self.escalations + 1
        effect = Effect(f"escalation:{number}", "Escalation", target.name)
        return replace(self, escalations=number).beginning(effect, gives_message=True)

    def ended(self, by: Name | None, *entries: Mapping[str, Any], why: str | None = None) -> Self:
        """With these entries and the end of the case, and the message to the author where there is an outcome."""
        person = by.to_json() if by else None
        end = {"what": What.ENDED.value, "state": str(self.state), "by": person, "why": why}
        ended = replace(self.noted(*entries, end), ended_at=self.now, ended_by=by, ended_why=why)
        match self.state:
            case CaseStage.APPROVED:
                outcome = Outcome.APPROVED
            case CaseStage.REJECTED | CaseStage.EXPIRED:
                outcome = Outcome.REJECTED
            case _:
                return ended
        return ended.beginning(Effect("approval", "Approval", str(outcome)), gives_message=True)

    def faulted(self, why: str, now: datetime, effects: Effects, *entries: Mapping[str, Any]) -> Self:
        """When the case cannot go on; with these entries before."""
        fault = self.moved(CaseEvent.FAULT, now, effects=effects, ended_at=now, ended_why=why)
        return fault.noted(*entries, {"what": What.FAULT.value, "why": why})

    def with_fresh_request(self, now: datetime) -> Self:
        """With the time of this try in the request of an ``OpenLevel`` that is tried again."""
        found = self.effects.find(self.open_key)
        if found is None or found.runs:
            return self
        effect = replace(found.effect, input={**found.effect.input, "at": written(now)})
        return replace(self, effects=self.effects.with_input(effect))

    def announcing(self) -> Self:
        """With an ``Announce`` begun, if there are news, none runs, and they need not wait for ``OpenLevel``."""
        if not self.journal.has_news or self.state is CaseStage.REFUSED or self._is_held:
            return self
        latest = self.effects.find(self.announce_key)
        if latest is not None and not latest.is_given_up:
            return self
        journal = self.journal.begun(self.now)
        told = announcement(self.instance, self.course.run, journal.unannounced)
        effects = self.effects.without(self.announce_key)
        begun = replace(self, journal=journal, effects=effects)
        return begun.beginning(Effect(begun.announce_key, "Announce", told))

    @property
    def _is_held(self) -> bool:
        """The first news wait for the answer of ``OpenLevel``; later ones for its answer or its first failure."""
        if self.state is CaseStage.STARTING:
            return True
        found = self.effects.find(self.open_key)
        return self.is_open and found is not None and not found.failures
