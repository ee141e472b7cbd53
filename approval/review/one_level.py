"""The review of a proposal with one question, as a value: what happened goes in, a new review comes out.

1. ``NEXT`` is the whole machine. A pair that is not in it is refused, and the review stays as it was.
2. Time comes in with each event and never goes back: the review works on with the latest time it was given.
3. A timer that fired is due. The engine's timers fire up to a second early, so the clock is not asked again.
4. No wait is longer than five days: a longer timer cannot be cancelled on the engine. Longer waits hop.
5. What somebody sends and we cannot read is noted and ignored. After the decision no event is waited for.
6. A decision is final, even if the activity that carries it out fails: ``approval.effects`` tries it again.
7. A review says what it calls for (``to_start``) and is given the results, by key. It never calls anything itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from approval import decision
from approval.case import Case
from approval.decision import Decision, Junk, Outcome
from approval.effects import Effect, Effects, Pending
from approval.errors import MisplacedEvent, NotRecorded

HOP = timedelta(days=5)
MOST_IGNORED = 5
OUTCOME = "outcome"  # the key of the effect that carries the outcome out


class Stage(StrEnum):
    """How far the review has come; the value is what the custom status shows."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    ESCALATED = "escalated"


class Event(StrEnum):
    """What can happen to a review; ``opened`` happens once, at its beginning."""

    OPENED = "opened"
    APPROVE = "approve"
    REJECT = "reject"
    JUNK = "junk"
    HOP = "hop"
    EXPIRE = "expire"
    RECORDED = "recorded"
    FAILED = "failed"
    RETRY = "retry"


_DECIDED = (Stage.APPROVED, Stage.REJECTED, Stage.ESCALATED)
_AFTERWARDS = (Event.RECORDED, Event.FAILED, Event.RETRY)

NEXT: Mapping[tuple[Stage, Event], Stage] = {
    (Stage.WAITING, Event.APPROVE): Stage.APPROVED,
    (Stage.WAITING, Event.REJECT): Stage.REJECTED,
    (Stage.WAITING, Event.EXPIRE): Stage.ESCALATED,
    (Stage.WAITING, Event.JUNK): Stage.WAITING,
    (Stage.WAITING, Event.HOP): Stage.WAITING,
    **{(stage, event): stage for stage in _DECIDED for event in _AFTERWARDS},
}


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that changed nothing, and why."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Review:
    """A review at one moment.

    Attributes:
        now: the latest time that the review was given, aware UTC.
        due: when the time to decide is over.
        decided: who decided what; None while waiting and after an expiry.
        closed_at: when the stage stopped being waiting.
        effects: the activities that the review calls for, with their state.
        outputs: what the activities gave back, in order; the output of the instance.
        ignored: the latest events that changed nothing, oldest first; ``ignored_count`` counts all.
        news: what has just happened, in order; for the log.
    """

    case: Case
    asked_at: datetime
    now: datetime
    due: datetime
    stage: Stage = Stage.WAITING
    decided: Decision | None = None
    closed_at: datetime | None = None
    effects: Effects = field(default_factory=Effects)
    outputs: tuple[Any, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    ignored_count: int = 0
    news: tuple[Event, ...] = (Event.OPENED,)

    @classmethod
    def opened(cls, case: Case, at: datetime) -> Self:
        """A review whose approver is asked at this moment, by the orchestration's own clock."""
        asked_at = at.astimezone(UTC)
        return cls(case, asked_at, asked_at, case.policy.due(asked_at))

    @property
    def is_open(self) -> bool:
        """Whether a decision would still count."""
        return self.stage is Stage.WAITING

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen: all is carried out, or was given up."""
        return not self.is_open and self.effects.are_settled

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
        """When to wake the review if nothing happens before, at most five days ahead; None if it waits for no time."""
        decided_by = min(self.due, self.now + HOP) if self.is_open else None
        return min((at for at in (decided_by, self.effects.wakes_at) if at is not None), default=None)

    def heard(self, payload: object, at: datetime) -> Self:
        """The review after an event named Approval with any payload.

        Raises:
            MisplacedEvent: the review is closed.
        """
        said = decision.read(payload)
        if isinstance(said, Junk):
            return self._ignoring(Event.JUNK, said.reason, at)
        event = Event.APPROVE if said.outcome is Outcome.APPROVED else Event.REJECT
        return self._closed(event, max(at.astimezone(UTC), self.now), said)

    def woke(self, at: datetime) -> Self:
        """The review after the timer set for ``wakes_at`` has fired, early or late.

        Raises:
            MisplacedEvent: the review waits for no time.
        """
        wakes_at = self.wakes_at
        if wakes_at is None:
            raise MisplacedEvent(self.stage, Event.RETRY)
        now = max(at.astimezone(UTC), self.now, wakes_at)
        if self.is_open and now >= self.due:
            return self._closed(Event.EXPIRE, now)
        effects = self.effects.woke(now)
        return self._moved(Event.RETRY if effects.to_start else Event.HOP, now, effects=effects)

    def done(self, key: str, result: object, at: datetime) -> Self:
        """The review after the effect of this key gave ``result``.

        Raises:
            MisplacedEffect: that effect does not run.
        """
        return self._moved(Event.RECORDED, at, effects=self.effects.done(key), outputs=(*self.outputs, result))

    def failed(self, key: str, at: datetime) -> Self:
        """The review after the effect of this key failed; it is tried again at ``wakes_at``, at last given up.

        Raises:
            MisplacedEffect: that effect does not run.
        """
        now = max(at.astimezone(UTC), self.now)
        return self._moved(Event.FAILED, now, effects=self.effects.failed(key, now))

    def verdict(self) -> list[Any]:
        """The output of the instance, once the review is over.

        Raises:
            NotRecorded: an activity failed until it was given up.
        """
        if self.trouble is not None:
            raise NotRecorded(self.stage, self.trouble.effect.activity, self.trouble.failures)
        return list(self.outputs)

    def _moved(self, event: Event, at: datetime, **changes: Any) -> Self:
        if (self.stage, event) not in NEXT:
            raise MisplacedEvent(self.stage, event)
        now = max(at.astimezone(UTC), self.now)
        stage, effects = NEXT[self.stage, event], self.effects.started()
        return replace(self, **{"now": now, "news": (event,), "stage": stage, "effects": effects, **changes})

    def _closed(self, event: Event, now: datetime, said: Decision | None = None) -> Self:
        closed = self._moved(event, now, decided=said, closed_at=now)
        return replace(closed, effects=closed.effects.begun(self._outcome(closed.stage)))

    def _outcome(self, stage: Stage) -> Effect:
        """The activity that carries the outcome out."""
        if stage is Stage.ESCALATED:
            return Effect(OUTCOME, "Escalation", self.case.policy.escalate_to)
        return Effect(OUTCOME, "Approval", str(Outcome.APPROVED if stage is Stage.APPROVED else Outcome.REJECTED))

    def _ignoring(self, event: Event, reason: str, at: datetime) -> Self:
        now = max(at.astimezone(UTC), self.now)
        latest = (*self.ignored, Ignored(now, reason))[-MOST_IGNORED:]
        return self._moved(event, now, ignored=latest, ignored_count=self.ignored_count + 1)
