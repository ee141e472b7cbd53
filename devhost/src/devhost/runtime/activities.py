"""Activities: each is run when there is a free place, and its answer goes into the instance's inbox (contract 4.5)."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from typing import TYPE_CHECKING

from devhost.app import telemetry
from devhost.dotnet.json_text import compact
from devhost.durabletask import history as h
from devhost.durabletask.failures import HTTP_ACTIVITY, Failure, activity_details, activity_reason
from devhost.runtime import spans, trace_context
from devhost.runtime.work import pause_after_failure
from devhost.store.changes import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from devhost.durabletask.model import PendingActivity
    from devhost.runtime.services import Services


class Activities:
    """Runs activities, so many at once at most.

    Args:
        services: of the hub.
        places: how many run at once.
        wake: called with the ids of instances that have got an answer.
    """

    def __init__(self, services: Services, places: int, wake: Callable[[Iterable[str]], None]) -> None:
        self._store, self._runner, self._clock = services.store, services.runner, services.clock
        self._log, self._work, self._wake = services.log, services.work, wake
        self._free = asyncio.Semaphore(places)

    def begin(self, task: PendingActivity) -> None:
        """Has the activity run as soon as there is a place."""
        self._work.spawn(self._run(task))

    async def _run(self, task: PendingActivity) -> None:
        """Runs it and stores its answer, at least once (contract 4.5)."""
        work = self._work
        work.queued += 1
        async with self._free:
            work.queued -= 1
            began, span = self._clock.now(), ""
            if task.trace is not None:
                span = trace_context.new_span(task.trace)
                telemetry.CURRENT.set(span)
            result = await self._result(task)
        at = self._clock.now()
        failed, shown = None, f", trace {trace_context.trace_id(span)}" if span else ""
        if isinstance(result, Failure):
            failed = activity_reason(task.name, result)
            row = h.task_failed(task.task_id, failed, activity_details(result), at)
            self._log.step(task.instance_id, f"{task.name} failed: {result.message}{shown}")
        else:
            row = h.task_completed(task.task_id, result, at)
            self._log.step(task.instance_id, f"{task.name} ran{shown}")
        if task.trace is not None:
            spans.emit([spans.activity(task, span, (began, at), failed)])
        await self._answer(task, row, at)
        self._wake([task.instance_id])

    async def _result(self, task: PendingActivity) -> str | Failure | None:
        try:
            if task.name == HTTP_ACTIVITY:
                return await self._runner.fetch(json.loads(task.input or "{}"))
            return await self._runner.act(task.name, task.input)
        except Exception as error:  # noqa: BLE001 - ours; the instance that waits for it gets an answer all the same
            self._log.complain(task.instance_id, f"{task.name} failed in the host itself ({error!r})")
            return Failure(f"{type(error).__name__}: {error}", "")

    async def _answer(self, task: PendingActivity, row: h.Row, at: int) -> None:
        """Stores the answer, with as many attempts as it needs."""
        change = Change()
        change.end_task(task)
        change.send(task.instance_id, task.execution_id, compact(row), at)
        while True:
            try:
                await self._store.commit(change)
            except sqlite3.Error as error:
                self._log.complain(
                    task.instance_id, f"the answer of {task.name} could not be stored ({error}); trying again"
                )
                await pause_after_failure()
            else:
                return
