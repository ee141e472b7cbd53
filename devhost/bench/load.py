"""Whether the local host stays as it is under load: many open cases, then a long mixed load.

    python bench/load.py [--open 50000] [--minutes 10] [--rate 100]

First so many cases are started and stay open, and the memory is looked at on the way. Then starts, events,
terminations, signals, lists and purges go on for so many minutes at that rate, over the open cases; each minute memory,
file descriptors, threads and database are looked at. At the end comes the verdict, with exit code 1 where something
grows.

Linux only: it reads /proc. The first two minutes fill caches and free pages, so growth counts from then on.
"""

import argparse
import asyncio
import itertools
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measure import Host, over, run, with_own_state

APP = Path(__file__).resolve().parent / "load_app"
HUB = "/runtime/webhooks/durabletask"
STEPS = 5
CLIENTS = 8
KB_EACH = 1.0  # of memory for each open case, at most
GROWTH = 0.10  # of memory and database in the mixed load, at most
PURGE_EVERY_S = 20.0
# The host's loop, the loop for functions, who looks on, and the pool for what blocks, which fills up with time.
THREADS = 3 + min(32, (os.cpu_count() or 1) + 4)


class Watched(Host):
    """A host of our own whose process can be looked at."""

    @property
    def pid(self) -> int:
        """Of the process."""
        assert self._process is not None
        return self._process.pid


@dataclass(frozen=True)
class Look:
    """What the host holds at one moment.

    Attributes:
        at_s: seconds since the mixed load began.
        rss_mb: resident memory.
        files: open file descriptors.
        threads: of the process.
        disk_mb: database and write-ahead log.
    """

    at_s: float
    rss_mb: float
    files: int
    threads: int
    disk_mb: float


def look(host: Watched, state: Path, began: float) -> Look:
    """Reads the figures of the host's process."""
    process = Path(f"/proc/{host.pid}")
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    return Look(
        at_s=time.perf_counter() - began,
        rss_mb=int(status["VmRSS"].split()[0]) / 1024,
        files=len(list((process / "fd").iterdir())),
        threads=int(status["Threads"]),
        disk_mb=sum(file.stat().st_size for file in state.glob("*.db*")) / 1_048_576,
    )


@dataclass
class Mix:
    """The mixed load, from outside, as clients make it.

    Args:
        host: up, with the app of this load.
    """

    host: Host
    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    _open: list[str] = field(default_factory=list)
    _number: Any = field(default_factory=itertools.count)
    _chance: random.Random = field(default_factory=lambda: random.Random(20_261_124))  # noqa: S311 - not a secret

    async def one(self) -> None:
        """One operation, as chance wants it: three starts to three ends, so that the number of cases stays level."""
        chance = self._chance.random()
        if chance < 0.3 or not self._open:
            await self._start()
        elif chance < 0.5:
            await self._ask("event", "POST", f"instances/{self._any()}/raiseEvent/Approval", json="Approved")
        elif chance < 0.6:
            await self._ask("terminate", "POST", f"instances/{self._any()}/terminate?reason=enough")
        elif chance < 0.8:
            await self._ask("signal", "POST", f"entities/Tally/{self._chance.randrange(100)}?op=add", json=1)
        elif chance < 0.95:
            await self._ask("status", "GET", f"instances/{self._chance.choice(self._open)}?showHistory=true")
        else:
            await self._ask("list", "GET", "instances?top=50&showInput=false&instanceIdPrefix=mixed-")

    async def purge(self) -> None:
        """Purges all cases that are over."""
        await self._ask(
            "purge", "DELETE", "instances?createdTimeFrom=2000-01-01T00:00:00Z&runtimeStatus=Completed,Terminated"
        )

    def _any(self) -> str:
        """Takes one of the open cases; no other worker gets it."""
        return self._open.pop(self._chance.randrange(len(self._open)))

    async def _start(self) -> None:
        name = f"mixed-{next(self._number)}"
        await self._ask("start", "POST", f"orchestrators/Case/{name}", json={"title": name, "text": "x" * 500})
        self._open.append(name)

    async def _ask(self, what: str, method: str, path: str, **given: Any) -> None:
        began = time.perf_counter()
        async with self.host.session.request(method, f"{self.host.base}{HUB}/{path}", **given) as answer:
            await answer.read()
        self.slowest_s = max(self.slowest_s, time.perf_counter() - began)
        self.done[what] += 1
        if answer.status not in (200, 202) and not (what == "purge" and answer.status == 404):
            self.wrong.append(f"{what}: {answer.status}")


async def open_cases(host: Watched, state: Path, count: int) -> list[tuple[int, Look]]:
    """Starts the cases; the figures before, on the way and after."""
    began, looks = time.perf_counter(), [(0, look(host, state, time.perf_counter()))]
    say("open cases", "rss", "files", "threads", "database")
    show("0", looks[-1][1])
    marks = sorted({count // STEPS, count // 2, count})
    have = 0

    async def start(number: int) -> None:
        url = f"{host.base}{HUB}/orchestrators/Case/open-{number}"
        async with host.session.post(url, json={"title": str(number), "text": "x" * 500}) as answer:
            assert answer.status == 202, await answer.text()
            await answer.read()

    for mark in marks:
        await over(range(have, mark), 32, start)
        have = mark
        await asyncio.sleep(2)
        looks.append((mark, look(host, state, began)))
        show(f"{mark:,}", looks[-1][1])
    return looks


async def mixed(host: Watched, state: Path, minutes: float, rate: float) -> tuple[list[Look], Mix]:
    """Goes on for so long; the figures of each minute."""
    mix, began = Mix(host), time.perf_counter()
    end, looks = began + minutes * 60, [look(host, state, began)]
    say("minute", "rss", "files", "threads", "database", "operations")

    async def again(every_s: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        due = time.perf_counter()
        while (due := due + every_s) < end:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await work()

    async def note() -> None:
        looks.append(look(host, state, began))
        show(f"{looks[-1].at_s / 60:.0f}", looks[-1], f"{mix.done.total():,}")

    await asyncio.gather(
        again(60.0 if minutes >= 2 else minutes * 15, note),
        again(PURGE_EVERY_S if minutes >= 2 else minutes * 10, mix.purge),
        *(again(CLIENTS / rate, mix.one) for _ in range(CLIENTS)),
    )
    await mix.purge()
    await note()
    return looks, mix


def verdict(opened: list[tuple[int, Look]], looks: list[Look], mix: Mix) -> list[str]:
    """Everything that is not flat, one sentence each."""
    told = []
    (_, empty), (count, full) = opened[0], opened[-1]
    if count and (each := (full.rss_mb - empty.rss_mb) * 1024 / count) > KB_EACH:
        told.append(f"an open case costs {each:.2f} KB of memory")
    settled, last = looks[min(2, len(looks) - 1)], looks[-1]
    for what, before, after in (
        ("memory", settled.rss_mb, last.rss_mb),
        ("the database", settled.disk_mb, last.disk_mb),
    ):
        if after > before * (1 + GROWTH):
            told.append(f"{what} has grown from {before:.0f} to {after:.0f} MB")
    # Connections come and go with the clients: what counts is that none is left over.
    if last.files > settled.files + CLIENTS:
        told.append(f"{last.files} open files, and {settled.files} before")
    if last.threads > THREADS:
        told.append(f"{last.threads} threads")
    told += [f"{count} wrong answers, {what}" for what, count in Counter(mix.wrong).items()]
    return told


def say(*cells: str) -> None:
    """A row of a table, and the line under a head."""
    print(f"| {' | '.join(cells)} |\n|{'---|' * len(cells)}", flush=True)


def show(first: str, one: Look, *more: str) -> None:
    """One row of figures."""
    cells = (first, f"{one.rss_mb:.1f} MB", str(one.files), str(one.threads), f"{one.disk_mb:.0f} MB", *more)
    print(f"| {' | '.join(cells)} |", flush=True)


async def measure(given: argparse.Namespace) -> int:
    """Both parts over one host; 1 where something grows."""
    async with with_own_state(lambda state: Watched(None, APP, state, given.port)) as host:
        opened = await open_cases(host, host.state, given.open)
        print()
        looks, mix = await mixed(host, host.state, given.minutes, given.rate)
    done = ", ".join(f"{count:,} {what}" for what, count in mix.done.most_common())
    print(f"\n{done}; the slowest answer took {mix.slowest_s:.2f} s.")
    told = verdict(opened, looks, mix)
    print("\n".join(told) or "Nothing grows.")
    return 1 if told else 0


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--open", type=int, default=50_000, help="cases that stay open (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=10, help="of mixed load (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=100, help="operations a second (default: %(default)s)")
    parser.add_argument("--port", type=int, default=7074)
    run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
