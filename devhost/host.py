"""The host put together: settings, app, worker, hub and doors; started and stopped as one."""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from aiohttp import web

from devhost import console as screen
from devhost.app_runner import AppRunner
from devhost.clock import RealClock, VirtualClock
from devhost.errors import BadState, PortTaken
from devhost.http import LARGEST_BODY, RPC, RPC_PORT, Front
from devhost.hub import Hub
from devhost.indexer import App, Kind, load
from devhost.keys import Keys
from devhost.management import Names
from devhost.routes import RouteTable
from devhost.sdk import direct_client, fast_replay
from devhost.settings import HostJson, disabled, read_host_json, read_local_settings
from devhost.sleep import sleep_virtually
from devhost.store import Store
from devhost.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from devhost.console import Console


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says.

    Attributes:
        app: folder with function_app.py and host.json.
        state: folder for database and keys; made if it is not there.
        address: to listen on.
        port: of the public door; 0 takes a free one.
        enable_auth: whether keys are checked.
        virtual_time: whether time only moves when told to.
        plain_sdk: leaves the SDK's timestamp parser as it is.
        sync: how hard sqlite syncs: FULL or NORMAL.
    """

    app: Path
    state: Path
    address: str = "127.0.0.1"
    port: int = 7071
    enable_auth: bool = False
    virtual_time: bool = False
    plain_sdk: bool = False
    sync: str = "FULL"


class ConsoleLog:
    """Hub and doors speak to the console through this."""

    def __init__(self, console: Console, folder: Path) -> None:
        self._console, self._folder = console, folder

    def step(self, instance_id: str, text: str) -> None:
        """One thing that happened."""
        if not self._console.quiet:
            screen.info(self._console, f"{instance_id}: {text}")

    def complain(self, instance_id: str, text: str) -> None:
        """One thing that will not happen, and why."""
        screen.warn(self._console, f"{instance_id}: {text}")

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """One request that was answered."""
        screen.request(self._console, method, path, status, seconds)

    def failed(self, function: str, error: BaseException) -> None:
        """A function raised."""
        screen.failed(self._console, function, error, self._folder)


class Host:
    """A running host: ``async with Host(options, console) as host``.

    Raises:
        HostError: it cannot start; the sentence says why, and nothing stays open.
    """

    def __init__(self, options: Options, console: Console) -> None:
        self.options, self.console = options, console
        self.folder = options.app.resolve()
        settings = read_local_settings(self.folder, os.environ, lambda text: screen.warn(console, text))
        os.environ.update(settings)
        self.host_json: HostJson = read_host_json(self.folder, os.environ)
        self._state = options.state.resolve()
        self._lock: int | None = None
        self.app: App = load(self.folder)
        self.off = tuple(one.name for one in self.app.functions if disabled(one.name, os.environ))
        on = tuple(one for one in self.app.functions if one.name not in self.off)
        self._served = replace(self.app, functions=on)
        self._runners: list[web.ServerRunner] = []
        self._undo: list[Callable[[], None]] = []
        self.origin = ""

    async def __aenter__(self) -> Self:
        console, options, host_json = self.console, self.options, self.host_json
        self._undo.append(screen.attach_logging(console, self.folder))
        self._lock_state()
        self._worker = Worker(self._served, warn=lambda text: screen.warn(console, text))
        self._app_runner = AppRunner(self._served, self._worker)
        keys = Keys(self._state)
        names = Names(host_json.hub_name, host_json.connection, keys.durable)
        log = ConsoleLog(console, self.folder)
        if not options.plain_sdk:
            self._undo.append(fast_replay())
        clock = VirtualClock() if options.virtual_time else RealClock()
        if isinstance(clock, VirtualClock):
            self._undo.append(
                sleep_virtually(clock, {one.name for one in self._served.durable(Kind.ACTIVITY).values()})
            )
        self.hub = Hub(
            Store(self._state / f"{host_json.hub_name}.db", options.sync),
            self._app_runner,
            clock,
            log,
            any_state=host_json.overridable == "AnyState",
            max_activities=host_json.max_activities,
        )
        routes = RouteTable(self._served.functions, host_json.route_prefix)
        front = Front(
            self.hub, self._served, self._worker, routes, names,
            keys if options.enable_auth else None, log, host_json.default_version,
        )  # fmt: skip
        try:
            port = await self._open(front.public, options.address, options.port)
            front.rpc_port = await self._open(front.rpc, "127.0.0.1", RPC_PORT, or_any=True)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        name = "localhost" if options.address in ("127.0.0.1", "0.0.0.0", "::1") else options.address  # noqa: S104 - shown only
        self.origin = front.public_origin = f"http://{name}:{port}"
        if not options.plain_sdk:
            self._undo.append(direct_client(f"http://127.0.0.1:{front.rpc_port}{RPC}/", front.direct))
        self.hub.resume()
        screen.banner(console, self.app, self.origin, host_json.route_prefix, self.off)
        for one in self._served.functions:
            if one.kind in (Kind.TIMER, Kind.OTHER):
                by_hand = f"POST /admin/functions/{one.name} runs it"
                text = f"{one.name}: nothing triggers a {one.trigger['type']} here; {by_hand}"
                screen.warn(console, text)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for runner in self._runners:
            await runner.cleanup()
        await self.hub.close()
        await self._app_runner.close()
        for undo in self._undo:
            undo()
        if self._lock is not None:
            os.close(self._lock)

    def _lock_state(self) -> None:
        """One host for one state folder; the lock goes with the process, however it ends."""
        try:
            self._state.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self._state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise BadState(self._state, f"the state folder cannot be used: {error.strerror or error}.") from error
        try:
            import fcntl  # noqa: PLC0415 - not on Windows, where sqlite's own lock has to do
        except ImportError:
            return
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BadState(
                self._state, "another devhost uses this state folder; stop it, or give this one another --state."
            ) from error

    async def _open(self, handler: object, address: str, port: int, *, or_any: bool = False) -> int:
        """Listens, and answers the port."""
        server = web.Server(handler, request_factory=_request, access_log=None, auto_decompress=False)  # type: ignore[arg-type]
        runner = web.ServerRunner(server, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._runners.append(runner)
        try:
            sock = _listen(address, port)
        except OSError as error:
            if not or_any:
                raise PortTaken(address, port, error.strerror or str(error)) from error
            sock = _listen(address, 0)
        await web.SockSite(runner, sock, backlog=1024).start()
        opened: int = sock.getsockname()[1]
        return opened


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, port), family=family, backlog=1024)


def _request(message: object, payload: object, protocol: object, writer: object, task: object) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(
        message, payload, protocol, writer, task, loop, client_max_size=LARGEST_BODY,  # type: ignore[arg-type]
    )  # fmt: skip
