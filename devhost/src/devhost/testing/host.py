"""A test host: a durable app in this process, in virtual time, driven by plain calls.

With devhost installed, pytest has the fixture ``durable_host``, and a test reads like a story::

    def test_nobody_answers(durable_host):
        host = durable_host(APP)                       # a folder, or an app object made in the test
        case = host.start("OrchFunction")
        host.advance(timedelta(seconds=20))
        assert host.status(case).output == ["ESCALATION : ..."]

Rules of this module:

1. Every call returns when nothing more can happen before a timer is due or somebody calls.
2. Time stops between calls. It moves by :meth:`DurableHost.advance` and :meth:`DurableHost.run_until_idle`.
3. Activities run one after another on the test's own thread, so that each run of a test is the same. An activity that
   sleeps needs ``threads=True``: then it sleeps in virtual time, and so many run at once as host.json allows.
4. It is put together as the host that serves (:mod:`devhost.assembly`): what holds here holds there.
5. Settings are those of that host: the environment, and local.settings.json of the app's folder for what the
   environment does not set. They are read at each start of the host. The file's values are in the environment during
   calls only (:mod:`devhost.testing.settings`). The app is imported once in a test run: what it reads while it is
   imported, and ``%SETTING%`` in its decorators, is as it was then.
"""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yarl import URL

from devhost.app.bindings.blobs import Blobs
from devhost.app.sdk_patches import direct_client
from devhost.assembly import Choices, assemble, patch, sleepers
from devhost.dotnet.paths import decoded
from devhost.durabletask.status import rows_of
from devhost.testing import apps
from devhost.testing.answers import HostDied, HttpResponse, Refused, Status
from devhost.testing.client import ManagementClient
from devhost.testing.faults import Faults, FaultyRunner, FaultyStore, Runs
from devhost.testing.log import KeptLog
from devhost.testing.settings import LocalSettings
from devhost.timekeeping.clock import VIRTUAL_START, VirtualClock
from devhost.timekeeping.ticks import MICROSECOND, SECOND
from devhost.web.exchange import joined
from devhost.web.management import PUBLIC, Request
from devhost.web.rpc_endpoint import RPC

if TYPE_CHECKING:
    from collections.abc import Mapping

    from devhost.assembly import Assembly

__all__ = ["DurableHost", "HostDied", "HttpResponse", "Refused", "Status"]

ORIGIN = "http://localhost"
LONGEST_RUN = timedelta(days=3650)
_ports = count(1)  # no socket is opened: they only keep the hosts of one process apart


class DurableHost(ManagementClient):
    """One host with one app. Made by the fixture ``durable_host``.

    Args:
        app: a folder with function_app.py, or an app object (``df.DFApp``) that the test has made.
        threads: activities run in threads, where they may sleep in virtual time.
        start: what time it is at first, aware.
        database: a file to keep the store in, which each restarted host opens again; None keeps it in memory.

    Attributes:
        calls: every run of an activity, in order: name and input.
        payloads: every trigger payload that an orchestrator was run over, in order, as JSON text.
        complaints: what the host has complained of, such as that an instance will never go on.
        steps: what the host has reported of each instance.

    Raises:
        HostError: the host that serves would not start either, for the same reason.
    """

    def __init__(
        self,
        app: Path | str | Any,
        *,
        threads: bool = False,
        start: datetime | None = None,
        database: Path | None = None,
    ) -> None:
        self._faults, self._log, runs = Faults(), KeptLog(), Runs()
        self.calls, self.payloads = runs.calls, runs.payloads
        self.complaints, self.steps = self._log.complaints, self._log.steps
        self._folder = Path(app).resolve() if isinstance(app, str | Path) else None
        self._settings = LocalSettings(self._folder, self._log.warn)
        with self._settings.in_place():
            self._app = apps.index_once(app) if self._folder is None else apps.load_once(self._folder)
            apps.host_json(self._folder, os.environ)  # a mistake in it is reported before anything is open
        asleep = sleepers(self._app) if threads else frozenset()
        self._choices = Choices(
            warn=self._log.warn,
            key="test-key",
            blobs=Blobs(),
            kept_timers={},
            sleepers=asleep,
            make_runner=partial(FaultyRunner, faults=self._faults, runs=runs, threads=threads),
        )
        self._clock = VirtualClock(VIRTUAL_START if start is None else _ticks(start))
        self._database = database
        self._store = FaultyStore(database, self._faults)
        self._loop = asyncio.new_event_loop()
        self._rpc_port = next(_ports)
        rpc = f"http://127.0.0.1:{self._rpc_port}{RPC}/"
        self._undo = [
            patch(self._clock, asleep),
            direct_client(rpc, lambda *asked: self._assembly.front.direct(*asked)),  # noqa: PLW0108 - the front changes
        ]
        try:
            self._do(self._up())
        except BaseException:
            self._release()
            raise

    # ---------------------------------------------------------------- the story, with what ManagementClient does

    def raise_event(self, instance_id: str, name: str, data: Any = None) -> None:
        """Raises an event as a POST with this JSON value does."""
        for _ in range(2 if name in self._faults.events_twice else 1):
            super().raise_event(instance_id, name, data)

    def advance(self, time: timedelta) -> None:
        """Lets so much time pass, and all that falls due in it happen, timer functions of the app included."""
        self._do(self._assembly.hub.advance(_duration(time)))

    def run_until_idle(self, most: timedelta = LONGEST_RUN) -> None:
        """Jumps from durable timer to durable timer until none is left, or so much time has passed.

        Timer functions of the app run on the way; they alone, which never end, do not keep it going.
        """
        end, hub = self._clock.now() + _duration(most), self._assembly.hub
        while (due := hub.queries.next_due()) is not None and due <= end:
            self._do(hub.advance(max(0, due - self._clock.now())))

    def rows(self, instance_id: str) -> list[dict[str, Any]]:
        """The history as the engine keeps it and sends it to the orchestrator."""
        return rows_of(self._assembly.hub.queries.history(instance_id))

    def episodes(self, instance_id: str) -> int:
        """How often the orchestrator has run in this execution: what one is billed for."""
        return sum(row["EventType"] == 12 for row in self.rows(instance_id))  # noqa: PLR2004 - OrchestratorStarted

    def call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> HttpResponse:
        """Calls an HTTP function of the app: ``path`` with its prefix; bytes go as they are, anything else as JSON."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"host": "localhost", **{name.lower(): value for name, value in (headers or {}).items()}}
        status, answered, content = self._do(self._assembly.front.function(method, path, given, data))
        return HttpResponse(status, {name.lower(): value for name, value in answered}, content)

    def manage(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        """A request to the management API; ``path`` below ``/runtime/webhooks/durabletask/``.

        Raises:
            Refused: the answer's status is 400 or above.
        """
        url = URL(f"{ORIGIN}{PUBLIC}/{path}", encoded=True)
        asked = Request(
            method, decoded(url.raw_path)[len(PUBLIC) :], joined(url.query.items()),
            {name.lower(): value for name, value in (headers or {}).items()}, body, str(url), ORIGIN,
        )  # fmt: skip
        reply = self._do(self._assembly.front.management(asked))
        if reply.status >= 400:  # noqa: PLR2004 - where refusals begin
            raise Refused(reply.status, json.loads(reply.body) if reply.body else None)
        return HttpResponse(reply.status, reply.headers, reply.body or b"")

    @property
    def blobs(self) -> dict[str, bytes]:
        """What blob bindings have written and will read, by ``container/name``."""
        return self._choices.blobs.kept

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
        self._faults.die(before_commit, after_commit)

    def restart_host(
        self, *, before_commit: int | None = None, after_commit: int | None = None, after: timedelta = timedelta()
    ) -> None:
        """Ends this host, if it still lives, and starts another one, so much later, over the same store.

        That one can :meth:`die` as well, even while it resumes what the first one left.
        """
        self._faults.die_at = None
        if before_commit is not None or after_commit is not None:
            self.die(before_commit=before_commit, after_commit=after_commit)
        self._loop.run_until_complete(self._assembly.stop())
        self._clock.jump(self._clock.peek() + _duration(after))
        if self._database is not None:
            self._store.close()
            self._store = FaultyStore(self._database, self._faults)
        self._faults.is_dead = False
        self._settings = LocalSettings(self._folder, self._log.warn)
        self._do(self._up())

    @property
    def commits(self) -> int:
        """How many changes have been committed so far."""
        return self._faults.commits

    # ---------------------------------------------------------------- inside

    def close(self) -> None:
        """Closes everything; the fixture does it."""
        self._loop.run_until_complete(self._assembly.stop())
        self._release()

    def _release(self) -> None:
        """Gives back what the process has only once; the SDK is as it was before."""
        self._store.close()
        for undo in reversed(self._undo):
            undo()
        self._loop.close()

    async def _up(self) -> None:
        host_json = apps.host_json(self._folder, os.environ)
        self._assembly: Assembly = assemble(
            self._app, host_json, os.environ, self._store, self._clock, self._log, self._choices
        )
        front = self._assembly.front
        front.public_origin, front.rpc_port = ORIGIN, self._rpc_port
        self._assembly.hub.resume()

    def _do(self, work: Any) -> Any:
        if self._faults.is_dead:
            work.close()
            raise HostDied("the host is dead: restart_host() brings up the next one")
        with self._settings.in_place():
            return self._loop.run_until_complete(self._watched(work))

    async def _watched(self, work: Any) -> Any:
        """Lets the work and all that follows from it happen, unless the host dies on the way."""
        death = self._loop.create_future()

        def died() -> None:
            if not death.done():
                death.set_result(None)

        self._faults.on_death = died

        async def all_of_it() -> Any:
            result = await work
            await self._assembly.hub.settle()
            return result

        task = self._loop.create_task(all_of_it())
        await asyncio.wait([task, death], return_when=asyncio.FIRST_COMPLETED)
        if death.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            raise HostDied("the host died where the test wanted it to")
        return task.result()


def _duration(time: timedelta) -> int:
    return time // timedelta(microseconds=1) * MICROSECOND


def _ticks(moment: datetime) -> int:
    return int(moment.timestamp()) * SECOND + moment.microsecond * MICROSECOND
