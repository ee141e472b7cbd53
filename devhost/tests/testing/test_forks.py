"""A fork is to its host what a new process is."""

import json
import os
import signal
import subprocess
import sys

import pytest

from devhost.testing import forks, process

# With a locale Python adds none of its own.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name == "PATH" or name.startswith("PYTHON")}
ENVIRONMENT |= {"LC_ALL": "C.UTF-8", "ONLY": "this", "TZ": "Asia/Tokyo"}
PRINT = """
import json, os, sys, threading, time

def last():
    threading.main_thread().join()
    print("last")

found = [sys.path, sys.argv, dict(os.environ), os.getcwd(), __name__, time.tzname]
print(json.dumps(found), file=sys.stderr, flush=True)
threading.Thread(target=last).start()
sys.exit(7)
"""
STAY = "import threading; print('up', flush=True); threading.Event().wait()"


@pytest.fixture
def write(tmp_path):
    """Writes a file; answers the command that runs it."""

    def written(text, *arguments):
        (tmp_path / "one.py").write_text(text, encoding="utf-8")
        return [sys.executable, str(tmp_path / "one.py"), *arguments]

    return written


def ended(launch, command, environment=ENVIRONMENT):
    """The exit code, and what was printed, in lines."""
    running = launch(command, environment)
    with running.stdout:
        printed = running.stdout.read()
    return running.wait(30), printed.splitlines()


def test_it_finds_what_a_new_process_finds(write):
    """Path, arguments, environment, folder and name; what it prints, and its threads and exit code at the end."""
    command = write(PRINT, "--one", "two")
    code, lines = ended(forks.launch, command)
    assert (code, lines) == ended(process.launch, command)
    assert (code, lines[1]) == (7, "last")
    assert json.loads(lines[0])[2]["ONLY"] == "this"


def test_a_module_is_run_as_well():
    """As ``python -m devhost`` runs it."""
    command = [sys.executable, "-m", "devhost", "replay", "--help"]
    assert ended(forks.launch, command) == ended(process.launch, command)


@pytest.mark.parametrize("launch", [forks.launch, process.launch])
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_a_signal_ends_it(write, launch, sign):
    """The exit code is minus its number, the output ends, and what has ended gets no further signal."""
    running = launch(write(STAY), ENVIRONMENT)
    assert running.stdout.readline() == "up\n"
    assert running.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        running.wait(0)
    running.send_signal(sign)
    assert running.wait(30) == running.poll() == -sign
    running.kill()
    with running.stdout:
        assert running.stdout.read() == ""


def test_one_that_is_killed_at_once_keeps_nobody_waiting(write):
    """Its output ends, whether or not it had begun."""
    running = forks.launch(write(STAY), ENVIRONMENT)
    assert isinstance(running, forks.Fork)
    running.kill()
    with running.stdout:
        assert running.stdout.read() in ("", "up\n")
    assert running.wait(30) == -signal.SIGKILL


def test_any_other_command_is_a_new_process():
    """Options of Python and other programs are for a process of their own."""
    assert ended(forks.launch, [sys.executable, "-c", "print(__name__)"]) == (0, ["__main__"])
    assert ended(forks.launch, ["echo", "hello"]) == (0, ["hello"])


def test_with_other_variables_for_python_it_is_a_new_process(tmp_path):
    """Python reads them when it starts."""
    (tmp_path / "extra.py").write_text("print('there')", encoding="utf-8")
    command = [sys.executable, "-m", "extra"]
    assert ended(forks.launch, command, ENVIRONMENT | {"PYTHONPATH": str(tmp_path)}) == (0, ["there"])
