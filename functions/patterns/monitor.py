"""Monitor: poll at intervals that grow, until a condition holds or a deadline has passed."""

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any, Self

import azure.durable_functions as df
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from functions.orchestrators import Blueprint
from functions.patterns.inputs import MOST_WAIT_S, Input

MOST_LOOKS = 100
blueprint = Blueprint()


class MonitorInput(Input):
    """What Monitor takes: how often to poll, times in seconds, and at which poll the permit will be there.

    Example: ``{"every": 2, "factor": 2, "most": 8, "within": 60, "grantedAt": 3}``
    """

    every: int = Field(60, ge=2, le=MOST_WAIT_S, description="Give the first interval in seconds, 2 to 432000.")
    factor: float = Field(2, ge=1, le=10, description="Give by what the interval grows, a number from 1 to 10.")
    most: int = Field(3600, ge=2, le=MOST_WAIT_S, description="Give the longest interval in seconds, 2 to 432000.")
    within: int = Field(
        86_400, ge=0, le=366 * 86_400, description="Give the time until the last look in seconds, at most a year."
    )
    grantedAt: int = Field(  # noqa: N815 - its name in JSON
        3, ge=0, description="Give at which look the condition holds, or 0 for never."
    )

    @model_validator(mode="after")
    def _looks_are_few(self) -> Self:
        interval, passed, looks = float(min(self.every, self.most)), 0.0, 1
        while passed < self.within and looks <= MOST_LOOKS:
            passed, interval, looks = passed + interval, self.after(interval), looks + 1
        if looks > MOST_LOOKS:
            hint = f"Look less often: this would be more than {MOST_LOOKS} looks, each of which stays in the history."
            raise PydanticCustomError("too-many-looks", "{hint}", {"hint": hint})
        return self

    def after(self, interval: float) -> float:
        """The interval, in seconds, that comes after this one."""
        return min(interval * self.factor, float(self.most))


@blueprint.orchestration_trigger(context_name="context")
def Monitor(context: df.DurableOrchestrationContext) -> Generator[Any, Any, dict[str, Any]]:  # noqa: N802
    """Ask for a permit until it is granted; the last poll is at the deadline.

    ``k`` polls take ``2 k`` turns, ``k`` activities and ``k - 1`` timers.
    """
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
