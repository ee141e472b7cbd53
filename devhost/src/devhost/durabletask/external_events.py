"""The waits for events, and the events that came before any wait for them (contract 4.1).

For each name there is a stack of waits and a queue of early events: an event ends the newest wait, a wait takes the
oldest early event. Names are compared without case.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from devhost.durabletask.future import Future

if TYPE_CHECKING:
    from collections.abc import Callable

    from devhost.durabletask.history import Row


class _Wait(NamedTuple):
    name: str
    future: Future
    is_response: bool = False


class ExternalEvents:
    """The waits and the early events of one walk.

    Args:
        complain: called with a sentence about an event that Python will not see.
    """

    def __init__(self, complain: Callable[[str], object]) -> None:
        self._complain = complain
        self._waits: dict[str, list[_Wait]] = {}
        self._early: dict[str, deque[str]] = {}

    def wait(self, name: str) -> Future:
        """A wait for an event of this name; one that came early ends it at once."""
        early = self._early.get(name.lower())
        if early:
            self._use(early.popleft(), name)
            return Future(done=True)
        future = Future(f"the event '{name}'")
        self._waits.setdefault(name.lower(), []).append(_Wait(name, future))
        return future

    def wait_for_response(self, name: str, future: Future) -> None:
        """Lets the response of an entity, an event named by the request's id, finish ``future`` (contract 5.2)."""
        self._waits[name.lower()] = [_Wait(name, future, is_response=True)]

    def deliver(self, event: Row) -> None:
        """Takes in an event: the newest wait for it is done, or it is kept for the next wait."""
        key = event["Name"].lower()
        waits = self._waits.get(key)
        if not waits:
            self._early.setdefault(key, deque()).append(event["Name"])
            return
        wait = waits.pop()
        self._use(event["Name"], wait.name)
        wait.future.finish()

    def _use(self, event: str, wait: str) -> None:
        if event != wait:
            self._complain(
                f"the event '{event}' was used up by the wait for '{wait}', but the Python SDK tells them "
                "apart by case and never shows it to the orchestrator"
            )

    @property
    def is_awaited(self) -> bool:
        """Whether any event or response would finish something."""
        return any(self._waits.values())

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the events that are waited for, each once; responses are not among them."""
        waits = [one for found in self._waits.values() for one in found]
        return tuple(dict.fromkeys(one.name for one in waits if not one.is_response))
