"""Clients, process figures and statistics for the benchmarks. Linux only: it reads /proc."""

import asyncio
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import aiohttp
from processes import cpu_s, memory_mb

ROOT = Path(__file__).resolve().parent.parent
POLL_S = 0.002


class Job:
    """The job of ``bench/app``, through the management API.

    Args:
        base: the host's address.
        session: for the requests.
    """

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
                assert body["output"] == "Your project design proposal has been -  Approved!", body
                return
            assert body["runtimeStatus"] in ("Pending", "Running"), body
            await asyncio.sleep(poll_s)

    async def approval(self, poll_s: float = POLL_S) -> None:
        """One whole approval."""
        urls = await self.start()
        await self.decide(urls)
        await self.completed(urls, poll_s)


class Host(Job):
    """A devhost in a process of its own, or any host that already answers at ``base``."""

    def __init__(self, base: str | None, app: Path, state: Path, port: int, options: Iterable[str] = ()) -> None:
        self.base = base or f"http://127.0.0.1:{port}"
        self._command = [sys.executable, "-m", "devhost", "--app", app, "--state", state, "--port", str(port)]
        self._command += ["--quiet", *options]
        self._process: subprocess.Popen[bytes] | None = None
        self._foreign = base is not None

    async def up(self) -> float:
        """Starts it; answers after how many seconds it answered."""
        began = time.perf_counter()
        if not self._foreign:
            self._process = subprocess.Popen(self._command, cwd=ROOT)
        timeout = aiohttp.ClientTimeout(total=120)
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout)
        while True:
            try:
                async with self.session.get(self.base + "/") as answer:
                    await answer.read()
                return time.perf_counter() - began
            except aiohttp.ClientError:
                await asyncio.sleep(0.01)

    async def kill(self) -> None:
        """SIGKILL, as a crash would be."""
        await self._end(signal.SIGKILL)

    async def down(self) -> None:
        """A clean stop."""
        await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> None:
        await self.session.close()
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()

    def cpu_s(self) -> float:
        """CPU seconds that the host has used so far."""
        return float("nan") if self._process is None else cpu_s([self._process.pid])

    def memory_mb(self) -> float:
        """Resident memory, shared pages counted by share."""
        return float("nan") if self._process is None else memory_mb([self._process.pid])


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
