"""Timers for delay: a reminder once a day, for ten days."""

from collections.abc import Generator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import azure.durable_functions as df
from dateutil import rrule

from functions.orchestrators import Blueprint

if TYPE_CHECKING:
    from functions.patterns.shapes import RemindersInput

FREQUENCIES: Mapping[str, tuple[Literal[0, 1, 2, 3, 4, 5, 6], int]] = {
    "DAILY": (rrule.DAILY, 86_400),
    "HOURLY": (rrule.HOURLY, 3_600),
    "MINUTELY": (rrule.MINUTELY, 60),
    "SECONDLY": (rrule.SECONDLY, 1),
}
blueprint = Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def DelayReminders(context: df.DurableOrchestrationContext) -> Generator[Any, Any, list[str]]:  # noqa: N802
    """Send n reminders, the first after one interval: n timers, n activities, 2 n + 1 turns."""
    from functions.patterns.shapes import RemindersInput  # noqa: PLC0415 - only where an input is read

    given = RemindersInput.of(context)
    sent = []
    for number, due in enumerate(reminder_dates(context.current_utc_datetime, given), 1):
        yield context.create_timer(due)
        reminder = {"to": given.to, "number": number, "of": given.count}
        sent.append((yield context.call_activity("SendReminder", reminder)))
    return sent


def reminder_dates(start: datetime, given: "RemindersInput") -> list[datetime]:
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
