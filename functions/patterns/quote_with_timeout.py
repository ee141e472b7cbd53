"""Timers for timeout: a quote, if it comes in time."""

import time
from collections.abc import Generator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df

from functions.orchestrators import Blueprint
from functions.patterns.gather import result_of

MOST_WORK_S = 60
blueprint = Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def QuoteWithTimeout(context: df.DurableOrchestrationContext) -> Generator[Any, Any, bool]:  # noqa: N802
    """True if the quote is there in time, false if it is late or fails. Two turns in time; a late quote is a third one.

    The answer is in the custom status at once, as the instance itself runs on until the late quote has come.
    """
    from functions.patterns.shapes import QuoteInput  # noqa: PLC0415 - only where an input is read

    given = QuoteInput.of(context)
    quote = context.call_activity("GetQuote", given.takes)
    timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=given.timeout))
    winner = yield context.task_any([quote, timer])
    if winner == quote:
        timer.cancel()
    in_time = winner == quote and not isinstance(result_of(quote), Exception)  # a race does not raise what it won
    context.set_custom_status({"inTime": in_time})
    return in_time


@blueprint.activity_trigger(input_name="takes")
def GetQuote(takes: int) -> dict[str, Any]:  # noqa: N802
    """A quote, after so many seconds; a second run asks again and gives the same."""
    time.sleep(takes)
    return {"amount": "1850000.00", "currency": "EUR"}
