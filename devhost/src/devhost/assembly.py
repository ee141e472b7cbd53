"""Assembles a host, in one place for both hosts: the one that serves and the test host.

What a setting does is decided here, so that it does the same in both. Reading the settings is left to each host: from
local.settings.json and the environment. Nothing runs before :meth:`~devhost.runtime.hub.Hub.resume`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import TYPE_CHECKING

from devhost.app.bindings.blobs import Blobs
from devhost.app.function_timeout import Limit
from devhost.app.host_json import disabled
from devhost.app.indexer import Kind
from devhost.app.invoker import AppRunner
from devhost.app.schedule import read_zone
from devhost.app.sdk_patches import fast_replay
from devhost.app.virtual_sleep import sleep_virtually
from devhost.app.worker import Worker
from devhost.runtime.hub import Hub
from devhost.runtime.timers import Timers
from devhost.timekeeping.clock import VirtualClock
from devhost.web.front import Front
from devhost.web.management import Names
from devhost.web.routes import RouteTable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, MutableMapping
    from datetime import tzinfo

    from devhost.app.host_json import HostJson
    from devhost.app.indexer import App
    from devhost.runtime.timers import Kept
    from devhost.store.database import Store
    from devhost.timekeeping.clock import Clock
    from devhost.web.front import FrontLog
    from devhost.web.keys import Keys


@dataclass(frozen=True, slots=True)
class Choices:
    """What each host chooses for itself.

    Attributes:
        warn: called with one warning sentence.
        key: the system key, which the links of the durable client hold.
        keys: checked if given; None accepts every caller.
        blobs: for blob bindings.
        kept_timers: what is known of the last runs of timer functions.
        sleepers: names of the functions that sleep in virtual time.
        make_runner: makes what runs the durable functions, from the app, its worker and what is off.
    """

    warn: Callable[[str], None]
    key: str
    keys: Keys | None = None
    blobs: Blobs = field(default_factory=Blobs)
    kept_timers: MutableMapping[str, Kept] = field(default_factory=dict)
    sleepers: Collection[str] = ()
    make_runner: Callable[[App, Worker, Collection[str]], AppRunner] = AppRunner


@dataclass(frozen=True, slots=True)
class Assembly:
    """The parts of a host.

    Attributes:
        app: the functions that host.json lets run.
        off: names of those that a setting turns off.
        served: the app without them.
        worker: calls the functions.
        runner: runs the durable ones for the hub.
        hub: the task hub.
        front: answers requests.
    """

    app: App
    off: tuple[str, ...]
    served: App
    worker: Worker
    runner: AppRunner
    hub: Hub
    front: Front

    async def stop(self) -> None:
        """Stops at once; the store stays open."""
        await self.hub.stop()
        await self.runner.close()


def assemble(
    app: App,
    host_json: HostJson,
    settings: Mapping[str, str],
    store: Store,
    clock: Clock,
    log: FrontLog,
    choices: Choices,
) -> Assembly:
    """Assembles a host; called in a running event loop.

    Args:
        app: indexed.
        host_json: with the overrides of the settings in it.
        settings: the environment, local.settings.json included.
        store: open.
        clock: real or virtual.
        log: for what happens.
        choices: of the host.
    """
    app = _listed(app, host_json)
    off = disabled((one.name for one in app.functions), settings)
    served = replace(app, functions=tuple(one for one in app.functions if one.name not in off))
    most = host_json.function_timeout
    limit = None if most is None else Limit(most, clock, choices.sleepers)
    # In virtual time nothing wakes a thread that sleeps but time, and time waits for what queues behind it.
    asleep = host_json.max_activities + len(choices.sleepers) if isinstance(clock, VirtualClock) else 0
    worker = Worker(served, warn=choices.warn, blobs=choices.blobs, limit=limit, asleep=asleep)
    runner = choices.make_runner(app, worker, off)
    hub = Hub(
        store,
        runner,
        clock,
        log,
        any_state=host_json.overridable == "AnyState",
        max_activities=host_json.max_activities,
        versions=host_json.versions,
        trace=host_json.tracing,
    )
    routes = RouteTable(app.functions, host_json.route_prefix)
    names = Names(host_json.hub_name, host_json.connection, choices.key)
    front = Front(hub, app, worker, routes, names, choices.keys, log, host_json.versions.default)
    front.off, front.custom_headers = off, host_json.custom_headers
    runner.clients = front.clients
    zone = _zone(settings, choices.warn)
    front.timers = Timers(served.functions, front.run, choices.kept_timers, log, zone)
    hub.attach(front.timers)
    return Assembly(app, off, served, worker, runner, hub, front)


def sleepers(app: App) -> frozenset[str]:
    """The functions whose ``time.sleep`` may pass in virtual time: activities and timer functions."""
    return frozenset(one.name for one in app.functions if one.kind in (Kind.ACTIVITY, Kind.TIMER))


def patch(clock: Clock, sleeping: Collection[str], *, plain_sdk: bool = False) -> Callable[[], None]:
    """Changes the SDK, and ``time.sleep`` of these functions in virtual time, for this process; the answer undoes it.

    Args:
        clock: of the host.
        sleeping: names of the functions that sleep in virtual time.
        plain_sdk: leaves the SDK as it is.
    """
    undo: list[Callable[[], None]] = []
    if not plain_sdk:
        undo.append(fast_replay())
    if isinstance(clock, VirtualClock) and sleeping:
        undo.append(sleep_virtually(clock, sleeping))

    def undo_all() -> None:
        for one in reversed(undo):
            one()

    return undo_all


def _listed(app: App, host_json: HostJson) -> App:
    """The app with the functions that the list ``functions`` of host.json names; all of them without a list."""
    if host_json.functions is None:
        return app
    named = {name.lower() for name in host_json.functions}
    return replace(app, functions=tuple(one for one in app.functions if one.name.lower() in named))


def _zone(settings: Mapping[str, str], warn: Callable[[str], None]) -> tzinfo:
    """The time zone of timer functions: that of the setting, or UTC."""
    try:
        return read_zone(settings)
    except ValueError as error:
        warn(str(error))
        return UTC
