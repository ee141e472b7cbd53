"""One look at one engine, in the engine's own virtual environment; ``compare.py`` makes many of them.

    python bench/visit.py ENGINE few|many --state DIR --seconds S --open N [--command COMMAND]

Prints one JSON object: each figure, and how many cores others used while it was taken. ``few`` begins with an empty
store each time. ``many`` keeps so many approvals open: they stay in DIR from one visit to the next where the engine
keeps them at all.
"""

import argparse
import asyncio
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

from measure import for_seconds, median, over, percentile
from peers import PEERS
from peers.engine import Engine
from processes import Meanwhile

CLIENTS = 32
ALONE_S, AMONG_MANY_S = 0.001, 0.02  # between two reads of a status, with one client and with many
WARM_UP = 50
IDLE_FOR_S = 2.0
LATENCIES = 200
LATENCIES_FOR_S = 6.0  # at most, for an engine that is slow
SETTLES_WITHIN_S, QUIET = 20.0, 0.12
GIVES_UP_S = 30.0  # on an approval that ought to complete
LOST_AT_MOST = 64

Figures = dict[str, dict[str, float]]


async def few(engine: Engine, seconds: float) -> Figures:
    """From an empty store: start, idling, approvals with one client and with many, starts."""
    found: Figures = {}
    engine.wipe()
    with Meanwhile(engine.roots) as during:
        took = await engine.up()
    found["first_answer_s"] = figure(took, during)
    await warm_up(engine)
    found["idle_mb"] = figure(engine.memory_mb())
    await idle(engine, "idle_cores", found)
    await throughput(engine, 1, seconds, "alone", found)
    await throughput(engine, CLIENTS, seconds, "many", found)
    with Meanwhile(engine.roots) as during:
        done, took = await for_seconds(seconds, CLIENTS, engine.start)
    found["starts_per_s"] = figure(done / took, during)
    await engine.kill()  # the store is of no further use
    return found


async def many(engine: Engine, seconds: float, wanted: int, *, keeps: bool) -> Figures:
    """With so many open: memory, idling, latency, approvals, and a kill."""
    found: Figures = {}
    kept = engine.state / "open.json"
    cases = json.loads(kept.read_text()) if kept.exists() else []
    if not cases:
        engine.wipe()
    kept.unlink(missing_ok=True)  # until they are counted again
    await engine.up()
    if not cases:
        await warm_up(engine)
    await settle(engine)
    before = engine.memory_mb()
    fresh, _ = await over(range(wanted - len(cases)), CLIENTS, lambda _: engine.start())
    await settle(engine)
    if not cases:
        found["kb_each"] = figure((engine.memory_mb() - before) * 1024 / wanted)
        found["open_mb"] = figure(engine.memory_mb())
    cases += fresh
    await idle(engine, "open_idle_cores", found)
    cases = await latency(engine, cases, found)
    await throughput(engine, CLIENTS, seconds, "open", found)
    await settle(engine)
    await engine.kill()
    cases = await after_kill(engine, cases, seconds, found)
    await engine.down()
    if keeps:
        kept.write_text(json.dumps(cases))
    return found


def figure(value: float, during: Meanwhile | None = None) -> dict[str, float]:
    """A figure, and how busy others were meanwhile."""
    return {"value": value} if during is None else {"value": value, "others": round(during.others, 3)}


async def warm_up(engine: Engine) -> None:
    """A few approvals, so that nothing is loaded, compiled or connected for the first time later."""
    await over(range(WARM_UP), 4, lambda _: engine.approval(AMONG_MANY_S))


async def settle(engine: Engine) -> None:
    """Returns when the engine has come to rest, or after a while."""
    end = time.monotonic() + SETTLES_WITHIN_S
    calm = QUIET
    while time.monotonic() < end:
        before = engine.cpu_s()
        await asyncio.sleep(1)
        used = engine.cpu_s() - before
        if used < calm:
            return
        calm = max(calm, min(used * 1.1, 0.6))  # some never come to rest: as quiet as it was is quiet enough


async def idle(engine: Engine, name: str, found: Figures) -> None:
    """The cores that it uses without any request."""
    with Meanwhile(engine.roots) as during:
        await asyncio.sleep(IDLE_FOR_S)
    found[name] = figure(during.engine_s / during.seconds, during)


async def throughput(engine: Engine, clients: int, seconds: float, name: str, found: Figures) -> None:
    """Approvals a second, and the engine's CPU for each."""
    pause_s = ALONE_S if clients == 1 else AMONG_MANY_S
    with Meanwhile(engine.roots) as during:
        done, took = await for_seconds(seconds, clients, lambda: engine.approval(pause_s))
    found[f"{name}_per_s"] = figure(done / took, during)
    found[f"{name}_cpu_ms"] = figure(during.engine_s / done * 1000, during)


async def latency(engine: Engine, cases: list[Any], found: Figures) -> list[Any]:
    """Milliseconds from raising the event to reading Completed, one at a time; the cases that are left."""
    times: list[float] = []
    end = time.monotonic() + LATENCIES_FOR_S
    with Meanwhile(engine.roots) as during:
        for case in cases[:LATENCIES]:
            began = time.perf_counter()
            await engine.decide(case)
            await engine.completed(case, ALONE_S)
            times.append((time.perf_counter() - began) * 1000)
            if time.monotonic() > end:
                break
    found["decision_ms_p50"] = figure(median(times), during)
    found["decision_ms_p99"] = figure(percentile(times, 0.99), during)
    found["decisions_timed"] = figure(len(times))
    return cases[len(times) :]


async def after_kill(engine: Engine, cases: list[Any], seconds: float, found: Figures) -> list[Any]:
    """Start to first answer, to first decision, and how many of those that were open do not complete any more."""
    rest = iter(cases)
    tried = lost = 0
    end = float("inf")

    async def decide(case: Any) -> None:
        nonlocal tried, lost
        tried += 1
        try:
            async with asyncio.timeout(GIVES_UP_S):
                await engine.decide(case)
                await engine.completed(case, AMONG_MANY_S)
        except Exception:  # noqa: BLE001 - whatever the engine says of it: it is not there any more
            lost += 1

    async def client() -> None:
        while time.monotonic() < end and lost < LOST_AT_MOST and (case := next(rest, None)) is not None:
            await decide(case)

    with Meanwhile(engine.roots) as during:
        began = time.perf_counter()
        answered = await engine.up()
        await decide(next(rest))
        decided = time.perf_counter() - began
    found["killed_answer_s"] = figure(answered, during)
    if not lost:
        found["killed_decision_s"] = figure(decided, during)
    end = time.monotonic() + seconds
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    found["killed_tried"], found["killed_lost"] = figure(tried), figure(lost)
    return list(rest)


async def visit(given: argparse.Namespace) -> Figures:
    """The figures of one visit; nothing of the engine's runs on."""
    myself = asyncio.current_task()
    assert myself is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, myself.cancel)
    peer = PEERS[given.engine]
    engine = peer.make(given.state, given.command)
    try:
        if given.what == "few":
            return await few(engine, given.seconds)
        return await many(engine, given.seconds, given.open, keeps=peer.keeps)
    finally:
        if engine.roots():
            await engine.kill()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", choices=PEERS)
    parser.add_argument("what", choices=("few", "many"))
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--open", type=int, default=10_000)
    parser.add_argument("--command")
    json.dump(asyncio.run(visit(parser.parse_args())), sys.stdout)


if __name__ == "__main__":
    main()
