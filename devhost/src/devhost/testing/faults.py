"""Faults that a test sets: a host that stops at a commit, and activities that fail or run twice."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from devhost.app.invoker import AppRunner
from devhost.durabletask.failures import Failure
from devhost.store.database import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from devhost.app.indexer import App
    from devhost.app.worker import Worker
    from devhost.durabletask import orchestrator_result as orchestrator
    from devhost.store.changes import Change


def _nobody_cares() -> None:
    pass


@dataclass(slots=True)
class Faults:
    """What the test has asked for, and what came of it.

    Attributes:
        failing: how many of the next runs of an activity fail, by name.
        errors: what they fail with, by name.
        twice: how many of the next runs of an activity happen twice, by name.
        events_twice: names of events that arrive twice.
        die_at: the number of the commit at which the host dies; None if it does not.
        die_before: it dies before that commit, not after it.
        commits: how many there have been.
        is_dead: whether the host has died.
        on_death: called when it dies.
    """

    failing: Counter[str] = field(default_factory=Counter)
    errors: dict[str, str] = field(default_factory=dict)
    twice: Counter[str] = field(default_factory=Counter)
    events_twice: set[str] = field(default_factory=set)
    die_at: int | None = None
    die_before: bool = True
    commits: int = 0
    is_dead: bool = False
    on_death: Callable[[], None] = _nobody_cares

    def die(self, before_commit: int | None, after_commit: int | None) -> None:
        """From now on the host dies before, or after, the commit of this number."""
        number = before_commit if before_commit is not None else after_commit
        if number is None:
            raise ValueError("say before_commit=N or after_commit=N")
        self.die_at, self.die_before = self.commits + number, before_commit is not None


@dataclass(slots=True)
class Runs:
    """What has run.

    Attributes:
        calls: every run of an activity, in order: name and input.
        payloads: every trigger payload that an orchestrator was run over, in order, as JSON text.
    """

    calls: list[tuple[str, Any]] = field(default_factory=list)
    payloads: list[str] = field(default_factory=list)


class FaultyStore(Store):
    """Commits on the test's own thread, one change after another, counts them, and dies where the test says.

    Args:
        path: of the database; None keeps it in memory.
        faults: of the test.
    """

    def __init__(self, path: Path | None, faults: Faults) -> None:
        super().__init__(path, "OFF")
        self._faults = faults

    def commit(self, change: Change) -> asyncio.Future[None]:
        """Done when it is committed; never done if the host is dead."""
        faults = self._faults
        faults.commits += 1
        if faults.is_dead:
            return asyncio.get_running_loop().create_future()
        if faults.die_at != faults.commits:
            return self.commit_here(change)
        if not faults.die_before:
            self.commit_here(change)
        faults.is_dead = True
        faults.on_death()
        return asyncio.get_running_loop().create_future()


class FaultyRunner(AppRunner):
    """Runs activities where and as often as the test wants.

    Args:
        app: indexed.
        worker: of that app.
        off: names of the functions that a setting turns off.
        faults: of the test.
        runs: where it is noted what has run.
        threads: activities run in threads, not on the test's own.
    """

    def __init__(
        self, app: App, worker: Worker, off: Collection[str], *, faults: Faults, runs: Runs, threads: bool
    ) -> None:
        super().__init__(app, worker, off)
        self._faults, self._runs, self._threads = faults, runs, threads

    def orchestrate(self, name: str, payload: str) -> orchestrator.OrchestratorResult:
        """One run over a trigger payload."""
        self._runs.payloads.append(payload)
        return super().orchestrate(name, payload)

    async def act(self, name: str, argument: str | None) -> str | Failure | None:
        """One run of an activity, or two, or none."""
        faults, call = self._faults, (name, None if argument is None else json.loads(argument))
        self._runs.calls.append(call)
        if faults.failing[name] > 0:
            faults.failing[name] -= 1
            return Failure(faults.errors[name], "")
        if faults.twice[name] > 0:
            faults.twice[name] -= 1
            await super().act(name, argument)
            self._runs.calls.append(call)
        return await super().act(name, argument)

    async def _run(self, function: Any, arguments: Mapping[str, Any]) -> Any:
        if self._threads or function.is_async:
            return await super()._run(function, arguments)
        return self._worker.call_here(function, arguments)
