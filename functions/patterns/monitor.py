"""Monitor: poll at intervals that grow, until a condition holds or a deadline has passed."""

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any

import azure.durable_functions as df

from functions.orchestrators import Blueprint

blueprint = Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def Monitor(context: df.DurableOrchestrationContext) -> Generator[Any, Any, dict[str, Any]]:  # noqa: N802
    """Ask for a permit until it is granted; the last poll is at the deadline.

    ``k`` polls take ``2 k`` turns, ``k`` activities and ``k - 1`` timers.
    """
    from functions.patterns.shapes import MonitorInput  # noqa: PLC0415 - only where an input is read

    given = MonitorInput.of(context)
    now, looks, interval = context.current_utc_datetime, 0, float(min(given.every, given.most))
    deadline = now + timedelta(seconds=given.within)
    while True:
        looks += 1
        granted = yield context.call_activity("CheckPermit", {"look": looks, "grantedAt": given.grantedAt})
        if granted or now >= deadline:
            return {"granted": granted, "looks": looks}
        now = max(context.current_utc_datetime, now)
        due, interval = next_look(now, interval, deadline), given.after(interval)
        context.set_custom_status({"looks": looks, "next": due.isoformat(timespec="seconds")})
        yield context.create_timer(due)
        now = max(context.current_utc_datetime, due)  # a timer that fired is due, however early it fired


def next_look(now: datetime, interval: float, deadline: datetime) -> datetime:
    """When to poll again: after the interval, but once more at the deadline, and never before now."""
    return max(now, min(now + timedelta(seconds=interval), deadline))


@blueprint.activity_trigger(input_name="asked")
def CheckPermit(  # noqa: N802
    asked: dict,  # type: ignore[type-arg]  # the worker takes no generic types
) -> bool:
    """Whether the permit is there, as the input has arranged it; asking twice changes nothing."""
    return bool(0 < asked["grantedAt"] <= asked["look"])
