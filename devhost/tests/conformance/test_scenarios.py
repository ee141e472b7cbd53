"""All recorded scenarios, played on devhost over HTTP in virtual time: every answer is the recorded one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clocks import devhost_time
from comparison import differences
from driver import Driver
from scenarios import SCENARIOS, Scenario

from devhost.testing.process import HostProcess

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def driver(tmp_path_factory) -> Iterator[Driver]:
    """A driver of a devhost that runs the app of this folder, warmed up."""
    host = HostProcess(HERE / "app", tmp_path_factory.mktemp("devhost"), "--virtual-time", "--sync", "NORMAL")
    try:
        host.start()
        driver = Driver(host.origin, devhost_time(host.origin))
        driver.warm_up()
        yield driver
    finally:
        host.close()


@pytest.mark.parametrize("scenario", sorted(SCENARIOS, key=lambda one: one.last), ids=lambda one: one.name)
def test_the_answers_are_the_recorded_ones(scenario: Scenario, driver: Driver):
    """Status, headers and body of every step are what the extension answered."""
    played = driver.play(scenario)
    complaints = differences(scenario.name, driver.normal(played)["steps"])
    assert [played["error"], played["failures"], complaints] == [None, [], []], "\n".join(complaints)
