"""The timer functions of an app, each run by its schedule (timer extension: TimerListener).

Rules of this module:

1. One timer never runs twice at once. The next run is counted from the beginning of the last, so of the runs that fall
   into a long one only the first is run later, right after it.
2. A timer with a monitor has its state kept: if its next run fell into the time in which no host ran, it runs at the
   start, once and as past due. A timer that runs more than once a minute has none.
3. ``runOnStartup`` runs it at each start.
4. A run that fails is logged and changes nothing: the schedule goes on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from devhost.app.schedule import FIRST_MOMENT, local_stamp, read_schedule
from devhost.app.worker import timer_request
from devhost.private_files import write_private
from devhost.timekeeping.ticks import parse, stamp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, MutableMapping
    from datetime import tzinfo
    from pathlib import Path

    from devhost.app.indexer import Function
    from devhost.app.schedule import Schedule
    from devhost.runtime.ports import Log

Kept = dict[str, str]


@dataclass(slots=True)
class _Timer:
    function: Function
    schedule: Schedule
    monitored: bool
    last: int = FIRST_MOMENT
    next: int | None = None
    updated: int = FIRST_MOMENT
    startup: bool = False  # its first run is due at once
    past_due: bool = False
    running: bool = False

    @property
    def due(self) -> int | None:
        """When it is to run; None while it runs, or if it never will."""
        if self.running:
            return None
        return FIRST_MOMENT if self.startup else self.next


class Timers:
    """The timers of a running host.

    Args:
        functions: of the app; others than timers are passed over.
        run: runs one of them with what triggers it; it logs failures itself.
        kept: the states of the timers with a monitor, by function name; they outlive the host.
        log: for warnings.
        zone: whose clock the schedules mean.
    """

    def __init__(
        self,
        functions: Iterable[Function],
        run: Callable[[Function, Any], Awaitable[None]],
        kept: MutableMapping[str, Kept],
        log: Log,
        zone: tzinfo = UTC,
    ) -> None:
        self._run_function, self._kept, self._log, self._zone = run, kept, log, zone
        self._timers: list[_Timer] = []
        for function in functions:
            if function.schedule is not None:
                schedule = read_schedule(function.schedule.expression, zone)
                monitored = function.schedule.use_monitor and not schedule.is_rapid
                self._timers.append(_Timer(function, schedule, monitored))

    def start(self, now: int) -> None:
        """Finds out when each one runs first."""
        for timer in self._timers:
            late = timer.monitored and self._recall(timer, now)
            if timer.next is None:
                timer.next = timer.schedule.next_after(now)
            timer.past_due = late
            timer.startup = late or bool(timer.function.schedule and timer.function.schedule.run_on_startup)
            if timer.next is None:
                self._log.complain(timer.function.name, "its schedule has no moment to come: it will never run")
            elif not late:
                self._log.step(timer.function.name, f"runs next at {stamp(timer.next)}")

    @property
    def next_due(self) -> int | None:
        """When the first of them is to run."""
        return min((timer.due for timer in self._timers if timer.due is not None), default=None)

    def due(self, now: int) -> list[Coroutine[Any, Any, None]]:
        """The runs that begin now."""
        ready = [timer for timer in self._timers if timer.due is not None and timer.due <= now]
        for timer in ready:
            timer.running = True
        return [self._run(timer, now) for timer in ready]

    def request(self, function: Function) -> Any:
        """What triggers a timer that is run manually: its state, and never past due."""
        timer = next((one for one in self._timers if one.function.name == function.name), None)
        return timer_request() if timer is None else self._request(timer, past_due=False)

    async def _run(self, timer: _Timer, now: int) -> None:
        on_schedule = not timer.startup
        if timer.past_due:
            self._log.step(timer.function.name, f"is past due: it should have run at {stamp(timer.next or now)}")
        request = self._request(timer, past_due=timer.past_due)
        timer.startup = timer.past_due = False
        await self._run_function(timer.function, request)
        # A run that began a little early counts as on time; otherwise its moment would come again.
        began = max(now, timer.next) if on_schedule and timer.next is not None else now
        timer.last, timer.updated, timer.next = began, began, timer.schedule.next_after(began)
        timer.running = False
        self._keep(timer)

    def _request(self, timer: _Timer, *, past_due: bool) -> Any:
        adjusts = timer.schedule.adjusts_for_dst
        if not timer.monitored or timer.next is None:
            return timer_request(past_due=past_due, adjust_for_dst=adjusts)
        last, next_, updated = (local_stamp(one, self._zone) for one in (timer.last, timer.next, timer.updated))
        return timer_request(past_due=past_due, last=last, next_=next_, updated=updated, adjust_for_dst=adjusts)

    # ---------------------------------------------------------------- what is kept

    def _recall(self, timer: _Timer, now: int) -> bool:
        """Applies the kept state; whether a run was missed (timer extension: ScheduleMonitor)."""
        kept = self._read(timer.function.name)
        if kept is None:
            timer.next, timer.updated = timer.schedule.next_after(now), now
            self._keep(timer)
            timer.updated = FIRST_MOMENT
            return False
        timer.last, timer.next, timer.updated = kept
        expected = timer.schedule.next_after(timer.last if timer.last != FIRST_MOMENT else timer.updated)
        if timer.next != expected:  # the schedule is another one than before
            if expected is not None and now > expected:
                expected, timer.updated = timer.schedule.next_after(now), now
            timer.last, timer.next = FIRST_MOMENT, expected
            self._keep(timer)
        return timer.next is not None and now > timer.next

    def _read(self, name: str) -> tuple[int, int, int] | None:
        kept = self._kept.get(name)
        if kept is None:
            return None
        last = kept.get("last")
        try:
            return parse(last) if last else FIRST_MOMENT, parse(kept["next"]), parse(kept["updated"])
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError):
            self._log.complain(name, "what was kept of its last run cannot be read; it counts as one that never ran")
            return None

    def _keep(self, timer: _Timer) -> None:
        if not timer.monitored or timer.next is None:
            return
        kept = {"next": stamp(timer.next), "updated": stamp(timer.updated)}
        if timer.last != FIRST_MOMENT:
            kept["last"] = stamp(timer.last)
        try:
            self._kept[timer.function.name] = kept
        except OSError as error:
            self._log.complain(
                timer.function.name, f"its run could not be noted ({error}): after a restart it may run once more"
            )


class KeptInFile(dict[str, Kept]):
    """The states, in one small file that is replaced as a whole.

    Args:
        path: made with the first state; one that cannot be read counts as empty.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return
        if isinstance(found, dict):
            self.update({name: kept for name, kept in found.items() if isinstance(kept, dict)})

    def __setitem__(self, name: str, kept: Kept) -> None:
        """Keeps the state of a timer.

        Raises:
            OSError: it could not be written; the old file is as it was.
        """
        super().__setitem__(name, kept)
        write_private(self._path, json.dumps(self, indent=1))
