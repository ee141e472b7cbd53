"""The host under test: the one that ``--base-url`` names, or a devhost of our own with four seconds to decide."""

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
READY_WITHIN_S = 30
READY = "devhost is ready on "
TIMEOUT = "PT4S"
# The tests import the module beside this file by its plain name.
sys.path.insert(0, str(HERE))

from caller import Caller  # noqa: E402 - after the path that leads to it


@pytest.fixture(scope="session")
def caller(request, base_url) -> Caller:
    """A client of the host under test."""
    return Caller(base_url, request.config.getoption("--function-key"))


@pytest.fixture(scope="session")
def base_url(request, tmp_path_factory) -> Iterator[str]:
    """Where the host under test listens."""
    given = request.config.getoption("--base-url")
    if given:
        yield given.rstrip("/")
        return
    command = [sys.executable, "-m", "devhost", "--port", "0", "--state", tmp_path_factory.mktemp("state")]
    settings = os.environ | {"APPROVAL_TIMEOUT": TIMEOUT}
    with subprocess.Popen(
        command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    ) as host:
        said: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        reader = threading.Thread(target=_read, args=(host.stdout, said))
        reader.start()
        try:
            yield _origin(said)
        finally:
            host.terminate()
            reader.join()


def _read(lines, said) -> None:
    """Takes the host's lines as long as it runs: a full pipe would stop it."""
    for line in lines:
        said.put(line)
    said.put(None)


def _origin(said) -> str:
    """The address that the host says it is ready on."""
    lines = []
    while True:
        try:
            line = said.get(timeout=READY_WITHIN_S)
        except queue.Empty:
            line = None
        if line is None:
            pytest.fail(f"devhost did not start:\n{''.join(lines)}")
        lines.append(line)
        if READY in line:
            return line.partition(READY)[2].split()[0]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository, for the example proposals in it."""
    return ROOT
