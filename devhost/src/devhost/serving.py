"""The host put together: settings, app, worker, hub and doors; started and stopped as one."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
import time
from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from devhost import console as screen
from devhost.app import known_settings
from devhost.app.bindings.blobs import Blobs
from devhost.app.function_timeout import Limit
from devhost.app.host_json import HostJson, disabled, read_host_json
from devhost.app.indexer import App, Kind, load
from devhost.app.invoker import AppRunner
from devhost.app.local_host import KEYS, read_local_host
from devhost.app.local_settings import core_tools_settings, read_local_settings
from devhost.app.schedule import read_zone
from devhost.app.sdk_patches import direct_client, fast_replay
from devhost.app.settings_files import relaxed_json
from devhost.app.virtual_sleep import sleep_virtually
from devhost.app.worker import Worker
from devhost.descriptors import raise_limit, tell_of_scarcity
from devhost.errors import BadSettings, BadState, PortTaken
from devhost.pages.site import About, Pages
from devhost.private_files import make_file_private, make_private
from devhost.runtime.hub import Hub
from devhost.runtime.timers import KeptInFile, Timers
from devhost.store.database import Store
from devhost.store.errors import unreadable, unwritable
from devhost.timekeeping.clock import VIRTUAL_START, RealClock, VirtualClock
from devhost.timekeeping.ticks import SECOND, brief
from devhost.web.callers import Callers, bare_name, is_open
from devhost.web.front import LARGEST_BODY, RPC, RPC_PORT, Front
from devhost.web.kestrel import Server
from devhost.web.keys import Keys
from devhost.web.management import Names
from devhost.web.routes import RouteTable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import tzinfo
    from pathlib import Path
    from types import TracebackType

    from devhost.app.indexer import Function
    from devhost.console import Console


DEFAULT_ADDRESS, DEFAULT_PORT = "127.0.0.1", 7071


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says.

    Attributes:
        app: folder with function_app.py and host.json.
        state: folder for database and keys; made if it is not there.
        address: to listen on; None: what local.settings.json says, or 127.0.0.1.
        port: of the public door; 0 takes a free one; None: what local.settings.json says, or 7071.
        enable_auth: whether keys are checked.
        virtual_time: whether time only moves when told to.
        plain_sdk: leaves the SDK's timestamp parser as it is.
        sync: how hard sqlite syncs: FULL or NORMAL.
        names: further names that requests may ask for.
    """

    app: Path
    state: Path
    address: str | None = None
    port: int | None = None
    enable_auth: bool = False
    virtual_time: bool = False
    plain_sdk: bool = False
    sync: str = "FULL"
    names: tuple[str, ...] = ()


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
        for name in options.names:
            bare_name(name)
        self.folder = options.app.resolve()

        def warn(text: str) -> None:
            screen.warn(console, text)

        local = read_local_host(self.folder, warn)
        self._cors = local.cors
        self._address = options.address or local.address or DEFAULT_ADDRESS
        self._port = (local.port or DEFAULT_PORT) if options.port is None else options.port
        os.environ.update(read_local_settings(self.folder, os.environ, warn))
        os.environ.update(core_tools_settings(self.folder, self._port, os.environ))
        self.host_json: HostJson = read_host_json(self.folder, os.environ)
        self._state = options.state.resolve()
        self._lock: int | None = None
        self.app: App = load(self.folder)
        if self.host_json.functions is not None:
            named = {name.lower() for name in self.host_json.functions}
            self.app = replace(
                self.app, functions=tuple(one for one in self.app.functions if one.name.lower() in named)
            )
        self.off = tuple(one.name for one in self.app.functions if disabled(one.name, os.environ))
        on = tuple(one for one in self.app.functions if one.name not in self.off)
        self._served = replace(self.app, functions=on)
        self._runners: list[web.ServerRunner] = []
        self._undo: list[Callable[[], None]] = []
        self._pages: Pages | None = None
        self.origin = ""

    async def __aenter__(self) -> Self:
        console, options, host_json = self.console, self.options, self.host_json
        self._undo.append(screen.attach_logging(console, self.folder))
        raise_limit()
        tell_of_scarcity(asyncio.get_running_loop(), lambda text: screen.warn(console, text))
        self._lock_state()
        store = Store(self._state / f"{host_json.hub_name}.db", options.sync)
        clock = self._clock(store)
        sleepers = {one.name for one in self._served.functions if one.kind in (Kind.ACTIVITY, Kind.TIMER)}
        most = host_json.function_timeout
        limit = None if most is None else Limit(most, clock, sleepers)
        self._worker = Worker(
            self._served, warn=lambda text: screen.warn(console, text), blobs=Blobs(self._state / "blobs"), limit=limit
        )
        self._app_runner = AppRunner(self.app, self._worker, self.off)
        keys = Keys(self._state)
        names = Names(host_json.hub_name, host_json.connection, keys.durable)
        log = ConsoleLog(console, self.folder)
        if not options.plain_sdk:
            self._undo.append(fast_replay())
        if isinstance(clock, VirtualClock):
            self._undo.append(sleep_virtually(clock, sleepers))
        self.hub = Hub(
            store,
            self._app_runner,
            clock,
            log,
            any_state=host_json.overridable == "AnyState",
            max_activities=host_json.max_activities,
            versions=host_json.versions,
            trace=host_json.tracing,
        )
        routes = RouteTable(self.app.functions, host_json.route_prefix)
        front = Front(
            self.hub, self.app, self._worker, routes, names,
            keys if options.enable_auth else None, log, host_json.versions.default,
        )  # fmt: skip
        front.callers = Callers(self._address, options.names, self._cors.origins)
        self._app_runner.clients = front.clients
        try:
            port = await self._open(front.public, self._address, self._port)
            front.rpc_port = await self._open(front.rpc, "127.0.0.1", RPC_PORT, or_any=True)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        name = "localhost" if self._address in ("127.0.0.1", "0.0.0.0", "::1") else self._address  # noqa: S104 - shown only
        self.origin = front.public_origin = f"http://{name}:{port}"
        hide = keys.hide if options.enable_auth else str
        about = About(host_json.hub_name, self._address, self.origin, has_keys=options.enable_auth, hide=hide)
        self._pages = front.pages = Pages(self.hub, front.management, about)
        if not options.plain_sdk:
            self._undo.append(direct_client(f"http://127.0.0.1:{front.rpc_port}{RPC}/", front.direct))
        front.off, front.cors = self.off, self._cors
        front.custom_headers = host_json.custom_headers
        front.timers = self._timers(front.run, log)
        self.hub.attach(front.timers)
        try:
            self.hub.resume()
        except sqlite3.Error as error:
            await self.__aexit__(None, None, None)
            raise unreadable(store.path, error) from error
        screen.banner(console, self.app, self.origin, host_json.route_prefix, self.off)
        screen.info(console, f"watch: http://localhost:{port}/devhost (on this machine only)")
        for text in self._notices():
            screen.warn(console, text)
        self._warn()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for runner in self._runners:
            await runner.cleanup()
        if self._pages is not None:
            self._pages.close()
        await self.hub.close()
        await self._app_runner.close()
        for undo in self._undo:
            undo()
        if self._lock is not None:
            os.close(self._lock)

    def _notices(self) -> list[str]:
        """What is said in settings and decorators and does nothing here, or nowhere."""
        functions = [one.name for one in self.app.functions] + list(self.app.errors)
        found = known_settings.of_host_json(self.host_json.raw)
        found += known_settings.of_local_settings(relaxed_json(self.folder / "local.settings.json"), KEYS)
        found += known_settings.of_app_settings(os.environ, functions)
        for one in self._served.functions:
            found += known_settings.of_bindings(one.name, one.bindings, one.parameter, one.retry)
        return found

    def _warn(self) -> None:
        """Says what people may not expect of this host, or of the app on it."""
        options, console, ours = self.options, self.console, self.host_json.hub_name
        if is_open(self._address) and not options.enable_auth:
            text = (
                f"devhost listens on {self._address} and asks for no key: whoever reaches this machine can read and "
                "change every instance. Start it with --enable-auth, or without --host."
            )
            screen.warn(console, text)
        for one in self._served.functions:
            for hub in {client.task_hub or ours for client in one.clients}:
                if hub.lower() != ours.lower():
                    text = f"its client names the task hub '{hub}', and devhost serves '{ours}' alone"
                    screen.warn(console, f"{one.name}: {text}: its links find nothing")
            if one.kind is Kind.OTHER:
                by_hand = f"POST /admin/functions/{one.name} runs it"
                text = f"{one.name}: nothing triggers a {one.trigger['type']} here; {by_hand}"
                screen.warn(console, text)

    def _timers(self, run: Callable[[Function, Any], Awaitable[None]], log: ConsoleLog) -> Timers:
        """The app's timer functions, with what is known of their last runs."""
        zone: tzinfo = UTC
        try:
            zone = read_zone(os.environ)
        except ValueError as error:
            screen.warn(self.console, str(error))
        return Timers(self._served.functions, run, KeptInFile(self._state / "timers.json"), log, zone)

    def _clock(self, store: Store) -> RealClock | VirtualClock:
        """Time goes on from the newest entry of the store, even if the machine's clock has been set back since."""
        try:
            latest = store.latest()
        except sqlite3.Error as error:
            store.close()
            raise unreadable(store.path, error) from error
        if self.options.virtual_time:
            return VirtualClock(max(VIRTUAL_START, latest))
        machine = time.time_ns() // 100
        if latest - machine > SECOND:
            text = (
                f"this machine's clock says {brief(machine)}, and {store.path} has an entry of {brief(latest)}: the "
                f"clock was set back, or was fast. Time goes on from {brief(latest)} here. If that is too late, stop "
                "devhost, put the clock right and begin with another --state."
            )
            screen.warn(self.console, text)
        return RealClock(latest)

    def _lock_state(self) -> None:
        """One host for one state folder; the lock goes with the process, however it ends."""
        try:
            make_private(self._state)
            make_file_private(self._state / "lock")
            self._lock = os.open(self._state / "lock", os.O_RDWR)
        except OSError as error:
            raise unwritable(self._state, "the state folder cannot be used", error) from error
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
        server = Server(handler, request_factory=_request, access_log=None, auto_decompress=False)
        runner = web.ServerRunner(server, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._runners.append(runner)
        try:
            sock = _listen(address, port)
        except OSError as error:
            if not or_any:
                raise PortTaken(address, port, error.strerror or str(error)) from error
            sock = _listen(address, 0)
        except (TypeError, UnicodeError):  # a name that cannot be written as domain names are
            raise BadSettings("--host", f"'{address}' is no name of a host and no address.") from None
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
