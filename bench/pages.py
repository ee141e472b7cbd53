"""How long each page takes on the local host, and how large it is: medians, with the county's policy file.

    python bench/pages.py [--runs 30] [--url http://localhost:7071]

Without ``--url`` it starts devhost with the policy file and a few cases. All pages take turns, so that a busy machine
slows each. The size is that of the answer's body, uncompressed.
"""

import argparse
import http.client
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from inbox import KEYS, ROOT, SCHEME

from devhost.testing.process import HostProcess, until

MOST_MS, MOST_KB = 30, 60
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
STRUCTURE = {"title": "Mill Lane bridge", "fields": {"kind": "structure", "amount": "80000.00", "category": 2}}


class Browser:
    """Somebody with one connection and a session."""

    def __init__(self, url: str, person: str) -> None:
        to = urlsplit(url)
        self._connection = http.client.HTTPConnection(to.hostname or "", to.port, timeout=60)
        self._cookie = ""
        _, headers, _ = self.asks("POST", "/sign-in", f"person={person}", FORM)
        self._cookie = headers["Set-Cookie"].partition(";")[0]

    def asks(
        self, method: str, path: str, body: str | None = None, more: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body of the answer."""
        self._connection.request(method, path, body, {"Cookie": self._cookie, **(more or {})})
        got = self._connection.getresponse()
        return got.status, got.headers, got.read()

    def sends(self, path: str, body: object) -> dict[str, object]:
        """The answer to JSON."""
        status, _, raw = self.asks("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        assert status < 300, (path, status, raw)
        found: dict[str, object] = json.loads(raw)
        return found


def cases(url: str) -> tuple[str, str]:
    """Ids of a case that waits for Ruth, and of one that is over; there are eight more that wait."""
    dana, ruth, pat = (Browser(url, person) for person in ("dana", "ruth", "pat"))
    ids = [str(dana.sends("/api/proposals", STRUCTURE if n % 2 else SCHEME)["id"]) for n in range(9)]
    over = str(dana.sends("/api/proposals", SCHEME)["id"])
    for level, who in ((1, ruth), (2, pat)):
        until(lambda: _is_asked(who, over, level), f"level {level} of {over} is open")  # noqa: B023 - at once
        who.sends(f"/api/proposals/{over}/acts", {"act": "approve", "revision": 1, "level": level})
    until(lambda: _is_asked(ruth, ids[1], 1), f"{ids[1]} is open")
    return ids[1], over


def _is_asked(who: Browser, own_id: str, level: int) -> bool | None:
    mine = json.loads(who.asks("GET", f"/api/proposals/{own_id}")[2])["mine"]
    return True if mine["may"] and mine["level"] == level else None


def pages(url: str, runs: int) -> bool:
    """Asks for all pages in turns; a table, and whether all are as small and as fast as they should be."""
    waiting, over = cases(url)
    ruth = Browser(url, "ruth")
    shown = [
        "/", "/inbox", "/submit", f"/proposals/{waiting}", f"/proposals/{waiting}/decide",
        f"/proposals/{waiting}/confirm?act=approve&revision=1&level=1", f"/proposals/{over}", "/policies",
        "/policies/scheme", "/outbox", "/sign-in", "/proposals/P-00000000",
    ]  # fmt: skip
    times: dict[str, list[float]] = {path: [] for path in shown}
    answers: dict[str, tuple[int, int]] = {}
    for _ in range(runs + 1):
        for path in shown:
            began = time.perf_counter()
            status, _, body = ruth.asks("GET", path)
            times[path].append((time.perf_counter() - began) * 1000)
            answers[path] = status, len(body)
    print("| page | status | median | 95 % | size |\n|---|---|---|---|---|")
    is_well = True
    for path, found in times.items():
        ordered, (status, size) = sorted(found[1:]), answers[path]  # the first imports what makes the page
        middle, late = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
        named = path.replace(waiting, "{waits}").replace(over, "{over}")
        print(f"| {named} | {status} | {middle:.1f} ms | {late:.1f} ms | {size / 1024:.1f} KB |")
        is_well &= middle < MOST_MS and size < MOST_KB * 1024
    return is_well


def main() -> None:
    """The command; exit code 1 if a page is too large or takes too long."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", help="of a host that runs with the county's policy file")
    parser.add_argument("--runs", type=int, default=30)
    given = parser.parse_args()
    if given.url:
        sys.exit(not pages(given.url.rstrip("/"), given.runs))
    with served(ROOT) as url:
        is_well = pages(url, given.runs)
    sys.exit(not is_well)


@contextmanager
def served(app: Path) -> Iterator[str]:
    """The address of a devhost with the county's policy file, which is there for the block."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        state = Path(folder)
        host = HostProcess(app, state, "--quiet", OUTBOX=str(state / "outbox"), **KEYS)
        host.environment["PUBLIC_BASE_URL"] = host.origin
        host.spawn()
        try:
            until(lambda: _serves(host.origin), "devhost serves")
            yield host.origin
        finally:
            host.close()


def _serves(url: str) -> bool | None:
    to = urlsplit(url)
    try:
        connection = http.client.HTTPConnection(to.hostname or "", to.port, timeout=5)
        connection.request("GET", "/sign-in")
        return connection.getresponse().status > 0
    except OSError:
        return None


if __name__ == "__main__":
    main()
