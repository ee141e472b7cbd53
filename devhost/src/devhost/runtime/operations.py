"""Operations from outside: start, send, signal, purge, rewind, restart. Each is answered after its commit."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

from devhost.dotnet.json_text import compact
from devhost.durabletask import history as h
from devhost.runtime import spans, trace_context
from devhost.runtime.checkpoint import begin, send_to_entity
from devhost.runtime.entities import request_from_outside
from devhost.runtime.rewind import rewind
from devhost.store.changes import Change
from devhost.timekeeping.ticks import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from devhost.durabletask.model import Instance
    from devhost.runtime.services import Services


class AlreadyExistsError(Exception):
    """The id belongs to an instance that may not be replaced.

    Attributes:
        status: of that instance.
    """

    def __init__(self, status: str) -> None:
        super().__init__(f"An Orchestration instance with the status {status} already exists.")
        self.status = status


class Operations:
    """What clients do to instances.

    Args:
        services: of the hub.
        wake: called with the ids of instances that have got a message.
        any_state: a start may replace a live instance (host.json: AnyState).
        trace: whether instances belong to traces (host.json: distributed tracing V2).
    """

    def __init__(
        self, services: Services, wake: Callable[[Iterable[str]], None], *, any_state: bool, trace: bool
    ) -> None:
        self._store, self._clock, self._log = services.store, services.clock, services.log
        self._versions, self._wake = services.versions, wake
        self._any_state, self._traces = any_state, trace
        self._starting: dict[str, asyncio.Future[None]] = {}

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
        old = self._store.instance(new_id) if instance_id else None
        if old is not None and old.status not in h.TERMINAL and not self._any_state:
            raise AlreadyExistsError(old.status)
        at = self._clock.now()
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
        self._starting[new_id] = committed = self._store.commit(change)
        try:
            await committed
        finally:
            del self._starting[new_id]
        text = f"{name} started"
        if self._traces:
            text += f", trace {trace_context.trace_id(row['ParentTraceContext']['Id'])}"
            spans.emit([spans.created(row, trace[0], self._clock.now())])
        self._log.step(new_id, text)
        self._wake([new_id])
        return new_id

    async def deliver(self, instance_id: str, row: h.Row) -> None:
        """Puts a message into the instance's inbox; returns once that is on disk."""
        change = Change()
        change.send(instance_id, None, compact(row), self._clock.now())
        await self._store.commit(change)
        self._wake([instance_id])

    async def signal(self, entity_id: str, operation: str, text: str | None) -> None:
        """Sends an entity a signal from outside; returns once that is on disk."""
        at, change = self._clock.now(), Change()
        send_to_entity(change, entity_id, request_from_outside(operation, text, stamp(at, "+00:00")), at)
        await self._store.commit(change)
        self._wake([entity_id])

    async def purge(self, instance_ids: Iterable[str]) -> int:
        """Removes these instances in any state; how many there were."""
        change, count = Change(), 0
        for instance_id in instance_ids:
            change.forget(instance_id)
            count += 1
        if count:
            await self._store.commit(change)
        return count

    async def rewind(self, instance: Instance, reason: str | None) -> None:
        """Sets a failed instance back to before its failure, with its failed children (contract 4.9)."""
        change = Change()
        leaves = rewind(instance, self._store, change, reason, self._clock.now())
        await self._store.commit(change)
        self._wake(leaves)

    async def restart(self, instance: Instance, *, new_id: bool) -> str:
        """Starts the orchestration again with its stored input; the id that it has then."""
        tags = {"MS_DurableFunctions_SourceInstanceId": instance.id} if new_id else None
        to = None if new_id else instance.id
        return await self.start(
            instance.name, instance.input, to, self._versions.default, tags=tags, execution_id=uuid.uuid4().hex
        )
