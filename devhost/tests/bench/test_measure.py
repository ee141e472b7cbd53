"""The benchmark's own hosts: none is left behind, and a dead one is not waited for."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from devhost.testing.process import quiet_port, until

BENCH = Path(__file__).parents[2] / "bench"
sys.path.insert(0, str(BENCH))

from measure import APP, Host, HostEndedError  # noqa: E402 - found by the line above

# A benchmark with a host of its own that says when it is up, and then waits.
WAITING = """
import asyncio, sys
from pathlib import Path
from measure import APP, Host, run

async def measure():
    async with Host(None, APP, Path(sys.argv[1]), int(sys.argv[2])) as host:
        print(host._process.pid, flush=True)
        await asyncio.Event().wait()

run(measure())
"""


def has_ended(pid):
    """True, or None while the process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    return True if state == "Z" else None


def test_a_host_that_has_ended_is_not_waited_for(tmp_path):
    """It says with which exit code, instead of asking a closed port again and again."""
    host = Host(None, APP, tmp_path, quiet_port(), ["--no-such-option"])
    with pytest.raises(HostEndedError, match="ended with exit code 2"):
        asyncio.run(asyncio.wait_for(host.up(), 30))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda one: one.name)
def test_a_benchmark_that_is_killed_leaves_no_host(tmp_path, number):
    """Whatever ends the benchmark ends its host, also where a shell started it in the background, without SIGINT."""
    environment = {**os.environ, "PYTHONPATH": str(BENCH)}
    ignores = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
    command = [sys.executable, "-c", f"{ignores}\n{WAITING}", str(tmp_path), str(quiet_port())]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as benchmark:
        pid = int(benchmark.stdout.readline())
        benchmark.send_signal(number)
        try:
            assert benchmark.wait(timeout=30) != 0
        finally:
            benchmark.kill()
    until(lambda: has_ended(pid), "the host still runs")
