"""One value that is expensive to compute, shared by all callers: computed once at a time and kept for a while.

The value is computed within a caller's own call, never in a separate task: Azure promises nothing to work that
goes on after a function has answered.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """A value with the times, by the monotonic clock, when computing it began and ended."""

    value: T
    began: float
    ended: float

    @property
    def age_s(self) -> float:
        """How many seconds ago computing it began."""
        return time.monotonic() - self.began

    def is_fresh(self, kept_s: float) -> bool:
        """Whether it may still be given out: for so many seconds, or for as long as it took if that is longer."""
        return time.monotonic() - self.ended < max(kept_s, self.ended - self.began)


class Cache(Generic[T]):
    """Holds one value. Calls during the computation wait for it, and get the same value or the same error.

    An error is not kept. If the call that computes is cancelled, one of those that wait computes in its place.
    """

    def __init__(self, kept_s: float) -> None:
        """Args: for how many seconds a value is given out."""
        self.kept_s = kept_s
        self._kept: Kept[T] | None = None
        self._computing: asyncio.Future[Kept[T]] | None = None

    async def get(self, compute: Callable[[], Awaitable[T]]) -> Kept[T]:
        """The value; ``compute`` is called if there is no fresh one and no other call computes it."""
        while True:
            if self._kept is not None and self._kept.is_fresh(self.kept_s):
                return self._kept
            computing = self._computing
            if computing is None or computing.done() or computing.get_loop() is not asyncio.get_running_loop():
                return await self._computed(compute)
            try:
                return await asyncio.shield(computing)  # a cancelled caller does not stop the others
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if not computing.cancelled() or (task is not None and task.cancelling()):
                    raise

    def keep(self, value: T, began: float) -> None:
        """A value that was computed elsewhere, from ``began`` until now by the monotonic clock, is given out."""
        self._kept = Kept(value, began, time.monotonic())

    def forget(self) -> None:
        """The value is dropped; the next call computes it again."""
        self._kept = None

    async def _computed(self, compute: Callable[[], Awaitable[T]]) -> Kept[T]:
        computing: asyncio.Future[Kept[T]] = asyncio.get_running_loop().create_future()
        self._computing = computing
        began = time.monotonic()
        try:
            self._kept = Kept(await compute(), began, time.monotonic())
        except Exception as error:
            computing.set_exception(error)
            computing.exception()  # without a waiting call its exception would never be retrieved
            raise
        except BaseException:
            computing.cancel()
            raise
        else:
            computing.set_result(self._kept)
            return self._kept
        finally:
            self._computing = None
