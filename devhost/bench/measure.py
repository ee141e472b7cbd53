"""Clients, process figures and statistics for the benchmarks. Linux only: it reads /proc."""

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

import aiohttp
from processes import cpu_s, ends_with_its_parent, memory_mb

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "src"
APP = HERE / "app"
POLL_S = 0.002
ANSWERS_WITHIN_S = 60.0


class Job:
    """The job of ``bench/app``, through the management API.

    Args:
        base: the host's address.
        session: for the requests.
    """

    output = "Your project design proposal has been -  Approved!"

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.base, self.session = base, session

    async def start(self) -> dict[str, str]:
        """Starts one job through the management API."""
        url = f"{self.base}/runtime/webhooks/durabletask/orchestrators/Job"
        async with self.session.post(url, json={}) as answer:
            urls: dict[str, str] = await answer.json()
            assert answer.status == 202, urls
            return urls

    async def decide(self, urls: dict[str, str]) -> None:
        """Raises the event."""
        async with self.session.post(
            urls["sendEventPostUri"].replace("{eventName}", "Approval"), json="Approved"
        ) as answer:
            assert answer.status == 202, await answer.text()

    async def completed(self, urls: dict[str, str], poll_s: float = POLL_S) -> None:
        """Returns when the status says Completed, with the right output."""
        while True:
            async with self.session.get(urls["statusQueryGetUri"]) as answer:
                body = await answer.json()
            if body["runtimeStatus"] == "Completed":
                assert body["output"] == self.output, body
                return
            assert body["runtimeStatus"] in ("Pending", "Running"), body
            await asyncio.sleep(poll_s)

    async def approval(self, poll_s: float = POLL_S) -> None:
        """One whole approval."""
        urls = await self.start()
        await self.decide(urls)
        await self.completed(urls, poll_s)


class ThroughTheApp(Job):
    """The same job through the routes of ``bench/app``, which call the durable client."""

    output = 'Your project design proposal has been -  "Approved"!'  # the client writes JSON twice

    async def start(self) -> dict[str, str]:
        """Starts one job."""
        async with self.session.post(f"{self.base}/api/jobs") as answer:
            urls: dict[str, str] = await answer.json()
            assert answer.status == 202, urls
            route = f"{self.base}/api/jobs/{urls['id']}"
            return {"sendEventPostUri": route, "statusQueryGetUri": route}


class HostEndedError(Exception):
    """The host has ended, or does not answer; waiting is pointless."""


class Host(Job):
    """A devhost in a process of its own, or any host that already answers at ``base``.

    As an asynchronous context manager it kills its process at the end, however the block ends.

    Args:
        base: the address of the other host, or None.
        app: the folder of the app.
        state: the folder for the database.
        port: to listen on.
        options: further ones of the command ``devhost``.
        module: what runs: the arguments of Python before the options.
        source: the folder that the package ``devhost`` is in.

    Attributes:
        state: as given.
    """

    def __init__(
        self,
        base: str | None,
        app: Path,
        state: Path,
        port: int,
        options: Iterable[str] = (),
        module: Sequence[str] = ("-m", "devhost"),
        source: Path = SOURCE,
    ) -> None:
        self.base = base or f"http://127.0.0.1:{port}"
        self.state = state
        self._command = [sys.executable, *module, "--app", str(app), "--state", str(state), "--port", str(port)]
        self._command += ["--quiet", *options]
        self._source = source
        self._process: subprocess.Popen[bytes] | None = None
        self._foreign = base is not None
        self._was_started = False

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    async def up(self) -> float:
        """Starts it; answers after how many seconds it answered.

        Raises:
            HostEndedError: its process has ended, or it does not answer within a minute.
        """
        began = time.perf_counter()
        timeout = aiohttp.ClientTimeout(total=120)
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout)
        self._was_started = True
        if not self._foreign:
            self._process = subprocess.Popen(
                self._command,
                cwd=HERE,
                env={**os.environ, "PYTHONPATH": str(self._source)},
                preexec_fn=ends_with_its_parent,  # noqa: PLW1509 - no thread runs yet
            )
        while True:
            try:
                async with self.session.get(self.base + "/") as answer:
                    await answer.read()
                return time.perf_counter() - began
            except aiohttp.ClientError as error:
                await self._must_be_coming(time.perf_counter() - began, error)
                await asyncio.sleep(0.01)

    async def _must_be_coming(self, waited_s: float, error: aiohttp.ClientError) -> None:
        code = None if self._process is None else self._process.poll()
        if code is None and waited_s < ANSWERS_WITHIN_S:
            return
        await self.kill()
        how = f"has not answered within {waited_s:.0f} s" if code is None else f"ended with exit code {code}"
        raise HostEndedError(f"the host at {self.base} {how}") from error

    async def kill(self) -> None:
        """SIGKILL, as a crash would be; a host that has ended stays so."""
        await self._end(signal.SIGKILL)

    async def down(self) -> None:
        """A clean stop."""
        await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
        if self._was_started:
            await self.session.close()

    def cpu_s(self) -> float:
        """CPU seconds that the host has used so far."""
        return float("nan") if self._process is None else cpu_s([self._process.pid])

    def memory_mb(self) -> float:
        """Resident memory, shared pages counted by share."""
        return float("nan") if self._process is None else memory_mb([self._process.pid])


AnyHost = TypeVar("AnyHost", bound=Host)


@asynccontextmanager
async def with_own_state(make: Callable[[Path], AnyHost]) -> AsyncIterator[AnyHost]:
    """A host that is up, made for a state folder of its own; both are gone afterwards, however the block ends."""
    with tempfile.TemporaryDirectory(prefix="devhost-bench-", ignore_cleanup_errors=True) as folder:
        async with make(Path(folder)) as host:
            yield host
            await host.down()


async def for_seconds(seconds: float, clients: int, work: Callable[[], Awaitable[Any]]) -> tuple[int, float]:
    """So many clients do the work again and again; how often in all, and in how many seconds."""
    end, done = time.perf_counter() + seconds, 0
    began = time.perf_counter()

    async def client() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await work()
            done += 1

    await asyncio.gather(*(client() for _ in range(clients)))
    return done, time.perf_counter() - began


async def over(items: Iterable[Any], clients: int, work: Callable[[Any], Awaitable[Any]]) -> tuple[list[Any], float]:
    """So many clients share the items; the results, and the seconds it took."""
    rest, results = iter(items), []
    began = time.perf_counter()

    async def client() -> None:
        for item in rest:
            results.append(await work(item))  # noqa: PERF401 - one after another, and in the shared list

    await asyncio.gather(*(client() for _ in range(clients)))
    return results, time.perf_counter() - began


def median(values: Iterable[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def percentile(values: Iterable[float], share: float) -> float:
    """The value that so great a share stays below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def run(measure: Coroutine[Any, Any, int | None]) -> None:
    """Runs a benchmark as a command; SIGTERM and SIGINT end it by way of its ``finally`` blocks.

    SIGINT does so too where a shell started the command in the background, and with SIGINT ignored.
    """

    async def main() -> int | None:
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        return await measure

    try:
        sys.exit(asyncio.run(main()))
    except HostEndedError as error:
        sys.exit(str(error))
    except (asyncio.CancelledError, KeyboardInterrupt):
        sys.exit("ended early")
