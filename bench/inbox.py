"""How long the inbox takes with many cases: from the cache, and when the open cases are listed again.

    python bench/inbox.py [--open 5000] [--closed 0] [--requests 200]
    python bench/inbox.py --url http://localhost:7071 --submit 300     # of a host that runs, with more open cases

Without ``--url`` it starts devhost with the county's policy file, runs one case of each kind for real, and copies them
in devhost's store: what the list shows of a copy is what it shows of a case.
"""

import argparse
import http.client
import json
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from devhost.testing.process import HostProcess, until

ROOT = Path(__file__).resolve().parents[1]
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PEOPLE = ("dana", "eli", "noor", "ruth", "amir", "jo", "pat", "sam")
KEYS = {
    "APPROVAL_POLICIES": str(ROOT / "examples/policies/county.toml"),
    "IDENTITY": "local",
    "SEAL_KEY": f"2026-11:{'A' * 43}=",
    "ID_KEY": "for the ids of cases in this benchmark",
    "SESSION_KEY": "for the sessions of people in this benchmark",
}
KEPT_S = 5.0
SCHEME = {"title": "Mill Lane bridge", "fields": {"kind": "scheme", "amount": "60000.00", "category": 0}}


class Client:
    """Somebody with a session, on one connection."""

    def __init__(self, url: str, person: str) -> None:
        parts = urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname or "localhost", parts.port, timeout=120)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", "/sign-in", f"person={person}", form)
        answer = self.connection.getresponse()
        answer.read()
        self.headers = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0], "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, bytes, float]:
        """Status, body and seconds."""
        raw, began = None if body is None else json.dumps(body), time.perf_counter()
        self.connection.request(method, path, raw, self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        return answer.status, content, time.perf_counter() - began


def main() -> None:
    """Measure, and print a line for each number."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--open", type=int, default=5_000)
    parser.add_argument("--closed", type=int, default=0)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--url")
    parser.add_argument("--submit", type=int, default=0)
    given = parser.parse_args()
    if given.url:
        submit(given.url, given.submit)
        measure(given.url, given.requests)
        return
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        host = HostProcess(ROOT, state, **KEYS)
        host.environment["PUBLIC_BASE_URL"] = host.origin
        try:
            host.start()
            originals(host.origin)
            host.close()
            fill(state, given.open, given.closed)
            host.start()
            measure(host.origin, given.requests, host.pid)
        finally:
            host.close()


def originals(url: str) -> None:
    """One case that stays open and one that is over."""
    dana = Client(url, "dana")
    for withdraws in (False, True):
        own_id = json.loads(dana.ask("POST", "/api/proposals", SCHEME)[1])["id"]
        path = f"/api/proposals/{own_id}"
        until(lambda path=path: json.loads(dana.ask("GET", path)[1])["turn"]["with"] or None, "it is open", within_s=30)
        if withdraws:
            assert dana.ask("POST", f"{path}/acts", {"act": "withdraw", "revision": 1})[0] == 200
            until(
                lambda path=path: json.loads(dana.ask("GET", path)[1])["state"] == "withdrawn" or None,
                "it is over",
                within_s=30,
            )
    time.sleep(1)  # its last activity


def fill(state: Path, count_open: int, count_closed: int) -> None:
    """Copy the two instances; each open copy waits for one of the people."""
    (database,) = state.glob("*.db")
    with sqlite3.connect(database) as store:
        columns = [row[1] for row in store.execute("PRAGMA table_info(instances)")]
        rows = [dict(zip(columns, row, strict=True)) for row in store.execute("SELECT * FROM instances")]
        for runtime, count in (("Running", count_open - 1), ("Completed", count_closed - 1)):
            (original,) = [row for row in rows if row["status"] == runtime]
            copies = (copied(original, runtime) for _ in range(max(0, count)))
            names = ", ".join(columns)
            marks = ", ".join(f":{name}" for name in columns)
            store.executemany(f"INSERT INTO instances ({names}) VALUES ({marks})", copies)  # noqa: S608 - names of columns


def copied(original: dict, runtime: str) -> dict:
    """The instance under another id, with somebody else's turn."""
    own_id = "P-" + "".join(random.choices(LETTERS, k=8))  # noqa: S311 - no secret
    status = json.loads(original["custom_status"])
    if runtime == "Running":
        status["turn"]["with"] = [random.choice(PEOPLE)]  # noqa: S311
        status["author"]["id"] = random.choice(PEOPLE)  # noqa: S311
    return original | {"id": own_id, "execution_id": own_id, "custom_status": json.dumps(status)}


def submit(url: str, count: int) -> None:
    """So many open cases more, by four people at once."""

    def some(person: str) -> None:
        client = Client(url, person)
        for _ in range(count // 4):
            status, content, _ = client.ask("POST", "/api/proposals", SCHEME)
            assert status == 201, content

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(some, ("dana", "eli", "noor", "amir")))
    time.sleep(KEPT_S)


def measure(url: str, requests: int, process: int | None = None) -> None:
    """The inbox of one person, listed again and from the cache; then the figures of all cases.

    Args:
        url: of the host.
        requests: how many to the cache.
        process: of the host; its processor time is measured too, which a busy machine does not make longer.
    """
    client = Client(url, "ruth")
    content, again, cost = b"", [], []
    for _ in range(3):
        time.sleep(KEPT_S + 0.5)
        before = processor_s(process)
        status, content, taken = client.ask("GET", "/api/proposals?turn=me")
        assert status == 200, content
        again.append(taken)
        cost.append(processor_s(process) - before)
    kept = sorted(client.ask("GET", "/api/proposals?turn=me")[2] for _ in range(requests))
    p95 = kept[int(0.95 * len(kept)) - 1]  # one or two of them have listed the cases again: they are at the end
    print(f"inbox          {len(json.loads(content)['items'])} rows, {len(content) / 1024:.0f} KB")
    print(f"listed again   median {statistics.median(again):.2f} s, processor {statistics.median(cost):.2f} s")
    print(f"from the cache median {1000 * statistics.median(kept):.0f} ms, 95th percentile {1000 * p95:.0f} ms")
    status, content, taken = client.ask("GET", "/api/stats")
    found = json.loads(content)
    assert status == 200, found
    print(f"stats          {taken:.2f} s: {found['open']} open, {found['completed']} completed")


def processor_s(process: int | None) -> float:
    """The processor time of a process so far; 0 where it cannot be read."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    os.nice(5)
    sys.exit(main())
