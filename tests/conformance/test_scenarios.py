"""All recorded scenarios, played on devhost over HTTP in virtual time: every answer is the recorded one."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from clocks import devhost_time
from comparison import differences
from driver import Driver
from scenarios import SCENARIOS, Scenario

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
READY_WITHIN_S = 30


@pytest.fixture(scope="module")
def driver(tmp_path_factory) -> Iterator[Driver]:
    """A driver of a devhost that runs the app of this folder, warmed up."""
    state = tmp_path_factory.mktemp("devhost")
    port = _free_port()
    command = [sys.executable, "-m", "devhost", "--app", HERE / "app", "--port", str(port), "--state", state]
    with (state / "log").open("wb") as log:
        host = subprocess.Popen(
            [*command, "--virtual-time", "--sync", "NORMAL"], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        base_url = f"http://localhost:{port}"
        _wait_for(port, host, state / "log")
        driver = Driver(base_url, devhost_time(base_url))
        driver.warm_up()
        yield driver
    finally:
        host.send_signal(signal.SIGTERM)
        host.wait(timeout=10)


@pytest.mark.parametrize("scenario", sorted(SCENARIOS, key=lambda one: one.last), ids=lambda one: one.name)
def test_the_answers_are_the_recorded_ones(scenario: Scenario, driver: Driver):
    """Status, headers and body of every step are what the extension answered."""
    played = driver.play(scenario)
    complaints = differences(scenario.name, driver.normal(played)["steps"])
    assert [played["error"], played["failures"], complaints] == [None, [], []], "\n".join(complaints)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _wait_for(port: int, host: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < end and host.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            os.sched_yield()
        else:
            return
    pytest.fail(f"devhost did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")
