"""What the comparison asks of an engine, and what all of them share: processes in a tree, a folder for their state."""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
from processes import cpu_s, ends_with_its_parent, kill, memory_mb

SERVICES = Path(__file__).resolve().parent / "services"
STARTS_WITHIN_S = 60.0
STOPS_WITHIN_S = 5.0


class Engine(ABC):
    """One engine on this machine, with the approval on it.

    A case is the engine's own name for one approval; it can be written as JSON.

    Args:
        state: the folder for all that it stores.
        command: what the user gave to start it with, for an engine that is not ours to install.
    """

    def __init__(self, state: Path, command: str | None = None) -> None:
        self.state, self.command = state, command
        self._processes: list[subprocess.Popen[bytes]] = []
        self.session: aiohttp.ClientSession

    # ---------------------------------------------------------------- what each engine says for itself

    @abstractmethod
    async def launch(self) -> None:
        """Starts its processes and returns as soon as it would take a request."""

    @abstractmethod
    async def start(self) -> Any:
        """Starts one approval; the case, once the engine has taken it."""

    @abstractmethod
    async def decide(self, case: Any) -> None:
        """Approves it; returns once the engine has taken that."""

    @abstractmethod
    async def completed(self, case: Any, pause_s: float) -> None:
        """Returns once it is read as completed, with the right output.

        Args:
            case: what ``start`` answered.
            pause_s: between two reads, where the engine has no call that waits.
        """

    def prepare(self) -> None:  # noqa: B027 - most have nothing to prepare
        """What has to be done once in an empty state folder, before the first start."""

    # ---------------------------------------------------------------- what all of them do

    def wipe(self) -> None:
        """Forgets all that was stored."""
        shutil.rmtree(self.state, ignore_errors=True)
        self.state.mkdir(parents=True)
        self.prepare()

    async def up(self) -> float:
        """Starts it; after how many seconds it answered."""
        began = time.perf_counter()
        timeout = aiohttp.ClientTimeout(total=120)
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout)
        await self.launch()
        return time.perf_counter() - began

    async def approval(self, pause_s: float) -> None:
        """One whole approval."""
        case = await self.start()
        await self.decide(case)
        await self.completed(case, pause_s)

    def roots(self) -> list[int]:
        """The processes that were started for it; the rest descends from them."""
        return [process.pid for process in self._processes]

    def cpu_s(self) -> float:
        """CPU seconds that all its processes have used so far."""
        return cpu_s(self.roots())

    def memory_mb(self) -> float:
        """Resident memory of all its processes."""
        return memory_mb(self.roots())

    async def kill(self) -> None:
        """SIGKILL to every process of it at once."""
        kill(self.roots())
        await self._gone()

    async def down(self) -> None:
        """A clean stop."""
        everything = self.roots()
        for process in reversed(self._processes):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, STOPS_WITHIN_S)
        kill(everything)
        await self._gone()

    async def _gone(self) -> None:
        for process in self._processes:
            process.wait()
        self._processes = []
        await self.disconnect()

    async def disconnect(self) -> None:
        """Closes the client's side."""
        await self.session.close()

    # ---------------------------------------------------------------- for the engines

    def spawn(
        self, command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, user: str | None = None
    ) -> None:
        """Starts a process of the engine; what it prints goes to ``log`` in the state folder."""
        with (self.state / "log").open("ab") as log:
            self._processes.append(
                subprocess.Popen(
                    command,
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    cwd=self.state,
                    user=user,
                    env={**os.environ, **(env or {})},
                    start_new_session=True,
                    preexec_fn=ends_with_its_parent,  # noqa: PLW1509 - no thread runs yet
                )
            )

    async def until(self, ready: Callable[[], Awaitable[Any]]) -> None:
        """Returns once the call goes through; a process that has ended, or a minute, is too much."""
        end = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                await ready()
            except Exception as error:
                dead = [process.args for process in self._processes if process.poll() is not None]
                if dead or time.monotonic() > end:
                    printed = (self.state / "log").read_text(errors="replace")[-1000:]
                    raise RuntimeError(f"the engine does not start: {error!r}; ended: {dead}\n{printed}") from error
                await asyncio.sleep(0.01)
            else:
                return

    async def post(self, url: str, body: Any) -> Any:
        """The JSON answer to a POST; anything but a 2xx raises."""
        async with self.session.post(url, json=body) as answer:
            if answer.status >= 300:
                raise RuntimeError(f"{url}: {answer.status} {await answer.text()}")
            return await answer.json(content_type=None)

    async def get(self, url: str) -> Any:
        """The JSON answer to a GET; anything but a 2xx raises."""
        async with self.session.get(url) as answer:
            if answer.status >= 300:
                raise RuntimeError(f"{url}: {answer.status} {await answer.text()}")
            return await answer.json(content_type=None)


def must_be_free(port: int) -> None:
    """Refuses a port that somebody listens on, so that no other server is measured."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise RuntimeError(f"port {port} is taken: end what listens there, then run this again")
