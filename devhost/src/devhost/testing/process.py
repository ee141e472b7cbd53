"""A devhost as a process of its own: started, killed, interrupted and started again on the same port and state."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, ClassVar, Protocol, TypeVar
from urllib.error import HTTPError

READY = "devhost is ready on "
READY_WITHIN_S = 30.0
POLL_S = 0.02
T = TypeVar("T")


def until(check: Callable[[], T | None], what: str, within_s: float = READY_WITHIN_S) -> T:
    """The first result of ``check`` that is not empty.

    This is a bounded wait on a condition, not a sleep: another process and its answers over HTTP cannot wake us, so we
    check repeatedly until the condition holds, and fail with ``what`` when the time is over.
    """
    end, nobody = time.monotonic() + within_s, threading.Event()
    while True:
        seen = check()
        if seen is not None:
            return seen
        if time.monotonic() > end:
            raise AssertionError(f"not within {within_s:g} s: {what}")
        nobody.wait(POLL_S)


def quiet_port() -> int:
    """A free port below those that the system gives to outgoing connections.

    While the host is down no other process may get its port, least of all a client that is just trying to reach it.
    """
    while True:
        port = random.randrange(20_000, 30_000)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port


def command(app: Path, state: Path, port: int, *options: str, run: Sequence[str] = ()) -> list[str]:
    """The command line of a host; ``run`` is what comes before its options, ``python -m devhost`` if it is empty."""
    run = run or (sys.executable, "-m", "devhost")
    return [*run, "--app", str(app), "--state", str(state), "--port", str(port), *options]


class Running(Protocol):
    """What is asked of a process; ``subprocess.Popen`` is one."""

    pid: int
    stdout: IO[str] | None

    def poll(self) -> int | None:
        """The exit code, or minus the signal that has ended it; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """The same at its end; ``subprocess.TimeoutExpired`` if that is not within so many seconds."""

    def send_signal(self, number: int) -> None:
        """Sends it a signal, unless it has ended."""

    def kill(self) -> None:
        """Ends it at once."""


def launch(command: Sequence[str], environment: Mapping[str, str]) -> Running:
    """Starts a process whose output, the errors too, is read from its ``stdout``."""
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    )


class HostProcess:
    """One devhost after the other on one port and one state folder.

    Attributes:
        launch: how a process is started, for all hosts. Tests that start hundreds put something faster there.

    Args:
        app: folder of the app.
        state: folder that outlives the processes.
        options: of the command.
        run: the command before its options, instead of ``python -m devhost``.
        settings: further environment variables; None removes one.
    """

    launch: ClassVar[Callable[[Sequence[str], Mapping[str, str]], Running]] = staticmethod(launch)

    def __init__(self, app: Path, state: Path, *options: str, run: Sequence[str] = (), **settings: str | None) -> None:
        self.port = quiet_port()
        self.origin = f"http://localhost:{self.port}"
        self.lines: deque[str] = deque(maxlen=5000)
        self._command = command(app, state, self.port, *options, run=run)
        self.environment = {k: v for k, v in (os.environ | settings).items() if v is not None}
        self._process: Running | None = None
        self._reader: threading.Thread | None = None
        self.ready = threading.Event()

    def spawn(self) -> None:
        """Starts the process; ``ready`` is set when it serves, or has ended."""
        self.ready = ready = threading.Event()
        self._process = process = type(self).launch(self._command, self.environment)

        def read() -> None:
            for line in process.stdout or ():
                self.lines.append(line)
                if READY in line:
                    ready.set()
            ready.set()

        self._reader = threading.Thread(target=read)
        self._reader.start()

    def start(self) -> None:
        """Starts the process and comes back when it serves."""
        self.spawn()
        self.await_ready()

    def await_ready(self) -> None:
        """Comes back when the process serves; fails if it has ended instead."""
        came_up = self.ready.wait(READY_WITHIN_S) and self._process is not None and self._process.poll() is None
        assert came_up, f"devhost did not start:\n{''.join(self.lines)}"

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer to a request with this JSON body, parsed; None for 404. In a header's name ``_`` is a dash."""
        request = urllib.request.Request(
            self.origin + path,
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except HTTPError as error:
            if error.code == HTTPStatus.NOT_FOUND:
                return None
            raise

    @property
    def pid(self) -> int:
        """Of the process."""
        assert self._process is not None
        return self._process.pid

    @property
    def text(self) -> str:
        """Its latest output."""
        return "".join(self.lines)

    def has_died(self) -> bool:
        """Whether the process has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def kill(self) -> None:
        """Ends the process as a power cut would end it for the process: kill -9."""
        assert self._end(signal.SIGKILL) == -signal.SIGKILL, f"it had ended by itself:\n{''.join(self.lines)}"

    def interrupt(self, number: int = signal.SIGINT) -> tuple[int, float]:
        """Stops it as Ctrl-C does: the exit code, and how many seconds it took to end."""
        began = time.monotonic()
        return self._end(number), time.monotonic() - began

    def close(self) -> None:
        """Leaves no process behind, in any case."""
        if self._process is not None:
            self._end(signal.SIGKILL)

    def _end(self, number: int) -> int:
        process, reader = self._process, self._reader
        assert process is not None
        assert reader is not None
        process.send_signal(number)
        try:
            code = process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        reader.join()
        if process.stdout:
            process.stdout.close()
        self._process = self._reader = None
        return code
