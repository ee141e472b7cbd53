"""The counts of a month, by hand."""

import json
import runpy

import infra_template as template
import pytest

COSTS = runpy.run_path(str(template.INFRA / "costs.py"))
month, cost, table, Prices = (COSTS[name] for name in ("month", "cost", "table", "Prices"))
PAGE = template.ROOT / "docs" / "operate" / "costs.md"


def test_one_approval_on_the_default_engine():
    """Five executions, 26 storage operations, no action."""
    counts = month("azureStorage", 1, awake_hours=0)
    assert (counts.executions, counts.storage_operations, counts.idle_operations, counts.actions) == (5, 26, 0, 0)


def test_one_approval_on_the_scheduler():
    """Five executions and four actions; storage has nothing to do with it, asleep or awake."""
    counts = month("durableTaskScheduler", 1)
    assert (counts.executions, counts.storage_operations, counts.idle_operations, counts.actions) == (5, 0, 0, 4)


def test_counts_grow_with_approvals():
    """A million approvals are a million times one."""
    counts = month("azureStorage", 1_000_000, awake_hours=0)
    assert (counts.executions, counts.storage_operations) == (5_000_000, 26_000_000)


@pytest.mark.parametrize(("interval", "measured_in_120_s"), [(2, 365), (30, 85)])
def test_an_idle_hour_is_as_measured(interval, measured_in_120_s):
    """The formula gives what the real extension did in two idle minutes."""
    assert COSTS["idle_operations_an_hour"](interval) == measured_in_120_s * 30


def test_the_polling_interval_is_that_of_host_json():
    """The count rests on what is deployed."""
    host = json.loads((template.ROOT / "host.json").read_text(encoding="utf-8"))
    interval = host["extensions"]["durableTask"]["storageProvider"]["maxQueuePollingInterval"]
    assert interval == f"00:00:{COSTS['POLLING_INTERVAL_S']:02}"


def test_prices_are_per_unit():
    """10,000 operations, a million executions and a million actions cost what they are given as."""
    prices = Prices(storage=1, executions=10, actions=100)
    assert cost(month("azureStorage", 10_000, awake_hours=0), prices) == pytest.approx(26 + 0.5)
    assert cost(month("durableTaskScheduler", 10_000), prices) == pytest.approx(0.5 + 4)


@pytest.mark.parametrize(
    "wrong", [("mssql", 1), ("azureStorage", -1), ("azureStorage", 1, -1), ("azureStorage", 1, 1, 0)]
)
def test_a_month_that_cannot_be_is_refused(wrong):
    """An unknown engine, and numbers that make no sense."""
    with pytest.raises(ValueError, match="no such month"):
        month(*wrong)


@pytest.mark.parametrize("wrong", [["--price-storage", "1"], ["--awake-hours", "-1"], ["--polling-interval", "0"]])
def test_wrong_arguments_are_refused(wrong, capsys):
    """The message says what is missing."""
    with pytest.raises(SystemExit):
        COSTS["main"](wrong)
    assert "error: " in capsys.readouterr().err


def test_the_table_of_the_page_is_what_the_script_prints(capsys):
    """docs/operate/costs.md holds the figures of today's counts."""
    COSTS["main"]([])
    assert capsys.readouterr().out.strip() in PAGE.read_text(encoding="utf-8")


def test_money_is_a_column_only_with_prices():
    """Without prices the table claims none."""
    months = [month("azureStorage", 100)]
    assert "cost" not in table(months)
    assert "| cost |" in table(months, Prices(1, 1, 1)).splitlines()[0]
