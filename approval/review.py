"""The review of one proposal, as a value: what happened goes in, a new review comes out.

1. ``NEXT`` is the whole machine. A pair that is not in it is refused, and the review stays as it was.
2. Time comes in with each event and never goes back: the review works on with the latest time it was told.
3. A timer that fired is due. The engine's timers fire up to a second early, so the clock is not asked again.
4. No wait is longer than five days: a longer timer cannot be cancelled on the engine. Longer waits hop.
5. What somebody sends and we cannot read is noted and ignored. So is what comes after the decision.
6. A decision stands, whatever happens to the activity that carries it out: that is tried again, with growing pauses,
   for a month. (Rewinding is no way out on the engine: it fails an instance that has timers behind a failed activity.)
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from approval import decision
from approval.case import Case
from approval.decision import Decision, Junk, Outcome
from approval.errors import MisplacedEvent, NotRecorded

HOP = timedelta(days=5)
RETRY_AFTER = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    *[timedelta(days=1)] * 30,
)
MOST_IGNORED = 5


class Stage(StrEnum):
    """How far the review has come; the value is what the custom status shows."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    ESCALATED = "escalated"


class Event(StrEnum):
    """What can happen to a review."""

    APPROVE = "approve"
    REJECT = "reject"
    JUNK = "junk"
    HOP = "hop"
    EXPIRE = "expire"
    RECORDED = "recorded"
    FAILED = "failed"
    RETRY = "retry"


_DECIDED = (Stage.APPROVED, Stage.REJECTED, Stage.ESCALATED)
_LATE = (Event.APPROVE, Event.REJECT, Event.JUNK)
_AFTERWARDS = (Event.RECORDED, Event.FAILED, Event.RETRY)

NEXT: Mapping[tuple[Stage, Event], Stage] = {
    (Stage.WAITING, Event.APPROVE): Stage.APPROVED,
    (Stage.WAITING, Event.REJECT): Stage.REJECTED,
    (Stage.WAITING, Event.EXPIRE): Stage.ESCALATED,
    (Stage.WAITING, Event.JUNK): Stage.WAITING,
    (Stage.WAITING, Event.HOP): Stage.WAITING,
    **{(stage, event): stage for stage in _DECIDED for event in (*_LATE, *_AFTERWARDS)},
}


@dataclass(frozen=True, slots=True)
class Step:
    """One activity to start, by its durable name, with its plain JSON input."""

    activity: str
    input: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that changed nothing, and why."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Review:
    """A review at one moment.

    Attributes:
        now: the latest time that the review was told, aware UTC.
        due: when the time to decide is over.
        decided: who decided what; None while waiting and after an expiry.
        closed_at: when the stage stopped to be waiting.
        steps: activities to start now; each is listed once, directly after the event that called for it.
        failures: how often the last activity failed.
        retry_at: when it is tried again, if it failed.
        outputs: what the activities gave back, in order; the output of the instance.
        ignored: the latest events that changed nothing, oldest first; ``ignored_count`` counts all.
        last: what happened last; None while nothing has.
    """

    case: Case
    asked_at: datetime
    now: datetime
    due: datetime
    stage: Stage = Stage.WAITING
    decided: Decision | None = None
    closed_at: datetime | None = None
    steps: tuple[Step, ...] = ()
    failures: int = 0
    retry_at: datetime | None = None
    outputs: tuple[Any, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    ignored_count: int = 0
    last: Event | None = None

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
        """Whether nothing more will happen: the outcome is recorded, or recording it was given up."""
        return bool(self.outputs) or self.failures > len(RETRY_AFTER)

    @property
    def wakes_at(self) -> datetime | None:
        """When to wake the review if nothing happens before, at most five days ahead; None if it waits for no time."""
        return min(self.due, self.now + HOP) if self.is_open else self.retry_at

    @property
    def last_step(self) -> Step | None:
        """The activity that carries the outcome out; None while waiting."""
        if self.is_open:
            return None
        if self.stage is Stage.ESCALATED:
            return Step("Escalation", self.case.policy.escalate_to)
        return Step("Approval", str(Outcome.APPROVED if self.stage is Stage.APPROVED else Outcome.REJECTED))

    def heard(self, payload: object, at: datetime) -> Self:
        """The review after an event named Approval, whatever is in it; it never raises."""
        said = decision.read(payload)
        if isinstance(said, Junk):
            return self._ignoring(Event.JUNK, said.reason, at)
        event = Event.APPROVE if said.outcome is Outcome.APPROVED else Event.REJECT
        if not self.is_open:
            return self._ignoring(event, f"it came after the proposal was {self.stage}", at)
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
        steps = () if self.last_step is None else (self.last_step,)
        return self._moved(Event.HOP if self.is_open else Event.RETRY, now, steps=steps, retry_at=None)

    def done(self, result: object, at: datetime) -> Self:
        """The review after its last activity gave ``result``.

        Raises:
            MisplacedEvent: nothing has been decided yet.
        """
        return self._moved(Event.RECORDED, at, outputs=(*self.outputs, result), failures=0)

    def failed(self, at: datetime) -> Self:
        """The review after its last activity failed; it is tried again at ``wakes_at``, at last given up.

        Raises:
            MisplacedEvent: nothing has been decided yet.
        """
        now = max(at.astimezone(UTC), self.now)
        retry_at = now + RETRY_AFTER[self.failures] if self.failures < len(RETRY_AFTER) else None
        return self._moved(Event.FAILED, now, failures=self.failures + 1, retry_at=retry_at)

    def verdict(self) -> list[Any]:
        """The output of the instance, once the review is over.

        Raises:
            NotRecorded: the last activity failed until it was given up.
        """
        if not self.outputs and self.last_step:
            raise NotRecorded(self.stage, self.last_step.activity, self.failures)
        return list(self.outputs)

    def _moved(self, event: Event, at: datetime, **changes: Any) -> Self:
        if (self.stage, event) not in NEXT:
            raise MisplacedEvent(self.stage, event)
        now = max(at.astimezone(UTC), self.now)
        return replace(self, **{"now": now, "last": event, "steps": (), "stage": NEXT[self.stage, event], **changes})

    def _closed(self, event: Event, now: datetime, said: Decision | None = None) -> Self:
        closed = self._moved(event, now, decided=said, closed_at=now)
        return replace(closed, steps=(closed.last_step,) if closed.last_step else ())

    def _ignoring(self, event: Event, reason: str, at: datetime) -> Self:
        now = max(at.astimezone(UTC), self.now)
        latest = (*self.ignored, Ignored(now, reason))[-MOST_IGNORED:]
        return self._moved(event, now, ignored=latest, ignored_count=self.ignored_count + 1)
