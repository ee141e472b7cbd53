"""The clock seam: real time, or virtual time that only moves on request."""

from __future__ import annotations

import heapq
import threading
import time
from typing import TYPE_CHECKING, Protocol

from devhost.timekeeping.ticks import MICROSECOND

if TYPE_CHECKING:
    from collections.abc import Callable

# What virtual time begins with; any fixed moment will do.
VIRTUAL_START = 1_767_225_600 * 10_000_000  # 2026-01-01T00:00:00Z


class Clock(Protocol):
    """Where the host reads the time."""

    def now(self) -> int:
        """Ticks since 1970; never less than before."""
        ...

    def peek(self) -> int:
        """The same for a reader: reading does not move virtual time."""
        ...


class RealClock:
    """The machine's time. It never goes back: a clock that is set back is followed by the monotonic one.

    Args:
        start: the time is not before it, whatever the machine's clock shows: what an earlier run has recorded is past.
    """

    def __init__(self, start: int = 0) -> None:
        self._offset = max(time.time_ns(), start * 100) - time.monotonic_ns()

    def now(self) -> int:
        """Ticks since 1970."""
        wall, monotonic = time.time_ns(), time.monotonic_ns()
        self._offset = max(self._offset, wall - monotonic)
        return (monotonic + self._offset) // 100

    def peek(self) -> int:
        """Ticks since 1970."""
        return self.now()


class VirtualClock:
    """Time for tests. Each reading is a microsecond later than the one before: no two rows share a stamp.

    A thread may sleep in it: it wakes when the time has been moved far enough, or when its call is given up.
    """

    def __init__(self, start: int = VIRTUAL_START) -> None:
        self._now = start
        self._lock = threading.Lock()
        self._sleepers: list[tuple[int, int, threading.Event, str]] = []
        self._abandoned: set[str] = set()
        self._alarms: list[tuple[int, int, Alarm]] = []
        self._slept = 0
        self.on_sleep: Callable[[], None] = lambda: None

    def now(self) -> int:
        """Ticks since 1970."""
        self._now += MICROSECOND
        return self._now

    def peek(self) -> int:
        """Ticks since 1970; time does not move."""
        return self._now

    def jump(self, to: int) -> None:
        """Moves on to this moment, and wakes threads that slept until then; a past moment changes nothing."""
        self._now = max(self._now, to)
        with self._lock:
            while self._sleepers and self._sleepers[0][0] <= self._now:
                heapq.heappop(self._sleepers)[2].set()
        while self._alarms and self._alarms[0][0] <= self._now:
            heapq.heappop(self._alarms)[2].ring()

    @property
    def asleep(self) -> int:
        """How many threads sleep."""
        return len(self._sleepers)

    @property
    def next_waking(self) -> int | None:
        """When the first of them wakes, or the first alarm rings."""
        while self._alarms and self._alarms[0][2].is_off:
            heapq.heappop(self._alarms)
        return min((heap[0][0] for heap in (self._sleepers, self._alarms) if heap), default=None)

    def call_at(self, due: int, call: Callable[[], None]) -> Alarm:
        """Has something called when time has come so far."""
        alarm = Alarm(call)
        self._slept += 1
        heapq.heappush(self._alarms, (due, self._slept, alarm))
        return alarm

    def sleep(self, ticks: int, call_id: str = "") -> None:
        """Blocks the calling thread until so much virtual time has passed.

        Raises:
            Abandoned: the call that the thread works for was given up.
        """
        awake = threading.Event()
        with self._lock:
            if call_id in self._abandoned:
                raise Abandoned
            self._slept += 1
            heapq.heappush(self._sleepers, (self._now + ticks, self._slept, awake, call_id))
        self.on_sleep()
        awake.wait()
        if call_id in self._abandoned:
            raise Abandoned

    def abandon(self, call_id: str) -> None:
        """This call was given up: its thread sleeps no longer, and ends."""
        with self._lock:
            self._abandoned.add(call_id)
            gone = [one for one in self._sleepers if one[3] == call_id]
            self._sleepers = [one for one in self._sleepers if one[3] != call_id]
            heapq.heapify(self._sleepers)
        for _, _, awake, _ in gone:
            awake.set()


class Abandoned(BaseException):
    """Ends the thread of a call that was given up; no code of an app should catch it."""


class Alarm:
    """Something that is to be called at a time, unless it is put off."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call
        self.is_off = False

    def cancel(self) -> None:
        """It will not be called."""
        self.is_off = True

    def ring(self) -> None:
        """Calls it."""
        if not self.is_off:
            self._call()
