"""How the cost of an episode grows with the history: the host's own time beside the SDK's.

    python bench/replay_cost.py [--rows 2000] [--runs 5]

An orchestrator that waits for an event and runs an activity, again and again, is driven until its history has so many
rows. For each length the CPU time of two episodes (event, activity's answer) is taken, requests, store and activity
included, and in it the time inside the SDK. A straight line is fitted to both: a constant, and so much for each row. If
growth is linear, the line explains nearly all of it (R² near 1) and the second half of the histories is as steep as the
first. The SDK is that of devhost, with its faster parser; what it costs as shipped is measured beside it, on the same
payloads. Each length has the median of the runs. The store is in memory here: an episode writes its own rows only,
for any history.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import correlation, linear_regression, median
from typing import Any, NamedTuple

from azure.durable_functions.orchestrator import Orchestrator
from replayed import DurableHost, orchestrator, timed

APP = Path(__file__).resolve().parent / "long_app"
EPISODES = 2  # for each tick


class Cost(NamedTuple):
    """Of one episode.

    Attributes:
        rows: of the history it replays.
        sdk_us: CPU microseconds inside the SDK.
        host_us: and around it.
    """

    rows: int
    sdk_us: float
    host_us: float


def drive(rows: int) -> tuple[list[Cost], list[str]]:
    """Costs at growing lengths, and a few of the payloads."""
    inside, original = 0.0, Orchestrator.handle

    def handle(self: Orchestrator, context: Any) -> str:
        nonlocal inside
        began = time.process_time()
        try:
            return original(self, context)
        finally:
            inside += time.process_time() - began

    Orchestrator.handle = handle
    host = DurableHost(APP)
    costs, kept = [], []
    try:
        case = host.start("Ticks")
        length = 0
        while length < rows:
            host.payloads.clear()
            inside, began = 0.0, time.process_time()
            host.raise_event(case, "Tick", length)
            took = time.process_time() - began
            length = len(json.loads(host.payloads[-1])["history"])
            costs.append(Cost(length, inside / EPISODES * 1e6, (took - inside) / EPISODES * 1e6))
            if len(kept) < length * 10 // rows:
                kept.append(host.payloads[-1])
    finally:
        host.close()
        Orchestrator.handle = original
    return costs, kept


def line(name: str, lengths: Sequence[int], times: Sequence[float]) -> str:
    """The fitted line, as a row of the table."""
    whole = linear_regression(lengths, times)
    half = len(lengths) // 2
    first = linear_regression(lengths[:half], times[:half]).slope
    second = linear_regression(lengths[half:], times[half:]).slope
    explained = correlation(lengths, times) ** 2
    return f"| {name} | {whole.slope:.2f} | {first:.2f} / {second:.2f} | {whole.intercept:.0f} | {explained:.3f} |"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    runs = []
    for _ in range(given.runs):
        one_run, payloads = drive(given.rows)
        runs.append(one_run)
    costs = [Cost(*map(median, zip(*same, strict=True))) for same in zip(*runs, strict=True)]
    lengths = [one.rows for one in costs]
    alone = orchestrator(APP, "Ticks")
    shipped = [median(timed(lambda payload=one: alone(payload), 2) for _ in runs) for one in payloads]
    shipped_lengths = [len(json.loads(one)["history"]) for one in payloads]
    print("| CPU of an episode | µs for each row | first half / second half | constant, µs | R² |")
    print("|---|---:|---:|---:|---:|")
    print(line("SDK, as shipped", shipped_lengths, shipped))
    print(line("SDK, with devhost's changes", lengths, [one.sdk_us for one in costs]))
    print(line("host, all around it", lengths, [one.host_us for one in costs]))
    last = costs[-20:]
    sdk_us, host_us = (sum(getattr(one, what) for one in last) / len(last) for what in ("sdk_us", "host_us"))
    print(f"\nWith {lengths[-1]:,} rows: SDK {sdk_us / 1000:.1f} ms, host {host_us / 1000:.1f} ms an episode.")


if __name__ == "__main__":
    main()
