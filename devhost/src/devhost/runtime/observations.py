"""What the host has seen of instances of late: what it complains of, and which events they wait for."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from devhost.runtime.ports import Log

REMEMBERED: Final = 1000  # instances of which this is kept
T = TypeVar("T")


class Observations:
    """Kept in memory, for the latest instances only. It fills itself again as they run.

    Args:
        log: gets each complaint once.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._complaints: OrderedDict[str, str] = OrderedDict()
        self._waits: OrderedDict[str, tuple[str, ...]] = OrderedDict()

    def complain(self, instance_id: str, complaints: list[str]) -> None:
        """Logs each state of affairs once, however many episodes it lasts; an empty list ends it."""
        if not complaints:
            self._complaints.pop(instance_id, None)
            return
        text = "; ".join(dict.fromkeys(complaints))
        if self._complaints.get(instance_id) != text:
            _remember(self._complaints, instance_id, text)
            self._log.complain(instance_id, text)

    def waits_for(self, instance_id: str, events: tuple[str, ...]) -> None:
        """From now on the instance waits for these events."""
        if events:
            _remember(self._waits, instance_id, events)
        else:
            self._waits.pop(instance_id, None)

    def complaint(self, instance_id: str) -> str | None:
        """The complaint that still holds."""
        return self._complaints.get(instance_id)

    def awaited_events(self, instance_id: str) -> tuple[str, ...] | None:
        """The events that it waits for."""
        return self._waits.get(instance_id)


def _remember(kept: OrderedDict[str, T], instance_id: str, what: T) -> None:
    """Keeps it as the latest, and forgets the oldest if there are too many."""
    kept[instance_id] = what
    kept.move_to_end(instance_id)
    if len(kept) > REMEMBERED:
        kept.popitem(last=False)
