"""The task hub: who runs when. It takes messages to instances, activities to workers, and what comes back to the store.

Rules of this module:

1. At any time at most one episode of an instance runs; what arrives meanwhile makes the next one.
2. An answer to the outside is given after its commit. Nothing else waits for anything.
3. There is no polling: a commit wakes the instances it has messages for, one alarm rings for the nearest timer.
4. Whatever raises here is ours; it is said loudly, and the instance is tried again after a pause, not lost.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import uuid
from collections import OrderedDict
from contextvars import Context
from typing import TYPE_CHECKING, Any, TypeVar

from devhost.app import telemetry
from devhost.dotnet.json_text import compact
from devhost.durabletask import history as h
from devhost.durabletask.failures import HTTP_ACTIVITY, Failure, activity_details, activity_reason
from devhost.durabletask.versions import Versions, not_mine
from devhost.runtime import spans, trace_context
from devhost.runtime.alarm import WakeUp
from devhost.runtime.entities import request_from_outside, run_batch
from devhost.runtime.episode import Step, begin, refuse, run_episode, send_to_entity
from devhost.runtime.rewind import rewind
from devhost.store.changes import Change
from devhost.store.errors import Unstored
from devhost.timekeeping.clock import VirtualClock
from devhost.timekeeping.ticks import SECOND, stamp

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable

    from devhost.durabletask.model import Instance, Task
    from devhost.runtime.ports import Log, Runner
    from devhost.runtime.timers import Timers
    from devhost.store.database import Store
    from devhost.timekeeping.clock import Clock

PAUSE_AFTER_FAILURE_S = 1.0
REMEMBERED = 1000  # instances of which is known what was said, and what they wait for
T = TypeVar("T")


class AlreadyExistsError(Exception):
    """The id belongs to an instance that may not be replaced.

    Attributes:
        status: of that instance.
    """

    def __init__(self, status: str) -> None:
        super().__init__(f"An Orchestration instance with the status {status} already exists.")
        self.status = status


class Hub:
    """A running task hub.

    Args:
        store: open, and owned by the hub from now on.
        runner: the app's functions.
        clock: real or virtual.
        log: for the console.
        any_state: a start may go over a live instance (host.json: AnyState).
        max_activities: how many activities run at once.
        versions: of orchestrations that run here.
        trace: whether instances belong to traces (host.json: distributed tracing V2).
    """

    def __init__(
        self, store: Store, runner: Runner, clock: Clock, log: Log, *,
        any_state: bool = False, max_activities: int = 10, versions: Versions | None = None, trace: bool = False,
    ) -> None:  # fmt: skip
        self.store, self.runner, self.clock, self.log = store, runner, clock, log
        self._any_state, self._traces = any_state, trace
        self.versions = versions or Versions()
        self._free_activities = asyncio.Semaphore(max_activities)
        self._running: set[str] = set()
        self._again: set[str] = set()
        self._starting: dict[str, asyncio.Future[None]] = {}
        self._work: set[asyncio.Task[None]] = set()
        self._queued = 0  # activities that wait for a free place
        # Virtual time needs no alarm: it is told when to move.
        is_real = not isinstance(clock, VirtualClock)
        self._alarm = WakeUp(clock, asyncio.get_running_loop().call_later, self._ring) if is_real else None
        self._said: OrderedDict[str, str] = OrderedDict()
        self._waits: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._idle = asyncio.Event()
        self._idle.set()
        if isinstance(clock, VirtualClock):
            loop = asyncio.get_running_loop()

            def look_soon() -> None:
                loop.call_soon_threadsafe(self._look_idle)

            clock.on_sleep = look_soon
        self._closing = False
        self._timers: Timers | None = None

    # ---------------------------------------------------------------- life

    def attach(self, timers: Timers) -> None:
        """Has these timer functions run by the hub's clock, from :meth:`resume` on."""
        self._timers = timers

    def resume(self) -> None:
        """Takes up whatever an earlier run of the host left: messages, due timers, activities without an answer."""
        for task in self.store.tasks():
            self._spawn(self._act(task))
        self._wake(self.store.ready(self.clock.now()))
        if self._timers is not None:
            self._timers.start(self.clock.now())
            self._run_timers(self.clock.now())
        self._set_alarm(self.store.next_due(self.clock.now()))

    async def close(self) -> None:
        """Stops at once and closes the store."""
        await self.stop()
        self.store.close()

    async def stop(self) -> None:
        """Stops at once. What is not committed was never answered; the next start takes it up again."""
        self._closing = True
        if self._alarm is not None:
            self._alarm.cancel()
        for task in list(self._work):
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)

    async def settle(self) -> None:
        """Returns when nothing can run before a timer is due or somebody calls."""
        await self._idle.wait()

    async def advance(self, ticks: int) -> None:
        """Moves virtual time on, from due timer to due timer, and lets everything happen on the way."""
        clock = self.clock
        if not isinstance(clock, VirtualClock):
            raise TypeError("only virtual time can be advanced")
        until = clock.now() + ticks
        while True:
            await self.settle()
            timers_due = None if self._timers is None else self._timers.next_due
            due = (self.store.next_due(0), clock.next_waking, timers_due)
            moments = [one for one in due if one is not None]
            if not moments or min(moments) > until:
                break
            self._idle.clear()
            clock.jump(min(moments))
            self._wake(self.store.fired(clock.now()))
            self._run_timers(clock.now())
            self._look_idle()
        clock.jump(until)

    # ---------------------------------------------------------------- operations

    async def start(
        self,
        name: str,
        input_text: str | None,
        instance_id: str | None = None,
        version: str | None = None,
        *,
        tags: dict[str, str] | None = None,
        execution_id: str | None = None,
        trace: tuple[str, str] = ("", ""),
    ) -> str:
        """Starts an orchestration and answers its id once that is on disk; ``trace`` is that of the caller.

        Raises:
            AlreadyExistsError: the id belongs to a live instance, which may not be replaced (contract 4.2).
        """
        new_id = instance_id or uuid.uuid4().hex
        while new_id in self._starting:
            await asyncio.wait([self._starting[new_id]])
        old = self.store.instance(new_id) if instance_id else None
        if old is not None and old.status not in h.TERMINAL and not self._any_state:
            raise AlreadyExistsError(old.status)
        at = self.clock.now()
        row = h.execution_started(
            instance_id=new_id,
            execution_id=execution_id or str(uuid.uuid4()),
            name=name,
            version=version,
            input_text=input_text,
            at=at,
            generation=0 if old is None else (old.generation or 0) + 1,
            tags=tags,
        )
        if self._traces:
            row["ParentTraceContext"] = trace_context.for_instance(trace_context.new_span(trace[0]), trace[1], at)
        change = Change()
        begin(change, row, at, over=old)
        self._starting[new_id] = committed = self.store.commit(change)
        try:
            await committed
        finally:
            del self._starting[new_id]
        told = f"{name} started"
        if self._traces:
            told += f", trace {trace_context.trace_id(row['ParentTraceContext']['Id'])}"
            spans.emit([spans.created(row, trace[0], self.clock.now())])
        self.log.step(new_id, told)
        self._wake([new_id])
        return new_id

    async def deliver(self, instance_id: str, row: h.Row) -> None:
        """Puts a message into the instance's inbox; returns once that is on disk."""
        change = Change()
        change.send(instance_id, None, compact(row), self.clock.now())
        await self.store.commit(change)
        self._wake([instance_id])

    async def signal(self, entity_id: str, operation: str, text: str | None) -> None:
        """Sends an entity a signal from outside; returns once that is on disk."""
        at, change = self.clock.now(), Change()
        send_to_entity(change, entity_id, request_from_outside(operation, text, stamp(at, "+00:00")), at)
        await self.store.commit(change)
        self._wake([entity_id])

    async def purge(self, instance_ids: Iterable[str]) -> int:
        """Removes these instances, whatever their state; how many they were."""
        change, count = Change(), 0
        for instance_id in instance_ids:
            change.forget(instance_id)
            count += 1
        if count:
            await self.store.commit(change)
        return count

    async def rewind(self, instance: Instance, reason: str | None) -> None:
        """Takes a failed instance back to before its failure, with its failed children (contract 4.9)."""
        change = Change()
        leaves = rewind(instance, self.store, change, reason, self.clock.now())
        await self.store.commit(change)
        self._wake(leaves)

    async def restart(self, instance: Instance, *, new_id: bool) -> str:
        """Starts the orchestration again with its stored input; the id of the new life."""
        tags = {"MS_DurableFunctions_SourceInstanceId": instance.id} if new_id else None
        to = None if new_id else instance.id
        return await self.start(
            instance.name, instance.input, to, self.versions.default, tags=tags, execution_id=uuid.uuid4().hex
        )

    # ---------------------------------------------------------------- for onlookers

    def complaint(self, instance_id: str) -> str | None:
        """What was said loudly of the instance and still holds; None if nothing, or if it is long ago."""
        return self._said.get(instance_id)

    def awaited_events(self, instance_id: str) -> tuple[str, ...] | None:
        """Names of the events that it waits for; None where this host has not run it of late, or it waits for none."""
        return self._waits.get(instance_id)

    # ---------------------------------------------------------------- work

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        # In a context of its own: the trace of whoever set it in motion is not that of the instance.
        task = asyncio.get_running_loop().create_task(work, context=Context())
        self._work.add(task)
        self._idle.clear()
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._work.discard(task)
        self._look_idle()
        if not task.cancelled() and task.exception() is not None:
            self.log.complain("devhost", f"an error of the host's own: {task.exception()!r}")

    def _look_idle(self) -> None:
        """Idle is when nothing runs but activities that sleep in virtual time, and those that queue behind them."""
        asleep = self.clock.asleep if isinstance(self.clock, VirtualClock) else 0
        if len(self._work) == asleep + (self._queued if asleep else 0):
            self._idle.set()

    def _wake(self, instance_ids: Iterable[str]) -> None:
        for instance_id in instance_ids:
            if instance_id in self._running:
                self._again.add(instance_id)
            elif not self._closing:
                self._running.add(instance_id)
                self._spawn(self._run(instance_id))

    async def _run(self, instance_id: str) -> None:
        """Episode after episode, until the inbox holds nothing that is due."""
        try:
            while True:
                self._again.discard(instance_id)
                try:
                    step = await self._step(instance_id)
                    if step is None:
                        if instance_id in self._again:
                            continue
                        return
                    await self.store.commit(step.change)
                except Exception as error:  # noqa: BLE001 - said loudly; the messages are still there
                    if isinstance(error, sqlite3.Error):
                        why = f"could not be stored; it is tried again. {Unstored.of(error, self.store.path)}"
                    else:
                        why = f"failed in the host itself ({error!r}); it is tried again"
                    self._complain(instance_id, [f"its episode {why}"])
                    await asyncio.sleep(PAUSE_AFTER_FAILURE_S)
                    continue
                self._follow(instance_id, step)
        finally:
            self._running.discard(instance_id)

    async def _step(self, instance_id: str) -> Step | None:
        inbox = self.store.inbox(instance_id, self.clock.now())
        if not inbox:
            return None
        instance = self.store.instance(instance_id)
        if instance is None:
            step = Step()
            step.change.taken(inbox)
            return step
        if instance.name.startswith("@"):
            return await run_batch(instance, inbox, self.runner, self.clock)
        if self.versions.refuses(instance.version) and not self.versions.fails:
            refused = refuse(instance, inbox, self.store, self.clock)
            if refused is None:
                self._complain(instance_id, [not_mine(instance, self.versions)])
            return refused
        return run_episode(instance, inbox, self.store, self.runner, self.clock, self.versions)

    def _follow(self, instance_id: str, step: Step) -> None:
        """What a committed step sets in motion."""
        for text in step.told:
            self.log.step(instance_id, text)
        spans.emit(step.spans)
        self._complain(instance_id, step.complaints)
        self._note_waits(instance_id, step.waits)
        for task in step.tasks:
            self._spawn(self._act(task))
        self._wake(step.wake)
        if step.due is not None:
            self._set_alarm(step.due)

    def _complain(self, instance_id: str, complaints: list[str]) -> None:
        """Says each state of affairs once, however many episodes it lasts."""
        if not complaints:
            self._said.pop(instance_id, None)
            return
        text = "; ".join(dict.fromkeys(complaints))
        if self._said.get(instance_id) != text:
            _remember(self._said, instance_id, text)
            self.log.complain(instance_id, text)

    def _note_waits(self, instance_id: str, names: tuple[str, ...]) -> None:
        if names:
            _remember(self._waits, instance_id, names)
        else:
            self._waits.pop(instance_id, None)

    async def _act(self, task: Task) -> None:
        """Runs an activity and hands in its answer, at least once (contract 4.5)."""
        self._queued += 1
        async with self._free_activities:
            self._queued -= 1
            began, span = self.clock.now(), ""
            if task.trace is not None:
                span = trace_context.new_span(task.trace)
                telemetry.CURRENT.set(span)
            result = await self._result(task)
        at = self.clock.now()
        failed, shown = None, f", trace {trace_context.trace_id(span)}" if span else ""
        if isinstance(result, Failure):
            failed = activity_reason(task.name, result)
            row = h.task_failed(task.task_id, failed, activity_details(result), at)
            self.log.step(task.instance_id, f"{task.name} failed: {result.message}{shown}")
        else:
            row = h.task_completed(task.task_id, result, at)
            self.log.step(task.instance_id, f"{task.name} ran{shown}")
        if task.trace is not None:
            spans.emit([spans.activity(task, span, (began, at), failed)])
        change = Change()
        change.end_task(task)
        change.send(task.instance_id, task.execution_id, compact(row), at)
        while True:
            try:
                await self.store.commit(change)
                break
            except sqlite3.Error as error:
                self.log.complain(
                    task.instance_id, f"the answer of {task.name} could not be stored ({error}); trying again"
                )
                await asyncio.sleep(PAUSE_AFTER_FAILURE_S)
        self._wake([task.instance_id])

    async def _result(self, task: Task) -> str | Failure | None:
        try:
            if task.name == HTTP_ACTIVITY:
                return await self.runner.fetch(json.loads(task.input or "{}"))
            return await self.runner.act(task.name, task.input)
        except Exception as error:  # noqa: BLE001 - ours; whoever waits for the activity gets an answer all the same
            self.log.complain(task.instance_id, f"{task.name} failed in the host itself ({error!r})")
            return Failure(f"{type(error).__name__}: {error}", "")

    # ---------------------------------------------------------------- timers

    def _set_alarm(self, due: int | None) -> None:
        if self._alarm is not None and not self._closing:
            self._alarm.set(due)

    def _ring(self) -> None:
        now = self.clock.now()
        try:
            self._wake(self.store.fired(now))
            self._set_alarm(self.store.next_due(now))
            self._complain("devhost", [])
        except sqlite3.Error as error:
            trouble = Unstored.of(error, self.store.path)
            self._complain("devhost", [f"no timer can fire: {trouble}"])
            self._set_alarm(now + int(PAUSE_AFTER_FAILURE_S * SECOND))
        self._run_timers(now)

    def _run_timers(self, now: int) -> None:
        """Starts the timer functions that are due, and sets the alarm for the next."""
        if self._timers is not None and not self._closing:
            for run in self._timers.due(now):
                self._spawn(self._run_timer(run))
            self._set_alarm(self._timers.next_due)

    async def _run_timer(self, run: Coroutine[Any, Any, None]) -> None:
        try:
            await run
        finally:
            if self._timers is not None:
                self._set_alarm(self._timers.next_due)


def _remember(kept: OrderedDict[str, T], instance_id: str, what: T) -> None:
    """Keeps it as the latest, and forgets the oldest where there are too many."""
    kept[instance_id] = what
    kept.move_to_end(instance_id)
    if len(kept) > REMEMBERED:
        kept.popitem(last=False)
