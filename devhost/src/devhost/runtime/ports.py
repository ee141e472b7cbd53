"""What the runtime asks of its surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from devhost.durabletask.failures import Failure
    from devhost.durabletask.functions import Functions
    from devhost.durabletask.orchestrator_result import OrchestratorResult


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
    """Where the hub says what happens."""

    def step(self, instance_id: str, text: str) -> None:
        """One thing that happened."""
        ...

    def complain(self, instance_id: str, text: str) -> None:
        """One thing that will not happen, and why; loud."""
        ...
