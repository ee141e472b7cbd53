"""Which instances the management API shows: what it reads of the store, it reads here.

A child is shown from its first episode on, an entity from its first operation on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from devhost.durabletask import history as h
from devhost.web.management.replies import NOT_FOUND, Reply, bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devhost.durabletask.model import Instance
    from devhost.runtime.hub import Hub


class Lookup:
    """Reads instances.

    Args:
        hub: the running task hub.
    """

    def __init__(self, hub: Hub) -> None:
        self._store = hub.queries

    def stored(self, instance_id: str) -> Instance | None:
        """The instance as it is in the store, also before it is shown."""
        return self._store.instance(instance_id)

    def history(self, instance_id: str) -> list[str]:
        """The texts of its episodes, in order."""
        return self._store.history(instance_id)

    def walk(self, prefix: str = "", first: str = "") -> Iterator[Instance]:
        """Everything in the store whose id begins with the prefix, in the order of ids, from ``first`` on."""
        return self._store.walk(prefix, first)

    def find(self, instance_id: str) -> Instance | None:
        """The instance, if it exists; a child exists from its first episode on."""
        instance = self.stored(instance_id)
        return None if instance is None or self._is_unborn(instance) else instance

    def shown(self, prefix: str = "", first: str = "") -> Iterator[Instance]:
        """The instances that a list shows, as :meth:`walk` does."""
        return (one for one in self.walk(prefix, first) if not has_not_run(one) and not self._is_unborn(one))

    def not_live(self, instance_id: str) -> Reply | None:
        """The answer to an operation on an instance that is unknown or has ended, else None."""
        instance = self.find(instance_id)
        if instance is None:
            return NOT_FOUND
        return bare(410) if instance.status in h.TERMINAL else None

    def _is_unborn(self, instance: Instance) -> bool:
        is_waiting = instance.parent_id is not None and instance.status == "Pending"
        return is_waiting and not self.history(instance.id)


def has_not_run(instance: Instance) -> bool:
    """Whether it is an entity that has not run an operation yet."""
    return instance.is_entity and instance.input is None
