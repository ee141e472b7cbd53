"""The public endpoint: finds who answers a request, and adds the headers that every response gets.

1. The management API, ``/admin``, devhost's own pages and the app's functions each have a module; here is the order.
2. Both endpoints refuse what another site's page sent (:mod:`devhost.web.callers`). Where keys are checked, no response
   holds one that the caller has not shown, except for what the app's own functions answer.
3. Everything that only devhost has is below ``/devhost``; nothing there exists on the real host.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from aiohttp import web

from devhost.app.indexer import Kind
from devhost.app.worker import client_binding, timer_request
from devhost.dotnet import cors
from devhost.web.admin_endpoint import AdminEndpoint
from devhost.web.callers import Callers
from devhost.web.clock_endpoint import move_clock
from devhost.web.exchange import JSON_HEADERS, is_below, pairs, path_of, query_of, response_of
from devhost.web.function_calls import FunctionCalls, FunctionLog
from devhost.web.kestrel import Response, closing, refusal
from devhost.web.management import PUBLIC, Management, Names, Reply, Request
from devhost.web.management_endpoint import ManagementEndpoint
from devhost.web.refusals import Refusals
from devhost.web.rpc_endpoint import RpcEndpoint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from yarl import URL

    from devhost.app.indexer import App, Function
    from devhost.app.worker import Worker
    from devhost.runtime.hub import Hub
    from devhost.runtime.timers import Timers
    from devhost.web.keys import Keys
    from devhost.web.routes import RouteTable

PAGES: Final = "/devhost"
CLOCK: Final = f"{PAGES}/clock"
ADMIN: Final = "/admin/"
LARGEST_BODY: Final = 100 * 1024 * 1024  # the Functions host's own limit
NO_HOME: Final = "AzureWebJobsDisableHomepage"
HOME: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>devhost</title>
<h1>Your functions are up and running on devhost</h1>
<p>This page is the host's own. The console lists the functions, and <a href="/devhost">/devhost</a> shows what their
instances do, on this machine only.</p>
"""


class FrontLog(FunctionLog, Protocol):
    """Where the endpoints report what happens."""

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """One request that was answered."""
        ...


class PagesEndpoint(Protocol):
    """The pages below ``/devhost``."""

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to one request."""
        ...


class Front:
    """Answers requests.

    Args:
        hub: the running task hub.
        app: whose functions are served.
        worker: that runs them.
        routes: of the app's HTTP functions.
        names: for the management URLs.
        keys: checked if given; None accepts every caller, as Core Tools does without ``--enableAuth``.
        log: for the console.
        default_version: of instances whose start names none.

    Attributes:
        off: names of the functions that a setting turns off: only an admin may run them.
        cors: which pages of other origins may call.
        custom_headers: that every response gets, unless it has them (host.json: customHeaders).
        callers: who may call; before it is set, only requests for this machine's own names.
        timers: the app's, so that a timer function that an admin runs gets its schedule's state.
        public_origin: scheme, host and port of this endpoint.
        rpc_port: of the endpoint of the SDK.
        pages: devhost's own, if the host has them.
    """

    def __init__(
        self,
        hub: Hub,
        app: App,
        worker: Worker,
        routes: RouteTable,
        names: Names,
        keys: Keys | None,
        log: FrontLog,
        default_version: str | None = None,
    ) -> None:
        self._hub, self._routes, self._names, self._keys, self._log = hub, routes, names, keys, log
        self.off: Collection[str] = ()
        self.cors = cors.Cors()
        self.custom_headers: Mapping[str, str] = {}
        self.callers = Callers("127.0.0.1")
        self.timers: Timers | None = None
        self.public_origin = ""
        self.rpc_port = 0
        self.pages: PagesEndpoint | None = None
        # The SDK builds its links from its binding, not from these answers.
        shown = names if keys is None else replace(names, key="")
        with_key, without_key = (
            ManagementEndpoint(Management(hub, one, default_version), log, hub.queries.path) for one in (names, shown)
        )
        self._refusals = Refusals(log)
        self._management = with_key
        self._rpc = RpcEndpoint(without_key, with_key, self._refusals)
        self._admin = AdminEndpoint(app, keys, self.run_manually)
        self._functions = FunctionCalls(worker, self.clients, hub.clock, log, "" if keys is None else names.key)

    @property
    def has_home(self) -> bool:
        """Whether a function of the app has the page at the root."""
        return self._routes.match("GET", "/") is not None

    # ---------------------------------------------------------------- the endpoints

    async def public(self, request: web.BaseRequest) -> web.StreamResponse:
        """The response to a request from outside."""
        began = time.perf_counter()
        refused = refusal(request)
        response = await self._with_headers(request) if refused is None else closing(refused)
        if not _is_poll(request):
            self._log.request(request.method, request.raw_path, response.status, time.perf_counter() - began)
        return response

    async def rpc(self, request: web.BaseRequest) -> web.StreamResponse:
        """The response to a request of the SDK's durable client."""
        return await self._rpc.respond(request)

    async def direct(self, method: str, url: URL, headers: dict[str, str], body: bytes) -> tuple[int, bytes | None]:
        """The same for a client in this process, without a socket."""
        return await self._rpc.direct(method, url, headers, body)

    async def management(self, asked: Request) -> Reply:
        """The management API for callers in this process."""
        return await self._management.reply(asked)

    # ---------------------------------------------------------------- who answers

    async def _with_headers(self, request: web.BaseRequest) -> web.StreamResponse:
        """The response with CORS and custom headers; devhost's own pages are not for other origins and get neither."""
        path = path_of(request)
        lower = path.lower()
        if is_below(PAGES, lower):
            return self._refusal(request, lower) or await self._answer(request, path, lower)
        response: web.StreamResponse
        if cors.is_preflight(self.cors, request.method, request.headers):
            response = Response(status=204)
        else:
            response = self._refusal(request, lower) or await self._answer(request, path, lower)
            for name, value in self.custom_headers.items():
                response.headers.setdefault(name, value)
        for name, value in cors.answer_headers(self.cors, request.method, request.headers).items():
            if name == "Vary":
                response.headers.add(name, value)
            else:
                response.headers[name] = value
        return response

    def _refusal(self, request: web.BaseRequest, path: str) -> Response | None:
        """The 403 for a request from elsewhere, or None. The pages make their own. ``path`` is in lower case."""
        callers = self.callers
        if path == CLOCK:
            why = callers.wrong_host(request.headers, always=True)
            why = why or callers.foreign(request.method, request.headers, strict=True)
        elif self.pages is not None and is_below(PAGES, path):
            return None
        else:
            why = callers.wrong_host(request.headers)
            if why is None and (is_below(PUBLIC, path) or path.startswith(ADMIN)):
                why = callers.foreign(request.method, request.headers)
        return None if why is None else self._refusals.response(why)

    async def _answer(self, request: web.BaseRequest, path: str, lower: str) -> web.StreamResponse:
        try:
            if is_below(PUBLIC, lower):
                if self._keys is not None and not self._keys.check_durable(request.headers, dict(query_of(request))):
                    return Response(status=401)
                return await self._management.respond(request, path[len(PUBLIC) :])
            if lower.startswith(ADMIN):
                return await self._admin.respond(request, path)
            if lower == CLOCK and request.method == "POST":
                return await move_clock(request, self._hub)
            if self.pages is not None and is_below(PAGES, lower):
                return await self.pages.answer(request)
            if path == "/" and self._routes.match(request.method, path) is None:
                return _home()
            return await self._function(request)
        except web.HTTPRequestEntityTooLarge:
            return Response(status=413)
        except ConnectionError:  # the caller went away before its whole body was read
            return Response(status=400)

    # ---------------------------------------------------------------- functions

    async def _function(self, request: web.BaseRequest) -> Response:
        if request.body_exists and self._routes.match(request.method, request.raw_path.partition("?")[0]) is None:
            return Response(status=404)
        body = await request.read()
        if request.content_length is None:  # without a length it does not reach the function (contract 6.3)
            body = b""
        return response_of(*await self.function(request.method, request.raw_path, request.headers, body))

    async def function(
        self, method: str, raw_path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Iterable[tuple[str, str]], bytes | None]:
        """Calls the HTTP function that the route table names: status, headers and body of the answer.

        Args:
            method: as sent.
            raw_path: with the query, still encoded.
            headers: found in any case; ``Host`` among them.
            body: empty if there is none.
        """
        path, _, text = raw_path.partition("?")
        match = self._routes.match(method, path)
        if match is None:
            return 404, (), None
        function, query = match.function, pairs(text)
        if self._keys is not None and not self._keys.check(function, headers, dict(query)):
            return 401, (), None
        if function.name in self.off and not (self._keys and self._keys.check_admin(headers, dict(query))):
            return 404, (), None
        why = self.callers.foreign(method, headers) if function.clients else None
        if why is not None:
            return 403, JSON_HEADERS, self._refusals.body(why)
        answer = await self._functions.over_http(match, method, raw_path, headers, query, body)
        return answer.status, answer.headers, answer.body

    def clients(self, function: Function) -> dict[str, str]:
        """The parameters of the function that get a durable client, and their values."""
        names = self._names
        return {
            client.parameter: client_binding(
                self.public_origin, client.task_hub or names.hub, client.connection_name or names.connection,
                names.key, self.rpc_port,
            )
            for client in function.clients
        }  # fmt: skip

    async def run_manually(self, function: Function, given: Any = None) -> None:
        """Runs a function that is not called over HTTP, with the value that its trigger would pass."""
        if function.kind is Kind.TIMER:
            given = timer_request() if self.timers is None else self.timers.request(function)
        await self.run(function, given)

    async def run(self, function: Function, trigger: Any) -> None:
        """Runs a function with the value of its trigger; if it fails, the console shows one line."""
        await self._functions.run(function, trigger)


def _home() -> Response:
    """The page at the root where no function has it, for every method, unless a setting turns it off (contract 6.1)."""
    if os.environ.get(NO_HOME, "").lower() == "true":
        return Response(status=204)
    return Response(text=HOME, content_type="text/html")


def _is_poll(request: web.BaseRequest) -> bool:
    """Whether a page polls for changes, as it does every second: the console leaves these requests out."""
    return "X-Devhost-Poll" in request.headers and request.raw_path.lower().startswith(PAGES)
