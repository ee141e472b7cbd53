"""What a change costs or saves: two hosts measured in alternating pairs of runs, by their own CPU time.

    python bench/pairs.py --without CHANGE... [--through-the-app]     this devhost without changes to the SDK
    python bench/pairs.py --source FOLDER                             another version's package, such as a checkout's
                          [--pairs 6] [--slices 8] [--seconds 0.5] [--clients 32] [--port 7072]

For each pair both hosts start with an empty database and stay up; then the clients work with one of them for a slice of
time, with the other for the next, and so on. Which host starts first alternates from pair to pair. The machine's other
work hits both alike, so the ratio of a pair says more than its two figures. On a busy machine the same host against
itself (``--source src``) differs by up to 5 %: compare with that. A change to the SDK is named as its function in
``devhost.app.sdk_patches`` is.
"""

import argparse
import tempfile
from pathlib import Path

from measure import APP, HERE, SOURCE, Host, Job, ThroughTheApp, for_seconds, median, over, run
from without import CHANGES

POLL_S = 0.02
WARM_UP = 200


class Side:
    """One of the two hosts, and what it has used so far.

    Args:
        host: up.
        given: the command's options.
    """

    def __init__(self, host: Host, given: argparse.Namespace) -> None:
        self.host, self.given = host, given
        self.job: Job = ThroughTheApp(host.base, host.session) if given.through_the_app else host
        self.cpu_s = 0.0
        self.done = 0

    async def warm_up(self) -> None:
        """A few approvals that do not count."""
        await over(range(WARM_UP), self.given.clients, lambda _: self.job.approval(POLL_S))

    async def slice(self) -> None:
        """As many approvals as fit into a slice of time."""
        before = self.host.cpu_s()
        done, _ = await for_seconds(self.given.seconds, self.given.clients, lambda: self.job.approval(POLL_S))
        self.cpu_s += self.host.cpu_s() - before
        self.done += done

    @property
    def cost_ms(self) -> float:
        """CPU milliseconds for an approval."""
        return self.cpu_s / self.done * 1000


async def pair(given: argparse.Namespace, *, other_first: bool) -> tuple[float, float]:
    """CPU milliseconds for an approval: of this devhost, and of the other."""
    module = [str(HERE / "without.py"), *given.without, "--"] if given.without else ["-m", "devhost"]
    with tempfile.TemporaryDirectory(prefix="devhost-bench-") as folder:
        state = Path(folder)
        this = Host(None, APP, state / "this", given.port)
        other = Host(None, APP, state / "other", given.port + 1, module=module, source=given.source)
        first, second = (other, this) if other_first else (this, other)
        async with first, second:  # the one that starts first costs a little more
            sides = {host: Side(host, given) for host in (first, second)}
            turns = list(sides.values())
            for side in turns:
                await side.warm_up()
            for _ in range(given.slices):
                for side in turns:
                    await side.slice()
                turns.reverse()
            return sides[this].cost_ms, sides[other].cost_ms


async def measure(given: argparse.Namespace) -> None:
    """A row for each pair, and the medians."""
    print("| pair | this devhost, ms | the other, ms | this / other |\n|---|---:|---:|---:|", flush=True)
    pairs = []
    for number in range(given.pairs):
        pairs.append(await pair(given, other_first=bool(number % 2)))
        show(str(number + 1), *pairs[-1], pairs[-1][0] / pairs[-1][1])
    ours, others = zip(*pairs, strict=True)
    show("median", median(ours), median(others), median(one / other for one, other in pairs))


def show(what: str, ours: float, other: float, ratio: float) -> None:
    """One row."""
    print(f"| {what} | {ours:.3f} | {other:.3f} | {ratio:.3f} |", flush=True)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--without", nargs="+", default=[], choices=CHANGES, help="changes that the other leaves out")
    parser.add_argument("--source", type=Path, default=SOURCE, help="the folder of the other's package devhost")
    parser.add_argument("--through-the-app", action="store_true", help="by the app's routes and the durable client")
    parser.add_argument("--pairs", type=int, default=6, help="an even number weighs both orders alike")
    parser.add_argument("--slices", type=int, default=8, help="of each host in a pair")
    parser.add_argument("--seconds", type=float, default=0.5, help="of a slice")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--port", type=int, default=7072)
    run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
