"""When a failed call is tried again (contract 4.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from devhost.timekeeping.ticks import SECOND

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_PAUSE = 6 * 24 * 3600 * SECOND


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The retry options of a call, in ticks.

    Attributes:
        attempts: at most so many.
        first: the pause after the first attempt.
        factor: by which each further pause is longer.
        longest: no pause is longer.
        timeout: no attempt begins when so much has passed since the first; 0 for no such limit.
    """

    attempts: int
    first: int
    factor: float
    longest: int
    timeout: int

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> Self:
        """The policy of an action's ``retryOptions``."""
        return cls(
            attempts=options["maxNumberOfAttempts"],
            first=_ticks(options["firstRetryIntervalInMilliseconds"]),
            factor=options.get("backoffCoefficient") or 1,
            longest=_ticks(options.get("maxRetryIntervalInMilliseconds")) or LONGEST_PAUSE,
            timeout=_ticks(options.get("retryTimeoutInMilliseconds")),
        )

    def is_last(self, attempt: int) -> bool:
        """Whether no attempt may follow this one, counted from 0."""
        return attempt + 1 >= self.attempts

    def has_timed_out(self, passed: int) -> bool:
        """Whether no attempt may follow when so much has passed since the first."""
        return bool(self.timeout) and passed >= self.timeout

    def pause_after(self, attempt: int) -> int:
        """How long to wait after this attempt, counted from 0."""
        return min(int(self.first * self.factor**attempt), self.longest)


def _ticks(milliseconds: Any) -> int:
    return int(milliseconds * SECOND // 1000) if milliseconds else 0
