"""The fixture of clients that may lose their host; a conftest takes it by its name."""

from collections.abc import Callable, Iterator

import pytest
from client import Client

from devhost.testing.process import HostProcess


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
