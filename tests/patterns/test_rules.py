"""The pure parts: dates and sums, with plain values."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.patterns.delay_reminders import reminder_dates
from functions.patterns.design_review import joint
from functions.patterns.fan_out_fan_in import summary
from functions.patterns.monitor import next_look
from functions.patterns.open_cases import after
from functions.patterns.shapes import DesignInput, MonitorInput, RemindersInput

START = datetime(2026, 2, 20, 23, 59, 59, 123_456, tzinfo=UTC)


def test_reminders_come_every_day_from_the_start_on():
    """Ten of them, at the start's own time of day, over the end of a month."""
    dates = reminder_dates(START, RemindersInput())
    assert dates == [START + timedelta(days=day) for day in range(1, 11)]


@pytest.mark.parametrize(
    ("frequency", "interval", "gap"),
    [
        ("SECONDLY", 432_000, timedelta(days=5)),
        ("MINUTELY", 90, timedelta(minutes=90)),
        ("HOURLY", 120, timedelta(days=5)),
        ("DAILY", 5, timedelta(days=5)),
    ],
)
def test_frequency_and_interval_mean_what_a_calendar_rule_means(frequency, interval, gap):
    """A hundred of them are worked out at once."""
    dates = reminder_dates(START, RemindersInput(count=100, frequency=frequency, interval=interval))
    assert dates == [START + number * gap for number in range(1, 101)]


def test_a_monitor_waits_for_the_interval_but_not_past_the_deadline():
    """The last look is at the deadline, and none is before now."""
    deadline = START + timedelta(seconds=10)
    assert next_look(START, 4, deadline) == START + timedelta(seconds=4)
    assert next_look(START, 40, deadline) == deadline
    assert next_look(deadline + timedelta(seconds=9), 4, deadline) == deadline + timedelta(seconds=9)


def test_a_monitors_interval_grows_up_to_a_limit():
    """By the factor, which need not be whole."""
    given = MonitorInput(every=2, factor=1.5, most=4, within=60)
    assert [given.after(2.0), given.after(3.0), given.after(4.0)] == [3.0, 4.0, 4.0]


def test_a_hundred_looks_are_the_most():
    """The count that the input leads to, not the count that a lucky permit would need."""
    assert MonitorInput(every=2, factor=1, within=198)
    with pytest.raises(ValueError, match="more than 100 looks"):
        MonitorInput(every=2, factor=1, within=199)


def test_a_summary_counts_what_failed_apart():
    """By the attachments' numbers, and nothing is lost."""
    found = {"number": 1, "findings": 2}
    assert summary([found, Exception("x"), found]) == {
        "attachments": 3, "reviewed": 2, "findings": 4, "failed": [2],
    }  # fmt: skip
    assert summary([]) == {"attachments": 0, "reviewed": 0, "findings": 0, "failed": []}


@pytest.mark.parametrize(
    ("outcomes", "whole"),
    [
        (["Approved", "Approved"], "Approved"),
        (["Approved", "Rejected"], "Rejected"),
        (["Escalated", "Rejected"], "Rejected"),
        (["Approved", "Escalated"], "Open"),
        (["Approved", "Failed"], "Open"),
    ],
)
def test_the_joint_result_is_a_no_if_one_says_no_and_a_yes_if_all_do(outcomes, whole):
    """Everything else is open."""
    told = joint(outcomes, DesignInput(disciplines=["Cost", "Cost"]))
    assert told == {"outcome": whole, "disciplines": [["Cost", outcomes[0]], ["Cost", outcomes[1]]]}


def test_the_count_of_open_cases_never_falls_below_zero():
    """A stray closing, after a reset, leads nowhere."""
    steps = [("opened", 0, 1), ("closed", 1, 0), ("closed", 0, 0), ("count", 7, 7), ("reset", 7, 0)]
    assert all(after(operation, count) == then for operation, count, then in steps)
    with pytest.raises(ValueError, match="no operation 'burst'; known are opened, closed, count and reset"):
        after("burst", 1)
