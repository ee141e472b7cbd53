"""Instances: each takes in what arrives for it, one episode after another, and each episode is one change of the store.

Rules of this module:

1. At any time at most one episode of an instance runs; what arrives meanwhile makes the next one.
2. What an episode sets in motion begins after its commit.
3. An exception here is the host's own fault. It is logged, and the instance is tried again after a pause: its
   messages are still there.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from devhost.durabletask.versions import not_mine
from devhost.runtime import spans
from devhost.runtime.checkpoint import Checkpoint
from devhost.runtime.entities import run_batch
from devhost.runtime.episode import refuse, run_episode
from devhost.runtime.work import pause_after_failure
from devhost.store.errors import Unstored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from devhost.durabletask.model import PendingActivity
    from devhost.runtime.services import Services


class Instances:
    """Runs the episodes of all instances, orchestrations and entities.

    Args:
        services: of the hub.
        begin_activity: called with each activity that an episode has scheduled.
        set_alarm: called with the moment at which a new timer is due, in ticks.
    """

    def __init__(
        self,
        services: Services,
        begin_activity: Callable[[PendingActivity], None],
        set_alarm: Callable[[int | None], None],
    ) -> None:
        self._services, self._store, self._work = services, services.store, services.work
        self._begin_activity, self._set_alarm = begin_activity, set_alarm
        self._running: set[str] = set()
        self._again: set[str] = set()

    def wake(self, instance_ids: Iterable[str]) -> None:
        """Has these instances read their inboxes."""
        for instance_id in instance_ids:
            if instance_id in self._running:
                self._again.add(instance_id)
            elif not self._work.is_stopping:
                self._running.add(instance_id)
                self._work.spawn(self._run(instance_id))

    async def _run(self, instance_id: str) -> None:
        """Episode after episode, until the inbox holds nothing that is due."""
        try:
            while True:
                self._again.discard(instance_id)
                try:
                    checkpoint = await self._episode(instance_id)
                    if checkpoint is None:
                        if instance_id in self._again:
                            continue
                        return
                    await self._store.commit(checkpoint.change)
                except Exception as error:  # noqa: BLE001 - logged loudly; the messages are still there
                    if isinstance(error, sqlite3.Error):
                        why = f"could not be stored; it is tried again. {Unstored.of(error, self._store.path)}"
                    else:
                        why = f"failed in the host itself ({error!r}); it is tried again"
                    self._services.observations.complain(instance_id, [f"its episode {why}"])
                    await pause_after_failure()
                    continue
                self._follow(instance_id, checkpoint)
        finally:
            self._running.discard(instance_id)

    async def _episode(self, instance_id: str) -> Checkpoint | None:
        services = self._services
        store, runner, clock, versions = self._store, services.runner, services.clock, services.versions
        inbox = store.inbox(instance_id, clock.now())
        if not inbox:
            return None
        instance = store.instance(instance_id)
        if instance is None:
            checkpoint = Checkpoint()
            checkpoint.change.taken(inbox)
            return checkpoint
        if instance.is_entity:
            return await run_batch(instance, inbox, runner, clock)
        if versions.refuses(instance.version) and not versions.fails:
            refused = refuse(instance, inbox, store, clock)
            if refused is None:
                services.observations.complain(instance_id, [not_mine(instance, versions)])
            return refused
        return run_episode(instance, inbox, store, runner, clock, versions)

    def _follow(self, instance_id: str, checkpoint: Checkpoint) -> None:
        """What a committed checkpoint sets in motion."""
        services = self._services
        for text in checkpoint.happened:
            services.log.step(instance_id, text)
        spans.emit(checkpoint.spans)
        services.observations.complain(instance_id, checkpoint.complaints)
        services.observations.waits_for(instance_id, checkpoint.waits)
        for task in checkpoint.tasks:
            self._begin_activity(task)
        self.wake(checkpoint.wake)
        if checkpoint.due is not None:
            self._set_alarm(checkpoint.due)
