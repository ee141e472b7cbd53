"""Time that goes on by itself and can be moved forward as well: virtual time, advanced by as much as has passed."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from devhost.runtime.hub import Hub

STEP_S: Final = 0.1


async def pass_time(hub: Hub, show: Callable[[], None]) -> None:
    """Advances the hub's virtual time as the machine's time goes on, until it is cancelled.

    Args:
        hub: whose clock is virtual.
        show: called after each step, so that modules that the app has loaded since see the time too.
    """
    before = time.monotonic_ns()
    while True:
        await asyncio.sleep(STEP_S)
        now = time.monotonic_ns()
        with suppress(sqlite3.Error):  # a database that is gone or full is reported by the requests that need it
            await hub.advance((now - before) // 100)
            before = now
        show()


async def cancelled(task: asyncio.Task[None]) -> None:
    """Ends a task, and comes back when it has ended."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
