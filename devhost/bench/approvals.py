"""What one approval costs on the local host, and how it bears ten thousand open ones.

    python bench/approvals.py [--runs 5] [--seconds 4] [--open 10000] [--plain-sdk] [--base-url URL]

One approval is: start over HTTP, event over HTTP, status read as Completed. Nothing is batched or prepared. Each figure
is the median of the runs. With ``--base-url`` another host is measured, from outside only: it must run ``bench/app``.
"""

import argparse
import asyncio
import time

from measure import APP, Host, for_seconds, median, over, percentile, run, with_own_state

CLIENTS = 32


async def throughput(host: Host, clients: int, runs: int, seconds: float) -> tuple[float, float]:
    """Approvals a second, and the host's CPU milliseconds for each."""
    rates, costs = [], []
    for _ in range(runs):
        before = host.cpu_s()
        done, took = await for_seconds(seconds, clients, lambda: host.approval(0.002 if clients == 1 else 0.02))
        rates.append(done / took)
        costs.append((host.cpu_s() - before) / done * 1000)
    return median(rates), median(costs)


async def latency(host: Host, cases: list[dict[str, str]]) -> tuple[float, float]:
    """Milliseconds from raising the event to reading Completed: median and 99th percentile, one at a time."""
    times = []
    for urls in cases:
        began = time.perf_counter()
        await host.decide(urls)
        await host.completed(urls, 0.0005)
        times.append((time.perf_counter() - began) * 1000)
    return median(times), percentile(times, 0.99)


def say(what: str, figure: str) -> None:
    """One line of the report."""
    print(f"| {what} | {figure} |", flush=True)


async def measure(given: argparse.Namespace) -> None:
    """All figures, as rows of a table."""
    options = ["--plain-sdk"] if given.plain_sdk else []
    print("| what | figure |\n|---|---|")
    began = time.perf_counter()
    async with with_own_state(lambda state: Host(given.base_url, APP, state, given.port, options)) as host:
        say("start to first answer", f"{time.perf_counter() - began:.2f} s")
        await over(range(50), 4, lambda _: host.approval())
        say("memory after warm-up", f"{host.memory_mb():.0f} MB")
        for clients in (1, CLIENTS):
            rate, cost = await throughput(host, clients, given.runs, given.seconds)
            say(f"approvals/s, {clients} client(s)", f"{rate:.0f} ({cost:.2f} ms of host CPU each)")
        idle = host.memory_mb()
        _, took = await over(range(1000), 1000, lambda _: host.approval(0.05))
        say("1,000 cases at once, all Completed", f"{took:.1f} s, no error")
        cases, took = await over(range(given.open), CLIENTS, lambda _: host.start())
        say(f"starts/s, {CLIENTS} clients", f"{given.open / took:.0f}")
        await asyncio.sleep(2)
        each_kb = (host.memory_mb() - idle) * 1024 / given.open
        say(f"memory with {given.open} open", f"{host.memory_mb():.0f} MB ({each_kb:.2f} KB each)")
        before = host.cpu_s()
        await asyncio.sleep(5)
        say(f"idle CPU with {given.open} timers", f"{(host.cpu_s() - before) / 5:.3f} core")
        middle, worst = await latency(host, cases[:200])
        say(f"raise to Completed, {given.open} open", f"p50 {middle:.1f} ms, p99 {worst:.1f} ms")
        rate, cost = await throughput(host, CLIENTS, given.runs, given.seconds)
        say(f"approvals/s, {CLIENTS} clients, {given.open} open", f"{rate:.0f} ({cost:.2f} ms of host CPU each)")
        if given.base_url is None:
            await host.kill()
            began = time.perf_counter()
            answered = await host.up()
            await host.decide(cases[200])
            await host.completed(cases[200], 0.0005)
            say("after kill -9: first answer, first decision", f"{answered:.2f} s, {time.perf_counter() - began:.2f} s")

            async def finish(urls: dict[str, str]) -> None:
                await host.decide(urls)
                await host.completed(urls, 0.02)

            rest, took = await over(cases[201:], CLIENTS, finish)
            say("after kill -9: the rest decided", f"{len(rest)} of {given.open - 201}, {len(rest) / took:.0f}/s")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--open", type=int, default=10_000)
    parser.add_argument("--port", type=int, default=7072)
    parser.add_argument("--plain-sdk", action="store_true", help="without devhost's changes to the SDK")
    parser.add_argument("--base-url", help="measure this host instead of a devhost of our own")
    run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
