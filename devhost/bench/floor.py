"""What no host can go below: the SDK's replay, bare HTTP requests, commits to the disk. One approval needs them all.

    python bench/floor.py [--runs 5]

An approval is three episodes of the orchestrator, at least three requests (start, event, status) and five changes that
must be on disk before something follows: start, event, and three episodes. Medians of the runs.
"""

import argparse
import asyncio
import multiprocessing
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

import aiohttp
from aiohttp import web
from measure import for_seconds, median
from processes import cpu_s
from replayed import DurableHost, orchestrator, shipped_and_changed, timed

APP = Path(__file__).resolve().parent / "app"
PORT = 17160
CLIENTS = 32
COMMITS = 300
ROW = "x" * 400  # about what an episode is


def replay(runs: int) -> None:
    """The SDK over the three payloads of one approval."""
    host = DurableHost(APP)
    case = host.start("Job")
    host.raise_event(case, "Approval", "Approved")
    payloads = list(host.payloads)
    host.close()
    handle = orchestrator(APP, "Job")

    def approval() -> float:
        return median(sum(timed(lambda payload=one: handle(payload), 300) for one in payloads) for _ in range(runs))

    shipped, changed = shipped_and_changed(approval)
    say(f"SDK replay of one approval ({len(payloads)} episodes), as shipped", f"{shipped / 1000:.2f} ms of CPU")
    say("the same with devhost's changes to the SDK", f"{changed / 1000:.2f} ms of CPU")


def serve() -> None:
    """A server that only answers; runs in a process of its own."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response(await request.json() if request.can_read_body else {"runtimeStatus": "Running"})

    app = web.Application()
    app.router.add_route("*", "/instances/{id}", answer)
    web.run_app(app, host="127.0.0.1", port=PORT, access_log=None, print=None)


async def requests(server: int, runs: int) -> None:
    """What a request costs a server that does nothing for it."""
    url = f"http://127.0.0.1:{PORT}/instances/x"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask() -> None:
            async with session.post(url, json="Approved") as answer:
                await answer.read()

        while True:
            try:
                await ask()
                break
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.02)
        for clients in (1, CLIENTS):
            rates, costs = [], []
            for _ in range(runs):
                before = cpu_s([server])
                done, took = await for_seconds(1, clients, ask)
                rates.append(done / took)
                costs.append((cpu_s([server]) - before) / done * 1e6)
            what = f"bare aiohttp request, {clients} client{'s' if clients > 1 else ''}"
            say(what, f"{median(costs):.0f} µs of CPU, {median(rates):,.0f}/s")


def commits(runs: int) -> None:
    """Sqlite with a write-ahead log and synchronous=FULL, on the disk of the temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        for rows in (1, CLIENTS):
            times = [_commit_ms(Path(folder) / f"{rows}-{run}.db", rows) for run in range(runs)]
            each = "a row" if rows == 1 else f"{rows} rows"
            say(f"sqlite commit of {each}, fsync included", f"{median(times):.2f} ms")


def _commit_ms(path: Path, rows: int) -> float:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE history (n INTEGER PRIMARY KEY, rows TEXT)")
        times = []
        for _ in range(COMMITS):
            began = time.perf_counter()
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO history (rows) VALUES (?)", [(ROW,)] * rows)
            db.execute("COMMIT")
            times.append((time.perf_counter() - began) * 1000)
    return median(times)


def say(what: str, figure: str) -> None:
    """One row of the table."""
    print(f"| {what} | {figure} |", flush=True)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    print("| what | figure |\n|---|---|")
    replay(runs)
    server = multiprocessing.get_context("spawn").Process(target=serve, daemon=True)
    server.start()
    try:
        assert server.pid is not None
        asyncio.run(requests(server.pid, runs))
    finally:
        server.terminate()
        server.join()
    commits(runs)


if __name__ == "__main__":
    main()
