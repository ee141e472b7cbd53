"""The task hub: a store, the app's functions and a clock, started and stopped.

Each part has a module of its own:

- :mod:`~devhost.runtime.operations`: what clients do to instances;
- :mod:`~devhost.runtime.instances`: who runs when, episode after episode;
- :mod:`~devhost.runtime.activities`: activities and their answers;
- :mod:`~devhost.runtime.queries`: reads for other packages;
- :mod:`~devhost.runtime.work`: what is under way, and whether the hub is idle.

There is no polling: a commit wakes the instances it has messages for, one alarm rings for the nearest timer.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any

from devhost.durabletask.versions import Versions
from devhost.runtime import work
from devhost.runtime.activities import Activities
from devhost.runtime.alarm import WakeUp
from devhost.runtime.instances import Instances
from devhost.runtime.observations import Observations
from devhost.runtime.operations import Operations
from devhost.runtime.queries import HubQueries
from devhost.runtime.services import Services
from devhost.store.errors import Unstored
from devhost.timekeeping.clock import VirtualClock
from devhost.timekeeping.ticks import SECOND

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from devhost.runtime.ports import Log, Queries, Runner
    from devhost.runtime.timers import Timers
    from devhost.store.database import Store
    from devhost.timekeeping.clock import Clock


class Hub:
    """A running task hub.

    Args:
        store: open; it is closed by its owner, after :meth:`stop`.
        runner: the app's functions.
        clock: real or virtual.
        log: for the console.
        any_state: a start may replace a live instance (host.json: AnyState).
        max_activities: how many activities run at once.
        versions: of orchestrations that run here.
        trace: whether instances belong to traces (host.json: distributed tracing V2).

    Attributes:
        operations: what clients do to instances.
        queries: reads for other packages.
    """

    def __init__(
        self, store: Store, runner: Runner, clock: Clock, log: Log, *,
        any_state: bool = False, max_activities: int = 10, versions: Versions | None = None, trace: bool = False,
    ) -> None:  # fmt: skip
        self.runner, self.clock, self.log = runner, clock, log
        self._store = store
        self._work, self._observations = work.Work(clock, log), Observations(log)
        services = Services(store, runner, clock, log, versions or Versions(), self._work, self._observations)
        self._activities = Activities(services, max_activities, lambda ids: self._instances.wake(ids))  # noqa: PLW0108 - made below
        self._instances = Instances(services, self._activities.begin, self._set_alarm)
        self.operations = Operations(services, self._instances.wake, any_state=any_state, trace=trace)
        self.queries: Queries = HubQueries(store, self._observations)
        # Virtual time needs no alarm: its owner moves it.
        is_real = not isinstance(clock, VirtualClock)
        self._alarm = WakeUp(clock, asyncio.get_running_loop().call_later, self._ring) if is_real else None
        self._timers: Timers | None = None
        self._moving = asyncio.Lock()

    def attach(self, timers: Timers) -> None:
        """Has these timer functions run by the hub's clock, from :meth:`resume` on."""
        self._timers = timers

    def resume(self) -> None:
        """Resumes what an earlier run of the host left: messages, due timers, activities without an answer."""
        for task in self._store.tasks():
            self._activities.begin(task)
        self._instances.wake(self._store.ready(self.clock.now()))
        if self._timers is not None:
            self._timers.start(self.clock.now())
            self._run_timers(self.clock.now())
        self._set_alarm(self._store.next_due(self.clock.now()))

    async def stop(self) -> None:
        """Stops at once. What is not committed was never answered; the next start resumes it."""
        if self._alarm is not None:
            self._alarm.cancel()
        await self._work.stop()

    async def settle(self) -> None:
        """Returns when nothing can run before a timer is due or somebody calls."""
        await self._work.settle()

    async def advance(self, ticks: int) -> None:
        """Moves virtual time on, from due timer to due timer, and lets everything happen on the way."""
        clock = self.clock
        if not isinstance(clock, VirtualClock):
            raise TypeError("only virtual time can be advanced")
        async with self._moving:
            await self._advance(clock, ticks)

    async def _advance(self, clock: VirtualClock, ticks: int) -> None:
        until = clock.now() + ticks
        while True:
            await self.settle()
            timers_due = None if self._timers is None else self._timers.next_due
            due = (self._store.next_due(0), clock.next_waking, timers_due)
            moments = [one for one in due if one is not None]
            if not moments or min(moments) > until:
                break
            self._work.expect_more()
            clock.jump(min(moments))
            self._instances.wake(self._store.fired(clock.now()))
            self._run_timers(clock.now())
            self._work.check_idle()
        clock.jump(until)

    # ---------------------------------------------------------------- what is due

    def _set_alarm(self, due: int | None) -> None:
        if self._alarm is not None and not self._work.is_stopping:
            self._alarm.set(due)

    def _ring(self) -> None:
        now = self.clock.now()
        try:
            self._instances.wake(self._store.fired(now))
            self._set_alarm(self._store.next_due(now))
            self._observations.complain("devhost", [])
        except sqlite3.Error as error:
            trouble = Unstored.of(error, self._store.path)
            self._observations.complain("devhost", [f"no timer can fire: {trouble}"])
            self._set_alarm(now + int(work.PAUSE_AFTER_FAILURE_S * SECOND))
        self._run_timers(now)

    def _run_timers(self, now: int) -> None:
        """Starts the timer functions that are due, and sets the alarm for the next."""
        if self._timers is not None and not self._work.is_stopping:
            for run in self._timers.due(now):
                self._work.spawn(self._run_timer(run))
            self._set_alarm(self._timers.next_due)

    async def _run_timer(self, run: Coroutine[Any, Any, None]) -> None:
        try:
            await run
        finally:
            if self._timers is not None:
                self._set_alarm(self._timers.next_due)
