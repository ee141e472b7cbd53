"""Reads of a running task hub: :class:`~devhost.runtime.ports.Queries`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from devhost.durabletask.model import Instance
    from devhost.runtime.observations import Observations
    from devhost.store.database import Store
    from devhost.store.read_only import ReadOnlyStore


class HubQueries:
    """Reads the store, and what the host has seen of its instances.

    Args:
        store: of the hub.
        observations: of its instances.
    """

    def __init__(self, store: Store, observations: Observations) -> None:
        self._store, self._observations = store, observations

    @property
    def path(self) -> Path | None:
        """The database file; None for a hub in memory."""
        return self._store.path

    def instance(self, instance_id: str) -> Instance | None:
        """The instance of exactly this id."""
        return self._store.instance(instance_id)

    def history(self, instance_id: str) -> list[str]:
        """The texts of its episodes, in order."""
        return self._store.history(instance_id)

    def walk(self, prefix: str = "", after: str = "") -> Iterator[Instance]:
        """All instances whose id begins so, in the order of their ids, from ``after`` on (that one included)."""
        return self._store.walk(prefix, after)

    def next_due(self) -> int | None:
        """When the nearest durable timer fires, in ticks; None if there is none."""
        return self._store.next_due(0)

    def read_only(self) -> ReadOnlyStore:
        """A second connection to the database, for another thread; the caller closes it."""
        return self._store.read_only()

    def complaint(self, instance_id: str) -> str | None:
        """What the host complains of about the instance, if that still holds; None if nothing, or if it is long ago."""
        return self._observations.complaint(instance_id)

    def awaited_events(self, instance_id: str) -> tuple[str, ...] | None:
        """Names of the events that it waits for; None if this host has not run it of late, or it waits for none."""
        return self._observations.awaited_events(instance_id)
