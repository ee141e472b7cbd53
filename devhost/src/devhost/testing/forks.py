"""Hosts that start in a fifth of the time: each is a fork of one process that has imported what every host imports.

``HostProcess.launch = staticmethod(forks.launch)`` in a ``conftest.py`` is all that is needed. A fork is a process with
threads, files and connections of its own. It finds what ``python -m devhost`` finds once that has imported devhost and
the SDK: no app is imported before the fork, and its path is that of a new process. What it cannot do is start processes
with ``multiprocessing``. A host whose environment has other variables for Python than the test's is a new process.
"""

import json
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

from devhost.testing import process

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["devhost.serving.host", "devhost.cli.serve", "azure.durable_functions"])


class Fork:
    """A fork, asked as ``devhost.testing.process.Running`` says.

    Args:
        command: of this Python, without its own path: ``-m`` and a module, or a file, and what follows.
        environment: of the process.
        out: file descriptor for what it prints.
        errors: file descriptor for its errors.
        stdout: where the output can be read, if it can.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        out: int,
        errors: int,
        stdout: IO[str] | None = None,
    ) -> None:
        # A Connection goes to the fork together with the request for it, so that a fork that is killed at once keeps
        # nobody waiting for the end of its output.
        ends = [Connection(os.dup(number), readable=False) for number in (out, errors)]
        self._process = CONTEXT.Process(target=_become, args=(command, dict(environment), _path(), *ends), daemon=True)
        self._process.start()
        for end in ends:
            end.close()
        assert self._process.pid is not None
        self.pid = self._process.pid
        self.stdout = stdout

    def poll(self) -> int | None:
        """See ``Running``."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """See ``Running``."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired("a fork", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """See ``Running``."""
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """See ``Running``."""
        self.send_signal(signal.SIGKILL)


def launch(command: Sequence[str], environment: Mapping[str, str]) -> process.Running:
    """A fork for a module or a file that this Python runs, and a new process for every other command."""
    runs = command[0] == sys.executable and (command[1] == "-m" or not command[1].startswith("-"))
    if not runs or _of_python(environment) != _of_python(os.environ):
        return process.launch(command, environment)
    output, written = os.pipe()
    try:
        return Fork(command[1:], environment, written, written, os.fdopen(output, encoding="utf-8"))
    finally:
        os.close(written)


def _of_python(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith("PYTHON")}


@cache
def _path() -> list[str]:
    """The path of a new process, without the folder that it starts in."""
    said = subprocess.run(
        (sys.executable, "-c", "import json, sys; print(json.dumps(sys.path[1:]))"), capture_output=True, check=True
    )
    path: list[str] = json.loads(said.stdout)
    return path


def _become(
    command: Sequence[str], environment: dict[str, str], path: list[str], out: Connection, errors: Connection
) -> None:
    for number, end in ((1, out), (2, errors)):
        os.dup2(end.fileno(), number)
        end.close()
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.path[:] = path
    if command[0] == "-m":
        _, module, *sys.argv[1:] = command
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    else:
        file, *sys.argv[1:] = command
        sys.path.insert(0, str(Path(file).parent))
        runpy.run_path(file, run_name="__main__")
