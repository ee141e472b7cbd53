"""The app's durable functions, run by the worker: the hub's :class:`~devhost.durabletask.failures.Runner`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from devhost.app.function_timeout import TimedOut
from devhost.app.http_activity import HttpClient, call_http
from devhost.app.indexer import App, Function, Kind
from devhost.app.worker import Worker, activity_argument, activity_result, failure
from devhost.durabletask.failures import Failure, disabled_activity, lost_activity, timeout_failure
from devhost.durabletask.functions import Functions
from devhost.durabletask.orchestrator_result import OrchestratorResult, read_failure, read_result

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence


# What the extension's texts call the kinds that it runs.
_WORDS = {Kind.ORCHESTRATION: "orchestrator", Kind.ACTIVITY: "activity", Kind.ENTITY: "entity"}


class AppRunner:
    """Runs the functions of one app.

    Args:
        app: indexed.
        worker: of that app.
        off: names of the functions that a setting turns off: the extension knows them, but does not run them.

    Attributes:
        clients: what the parameters of a function with a durable client get; the public endpoint makes them.
    """

    def __init__(self, app: App, worker: Worker, off: Collection[str] = ()) -> None:
        self._worker = worker
        self._of = {kind: app.durable(kind) for kind in _WORDS}
        self.turn_off(off)
        self._client: HttpClient | None = None
        self.clients: Callable[[Function], Mapping[str, str]] = lambda _: {}

    def turn_off(self, off: Collection[str]) -> None:
        """From now on exactly these functions are off."""
        self._functions = Functions(
            activities=self._of[Kind.ACTIVITY].keys(),
            orchestrations=self._of[Kind.ORCHESTRATION].keys(),
            entities=self._of[Kind.ENTITY].keys(),
            spelled=self.spelled,
            off={
                word: {name for name, one in self._of[kind].items() if one.name in off} for kind, word in _WORDS.items()
            },
        )

    @property
    def functions(self) -> Functions:
        """What there is, in lower case."""
        return self._functions

    @property
    def spelled(self) -> Mapping[str, Sequence[str]]:
        """The names as the app spells them."""
        return {word: [one.durable_name for one in self._of[kind].values()] for kind, word in _WORDS.items()}

    def orchestrate(self, name: str, payload: str) -> OrchestratorResult:
        """One run over a trigger payload, on the caller's thread."""
        function = self._of[Kind.ORCHESTRATION][name.lower()]
        try:
            return read_result(self._worker.call_here(function, {function.parameter: payload}))
        except Exception as error:  # noqa: BLE001 - whatever the app raises is an answer
            return read_failure(failure(error))

    async def act(self, name: str, argument: str | None) -> str | Failure | None:
        """One run of an activity."""
        function = self._of[Kind.ACTIVITY].get(name.lower())
        if function is None:
            return lost_activity(name)
        if self._functions.is_off("activity", name):
            return disabled_activity(name)
        try:
            value = activity_argument(argument if argument is not None else "null")
            return activity_result(await self._run(function, {function.parameter: value, **self.clients(function)}))
        except asyncio.CancelledError:
            raise
        except TimedOut as error:
            return timeout_failure(str(error), error.invocation_id, error.method, error.time)
        except Exception as error:  # noqa: BLE001 - whatever the app raises is an answer
            return failure(error)

    async def operate(self, name: str, payload: str) -> str | Failure:
        """One run of an entity over a batch."""
        function: Function = self._of[Kind.ENTITY][name.lower()]
        try:
            answer: str = await self._run(function, {function.parameter: payload})
        except Exception as error:  # noqa: BLE001 - whatever the app raises is an answer
            return failure(error)
        return answer

    async def _run(self, function: Function, arguments: Mapping[str, Any]) -> Any:
        return await self._worker.call(function, arguments)

    async def fetch(self, request: Mapping[str, Any]) -> str | Failure:
        """One HTTP call; every answer is a result, a 404 and a 202 too (contract 3.4)."""
        if self._client is None:
            self._client = HttpClient.opened()
        return await call_http(self._client, request)

    async def close(self) -> None:
        """Closes the connections and starts no further call."""
        self._worker.close()
        if self._client is not None:
            await self._client.close()
