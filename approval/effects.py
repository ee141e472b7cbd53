"""The activities that a case calls for, each under a key: which start now, which run, which are tried again and when.

1. A key such as ``approval`` names one effect of a case. It begins once; another try runs under the same key.
2. Several may run at once, also while the case waits for a decision.
3. One that failed is tried again after growing pauses, for a month, and is given up then. (Rewinding is no way out on
   the engine: it fails an instance that has timers behind a failed activity.)
4. A result or failure of a key that does not run is refused, and nothing changes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from approval.errors import MisplacedEffect

RETRY_AFTER = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    *[timedelta(days=1)] * 30,
)


@dataclass(frozen=True, slots=True)
class Effect:
    """One activity, by its durable name, with its plain JSON input."""

    key: str
    activity: str
    input: Any


@dataclass(frozen=True, slots=True)
class Pending:
    """An effect that has not given a result.

    Attributes:
        failures: how often it failed.
        retry_at: when it is tried again; None while it runs, and after it was given up.
        is_given_up: it failed once more than there are pauses, and is not tried again.
    """

    effect: Effect
    failures: int = 0
    retry_at: datetime | None = None
    is_given_up: bool = False

    @property
    def runs(self) -> bool:
        """Whether its activity was started and has neither given a result nor failed."""
        return self.retry_at is None and not self.is_given_up


@dataclass(frozen=True, slots=True)
class Effects:
    """The effects of a case at one moment.

    Attributes:
        pending: those without a result, in the order in which they began.
        to_start: those whose activity starts now; each is listed once, directly after the move that called for it.
    """

    pending: tuple[Pending, ...] = ()
    to_start: tuple[Effect, ...] = ()

    def __iter__(self) -> Iterator[Pending]:
        return iter(self.pending)

    @property
    def are_settled(self) -> bool:
        """Whether nothing runs and nothing will be tried again."""
        return all(one.is_given_up for one in self.pending)

    @property
    def wakes_at(self) -> datetime | None:
        """When the next one is tried again; None if none is."""
        return min((one.retry_at for one in self.pending if one.retry_at is not None), default=None)

    def begun(self, *effects: Effect) -> Self:
        """With these as well, to be started with what this move starts already.

        Raises:
            MisplacedEffect: one of the keys is pending already.
        """
        keys = [one.effect.key for one in self.pending]
        for effect in effects:
            if effect.key in keys:
                raise MisplacedEffect(effect.key)
            keys.append(effect.key)
        return replace(self, pending=(*self.pending, *map(Pending, effects)), to_start=(*self.to_start, *effects))

    def started(self) -> Self:
        """Once the activities to start have been started."""
        return replace(self, to_start=())

    def done(self, key: str) -> Self:
        """Without the one that gave its result.

        Raises:
            MisplacedEffect: it does not run.
        """
        found = self._running(key)
        return replace(self, pending=tuple(one for one in self.pending if one is not found), to_start=())

    def failed(self, key: str, now: datetime) -> Self:
        """With the one that failed waiting for its next try, or given up.

        Raises:
            MisplacedEffect: it does not run.
        """
        found = self._running(key)
        is_last = found.failures >= len(RETRY_AFTER)
        after = replace(
            found,
            failures=found.failures + 1,
            retry_at=None if is_last else now + RETRY_AFTER[found.failures],
            is_given_up=is_last,
        )
        return replace(self, pending=tuple(after if one is found else one for one in self.pending), to_start=())

    def woke(self, now: datetime) -> Self:
        """With those started again whose pause is over."""
        due = [one for one in self.pending if one.retry_at is not None and one.retry_at <= now]
        pending = tuple(replace(one, retry_at=None) if one in due else one for one in self.pending)
        return replace(self, pending=pending, to_start=tuple(one.effect for one in due))

    def without(self, key: str) -> Self:
        """Without this one, if it does not run: it is not tried again."""
        return replace(self, pending=tuple(one for one in self.pending if one.effect.key != key or one.runs))

    def find(self, key: str) -> Pending | None:
        """The one with this key; None if there is none without a result."""
        return next((one for one in self.pending if one.effect.key == key), None)

    def with_input(self, effect: Effect) -> Self:
        """With another input for the one of this key, from its next start on; as it is if there is none."""
        return replace(
            self,
            pending=tuple(replace(one, effect=effect) if one.effect.key == effect.key else one for one in self.pending),
            to_start=tuple(effect if one.key == effect.key else one for one in self.to_start),
        )

    def _running(self, key: str) -> Pending:
        for one in self.pending:
            if one.effect.key == key and one.runs:
                return one
        raise MisplacedEffect(key)
