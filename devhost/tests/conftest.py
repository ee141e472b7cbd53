"""Tests import what they share by its plain name, and a host that they start is a fork."""

import sys
from pathlib import Path

import pytest

from devhost.testing import forks, process

sys.path.insert(0, str(Path(__file__).parent / "support"))
process.HostProcess.launch = staticmethod(forks.launch)


@pytest.fixture
def new_processes(monkeypatch):
    """A host is a new process, as it is for everybody else."""
    monkeypatch.setattr(process.HostProcess, "launch", staticmethod(process.launch))
