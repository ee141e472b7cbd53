"""What the runtime needs of other packages, and what it offers to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from devhost.durabletask.failures import Failure
    from devhost.durabletask.functions import Functions
    from devhost.durabletask.model import Instance
    from devhost.durabletask.orchestrator_result import OrchestratorResult
    from devhost.store.read_only import ReadOnlyStore


class Runner(Protocol):
    """The app's durable functions, called by name. Names are compared without case."""

    @property
    def functions(self) -> Functions:
        """What there is."""
        ...

    @property
    def spelled(self) -> Mapping[str, Sequence[str]]:
        """The names as the app spells them, under ``orchestrator``, ``activity`` and ``entity``."""
        ...

    def orchestrate(self, name: str, payload: str) -> OrchestratorResult:
        """One run of an orchestrator over its trigger payload."""
        ...

    async def act(self, name: str, argument: str | None) -> str | Failure | None:
        """One run of an activity: JSON text in, JSON text out."""
        ...

    async def operate(self, name: str, payload: str) -> str | Failure:
        """One run of an entity over a batch."""
        ...

    async def fetch(self, request: Mapping[str, Any]) -> str | Failure:
        """One call of the built-in HTTP activity: its result's JSON text."""
        ...


class Log(Protocol):
    """Where the runtime reports what happens."""

    def step(self, instance_id: str, text: str) -> None:
        """One thing that happened."""
        ...

    def complain(self, instance_id: str, text: str) -> None:
        """One thing that will not happen, and why; a warning."""
        ...


class Queries(Protocol):
    """Reads of a running task hub for other packages. Nothing here changes anything."""

    @property
    def path(self) -> Path | None:
        """The database file; None for a hub in memory."""
        ...

    def instance(self, instance_id: str) -> Instance | None:
        """The instance of exactly this id."""
        ...

    def history(self, instance_id: str) -> list[str]:
        """The texts of its episodes, in order."""
        ...

    def walk(self, prefix: str = "", after: str = "") -> Iterator[Instance]:
        """All instances whose id begins so, in the order of their ids, from ``after`` on (that one included)."""
        ...

    def next_due(self) -> int | None:
        """When the nearest durable timer fires, in ticks; None if there is none."""
        ...

    def read_only(self) -> ReadOnlyStore:
        """A second connection to the database, for another thread; the caller closes it."""
        ...

    def complaint(self, instance_id: str) -> str | None:
        """What the host complains of about the instance, if that still holds; None if nothing, or if it is long ago."""
        ...

    def awaited_events(self, instance_id: str) -> tuple[str, ...] | None:
        """Names of the events that it waits for; None if this host has not run it of late, or it waits for none."""
        ...
