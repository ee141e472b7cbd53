"""The same approval on our host and on its peers, in one run, with ratios.

    python bench/compare.py [--peers devhost,restate,...] [--runs 5] [--seconds 3] [--real-host COMMAND]
    python bench/compare.py --resume        goes on with the last session where it was broken off
    python bench/compare.py --report        prints the tables of the last session

The engines take turns: in each of the runs every engine is visited once, with nothing else of ours on the machine, so
that other work on it affects all of them alike. Each visit is kept at once, as a line of
``bench/.data/results.jsonl``. What one approval is, and what each engine stores, says ``bench/README.md``; the engines
are set up by ``bench/setup_peers.py``.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import report
from peers import DATA, PEERS
from processes import ends_with_its_parent

HERE = Path(__file__).resolve().parent
RESULTS = DATA / "results.jsonl"
WHAT = ("few", "many")
VISIT_WITHIN_S = 300


@dataclass(frozen=True)
class Session:
    """What is compared, and how.

    Attributes:
        name: when it began.
        peers: the engines, in turn.
        runs: visits of each kind to each engine.
        seconds: for each figure that counts what is done in a time.
        open: how many open approvals at most; an engine may be measured with fewer.
        real_host: the command that starts the Durable extension, or None.
    """

    name: str
    peers: tuple[str, ...]
    runs: int
    seconds: float
    open: int
    real_host: str | None

    def visits(self) -> Iterator[tuple[str, int, str]]:
        """What has to be done, in order: kind of visit, number of the run, engine."""
        for what in WHAT:
            for run in range(1, self.runs + 1):
                for peer in self.peers:
                    yield what, run, peer


def main() -> None:
    """The command."""
    given = _arguments()
    if given.report:
        print(report.tables(last_session()))
        return
    session, done = _session(given)
    missing = [name for name in session.peers if not PEERS[name].python.exists()]
    if missing:
        sys.exit(f"not set up: {', '.join(missing)}. Do that with: python bench/setup_peers.py {' '.join(missing)}")
    DATA.mkdir(exist_ok=True)
    state = Path(tempfile.mkdtemp(prefix="approval-bench-"))
    state.chmod(0o711)  # PostgreSQL runs as a user of its own and must get through to its folder
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        _go(session, done, state)
    finally:
        shutil.rmtree(state, ignore_errors=True)
    print(report.tables(last_session()))


def last_session() -> list[dict[str, Any]]:
    """The lines of the session that began last: first itself, then its visits."""
    if not RESULTS.exists():
        sys.exit("nothing has been measured yet: python bench/compare.py")
    lines = [json.loads(line) for line in RESULTS.read_text().splitlines()]
    name = max(line["session"] for line in lines)
    return [line for line in lines if line["session"] == name]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", help=f"which engines, with commas between them: {', '.join(PEERS)}")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="for each figure that needs time")
    parser.add_argument("--open", type=int, default=10_000, help="open approvals, at most")
    parser.add_argument("--real-host", metavar="COMMAND", help="starts the Durable extension: see peers/extension.py")
    parser.add_argument("--resume", action="store_true", help="go on with the last session")
    parser.add_argument("--report", action="store_true", help="print the tables of the last session")
    return parser.parse_args()


def _session(given: argparse.Namespace) -> tuple[Session, set[tuple[str, int, str]]]:
    """The session to run, a new one or the last, and the visits of it that are done."""
    if given.resume:
        lines = last_session()
        about = lines[0]["about"]
        session = Session(**{**about, "peers": tuple(about["peers"])})
        if given.real_host:
            session = replace(session, real_host=given.real_host)
        done = {(line["what"], line["run"], line["peer"]) for line in lines if "figures" in line}
        print(f"session {session.name}: {len(done)} of {len(list(session.visits()))} visits are done", flush=True)
        return session, done
    names = given.peers.split(",") if given.peers else [one for one in PEERS if one != "extension" or given.real_host]
    if unknown := [name for name in names if name not in PEERS]:
        sys.exit(f"no such engine: {', '.join(unknown)}. There are {', '.join(PEERS)}")
    if "extension" in names and not given.real_host:
        sys.exit("the Durable extension is started by a command of yours: --real-host (see bench/peers/extension.py)")
    name = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    session = Session(name, tuple(names), given.runs, given.seconds, given.open, given.real_host)
    DATA.mkdir(exist_ok=True)
    _keep({"session": name, "about": session.__dict__})
    return session, set()


def _go(session: Session, done: set[tuple[str, int, str]], state: Path) -> None:
    """All visits that are left."""
    for what, run, name in session.visits():
        if (what, run, name) in done:
            continue
        began = time.monotonic()
        line: dict[str, Any] = {"session": session.name, "what": what, "run": run, "peer": name}
        try:
            line["figures"] = _visit(session, what, name, state)
            others = [one["others"] for one in line["figures"].values() if "others" in one]
            outcome = f"others used up to {max(others):.2f} cores"
        except (subprocess.SubprocessError, json.JSONDecodeError) as error:
            shutil.rmtree(state / name, ignore_errors=True)  # its content is unknown
            printed = getattr(error, "stderr", None) or str(error)
            line["error"] = (printed if isinstance(printed, str) else printed.decode(errors="replace"))[-2000:]
            outcome = f"FAILED, left out: {line['error']}"
        _keep(line)
        print(f"{what} {run}/{session.runs} {name}: {time.monotonic() - began:.0f} s, {outcome}", flush=True)


def _visit(session: Session, what: str, name: str, state: Path) -> Any:
    """The figures of one visit, which runs in the engine's own environment."""
    peer = PEERS[name]
    command = [peer.python, HERE / "visit.py", name, what, "--state", state / name, "--seconds", str(session.seconds)]
    command += ["--open", str(min(peer.open, session.open))]
    if session.real_host:
        command += ["--command", session.real_host]
    ends = partial(ends_with_its_parent, signal.SIGTERM)  # it ends what it has started
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=ends,  # noqa: PLW1509 - no thread runs
    ) as process:
        try:
            printed, complaint = process.communicate(timeout=VISIT_WITHIN_S)
        except BaseException:
            process.send_signal(signal.SIGTERM)  # it ends what it has started
            process.communicate()
            raise
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, os.fspath(HERE / "visit.py"), printed, complaint)
    return json.loads(printed)


def _keep(line: dict[str, Any]) -> None:
    with RESULTS.open("a") as results:
        results.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
