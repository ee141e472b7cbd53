"""A host of the app in a process of its own, and clients of it."""

from collections.abc import Iterator

import pytest
from clients import make_client  # noqa: F401 - pytest finds the fixture here
from places import ROOT

from devhost.testing.process import HostProcess


@pytest.fixture
def host(tmp_path) -> Iterator[HostProcess]:
    """A host of the app on a state folder of this test; it is not started yet."""
    one = HostProcess(ROOT, tmp_path / "state")
    yield one
    one.close()
