"""The host under test: the one that ``--base-url`` names, or a devhost of our own with four seconds to decide."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TIMEOUT = "PT4S"
# The tests import the module beside this file by its plain name.
sys.path.insert(0, str(HERE))

from caller import Caller  # noqa: E402 - after the path that leads to it

from devhost.testing.process import HostProcess  # noqa: E402


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
    host = HostProcess(ROOT, tmp_path_factory.mktemp("state"), APPROVAL_TIMEOUT=TIMEOUT)
    try:
        host.start()
        yield host.origin
    finally:
        host.close()


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository, for the example proposals in it."""
    return ROOT
