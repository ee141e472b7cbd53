"""The host that serves: settings, state folder, assembly and ports; started and stopped as one."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from contextlib import AsyncExitStack, ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from devhost import console as screen
from devhost.app.bindings.blobs import Blobs
from devhost.app.host_json import HostJson, read_host_json
from devhost.app.indexer import App, load
from devhost.app.local_host import LAST_PORT, read_local_host
from devhost.app.local_settings import core_tools_settings, read_local_settings
from devhost.app.sdk_patches import direct_client
from devhost.app.virtual_now import see_virtual_time
from devhost.assembly import Choices, assemble, patch, sleepers
from devhost.descriptors import log_scarcity, raise_limit
from devhost.errors import BadSettings
from devhost.pages.site import About, Pages
from devhost.runtime.timers import KeptInFile
from devhost.serving import notices
from devhost.serving.console_log import ConsoleLog
from devhost.serving.listening import Listeners
from devhost.serving.movable_time import cancelled, pass_time
from devhost.serving.state_lock import lock_state
from devhost.store.database import Store
from devhost.store.errors import unreadable
from devhost.timekeeping.clock import VIRTUAL_START, RealClock, VirtualClock
from devhost.timekeeping.ticks import SECOND, brief
from devhost.web.callers import Callers, bare_name
from devhost.web.keys import Keys
from devhost.web.rpc_endpoint import RPC, RPC_PORT

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from devhost.assembly import Assembly
    from devhost.console import Console
    from devhost.web.front import Front


DEFAULT_ADDRESS, DEFAULT_PORT = "127.0.0.1", 7071


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command line.

    Attributes:
        app: folder with function_app.py and host.json.
        state: folder for database and keys; made if it is not there.
        address: to listen on; None: what local.settings.json says, or 127.0.0.1.
        port: of the public endpoint; 0 uses a free one; None: what local.settings.json says, or 7071.
        enable_auth: whether keys are checked.
        virtual_time: whether time only moves on request.
        movable_time: whether time goes on by itself and can be moved forward; the app sees it too.
        plain_sdk: leaves the SDK as it is.
        sync: how hard sqlite syncs: FULL or NORMAL.
        names: further names that requests may ask for.
    """

    app: Path
    state: Path
    address: str | None = None
    port: int | None = None
    enable_auth: bool = False
    virtual_time: bool = False
    movable_time: bool = False
    plain_sdk: bool = False
    sync: str = "FULL"
    names: tuple[str, ...] = ()


class Host:
    """A running host: ``async with Host(options, console) as host``.

    Attributes:
        origin: where it is reached.

    Raises:
        HostError: it cannot start; the sentence gives the reason, and nothing stays open.
    """

    def __init__(self, options: Options, console: Console) -> None:
        self.options, self.console = options, console
        for name in options.names:
            bare_name(name)
        self.folder = options.app.resolve()
        local = read_local_host(self.folder, self._warn)
        self._cors = local.cors
        self._address = options.address or local.address or DEFAULT_ADDRESS
        self._port = (local.port or DEFAULT_PORT) if options.port is None else options.port
        if not 0 <= self._port <= LAST_PORT:
            raise BadSettings("--port", f"{self._port} is no port: write a number from 0 to {LAST_PORT}.")
        os.environ.update(read_local_settings(self.folder, os.environ, self._warn))
        os.environ.update(core_tools_settings(self.folder, self._port, os.environ))
        self.host_json: HostJson = read_host_json(self.folder, os.environ)
        self.app: App = load(self.folder)
        self._state = options.state.resolve()
        self._exit = AsyncExitStack()
        self.origin = ""

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._exit.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit.aclose()

    async def _start(self) -> None:
        """Each part is closed again in the reverse order."""
        console, options, ending = self.console, self.options, self._exit
        ending.callback(screen.attach_logging(console, self.folder))
        raise_limit()
        log_scarcity(asyncio.get_running_loop(), self._warn)
        ending.callback(lock_state(self._state))
        store = Store(self._state / f"{self.host_json.hub_name}.db", options.sync)
        ending.callback(store.close)
        clock = self._clock(store)
        keys = Keys(self._state)
        asleep = sleepers(self.app)
        patches = ending.enter_context(ExitStack())
        patches.callback(patch(clock, asleep, plain_sdk=options.plain_sdk))
        choices = Choices(
            warn=self._warn,
            key=keys.durable,
            keys=keys if options.enable_auth else None,
            blobs=Blobs(self._state / "blobs"),
            kept_timers=KeptInFile(self._state / "timers.json"),
            sleepers=asleep,
        )
        log = ConsoleLog(console, self.folder)
        assembly = assemble(self.app, self.host_json, os.environ, store, clock, log, choices)
        ending.push_async_callback(assembly.stop)
        open_pages = ending.enter_context(ExitStack())  # closed when no request is answered any more
        port = await self._listen(assembly.front, ending)
        if not options.plain_sdk:
            patches.callback(direct_client(f"http://127.0.0.1:{assembly.front.rpc_port}{RPC}/", assembly.front.direct))
        hide = keys.hide if options.enable_auth else str
        about = About(self.host_json.hub_name, self._address, self.origin, has_keys=options.enable_auth, hide=hide)
        assembly.front.pages = open_pages.enter_context(closing(Pages(assembly.hub, assembly.front.management, about)))
        try:
            assembly.hub.resume()
        except sqlite3.Error as error:
            raise unreadable(store.path, error) from error
        if isinstance(clock, VirtualClock) and options.movable_time:
            show = see_virtual_time(clock, self.folder)
            show()
            ending.push_async_callback(cancelled, asyncio.create_task(pass_time(assembly.hub, show)))
        self._greet(assembly, port)

    async def _listen(self, front: Front, ending: AsyncExitStack) -> int:
        """Opens both ports; the public one."""
        listeners = Listeners()
        ending.push_async_callback(listeners.close)
        front.cors = self._cors
        front.callers = Callers(self._address, self.options.names, self._cors.origins)
        port = await listeners.open(front.public, self._address, self._port)
        front.rpc_port = await listeners.open(front.rpc, "127.0.0.1", RPC_PORT, or_any=True)
        name = "localhost" if self._address in ("127.0.0.1", "0.0.0.0", "::1") else self._address  # noqa: S104 - shown only
        self.origin = front.public_origin = f"http://{name}:{port}"
        return port

    def _greet(self, assembly: Assembly, port: int) -> None:
        """Logs what is served, where, and what may surprise."""
        console, host_json, hub_name = self.console, self.host_json, self.host_json.hub_name
        screen.banner(console, assembly.app, self.origin, host_json.route_prefix, assembly.off)
        screen.info(console, f"watch: http://localhost:{port}/devhost (on this machine only)")
        if assembly.front.has_home:
            screen.info(console, f"open: {self.origin}/ (the app's own pages)")
        for text in notices.of_settings(self.folder, host_json, assembly.app, assembly.served):
            self._warn(text)
        asks_for_keys = self.options.enable_auth
        for text in notices.of_surprises(assembly.served, hub_name, self._address, asks_for_keys=asks_for_keys):
            self._warn(text)

    def _warn(self, text: str) -> None:
        screen.warn(self.console, text)

    def _clock(self, store: Store) -> RealClock | VirtualClock:
        """Time goes on from the newest entry of the store, even if the machine's clock has been set back since."""
        try:
            latest = store.latest()
        except sqlite3.Error as error:
            raise unreadable(store.path, error) from error
        if self.options.virtual_time:
            return VirtualClock(max(VIRTUAL_START, latest))
        machine = time.time_ns() // 100
        if self.options.movable_time:
            return VirtualClock(max(machine, latest))
        if latest - machine > SECOND:
            self._warn(
                f"this machine's clock says {brief(machine)}, and {store.path} has an entry of {brief(latest)}: the "
                f"clock was set back, or was fast. Time goes on from {brief(latest)} here. If that is too late, stop "
                "devhost, put the clock right and begin with another --state."
            )
        return RealClock(latest)
