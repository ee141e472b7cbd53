"""How fast health and stats answer on the local host while many cases are open, and how old the figures are.

    python bench/watch.py [--open 10000] [--seconds 20] [--every 0.5] [--port 7072]

The approval app runs on devhost, with the bridge of examples/ as every case. The first answer of stats takes longest:
the cases are counted within it.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "devhost/bench"))

from measure import Host, median, over, run, with_own_state  # noqa: E402 - after the path that leads to it

PROPOSAL = json.loads((ROOT / "examples/bridge-refurbishment.json").read_text(encoding="utf-8"))


async def start(host: Host) -> None:
    """One open case."""
    async with host.session.post(f"{host.base}/api/orchestrators/OrchFunction", json=PROPOSAL) as answer:
        assert answer.status == 202, await answer.text()


async def ask(host: Host, path: str, seconds: float, every_s: float) -> None:
    """Asks again and again, and says how that went."""
    times, ages, codes, end = [], [], Counter[int](), time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        async with host.session.get(f"{host.base}{path}") as answer:
            body = await answer.json()
        times.append((time.perf_counter() - began) * 1000)
        codes[answer.status] += 1
        if "ageSeconds" in body:
            ages.append(body["ageSeconds"])
        await asyncio.sleep(every_s)
    said = f", figures at most {max(ages):.1f} s old, {body['open']} open" if ages else ""
    took = f"p50 {median(times):.1f} ms, worst {max(times):.1f} ms"
    print(f"| {path} | {took}, answers {dict(codes)}{said} |", flush=True)


async def measure(given: argparse.Namespace) -> None:
    """Both routes, one after the other."""
    async with with_own_state(lambda state: Host(None, ROOT, state, given.port)) as host:
        await over(range(given.open), 32, lambda _: start(host))
        print("| route | figure |\n|---|---|")
        await ask(host, "/api/stats", given.seconds, given.every)
        await ask(host, "/api/health", given.seconds, given.every)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--open", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--every", type=float, default=0.5)
    parser.add_argument("--port", type=int, default=7072)
    run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
