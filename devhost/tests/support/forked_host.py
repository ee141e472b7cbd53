"""A host that is up a hundred times in a minute: one process has imported everything, and each host is a fork of it.

Run as a program it is that process: it reads a line for each host to begin, and writes what happens to it to the file
descriptor that its first argument names; ``began 123`` with the process id, then ``ended 9`` with the signal or the
exit code. All other arguments are the command line of the host.

What a kill ends is a process of its own with threads, files and connections of its own, as it is at any other start.
"""

import importlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import TextIO

from devhost.testing.process import READY, READY_WITHIN_S, HostProcess, command, quiet_port

IMPORTED_WITHIN_S = 60.0


class ForkedHost:
    """One devhost after the other on one port and one state folder, with what ``kills.outlive`` asks of a host.

    Args:
        app: folder of the app.
        state: folder that outlives the processes.
        options: of the command.
        settings: further environment variables.
    """

    def __init__(self, app: Path, state: Path, *options: str, **settings: str) -> None:
        self.port = quiet_port()
        self.origin = f"http://localhost:{self.port}"
        self.lines: deque[str] = deque(maxlen=5000)
        self.starts_s: list[float] = []
        self._pid = 0
        self._ready, self._said = threading.Event(), queue.SimpleQueue[str]()
        told, telling = os.pipe()
        run = (sys.executable, __file__, str(telling))
        self._parent = subprocess.Popen(
            command(app, state, self.port, *options, run=run),
            env=os.environ | {"PUBLIC_BASE_URL": self.origin} | settings,
            cwd=app,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            pass_fds=[telling],
        )
        os.close(telling)
        assert self._parent.stdout is not None
        self._readers = [
            threading.Thread(target=self._read_output, args=(self._parent.stdout,)),
            threading.Thread(target=self._read_news, args=(os.fdopen(told, encoding="utf-8"),)),
        ]
        for reader in self._readers:
            reader.start()

    def spawn(self) -> None:
        """Starts a host; it may not serve yet."""
        assert self._parent.stdin is not None
        self._ready.clear()
        self._began = time.perf_counter()
        self._parent.stdin.write("\n")
        self._parent.stdin.flush()
        self._pid = self._news("began", IMPORTED_WITHIN_S)

    def await_ready(self) -> None:
        """Comes back when the host serves; fails if it has ended instead."""
        assert self._ready.wait(READY_WITHIN_S), f"devhost did not start:\n{self.text}"
        assert self._said.empty(), f"devhost has ended: {self._said.get()}\n{self.text}"

    def start(self) -> None:
        """Starts a host and comes back when it serves."""
        self.spawn()
        self.await_ready()

    def kill(self) -> None:
        """Ends the host as a power cut would end it for the process: kill -9."""
        assert self._end() == signal.SIGKILL, f"it had ended by itself:\n{self.text}"

    def close(self) -> None:
        """Leaves no process behind, in any case."""
        if self._pid:
            self._end()
        self._parent.kill()
        self._parent.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._parent.stdin, self._parent.stdout):
            assert pipe is not None
            pipe.close()

    @property
    def text(self) -> str:
        """The latest output."""
        return "".join(self.lines)

    def _end(self) -> int:
        pid, self._pid = self._pid, 0
        os.kill(pid, signal.SIGKILL)  # no other process can have this id: its parent waits for our next line
        return self._news("ended", READY_WITHIN_S)

    def _news(self, what: str, within_s: float) -> int:
        word, _, number = self._said.get(timeout=within_s).partition(" ")
        assert word == what, f"{word} {number}\n{self.text}"
        return int(number)

    def _read_output(self, output: TextIO) -> None:
        for line in output:
            self.lines.append(line)
            if READY in line:
                self.starts_s.append(time.perf_counter() - self._began)
                self._ready.set()

    def _read_news(self, news: TextIO) -> None:
        with news:
            for line in news:
                self._said.put(line.strip())
                if line.startswith("ended"):
                    self._ready.set()


Host = HostProcess | ForkedHost  # either is started, killed and started again


def _main(told: int, arguments: list[str]) -> None:
    """The process that all hosts come from."""
    sys.path.insert(0, str(Path.cwd()))
    main = importlib.import_module("devhost.cli.serve").main
    importlib.import_module("devhost.serving.host")
    importlib.import_module("function_app")
    for _ in sys.stdin:
        pid = os.fork()
        if not pid:
            os.close(told)
            os._exit(main(arguments))
        os.write(told, f"began {pid}\n".encode())
        _, status = os.waitpid(pid, 0)
        os.write(told, f"ended {abs(os.waitstatus_to_exitcode(status))}\n".encode())


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2:])
