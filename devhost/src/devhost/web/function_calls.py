"""Calls of the app's functions: HTTP functions, and those that a timer or an admin runs.

A function's own error is a bare 500 (contract 6.3), and one line on the console with the place of the error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from devhost.app.bindings.http import FAILED, HttpAnswer
from devhost.app.bindings.manual_trigger import trigger_value
from devhost.app.indexer import Kind
from devhost.app.uncarried import own_exception
from devhost.app.worker import TraceContext, Worker, http_request
from devhost.dotnet.paths import written
from devhost.runtime import spans, trace_context
from devhost.runtime.ports import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from devhost.app.indexer import Function
    from devhost.timekeeping.clock import Clock
    from devhost.web.routes import Match


class FunctionLog(Log, Protocol):
    """Where the results of functions are shown."""

    def failed(self, function: str, error: BaseException) -> None:
        """A function raised."""
        ...


class FunctionCalls:
    """Calls functions.

    Args:
        worker: that runs them.
        clients: gives the parameters of a function that get a durable client, and their values.
        clock: for spans.
        log: for the console.
        key: the system key if the host checks keys, else "".
    """

    def __init__(
        self, worker: Worker, clients: Callable[[Function], dict[str, str]], clock: Clock, log: FunctionLog, key: str
    ) -> None:
        self._worker, self._clients, self._clock, self._log, self._key = worker, clients, clock, log, key
        self._warned: set[str] = set()

    async def over_http(
        self,
        match: Match,
        method: str,
        raw_path: str,
        headers: Mapping[str, str],
        query: Iterable[tuple[str, str]],
        body: bytes,
    ) -> HttpAnswer:
        """The answer of the HTTP function that a route leads to."""
        function = match.function
        path, mark, text = raw_path.partition("?")
        asked = http_request(
            method,
            f"http://{headers.get('host', '')}{written(path)}{mark}{text}",
            headers=headers.items(),
            query=query,
            route_params=match.params,
            body=body,
        )
        began, parent, failed = self._clock.now(), headers.get("traceparent", ""), None
        trace = TraceContext(trace_context.new_span(parent), headers.get("tracestate", ""))
        try:
            answer = await self._worker.answer(
                function, {function.parameter: asked, **self._clients(function)}, trace=trace
            )
        except Exception as error:  # noqa: BLE001 - the app's own error: a bare 500 for the caller
            self._log.failed(function.name, own_exception(error))
            answer, failed = FAILED, type(own_exception(error)).__name__
        self._warn_of_key(function, answer)
        if spans.provider() is not None:
            times = began, self._clock.now()
            spans.emit([spans.invocation(function, method, trace.trace_parent, parent, times, failed)])
        return answer

    async def run(self, function: Function, trigger: Any) -> None:
        """Runs a function with the value of its trigger; if it fails, the console shows one line."""
        try:
            value = trigger_value(function, trigger) if function.kind is Kind.OTHER else trigger
            await self._worker.call(function, {function.parameter: value, **self._clients(function)})
        except Exception as error:  # noqa: BLE001 - the app's own error
            self._log.failed(function.name, own_exception(error))
        else:
            self._log.step(function.name, "ran")

    def _warn_of_key(self, function: Function, answer: HttpAnswer) -> None:
        """Warns once if an anonymous function gives away the system key in the SDK's links, as it does in Azure."""
        is_anonymous = function.http is not None and function.http.auth_level == "anonymous"
        if not self._key or not is_anonymous or function.name in self._warned:
            return
        if self._key.encode() in (answer.body or b"") or any(self._key in value for _, value in answer.headers):
            self._warned.add(function.name)
            text = (
                "it is anonymous, and its answer holds the system key: anyone who calls it can read and change every "
                "instance. Give it the level 'function', or leave the links out."
            )
            self._log.complain(function.name, text)
