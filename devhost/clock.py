"""The clock seam: real time, or virtual time that only moves when it is told to."""

from __future__ import annotations

import heapq
import threading
import time
from typing import TYPE_CHECKING, Protocol

from devhost.ticks import MICROSECOND

if TYPE_CHECKING:
    from collections.abc import Callable

# What virtual time begins with; any fixed moment will do.
VIRTUAL_START = 1_767_225_600 * 10_000_000  # 2026-01-01T00:00:00Z


class Clock(Protocol):
    """Where the host reads the time."""

    def now(self) -> int:
        """Ticks since 1970; never less than before."""
        ...


class RealClock:
    """The machine's time. It never goes back: a clock that is set back is followed by the monotonic one."""

    def __init__(self) -> None:
        self._offset = time.time_ns() - time.monotonic_ns()

    def now(self) -> int:
        """Ticks since 1970."""
        wall, monotonic = time.time_ns(), time.monotonic_ns()
        self._offset = max(self._offset, wall - monotonic)
        return (monotonic + self._offset) // 100


class VirtualClock:
    """Time for tests. Each reading is a microsecond later than the one before: no two rows share a stamp.

    A thread may sleep in it: it wakes when the time has been moved far enough.
    """

    def __init__(self, start: int = VIRTUAL_START) -> None:
        self._now = start
        self._lock = threading.Lock()
        self._sleepers: list[tuple[int, int, threading.Event]] = []
        self._slept = 0
        self.on_sleep: Callable[[], None] = lambda: None

    def now(self) -> int:
        """Ticks since 1970."""
        self._now += MICROSECOND
        return self._now

    def jump(self, to: int) -> None:
        """Moves on to this moment, and wakes whoever slept until then; a past moment changes nothing."""
        self._now = max(self._now, to)
        with self._lock:
            while self._sleepers and self._sleepers[0][0] <= self._now:
                heapq.heappop(self._sleepers)[2].set()

    @property
    def asleep(self) -> int:
        """How many threads sleep."""
        return len(self._sleepers)

    @property
    def next_waking(self) -> int | None:
        """When the first of them wakes."""
        return self._sleepers[0][0] if self._sleepers else None

    def sleep(self, ticks: int) -> None:
        """Blocks the calling thread until so much virtual time has passed."""
        awake = threading.Event()
        with self._lock:
            self._slept += 1
            heapq.heappush(self._sleepers, (self._now + ticks, self._slept, awake))
        self.on_sleep()
        awake.wait()
