"""A pytest plugin for ``make mutate``, which names the tests that run a changed function one by one, up to 5,000.

1. Each file is collected once. pytest would look for each named test on its own, 2 ms each, longer than most tests run.
2. Where a fixture of a module or of the session runs the function, mutmut names the first test that has asked for the
   fixture. The others look at the same results, so they run too.
3. Files of short tests come first: a change that one of them notices costs no more time.
4. A test fails after 20 seconds: a host that fails in itself tries again for ever, and a test that waits for it, too.
"""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

LONGEST_TEST_S = 20

# What mutmut has measured, in the folder that the tests run in: {"duration_by_test": {"tests/test_a.py::test_b": 0.01}}
MEASURED = Path("mutmut-stats.json")


class Named:
    """Keeps those of the collected tests that the command line names, and those that share results with them."""

    def __init__(self, names: set[str]) -> None:
        self._names = names

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out the other tests of the same files; those that share results come last, as they are many."""
        shared = {fixture for item in items if item.nodeid in self._names for fixture in _shared(item)}
        alone = [item for item in items if item.nodeid in self._names and not _shared(item)]
        items[:] = alone + [item for item in items if shared & set(_shared(item))]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """End a test that takes too long. What a shared fixture does is not limited."""
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(LONGEST_TEST_S)
    try:
        yield
    finally:
        signal.alarm(0)


def _too_long(*_: object) -> None:
    raise TimeoutError(f"it took longer than {LONGEST_TEST_S} s")


def _shared(item: pytest.Item) -> list[object]:
    """The fixtures of our own that a test shares with others."""
    known = getattr(item, "_fixtureinfo").name2fixturedefs.values()  # noqa: B009 - no public way leads to the scope
    return [each[-1] for each in known if each[-1].scope != "function" and not each[-1].func.__module__.startswith("_")]


def _average(file: str, durations: dict[str, float]) -> float:
    """How long a test of the file takes on average, in seconds."""
    found = [seconds for name, seconds in durations.items() if name.startswith(f"{file}::")]
    return sum(found) / len(found) if found else 0.0


def pytest_configure(config: pytest.Config) -> None:
    """Collect the files of the named tests instead of the tests, if all arguments are names of tests."""
    if config.args and all("::" in name for name in config.args):
        config.pluginmanager.register(Named(set(config.args)))
        files = {name.partition("::")[0] for name in config.args}
        durations = json.loads(MEASURED.read_text("utf-8"))["duration_by_test"] if MEASURED.exists() else {}
        config.args = sorted(files, key=lambda file: (_average(file, durations), file))
