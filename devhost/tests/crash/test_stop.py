"""Ctrl-C stops the host within two seconds, whatever its functions do, and nothing is lost by it."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest
from client import APPROVED, HUB

from devhost.testing.process import until

# How a process ends is the matter here.
pytestmark = pytest.mark.usefixtures("new_processes")
STOP_WITHIN_S = 2.5  # two seconds, and half a one for a busy machine
BLOCKERS = ["InThread", "InLoop", "InOrchestrator"]


@dataclass(frozen=True)
class Gate:
    """A named pipe at which a function waits."""

    path: Path

    def runs(self) -> int:
        """How often a function has begun."""
        begun = Path(f"{self.path}.begun")
        return len(begun.read_text(encoding="utf-8").splitlines()) if begun.exists() else 0

    def await_run(self, number: int) -> None:
        """Comes back when a function has begun so many times."""
        until(lambda: self.runs() >= number or None, f"run {number} of the function that blocks")

    def open(self, text: str) -> None:
        """Lets the function that waits go on with this text."""

        def pipe() -> int | None:
            try:
                return os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                return None  # nobody reads yet

        to = until(pipe, "somebody at the gate")
        os.write(to, text.encode())
        os.close(to)


@pytest.fixture
def gate(tmp_path):
    """A gate that is shut."""
    os.mkfifo(tmp_path / "gate")
    return Gate(tmp_path / "gate")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_an_idle_host_stops_at_once(make_host, number):
    """Ctrl-C and a polite kill end a host that has nothing to do, with exit code 0 and no traceback."""
    host = make_host()
    host.start()
    code, seconds = host.interrupt(number)
    assert (code, seconds < 1) == (0, True)
    assert "Traceback" not in "".join(host.lines)


def test_a_host_with_open_cases_stops_and_goes_on(make_host, make_client):
    """Cases that wait do not keep a host from stopping, and are decided after the next start."""
    host = make_host()
    host.start()
    first = make_client(host)
    ids = [first.start(f"open-{number}", "PT1H") for number in range(20)]
    code, seconds = host.interrupt()
    host.start()
    client = make_client(host)
    answers = [client.raise_event(each, "Approved") for each in ids]
    assert (code, seconds < STOP_WITHIN_S) == (0, True)
    assert answers == [202] * 20
    for each in ids:
        assert _end(client, each)["output"] == APPROVED


@pytest.mark.parametrize("name", BLOCKERS)
def test_a_function_that_blocks_does_not_keep_the_host(make_host, make_client, blocking_app, gate, name):
    """Ctrl-C ends the host within two seconds while one of its functions does not come back."""
    host = make_host(blocking_app)
    host.start()
    _start(make_client(host), name, gate)
    gate.await_run(1)
    code, seconds = host.interrupt()
    assert (code, seconds < STOP_WITHIN_S) == (0, True)
    assert "Traceback" not in "".join(host.lines)


@pytest.mark.parametrize("name", BLOCKERS)
def test_a_function_that_was_cut_off_runs_again(make_host, make_client, blocking_app, gate, name):
    """A function that a kill has cut off runs again at the next start, and then its answer counts."""
    host = make_host(blocking_app)
    host.start()
    instance_id = _start(make_client(host), name, gate)
    gate.await_run(1)
    host.kill()
    host.spawn()
    gate.await_run(2)
    gate.open("let through")
    if name == "InOrchestrator":
        gate.await_run(3)  # its second turn begins at the beginning
        gate.open("let through")
    host.await_ready()
    assert _end(make_client(host), instance_id)["output"] == "let through"


def _start(client, name, gate):
    answer = client.send("POST", f"{HUB}/orchestrators/{name}/{name}-1", {"gate": str(gate.path)})
    assert answer is not None
    assert answer[0] == 202
    return f"{name}-1"


def _end(client, instance_id):
    def ended():
        status = client.status(instance_id)
        return status if status["runtimeStatus"] == "Completed" else None

    return until(ended, f"the end of {instance_id}")
