"""Timers for delay: a reminder once a day, for ten days."""

from collections.abc import Generator, Mapping
from datetime import datetime
from typing import Any, Literal, Self

import azure.durable_functions as df
from dateutil import rrule
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from functions.orchestrators import Blueprint
from functions.patterns.inputs import MOST_WAIT_S, Input, Line

FREQUENCIES: Mapping[str, tuple[Literal[0, 1, 2, 3, 4, 5, 6], int]] = {
    "DAILY": (rrule.DAILY, 86_400),
    "HOURLY": (rrule.HOURLY, 3_600),
    "MINUTELY": (rrule.MINUTELY, 60),
    "SECONDLY": (rrule.SECONDLY, 1),
}
blueprint = Blueprint()


class RemindersInput(Input):
    """What DelayReminders takes; frequency and interval mean what they mean in an iCalendar rule.

    Example: ``{"to": "Manager", "count": 3, "frequency": "SECONDLY", "interval": 2}``
    """

    to: Line = Field(
        "Manager", min_length=1, max_length=200, description="Say who is reminded, in 1 to 200 characters."
    )
    count: int = Field(10, ge=1, le=100, description="Give the number of reminders, 1 to 100.")
    frequency: Literal["DAILY", "HOURLY", "MINUTELY", "SECONDLY"] = Field(
        "DAILY", description="Give DAILY, HOURLY, MINUTELY or SECONDLY."
    )
    interval: int = Field(1, ge=1, le=MOST_WAIT_S, description="Give how many of these lie between two reminders.")

    @model_validator(mode="after")
    def _gap_fits_a_timer(self) -> Self:
        if not 1 < self.interval * FREQUENCIES[self.frequency][1] <= MOST_WAIT_S:
            hint = "Leave 2 seconds to 5 days between two reminders."
            raise PydanticCustomError("gap-out-of-range", "{hint}", {"hint": hint})
        return self


@blueprint.orchestration_trigger(context_name="context")
def DelayReminders(context: df.DurableOrchestrationContext) -> Generator[Any, Any, list[str]]:  # noqa: N802
    """Send n reminders, the first after one interval: n timers, n activities, 2 n + 1 turns."""
    given = RemindersInput.of(context)
    sent = []
    for number, due in enumerate(reminder_dates(context.current_utc_datetime, given), 1):
        yield context.create_timer(due)
        reminder = {"to": given.to, "number": number, "of": given.count}
        sent.append((yield context.call_activity("SendReminder", reminder)))
    return sent


def reminder_dates(start: datetime, given: RemindersInput) -> list[datetime]:
    """The moments of the reminders, all counted from the start, so that a slow one does not shift the next.

    A rule knows whole seconds only; the start's fraction is put back, or the first wait would be too short.
    """
    frequency, _ = FREQUENCIES[given.frequency]
    rule = rrule.rrule(frequency, dtstart=start, interval=given.interval, count=given.count + 1)
    return [moment.replace(microsecond=start.microsecond) for moment in list(rule)[1:]]


@blueprint.activity_trigger(input_name="reminder")
def SendReminder(  # noqa: N802
    reminder: dict,  # type: ignore[type-arg]  # the worker takes no generic types
) -> str:
    """What was sent; a real one would give the mail a key of instance and number, so that a second run sends none."""
    return "Reminder {number} of {of}: {to}, a project design proposal waits for your decision.".format(**reminder)
