"""The time that host.json grants a call of a function (``functionTimeout``)."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from devhost.timekeeping.clock import VirtualClock
from devhost.timekeeping.ticks import MICROSECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from devhost.timekeeping.clock import Clock


class _Call(Protocol):
    """The facts about a call."""

    @property
    def invocation_id(self) -> str: ...
    @property
    def function_name(self) -> str: ...


class _Handle(Protocol):
    def cancel(self) -> object: ...


class TimedOut(Exception):
    """A call took longer than allowed; the text is the Functions host's.

    Attributes:
        invocation_id: of the call.
        method: the function, as the host calls it: ``Functions.NAME``.
        time: as .NET writes it: ``00:30:00``.
    """

    def __init__(self, invocation_id: str, function: str, time: timedelta) -> None:
        self.invocation_id, self.method, self.time = invocation_id, f"Functions.{function}", _written(time)
        super().__init__(f"Timeout value of {self.time} was exceeded by function: {self.method}")


class Limit:
    """The same limit for every call.

    Args:
        time: how long a call may take.
        clock: real or virtual.
        sleepers: names of the functions that sleep in virtual time: only theirs is counted by a virtual clock.
    """

    def __init__(self, time: timedelta, clock: Clock, sleepers: Collection[str] = ()) -> None:
        self._time, self._clock, self._sleepers = time, clock, sleepers

    @contextmanager
    def on(self, call: _Call) -> Iterator[None]:
        """What is awaited inside is given up when the time is over.

        Raises:
            TimedOut: it is over.
        """
        task = asyncio.current_task()
        assert task is not None
        is_over = False

        def give_up() -> None:
            nonlocal is_over
            is_over = True
            task.cancel()

        alarm = self._set(call, give_up)
        try:
            yield
        except asyncio.CancelledError:
            if not is_over or task.uncancel() > 0:
                raise
            if isinstance(self._clock, VirtualClock):
                self._clock.abandon(call.invocation_id)
            raise TimedOut(call.invocation_id, call.function_name, self._time) from None
        finally:
            alarm.cancel()

    def _set(self, call: _Call, give_up: Callable[[], None]) -> _Handle:
        if isinstance(self._clock, VirtualClock) and call.function_name in self._sleepers:
            ticks = self._time // timedelta(microseconds=1) * MICROSECOND
            return self._clock.call_at(self._clock.peek() + ticks, give_up)
        return asyncio.get_running_loop().call_later(self._time.total_seconds(), give_up)


def _written(time: timedelta) -> str:
    minutes, seconds = divmod(time.seconds, 60)
    days = f"{time.days}." if time.days else ""
    decimals = f".{time.microseconds:06}0" if time.microseconds else ""
    return f"{days}{minutes // 60:02}:{minutes % 60:02}:{seconds:02}{decimals}"
