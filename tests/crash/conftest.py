"""A host of the app in a process of its own, and clients of it."""

from collections.abc import Callable, Iterator

import pytest
from client import Client
from places import ROOT

from devhost.testing.process import HostProcess


@pytest.fixture
def host(tmp_path) -> Iterator[HostProcess]:
    """A host of the app on a state folder of this test; it is not started yet."""
    one = HostProcess(ROOT, tmp_path / "state")
    yield one
    one.close()


@pytest.fixture
def make_client() -> Iterator[Callable[[HostProcess], Client]]:
    """Makes a client of a host."""
    made: list[Client] = []

    def make(host: HostProcess) -> Client:
        made.append(Client(host.port))
        return made[-1]

    yield make
    for each in made:
        each.close()
