"""A test host: a durable app in this process, in virtual time, driven by plain calls.

With devhost installed, pytest has the fixture ``durable_host``, and a test reads like a story::

    def test_nobody_answers(durable_host):
        host = durable_host(APP)                       # a folder, or an app object made in the test
        case = host.start("OrchFunction")
        host.advance(timedelta(seconds=20))
        assert host.status(case).output == ["ESCALATION : ..."]

Rules of this module:

1. Every call returns when nothing more can happen before a timer is due or somebody calls.
2. Time stands still between calls. It moves by :meth:`DurableHost.advance` and :meth:`DurableHost.run_until_idle`.
3. Activities run one after another on the test's own thread, so that each run of a test is the same. An activity that
   sleeps needs ``threads=True``: then it sleeps in virtual time.
4. Engine, store and SDK are those of the host that serves: what holds here holds there.
5. The environment at each start of the host says which functions are off (``AzureWebJobs.NAME.Disabled``).
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from yarl import URL

from devhost.app.function_timeout import Limit
from devhost.app.host_json import disabled, read_host_json
from devhost.app.indexer import App, Kind, index, load
from devhost.app.invoker import AppRunner
from devhost.app.sdk_patches import direct_client, fast_replay
from devhost.app.virtual_sleep import sleep_virtually
from devhost.app.worker import Worker
from devhost.dotnet.json_text import compact
from devhost.dotnet.paths import decoded, encoded
from devhost.durabletask.failures import Failure
from devhost.durabletask.status import rows_of
from devhost.durabletask.versions import Versions
from devhost.runtime.hub import Hub
from devhost.runtime.timers import Timers
from devhost.store.database import Store
from devhost.timekeeping.clock import VIRTUAL_START, VirtualClock
from devhost.timekeeping.ticks import MICROSECOND, SECOND
from devhost.web.front import RPC, Front, joined
from devhost.web.management import PUBLIC, Names, Request
from devhost.web.routes import RouteTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from devhost.durabletask import orchestrator_result as orchestrator
    from devhost.store.changes import Change

ORIGIN = "http://localhost"
LONGEST_RUN = timedelta(days=3650)
_ports = count(1)  # no socket is opened: they only keep the hosts of one process apart
_indexed: dict[int, tuple[Any, App]] = {}
_loaded: dict[Path, App] = {}


class HostDied(Exception):
    """The host died where the test wanted it to. :meth:`DurableHost.restart_host` brings up the next one."""


class Refused(Exception):
    """The management API refused what the test asked for.

    Attributes:
        status: of the answer.
        body: of the answer, parsed.
    """

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status, self.body = status, body


@dataclass(frozen=True, slots=True)
class Status:
    """What the status answer says of an instance.

    Attributes:
        runtime_status: ``Pending``, ``Running``, ``Completed``, ``Failed``, ``Terminated`` or ``Suspended``.
        name: of the orchestration.
        input: as the status shows it: of a client's start a text that holds JSON.
        output: parsed.
        custom_status: parsed.
    """

    runtime_status: str
    name: str
    input: Any
    output: Any
    custom_status: Any

    @property
    def is_over(self) -> bool:
        """Nothing will change any more."""
        return self.runtime_status in ("Completed", "Failed", "Terminated", "Canceled")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an HTTP function or the management API answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, parsed; None if there is none."""
        return json.loads(self.body) if self.body else None


@dataclass(slots=True)
class Faults:
    """What goes wrong, by the test's wish."""

    failing: Counter[str] = field(default_factory=Counter)
    errors: dict[str, str] = field(default_factory=dict)
    twice: Counter[str] = field(default_factory=Counter)
    events_twice: set[str] = field(default_factory=set)
    die_at: int | None = None
    die_before: bool = True


class DurableHost:
    """One host with one app. Made by the fixture ``durable_host``.

    Args:
        app: a folder with function_app.py, or an app object (``df.DFApp``) that the test has made.
        threads: activities run in threads, where they may sleep in virtual time.
        start: what time it is at first, aware.
        database: a file to keep the store in, which each restarted host opens anew; None keeps it in memory.

    Attributes:
        calls: every run of an activity, in order: name and input.
        payloads: every trigger payload that an orchestrator was run over, in order, as JSON text.
        complaints: what the host has said loudly, such as that an instance will never go on.
        steps: what the host has said of each instance.
    """

    def __init__(
        self,
        app: Path | str | Any,
        *,
        threads: bool = False,
        start: datetime | None = None,
        database: Path | None = None,
    ) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.payloads: list[str] = []
        self.complaints: list[str] = []
        self.steps: dict[str, list[str]] = defaultdict(list)
        self._faults = Faults()
        self._kept_timers: dict[str, dict[str, str]] = {}
        self._commits = 0
        self._dead = False
        folder = Path(app).resolve() if isinstance(app, str | Path) else None
        self._app = _load_once(folder) if folder else _index_once(app)
        host_json = read_host_json(folder) if folder else None
        self._clock = VirtualClock(VIRTUAL_START if start is None else _ticks(start))
        self._loop = asyncio.new_event_loop()
        self._database = database
        self._store = _TestStore(self, database)
        activities = {one.name for one in self._app.functions if one.kind in (Kind.ACTIVITY, Kind.TIMER)}
        most = host_json.function_timeout if host_json else None
        limit = None if most is None else Limit(most, self._clock, activities if threads else ())
        self._worker = Worker(self._app, warn=self._warn, limit=limit)
        self._runner = _TestRunner(self, self._app, self._worker, threads=threads)
        self._undo = [fast_replay()]
        if threads:
            self._undo.append(sleep_virtually(self._clock, activities))
        prefix = host_json.route_prefix if host_json else "api"
        self._routes = RouteTable(self._app.functions, prefix)
        self._names = Names(host_json.hub_name if host_json else "TestHub", "Storage", "test-key")
        self._traces = host_json is not None and host_json.tracing
        self._any_state = host_json is not None and host_json.overridable == "AnyState"
        self._versions = host_json.versions if host_json else Versions()
        self._rpc_port = next(_ports)
        self._undo.append(
            direct_client(f"http://127.0.0.1:{self._rpc_port}{RPC}/", lambda *asked: self._front.direct(*asked))  # noqa: PLW0108 - the front changes
        )
        self._do(self._up())

    # ---------------------------------------------------------------- the story

    def start(self, name: str, given: Any = None, instance_id: str | None = None) -> str:
        """Starts an orchestration as ``client.start_new`` does; answers its id."""
        body = b"" if given is None else compact(compact(given)).encode()
        return self.start_raw(name, body, instance_id)

    def start_raw(self, name: str, body: bytes = b"", instance_id: str | None = None) -> str:
        """Starts an orchestration as a POST to the management API with this body does; answers its id."""
        tail = f"/{encoded(instance_id)}" if instance_id else ""
        answer = self.manage("POST", f"orchestrators/{encoded(name)}{tail}", body)
        started: str = answer.json()["id"]
        return started

    def raise_event(self, instance_id: str, name: str, data: Any = None) -> None:
        """Raises an event as a POST with this JSON value does."""
        path = f"instances/{encoded(instance_id)}/raiseEvent/{encoded(name)}"
        for _ in range(2 if name in self._faults.events_twice else 1):
            self.manage("POST", path, compact(data).encode(), {"content-type": "application/json"})

    def raise_client_event(self, instance_id: str, name: str, data: Any = None) -> None:
        """Raises an event as ``client.raise_event`` does: the value arrives as a text that holds its JSON."""
        self.raise_event(instance_id, name, json.dumps(data))

    def advance(self, time: timedelta) -> None:
        """Lets so much time pass, and all that falls due in it happen, timer functions of the app included."""
        self._do(self._hub.advance(time // timedelta(microseconds=1) * MICROSECOND))

    def run_until_idle(self, most: timedelta = LONGEST_RUN) -> None:
        """Jumps from durable timer to durable timer until none is left, or so much time has passed.

        Timer functions of the app run on the way; they alone, which never end, do not keep it going.
        """
        end = self._clock.now() + most // timedelta(microseconds=1) * MICROSECOND
        while (due := self._store.next_due(0)) is not None and due <= end:
            self._do(self._hub.advance(max(0, due - self._clock.now())))

    def status(self, instance_id: str) -> Status:
        """How an instance stands.

        Raises:
            Refused: there is no such instance.
        """
        body = self.manage("GET", f"instances/{encoded(instance_id)}").json()
        return Status(body["runtimeStatus"], body["name"], body["input"], body["output"], body["customStatus"])

    def history(self, instance_id: str) -> list[dict[str, Any]]:
        """The history as the status answer shows it, outputs included."""
        path = f"instances/{encoded(instance_id)}?showHistory=true&showHistoryOutput=true"
        events: list[dict[str, Any]] = self.manage("GET", path).json()["historyEvents"]
        return events

    def rows(self, instance_id: str) -> list[dict[str, Any]]:
        """The history as the engine keeps it and sends it to the orchestrator."""
        return rows_of(self._store.history(instance_id))

    def episodes(self, instance_id: str) -> int:
        """How often the orchestrator has run in this execution: what one is billed for."""
        return sum(row["EventType"] == 12 for row in self.rows(instance_id))  # noqa: PLR2004 - OrchestratorStarted

    def terminate(self, instance_id: str, reason: str = "") -> None:
        """Ends an instance at once."""
        self._operate(instance_id, "terminate", reason)

    def suspend(self, instance_id: str, reason: str = "") -> None:
        """Holds an instance."""
        self._operate(instance_id, "suspend", reason)

    def resume(self, instance_id: str, reason: str = "") -> None:
        """Lets a held instance go on."""
        self._operate(instance_id, "resume", reason)

    def rewind(self, instance_id: str, reason: str = "") -> None:
        """Takes a failed instance back to before its failure."""
        self._operate(instance_id, "rewind", reason)

    def purge(self, instance_id: str) -> None:
        """Forgets an instance that is over."""
        self.manage("DELETE", f"instances/{encoded(instance_id)}")

    def signal(self, entity: str, key: str, operation: str, data: Any = None) -> None:
        """Sends an entity a signal as the Python client does."""
        body = b"" if data is None else compact(compact(data)).encode()
        path = f"entities/{encoded(entity)}/{encoded(key)}?op={quote(operation)}"
        self.manage("POST", path, body, {"content-type": "application/json"})

    def entity(self, entity: str, key: str) -> Any:
        """The state of an entity; None where it has none."""
        try:
            return self.manage("GET", f"entities/{encoded(entity)}/{encoded(key)}").json()
        except Refused as refused:
            if refused.status == 404:  # noqa: PLR2004 - no such entity
                return None
            raise

    def call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Calls an HTTP function of the app: ``path`` with its prefix; bytes go as they are, anything else as JSON."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"host": "localhost", **{name.lower(): value for name, value in (headers or {}).items()}}
        status, answered, content = self._do(self._front.function(method, path, given, data))
        return Answer(status, {name.lower(): value for name, value in answered}, content)

    def manage(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """A request to the management API; ``path`` below ``/runtime/webhooks/durabletask/``.

        Raises:
            Refused: the answer's status is 400 or above.
        """
        url = URL(f"{ORIGIN}{PUBLIC}/{path}", encoded=True)
        asked = Request(
            method, decoded(url.raw_path)[len(PUBLIC) :], joined(url.query.items()),
            {name.lower(): value for name, value in (headers or {}).items()}, body, str(url), ORIGIN,
        )  # fmt: skip
        reply = self._do(self._front.management(asked))
        if reply.status >= 400:  # noqa: PLR2004 - where refusals begin
            raise Refused(reply.status, json.loads(reply.body) if reply.body else None)
        return Answer(reply.status, reply.headers, reply.body or b"")

    @property
    def blobs(self) -> dict[str, bytes]:
        """What blob bindings have written and will read, by ``container/name``."""
        return self._worker.blobs.kept

    @property
    def now(self) -> datetime:
        """What time it is, aware UTC."""
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=self._clock.now() // MICROSECOND)

    # ---------------------------------------------------------------- faults

    def fail(self, activity: str, times: int = 1, error: str = "RuntimeError: switched off by the test") -> None:
        """The next runs of this activity fail before its code is reached."""
        self._faults.failing[activity] += times
        self._faults.errors[activity] = error

    def run_twice(self, activity: str, times: int = 1) -> None:
        """The next runs of this activity happen twice, as after a crash between its run and its checkpoint."""
        self._faults.twice[activity] += times

    def deliver_twice(self, event: str) -> None:
        """Each event of this name that the test raises arrives twice."""
        self._faults.events_twice.add(event)

    def die(self, *, before_commit: int | None = None, after_commit: int | None = None) -> None:
        """The host dies right before, or right after, the commit of this number, counted from now, beginning at 1."""
        number = before_commit if before_commit is not None else after_commit
        if number is None:
            raise ValueError("say before_commit=N or after_commit=N")
        self._faults.die_at, self._faults.die_before = self._commits + number, before_commit is not None

    def restart_host(
        self, *, before_commit: int | None = None, after_commit: int | None = None, after: timedelta = timedelta()
    ) -> None:
        """Ends this host, if it still lives, and brings up another one, so much later, over the same store.

        That one may be told to :meth:`die` as well, even while it takes up what the first one left.
        """
        self._faults.die_at = None
        if before_commit is not None or after_commit is not None:
            self.die(before_commit=before_commit, after_commit=after_commit)
        self._loop.run_until_complete(self._hub.stop())
        self._clock.jump(self._clock.look() + after // timedelta(microseconds=1) * MICROSECOND)
        if self._database is not None:
            self._store.close()
            self._store = _TestStore(self, self._database)
        self._dead = False
        self._do(self._up())

    @property
    def commits(self) -> int:
        """How many changes have been committed so far."""
        return self._commits

    # ---------------------------------------------------------------- inside

    def close(self) -> None:
        """Lets go of everything; the fixture does it."""
        self._loop.run_until_complete(self._hub.stop())
        self._loop.run_until_complete(self._runner.close())
        self._store.close()
        for undo in reversed(self._undo):
            undo()
        self._loop.close()

    async def _up(self) -> None:
        off = tuple(one.name for one in self._app.functions if disabled(one.name, os.environ))
        self._runner.turn_off(off)
        self._hub = Hub(
            self._store, self._runner, self._clock, self,
            any_state=self._any_state, versions=self._versions, trace=self._traces,
        )  # fmt: skip
        self._front = Front(
            self._hub, self._app, self._worker, self._routes, self._names, None, self, self._versions.default
        )
        self._front.public_origin, self._front.rpc_port = ORIGIN, self._rpc_port
        self._runner.clients = self._front.clients
        self._front.off = off
        on = [one for one in self._app.functions if one.name not in off]
        self._front.timers = Timers(on, self._front.run, self._kept_timers, self)
        self._hub.attach(self._front.timers)
        self._hub.resume()

    def _do(self, work: Any) -> Any:
        if self._dead:
            work.close()
            raise HostDied("the host is dead: restart_host() brings up the next one")
        return self._loop.run_until_complete(self._watched(work))

    async def _watched(self, work: Any) -> Any:
        """Lets the work and all that follows from it happen, unless the host dies on the way."""
        self._death = self._loop.create_future()

        async def all_of_it() -> Any:
            result = await work
            await self._hub.settle()
            return result

        task = self._loop.create_task(all_of_it())
        await asyncio.wait([task, self._death], return_when=asyncio.FIRST_COMPLETED)
        if self._death.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            raise HostDied("the host died where it was told to")
        return task.result()

    def _operate(self, instance_id: str, operation: str, reason: str) -> None:
        self.manage("POST", f"instances/{encoded(instance_id)}/{operation}?reason={quote(reason)}")

    def _died(self) -> None:
        self._dead = True
        if not self._death.done():
            self._death.set_result(None)

    # The hub and the doors speak to the test through these.

    def step(self, instance_id: str, text: str) -> None:
        """One thing that happened."""
        self.steps[instance_id].append(text)

    def complain(self, instance_id: str, text: str) -> None:
        """One thing that will not happen, and why."""
        self.complaints.append(f"{instance_id}: {text}")

    def _warn(self, text: str) -> None:
        """Something that people must know."""
        self.complaints.append(text)

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """One request that was answered; the test knows."""

    def failed(self, function: str, error: BaseException) -> None:
        """An HTTP function raised."""
        self.complaints.append(f"{function}: {type(error).__name__}: {error}")


class _TestStore(Store):
    """Commits on the test's own thread, one change after another, counts them, and dies when told to."""

    def __init__(self, host: DurableHost, database: Path | None) -> None:
        super().__init__(database, "OFF")
        self._host = host

    def commit(self, change: Change) -> asyncio.Future[None]:
        host, faults = self._host, self._host._faults  # noqa: SLF001 - two halves of one thing
        host._commits += 1  # noqa: SLF001
        if host._dead:  # noqa: SLF001
            return asyncio.get_running_loop().create_future()
        if faults.die_at != host._commits:  # noqa: SLF001
            return self.commit_here(change)
        if not faults.die_before:
            self.commit_here(change)
        host._died()  # noqa: SLF001
        return asyncio.get_running_loop().create_future()


class _TestRunner(AppRunner):
    """Runs activities where and as often as the test wants."""

    def __init__(self, host: DurableHost, app: App, worker: Worker, *, threads: bool) -> None:
        super().__init__(app, worker)
        self._host, self._threads = host, threads

    def orchestrate(self, name: str, payload: str) -> orchestrator.OrchestratorResult:
        self._host.payloads.append(payload)
        return super().orchestrate(name, payload)

    async def act(self, name: str, argument: str | None) -> str | Failure | None:
        faults = self._host._faults  # noqa: SLF001 - two halves of one thing
        self._host.calls.append((name, None if argument is None else json.loads(argument)))
        if faults.failing[name] > 0:
            faults.failing[name] -= 1
            return Failure(faults.errors[name], "")
        if faults.twice[name] > 0:
            faults.twice[name] -= 1
            await super().act(name, argument)
            self._host.calls.append(self._host.calls[-1])
        return await super().act(name, argument)

    async def _run(self, function: Any, arguments: Mapping[str, Any]) -> Any:
        if self._threads or function.is_async:
            return await super()._run(function, arguments)
        return self._worker.call_here(function, arguments)


def _load_once(folder: Path) -> App:
    """The app of a folder; the test stays in its own current directory."""
    if folder not in _loaded:
        here = Path.cwd()
        _loaded[folder] = load(folder)
        os.chdir(here)
    return _loaded[folder]


def _index_once(app: Any) -> App:
    """An app object gives its functions once only, and a module's tests may share it."""
    if id(app) not in _indexed:
        _indexed[id(app)] = (app, index(app, Path.cwd()))
    return _indexed[id(app)][1]


def _ticks(moment: datetime) -> int:
    return int(moment.timestamp()) * SECOND + moment.microsecond * MICROSECOND
