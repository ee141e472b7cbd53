"""Hosts for the tests of this folder; whatever a test leaves running is ended after it."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from checkout import REVIEWS
from clients import make_client  # noqa: F401 - pytest finds the fixture here

from devhost.testing.process import HostProcess

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # the tests import the modules beside this file by their plain names


@pytest.fixture
def make_host(tmp_path) -> Iterator[Callable[..., HostProcess]]:
    """Makes a host of an app on the state folder of this test; it is not started yet."""
    made: list[HostProcess] = []

    def make(app: Path = REVIEWS, *options: str, **settings: Any) -> HostProcess:
        made.append(HostProcess(app, tmp_path / "state", *options, **settings))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def blocking_app() -> Path:
    """The folder of the app whose functions do not end before they are let go."""
    return HERE / "app"
