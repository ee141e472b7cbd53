"""A host for the fuzz tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devhost.testing.process import HostProcess

APP = Path(__file__).parents[1] / "crash" / "sweep_app"


@pytest.fixture(scope="module")
def host(tmp_path_factory) -> Iterator[HostProcess]:
    """A host with many kinds of orchestrations and an entity, whose time does not move."""
    state = tmp_path_factory.mktemp("fuzz")
    host = HostProcess(APP, state, "--virtual-time", "--sync", "NORMAL", SWEEP_SWITCH=str(state / "switch"))
    try:
        host.start()
        yield host
    finally:
        host.close()
