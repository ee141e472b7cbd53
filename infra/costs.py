"""What approvals take in a month, as counts; money only for prices that are given.

    python infra/costs.py                                     # the table of docs/operate/costs.md
    python infra/costs.py --awake-hours 40 --price-storage 0.05 --price-executions 0.4 --price-actions 30

The counts are per approval, measured on the extension 3.19.0 with the default engine: one proposal, one decision, one
activity. An awake app asks its queues and renews its leases whether or not anything happens; that is counted by the
hour. Prices have no default, as they differ by region, month and contract.
"""

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass

EXECUTIONS = 5  # the starter, three episodes of the orchestrator, one activity
STORAGE_OPERATIONS = 26
SCHEDULER_ACTIONS = 4  # start, event, activity, its result

HOUR_S = 3600
MONTH_H = 730
QUEUES = 5  # four control queues and one for activities
POLLING_INTERVAL_S = 2  # host.json, maxQueuePollingInterval
LEASE_OPERATIONS_A_MINUTE = 32.5  # 30 on the table of partitions, 2.5 on the app's lease blob

VOLUMES = (100, 10_000, 1_000_000)
ENGINES = ("azureStorage", "durableTaskScheduler")


@dataclass(frozen=True)
class Month:
    """What one month takes."""

    engine: str
    approvals: int
    executions: int
    storage_operations: int
    idle_operations: int
    actions: int


@dataclass(frozen=True)
class Prices:
    """What a unit costs, in any one currency."""

    storage: float  # 10,000 storage operations
    executions: float  # 1,000,000 executions, without their GB-seconds
    actions: float  # 1,000,000 actions of the scheduler


def idle_operations_an_hour(interval_s: float = POLLING_INTERVAL_S) -> int:
    """Storage operations of one awake instance in an hour in which nothing happens."""
    return round(QUEUES * HOUR_S / interval_s + LEASE_OPERATIONS_A_MINUTE * 60)


def month(engine: str, approvals: int, awake_hours: float = MONTH_H, interval_s: float = POLLING_INTERVAL_S) -> Month:
    """The counts of a month.

    Args:
        engine: one of ``ENGINES``.
        approvals: proposals that are decided or escalated, at least 0.
        awake_hours: hours in which an instance is awake, summed over the instances, at least 0.
        interval_s: ``maxQueuePollingInterval``, above 0.

    Raises:
        ValueError: an argument is none of that.
    """
    if engine not in ENGINES or approvals < 0 or awake_hours < 0 or interval_s <= 0:
        raise ValueError(
            f"no such month: {engine}, {approvals} approvals, {awake_hours} h awake, polled each {interval_s} s"
        )
    stores = engine == "azureStorage"
    return Month(
        engine=engine,
        approvals=approvals,
        executions=EXECUTIONS * approvals,
        storage_operations=STORAGE_OPERATIONS * approvals if stores else 0,
        idle_operations=round(idle_operations_an_hour(interval_s) * awake_hours) if stores else 0,
        actions=0 if stores else SCHEDULER_ACTIONS * approvals,
    )


def cost(counts: Month, prices: Prices) -> float:
    """What the counts cost, without memory, logs and stored bytes."""
    operations = counts.storage_operations + counts.idle_operations
    return (
        operations / 10_000 * prices.storage
        + (counts.executions * prices.executions + counts.actions * prices.actions) / 1_000_000
    )


def table(months: Iterable[Month], prices: Prices | None = None) -> str:
    """The counts as a Markdown table, with a column of money if there are prices."""
    head = ["engine", "approvals", "executions", "storage operations", "of an awake app", "scheduler actions"]
    if prices:
        head.append("cost")
    rows = [head, ["---", *["---:"] * (len(head) - 1)]]
    for counts in months:
        figures = [
            counts.approvals,
            counts.executions,
            counts.storage_operations,
            counts.idle_operations,
            counts.actions,
        ]
        row = [f"`{counts.engine}`", *(f"{figure:,}" for figure in figures)]
        rows.append([*row, f"{cost(counts, prices):,.2f}"] if prices else row)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What approvals take in a month.")
    parser.add_argument("--awake-hours", type=float, default=MONTH_H, help="hours awake, summed over instances (730)")
    parser.add_argument("--polling-interval", type=float, default=POLLING_INTERVAL_S, help="seconds (2)")
    parser.add_argument("--price-storage", type=float, help="price of 10,000 storage operations")
    parser.add_argument("--price-executions", type=float, help="price of 1,000,000 executions")
    parser.add_argument("--price-actions", type=float, help="price of 1,000,000 scheduler actions")
    parsed = parser.parse_args(given)
    prices = (parsed.price_storage, parsed.price_executions, parsed.price_actions)
    if any(price is None for price in prices) and any(price is not None for price in prices):
        parser.error("give all three prices, or none")
    if (
        parsed.awake_hours < 0
        or parsed.polling_interval <= 0
        or any(price is not None and price < 0 for price in prices)
    ):
        parser.error("hours and prices are 0 or more, the interval is above 0")
    return parsed


def main(given: list[str]) -> None:
    """Print the table."""
    asked = _arguments(given)
    prices = None
    if asked.price_storage is not None:
        prices = Prices(asked.price_storage, asked.price_executions, asked.price_actions)
    print(
        table(
            [month(engine, n, asked.awake_hours, asked.polling_interval) for engine in ENGINES for n in VOLUMES], prices
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])
