"""Plays the scenarios on a host that runs the app of this folder, and writes down or checks what it answers.

    python tests/conformance/driver.py --base-url http://localhost:7071 [--only NAME ...] [--out FILE] [--check]
        [--virtual-time]

Standard library only. `--out` writes everything that was asked and answered, for `compact.py`; `--check` compares with
the recordings and prints the differences. Six scenarios are played at a time; those that look at the whole hub come
last, alone. A scenario that breaks off is reported and does not stop the others. `--virtual-time` is for a devhost that
was started so: it moves the host's clock instead of waiting, and plays one scenario at a time.

Exit code 1 when a host did what no host may do, or with `--check` anything that was not recorded.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from clocks import Clock, RealTime, devhost_time
from comparison import differences
from host import Host
from normal import normal, scrubbed
from scenarios import SCENARIOS, Scenario

Json = dict[str, Any]
Played = dict[str, Any]


class Driver:
    """A run of scenarios on one host.

    Args:
        base_url: of a host that runs the app.
        clock: how to wait.

    `run` is the tag of this run: nine characters, as the lengths of the recorded ids have it, and no letter e, which
    one scenario spells in another way.
    """

    def __init__(self, base_url: str, clock: Clock) -> None:
        self.base_url = base_url
        self.clock = clock
        self.run = f"t{int(time.time()) % 100_000_000:08}"
        self._query = ""

    def warm_up(self) -> None:
        """Plays one instance to the end, and learns what the host puts behind its links."""
        first = Host(self.base_url, self.clock)
        payload = first.start("chain", ["warm"])
        self._query = urlsplit(payload["statusQueryGetUri"]).query
        first.wait(payload)

    def play(self, scenario: Scenario) -> Played:
        """One scenario's steps, failures and error."""
        host = Host(self.base_url, self.clock, self._query, self.run)
        error = None
        try:
            scenario.play(host)
        except Exception as broken:  # noqa: BLE001 whatever an odd host makes a scenario stumble over
            error = f"{type(broken).__name__}: {broken}"
        return {"steps": host.steps, "failures": host.failures, "error": error}

    def normal(self, played: Played) -> Played:
        """The same without what belongs to this run only."""
        return normal(played, self.run)

    def play_all(self, chosen: Iterable[Scenario], threads: int, tell: Callable[[str, Played], None]) -> Json:
        """Plays scenarios, several at a time, and calls `tell` after each."""

        def one(scenario: Scenario) -> Played:
            played = self.play(scenario)
            tell(scenario.name, played)
            return played

        chosen = list(chosen)
        together, alone = ([each for each in chosen if each.last is last] for last in (False, True))
        with ThreadPoolExecutor(threads) as pool:
            played = dict(zip((each.name for each in together), pool.map(one, together), strict=True))
        return played | {each.name: one(each) for each in alone}


def main() -> int:
    """Reads the arguments above."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base-url", default="http://localhost:7071")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--out", type=Path, metavar="FILE")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--virtual-time", action="store_true")
    parser.add_argument("--threads", type=int, default=6)
    given = parser.parse_args()
    driver = Driver(given.base_url, devhost_time(given.base_url) if given.virtual_time else RealTime())
    driver.warm_up()
    bad: list[str] = []

    def tell(name: str, played: Played) -> None:
        complaints = played["failures"] + ([played["error"]] if played["error"] else [])
        if given.check:
            complaints += differences(name, driver.normal(played)["steps"])
        say(f"{name}: {'as recorded' if given.check else 'played'}" if not complaints else "")
        for complaint in complaints:
            bad.append(name)
            say(f"{name}: {complaint}")

    chosen = [each for each in SCENARIOS if not given.only or each.name in given.only]
    results = driver.play_all(chosen, 1 if given.virtual_time else given.threads, tell)
    if given.out:
        text = json.dumps({"run": driver.run, "raw": results, "normal": driver.normal(results)}, indent=1)
        given.out.write_text(scrubbed(text), encoding="utf-8")
    say(f"{len(results)} scenarios, {len(bad)} complaints in {len(set(bad))} of them")
    return 1 if bad else 0


def say(text: str) -> None:
    """Prints a line, if there is one."""
    if text:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
