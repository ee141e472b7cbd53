"""A host of the app in a process of its own, and clients of it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from clients import make_client  # noqa: F401 - pytest finds the fixture here
from places import ROOT

from devhost.testing.process import HostProcess

sys.path.insert(0, str(Path(__file__).parent))  # the tests import the modules beside this file by their plain names


@pytest.fixture
def host(tmp_path) -> Iterator[HostProcess]:
    """A host of the app on a state folder of this test; it is not started yet."""
    one = HostProcess(ROOT, tmp_path / "state")
    yield one
    one.close()
