"""In virtual time an activity or a timer function that sleeps does so virtually.

``time.sleep`` ends when the clock has been moved on.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, SupportsIndex

from devhost.app.worker import RUNNING
from devhost.timekeeping.ticks import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from devhost.timekeeping.clock import VirtualClock


def sleep_virtually(clock: VirtualClock, functions: Collection[str]) -> Callable[[], None]:
    """Replaces ``time.sleep`` for threads that run one of these functions; the answer undoes it."""
    real = time.sleep

    def sleep(seconds: float | SupportsIndex) -> None:
        running = RUNNING.get()
        if running is not None and running.function_name in functions:
            clock.sleep(int(float(seconds) * SECOND), running.invocation_id)
        else:
            real(seconds)

    time.sleep = sleep

    def undo() -> None:
        time.sleep = real

    return undo
