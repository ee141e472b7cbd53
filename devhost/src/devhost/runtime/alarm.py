"""One alarm for the nearest moment at which something is due.

A wait of the event loop counts monotonic time, which stops while the machine sleeps, and does not notice that
its clock was set. So no wait is longer than a second; then the clock is read again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from devhost.timekeeping.ticks import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from devhost.timekeeping.clock import Clock

LONGEST_WAIT_S: Final = 1.0


class _Handle(Protocol):
    def cancel(self) -> None: ...


class WakeUp:
    """Rings once when the nearest of the moments that it was set to has come.

    Args:
        clock: that the moments are compared with.
        call_later: of the event loop: calls something after so many seconds.
        ring: called when it is time; it may set the alarm again.
    """

    def __init__(
        self, clock: Clock, call_later: Callable[[float, Callable[[], None]], _Handle], ring: Callable[[], None]
    ) -> None:
        self._clock, self._call_later, self._ring = clock, call_later, ring
        self._due: int | None = None
        self._handle: _Handle | None = None

    def set(self, due: int | None) -> None:
        """Has it ring at this moment, in ticks, unless it rings before; None asks for nothing."""
        if due is None or (self._due is not None and self._due <= due):
            return
        self.cancel()
        self._due = due
        self._wait(due)

    def cancel(self) -> None:
        """It will not ring."""
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._due = None

    def _wait(self, due: int) -> None:
        left_s = max(0.0, (due - self._clock.peek()) / SECOND)
        self._handle = self._call_later(min(left_s, LONGEST_WAIT_S), self._check)

    def _check(self) -> None:
        due = self._due
        if due is not None and self._clock.peek() < due:
            self._wait(due)
            return
        self._handle = self._due = None
        self._ring()
