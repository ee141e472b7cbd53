"""What is under way in a hub: episodes, activities and timer functions, each a task of the event loop."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING, Any

from devhost.timekeeping.clock import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from devhost.runtime.ports import Log
    from devhost.timekeeping.clock import Clock

PAUSE_AFTER_FAILURE_S = 1.0


async def pause_after_failure() -> None:
    """What failed is tried again after this, so that a fault that lasts does not keep the machine busy."""
    await asyncio.sleep(PAUSE_AFTER_FAILURE_S)


class Work:
    """Starts tasks, knows when the hub is idle, and stops all.

    Args:
        clock: activities may sleep in a virtual one, and the hub is idle meanwhile.
        log: for a task that fails, which is a mistake of the host's own.

    Attributes:
        queued: how many activities wait for a free place.
        is_stopping: no new episode begins.
    """

    def __init__(self, clock: Clock, log: Log) -> None:
        self._clock, self._log = clock, log
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.queued = 0
        self.is_stopping = False
        if isinstance(clock, VirtualClock):
            loop = asyncio.get_running_loop()

            def check_soon() -> None:
                loop.call_soon_threadsafe(self.check_idle)

            clock.on_sleep = check_soon

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Lets it run."""
        # In a context of its own: the trace of the request that caused it is not that of the instance.
        task = asyncio.get_running_loop().create_task(work, context=Context())
        self._tasks.add(task)
        self._idle.clear()
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.check_idle()
        if not task.cancelled() and task.exception() is not None:
            self._log.complain("devhost", f"an error of the host's own: {task.exception()!r}")

    def check_idle(self) -> None:
        """Idle is when nothing runs but activities that sleep in virtual time, and those that queue behind them."""
        asleep = self._clock.asleep if isinstance(self._clock, VirtualClock) else 0
        if len(self._tasks) == asleep + (self.queued if asleep else 0):
            self._idle.set()

    def expect_more(self) -> None:
        """It is not idle until the next check."""
        self._idle.clear()

    async def settle(self) -> None:
        """Returns when nothing can run before a timer is due or somebody calls."""
        await self._idle.wait()

    async def stop(self) -> None:
        """Cancels what runs, and returns when it has ended."""
        self.is_stopping = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
