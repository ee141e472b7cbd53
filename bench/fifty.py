"""Fifty acts at the same moment on one case: how they are answered, and how long that takes.

    python bench/fifty.py [--rounds 5] [--url http://localhost:7071]

Noor approves and Ruth rejects, 25 times each, all for the first level of a structure; one of them counts. Without
``--url`` it starts devhost with the county's policy file; another host has to run with that, and ``IDENTITY=local``.
"""

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from inbox import ROOT
from pages import STRUCTURE, Browser, served

from devhost.testing.process import until

AT_ONCE = 50


def round_of(url: str, people: list[Browser]) -> tuple[Counter[str], list[float], float]:
    """The answers by status and verdict, the time of each, and of all; in milliseconds."""
    own_id = str(Browser(url, "dana").sends("/api/proposals", STRUCTURE)["id"])
    path = f"/api/proposals/{own_id}"
    until(lambda: json.loads(people[0].asks("GET", path)[2])["turn"]["with"] or None, f"{own_id} is open", 60)

    def act(number: int) -> tuple[str, float]:
        kind = "reject" if number % 2 else "approve"
        body = {"act": kind, "revision": 1, "level": 1, "comment": f"{number}"}
        began = time.perf_counter()
        status, _, raw = people[number].asks(
            "POST", f"{path}/acts", json.dumps(body), {"Content-Type": "application/json"}
        )
        took, answer = (time.perf_counter() - began) * 1000, json.loads(raw)
        assert status == 200 or answer.get("decided", {}).get("by"), answer
        return f"{status} {answer['verdict']}", took

    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(act, range(AT_ONCE)))
    return Counter(said for said, _ in answers), [took for _, took in answers], (time.perf_counter() - began) * 1000


def measure(url: str, rounds: int) -> bool:
    """A row for each round; whether one act counted in each and all others were late."""
    people = [Browser(url, "ruth" if number % 2 else "noor") for number in range(AT_ONCE)]
    print("| round | answers | median | longest | all |\n|---|---|---|---|---|")
    is_well = True
    for number in range(1, rounds + 1):
        said, times, whole = round_of(url, people)
        words = ", ".join(f"{count} x {what}" for what, count in sorted(said.items()))
        print(f"| {number} | {words} | {statistics.median(times):.0f} ms | {max(times):.0f} ms | {whole:.0f} ms |")
        is_well &= said == Counter({"409 late": AT_ONCE - 1, "200 counts": 1})
    return is_well


def main() -> None:
    """The command; exit code 1 if more than one act counted, or one was answered otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", help="of a host that runs with the county's policy file")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    if given.url:
        sys.exit(not measure(given.url.rstrip("/"), given.rounds))
    with served(ROOT) as url:
        is_well = measure(url, given.rounds)
    sys.exit(not is_well)


if __name__ == "__main__":
    main()
