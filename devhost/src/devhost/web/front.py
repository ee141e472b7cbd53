"""The two doors: the public one with the functions' routes, and the local RPC one that the durable client uses.

1. Both lead to the same management handler (contract 1.1). The RPC door has nothing else and asks for no key.
2. A function's own error is a bare 500 (contract 6.3), and one line on the console that says where it happened.
3. Both refuse what comes from a foreign page (:mod:`devhost.web.callers`). Where keys are checked, no answer holds one
   that the caller has not shown, but for what the app's own functions answer.
4. What only devhost has lies under ``/devhost``; nothing there exists on the real host.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl

from aiohttp import web

from devhost.app.bindings.http import FAILED, HttpAnswer
from devhost.app.bindings.manual_trigger import trigger_value
from devhost.app.indexer import Kind
from devhost.app.uncarried import told
from devhost.app.worker import TraceContext, Worker, client_binding, http_request, timer_request
from devhost.dotnet import cors
from devhost.dotnet.paths import decoded
from devhost.runtime import spans, trace_context
from devhost.runtime.ports import Log
from devhost.store.errors import Unstored
from devhost.timekeeping.clock import VirtualClock
from devhost.timekeeping.ticks import SECOND, brief, stamp
from devhost.web.callers import Callers
from devhost.web.kestrel import FRAMING, Response, closing, is_sendable, refusal
from devhost.web.management import JSON, PUBLIC, SOMETHING_WRONG, Management, Names, Reply, Request, exception

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from yarl import URL

    from devhost.app.indexer import App, Function
    from devhost.runtime.hub import Hub
    from devhost.runtime.timers import Timers
    from devhost.web.keys import Keys
    from devhost.web.routes import RouteTable

RPC = "/durabletask"
RPC_PORT = 17071
PAGES = "/devhost"
CLOCK = f"{PAGES}/clock"
LARGEST_BODY = 100 * 1024 * 1024  # the Functions host's own limit
LAST_MOMENT = 221_845_392_000 * SECOND  # 9000-01-01, with room for timers before the calendar ends
UNSTORED = "The host cannot reach its database now, and has stored nothing of this request. Try it again later."
NO_HOME = "AzureWebJobsDisableHomepage"
HOME = """<!doctype html><html lang="en"><meta charset="utf-8"><title>devhost</title>
<h1>Your functions are up and running on devhost</h1>
<p>This page is the host's own. The console lists the functions, and <a href="/devhost">/devhost</a> shows what their
instances do, on this machine only.</p>
"""


class FrontLog(Log, Protocol):
    """Where the doors say what happens."""

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """One request that was answered."""
        ...

    def failed(self, function: str, error: BaseException) -> None:
        """A function raised."""
        ...


class Pages(Protocol):
    """What answers below ``/devhost``."""

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
        names: what stands in management URLs.
        keys: checked if given; None lets everybody in, as Core Tools does without ``--enableAuth``.
        log: for the console.
        default_version: of instances that are started without one.

    Attributes:
        off: names of the functions that a setting turns off: only an admin may run them.
        cors: which pages of other origins may call.
        custom_headers: that every answer gets, unless it has them (host.json: customHeaders).
        callers: who may call; at first, only who asks for this machine.
        timers: the app's, so that one that is run by hand is told its state.
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
        self._hub, self._app, self._worker, self._routes = hub, app, worker, routes
        self._names, self._keys, self._log = names, keys, log
        self.off: Collection[str] = ()
        self.cors = cors.Cors()
        self.custom_headers: Mapping[str, str] = {}
        self._management = Management(hub, names, default_version)
        self.callers = Callers("127.0.0.1")
        self._local = Callers("127.0.0.1")
        # The SDK builds its links from what its binding says, not from these answers.
        shown = names if keys is None else replace(names, key="")
        self._keyless = Management(hub, shown, default_version)
        self._told_of: set[str] = set()
        self._refused = ""
        self.public_origin = ""
        self.rpc_port = 0
        self.timers: Timers | None = None
        self._admin_work: set[asyncio.Task[Any]] = set()
        self.pages: Pages | None = None

    # ---------------------------------------------------------------- doors

    async def public(self, request: web.BaseRequest) -> web.StreamResponse:
        """The door that everybody sees."""
        began = time.perf_counter()
        refused = refusal(request)
        response = await self._across(request) if refused is None else closing(refused)
        if not _is_poll(request):
            self._log.request(request.method, request.raw_path, response.status, time.perf_counter() - began)
        return response

    async def rpc(self, request: web.BaseRequest) -> web.StreamResponse:
        """The door of the durable client."""
        refused = refusal(request)
        if refused is not None:
            return closing(refused)
        why = self._local.wrong_host(request.headers) or self._local.foreign(
            request.method, request.headers, strict=True
        )
        if why is not None:
            return _response(403, [("Content-Type", JSON)], self._forbidden(why))
        path = _path(request)
        if not _is_below(RPC, path.lower()):
            return Response(status=404)
        try:
            return await self._manage(request, path[len(RPC) :], self._keyless)
        except ConnectionError:  # as at the other door
            return Response(status=400)

    async def direct(self, method: str, url: URL, headers: dict[str, str], body: bytes) -> tuple[int, bytes | None]:
        """The RPC door for callers in this process."""
        asked = Request(
            method=method,
            path=decoded(url.raw_path)[len(RPC) :],
            query=joined(_pairs(url.raw_query_string)),
            headers=headers,
            body=body,
            url=str(url),
            origin=str(url.origin()),
        )
        reply = await self._reply(asked)
        return reply.status, reply.body

    async def _across(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer, with what a page of another origin needs to read it; the host's own pages are not for those."""
        if _is_below(PAGES, _path(request).lower()):
            return self._refusal(request) or await self._answer(request)
        response: web.StreamResponse
        if cors.is_preflight(self.cors, request.method, request.headers):
            response = Response(status=204)
        else:
            response = self._refusal(request) or await self._answer(request)
            for name, value in self.custom_headers.items():
                response.headers.setdefault(name, value)
        for name, value in cors.answer_headers(self.cors, request.method, request.headers).items():
            if name == "Vary":
                response.headers.add(name, value)
            else:
                response.headers[name] = value
        return response

    def _refusal(self, request: web.BaseRequest) -> Response | None:
        """What a request from elsewhere is answered; the pages have their own words for it."""
        path, callers = _path(request).lower(), self.callers
        if path == CLOCK:
            why = callers.wrong_host(request.headers, always=True)
            why = why or callers.foreign(request.method, request.headers, strict=True)
        elif self.pages is not None and _is_below(PAGES, path):
            return None
        else:
            why = callers.wrong_host(request.headers)
            if why is None and (_is_below(PUBLIC, path) or path.startswith("/admin/")):
                why = callers.foreign(request.method, request.headers)
        return None if why is None else _response(403, [("Content-Type", JSON)], self._forbidden(why))

    def _forbidden(self, why: str) -> bytes:
        """Said on the console too, since a page does not see the answer; not again and again."""
        if why != self._refused:
            self._refused = why
            self._log.complain("devhost", why)
        return json.dumps({"Message": why}).encode()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = _path(request)
        lower = path.lower()
        try:
            if _is_below(PUBLIC, lower):
                if self._keys is not None and not self._keys.check_durable(request.headers, dict(_query(request))):
                    return Response(status=401)
                return await self._manage(request, path[len(PUBLIC) :])
            if lower.startswith("/admin/"):
                return await self._admin(request, path)
            if lower == CLOCK and request.method == "POST":
                return await self._clock(request)
            if self.pages is not None and _is_below(PAGES, lower):
                return await self.pages.answer(request)
            if path == "/" and request.method == "GET":
                return _home()
            return await self._function(request)
        except web.HTTPRequestEntityTooLarge:
            return Response(status=413)
        except ConnectionError:  # the caller went away in the middle of the body
            return Response(status=400)

    async def _manage(self, request: web.BaseRequest, path: str, management: Management | None = None) -> Response:
        origin = f"http://{request.host}"
        asked = Request(
            method=request.method,
            path=path,
            query=joined(_query(request)),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
            url=origin + request.raw_path,
            origin=origin,
        )
        reply = await self._reply(asked, management)
        return _response(reply.status, reply.headers.items(), reply.body)

    async def _reply(self, asked: Request, management: Management | None = None) -> Reply:
        try:
            return await (management or self._management).handle(asked)
        except sqlite3.Error as error:
            trouble = Unstored.of(error, self._hub.store.path)
            self._log.complain("devhost", f"{asked.method} {asked.path} could not be done: {trouble}")
            reply = exception(503, UNSTORED, str(trouble), "devhost.Unstored")
            return replace(reply, headers={**reply.headers, "Retry-After": "5"})
        except Exception as error:  # noqa: BLE001 - said loudly; the caller sees what the extension would answer
            self._log.complain("devhost", f"{asked.method} {asked.path} failed in the host itself: {error!r}")
            return exception(500, SOMETHING_WRONG, str(error), f"devhost.{type(error).__name__}")

    async def management(self, asked: Request) -> Reply:
        """The management API for callers in this process."""
        return await self._reply(asked)

    # ---------------------------------------------------------------- functions

    async def _function(self, request: web.BaseRequest) -> Response:
        if request.body_exists and self._routes.match(request.method, request.raw_path.partition("?")[0]) is None:
            return Response(status=404)
        body = await request.read()
        if request.content_length is None:  # the real host hands on what has a length (Functions host: gRPC messages)
            body = b""
        answer = await self.function(request.method, request.raw_path, request.headers, body)
        return _response(*answer)

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
        function, query = match.function, _pairs(text)
        if self._keys is not None and not self._keys.check(function, headers, dict(query)):
            return 401, (), None
        if function.name in self.off and not (self._keys and self._keys.check_admin(headers, dict(query))):
            return 404, (), None
        why = self.callers.foreign(method, headers) if function.clients else None
        if why is not None:
            return 403, [("Content-Type", JSON)], self._forbidden(why)
        asked = http_request(
            method,
            f"http://{headers.get('host', '')}{raw_path}",
            headers=headers.items(),
            query=query,
            route_params=match.params,
            body=body,
        )
        began, parent, failed = self._hub.clock.now(), headers.get("traceparent", ""), None
        trace = TraceContext(trace_context.new_span(parent), headers.get("tracestate", ""))
        try:
            answer = await self._worker.answer(
                function, {function.parameter: asked, **self.clients(function)}, trace=trace
            )
        except Exception as error:  # noqa: BLE001 - the app's own mistake: a bare 500 for the caller
            self._log.failed(function.name, told(error))
            answer, failed = FAILED, type(told(error)).__name__
        self._look_for_key(function, answer)
        if spans.provider() is not None:
            times = began, self._hub.clock.now()
            spans.emit([spans.invocation(function, method, trace.trace_parent, parent, times, failed)])
        return answer.status, answer.headers, answer.body

    def _look_for_key(self, function: Function, answer: HttpAnswer) -> None:
        """Says once that an anonymous function hands out the system key with the SDK's links, here as in Azure."""
        is_open = self._keys is not None and function.http is not None and function.http.auth_level == "anonymous"
        if not is_open or function.name in self._told_of:
            return
        key = self._names.key
        if key.encode() in (answer.body or b"") or any(key in value for _, value in answer.headers):
            self._told_of.add(function.name)
            text = (
                "it is anonymous, and its answer holds the system key: whoever calls it can read and change every "
                "instance. Give it the level 'function', or leave the links out."
            )
            self._log.complain(function.name, text)

    def clients(self, function: Function) -> dict[str, str]:
        """What the parameters of the function with a durable client get."""
        names = self._names
        return {
            client.parameter: client_binding(
                self.public_origin, client.task_hub or names.hub, client.connection_name or names.connection,
                names.key, self.rpc_port,
            )
            for client in function.clients
        }  # fmt: skip

    # ---------------------------------------------------------------- what the host adds

    async def _admin(self, request: web.BaseRequest, path: str) -> Response:
        """``POST /admin/functions/NAME`` runs a function that nobody calls over HTTP (contract 6.4)."""
        parts = path.strip("/").split("/")
        if self._keys is not None and not self._keys.check_admin(request.headers, dict(_query(request))):
            return Response(status=401)
        is_ours = request.method == "POST" and [part.lower() for part in parts[:-1]] == ["admin", "functions"]
        function = self._app.function(parts[-1]) if is_ours else None
        if function is None:
            return Response(status=404)
        if function.kind in (Kind.ORCHESTRATION, Kind.ACTIVITY, Kind.ENTITY):
            text = f"{function.name} is a durable {function.kind}: only the engine runs it. Start it through a client."
            return _said(400, {"Message": text})
        body = await request.read()
        try:
            given = json.loads(body).get("input") if body.strip() else None
        except (ValueError, AttributeError, RecursionError):
            text = 'The body must be a JSON object such as {"input": "..."}, or empty.'
            return _said(400, {"Message": text})
        work = asyncio.get_running_loop().create_task(self.run_by_hand(function, given))
        self._admin_work.add(work)
        work.add_done_callback(self._admin_work.discard)
        return Response(status=202)

    async def run_by_hand(self, function: Function, given: Any = None) -> None:
        """Runs a function that is not called over HTTP, as its trigger would."""
        if function.kind is Kind.TIMER:
            given = timer_request() if self.timers is None else self.timers.request(function)
        await self.run(function, given)

    async def run(self, function: Function, trigger: Any) -> None:
        """Runs a function with what triggers it; its failure is one line on the console."""
        try:
            value = trigger_value(function, trigger) if function.kind is Kind.OTHER else trigger
            await self._worker.call(function, {function.parameter: value, **self.clients(function)})
        except Exception as error:  # noqa: BLE001 - the app's own mistake
            self._log.failed(function.name, told(error))
        else:
            self._log.step(function.name, "ran")

    async def _clock(self, request: web.BaseRequest) -> Response:
        """Moves virtual time on: ``{"advance": seconds}``; answers the new time."""
        clock = self._hub.clock
        if not isinstance(clock, VirtualClock):
            text = "Time is real here. Start devhost with --virtual-time to move it."
            return _said(409, {"Message": text})
        try:
            ticks = int(float(json.loads(await request.read())["advance"]) * SECOND)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            text = 'The body must be {"advance": seconds}.'
            return _said(400, {"Message": text})
        if clock.look() + ticks > LAST_MOMENT:
            text = f"Time cannot be moved beyond {brief(LAST_MOMENT)}."
            return _said(400, {"Message": text})
        await self._hub.advance(ticks)
        return _said(200, {"now": stamp(clock.now())})


def _home() -> Response:
    """The page at the root, unless a setting takes it away."""
    if os.environ.get(NO_HOME, "").lower() == "true":
        return Response(status=204)
    return Response(text=HOME, content_type="text/html")


def _path(request: web.BaseRequest) -> str:
    """The path as every rule here reads it: decoded once, as the real host's web server does."""
    return decoded(request.raw_path.partition("?")[0])


def _is_below(base: str, path: str) -> bool:
    return path == base or path.startswith(f"{base}/")


def _is_poll(request: web.BaseRequest) -> bool:
    """A page that looks for news every second; nobody wants to read that on the console."""
    return "X-Devhost-Poll" in request.headers and request.raw_path.lower().startswith(PAGES)


def _query(request: web.BaseRequest) -> list[tuple[str, str]]:
    return _pairs(request.raw_path.partition("?")[2])


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True) if text else []


def joined(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Query values by name in lower case, several of one name joined by commas (contract 1.1)."""
    found: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        found[key] = f"{found[key]},{value}" if key in found else value
    return found


def _response(status: int, headers: Iterable[tuple[str, str]], body: bytes | None) -> Response:
    """The answer; what the web server would refuse is a bare 500, as on the real host (contract 1.3, 6.3)."""
    given = list(headers)
    if not is_sendable(status, given, body):
        return Response(status=500)
    response = Response(status=status, body=body)
    for name, value in given:
        if name.lower() not in FRAMING:
            response.headers.add(name, value)
    return response


def _said(status: int, body: Mapping[str, str]) -> Response:
    """An answer of devhost's own."""
    return _response(status, [("Content-Type", JSON)], json.dumps(body).encode())
