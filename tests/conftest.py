"""Options of the whole suite; pytest takes them from this folder only, whichever part of it is run. Hosts are forks."""

import gc
import os
import sys
from pathlib import Path

from devhost.testing import forks
from devhost.testing.process import HostProcess

# Test folders import what they share by its plain name; the scripted host comes from devhost's own tests.
TESTS = Path(__file__).parent
sys.path[:0] = [str(TESTS / "support"), str(TESTS.parent / "devhost/tests/support")]
HostProcess.launch = staticmethod(forks.launch)


def pytest_addoption(parser):
    """Where the journeys of ``tests/blackbox`` go."""
    group = parser.getgroup("blackbox", "journeys over HTTP")
    group.addoption(
        "--base-url",
        metavar="URL",
        help="of a running host with this app and an APPROVAL_TIMEOUT of seconds (default: a devhost of their own)",
    )
    for name in ("county", "software"):
        group.addoption(
            f"--{name}-url",
            metavar="URL",
            help=f"of a running host with examples/policies/{name}.toml and IDENTITY=local (default: as above)",
        )
    group.addoption(
        "--function-key",
        metavar="KEY",
        help="sent as x-functions-key to the app's own routes, for a host that checks keys",
    )


def pytest_collection_finish():
    """What was collected stays to the end: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def pytest_xdist_auto_num_workers():
    """Two more than there are processors: tests wait for hosts and browsers for a third of their time."""
    return (os.cpu_count() or 1) + 2
