"""The orchestration ``YourCase``: wait for the event ``Answer`` or the end of the time, then run one activity.

The timer that lost is cancelled before the next ``yield``: the instance would stay Running until it fires.
"""

from collections.abc import Generator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
from pydantic import Field

from functions.orchestrators import Blueprint
from functions.patterns.inputs import MOST_WAIT_S, Input

blueprint = Blueprint()


class YourCaseInput(Input):
    """What YourCase takes.

    Example: ``{"title": "Two weeks in May", "seconds": 20}``
    """

    title: str = Field("Untitled", min_length=1, max_length=200, description="Give a title of 1 to 200 characters.")
    seconds: int = Field(
        20, ge=2, le=MOST_WAIT_S, description="Give the time to answer in whole seconds, 2 to 432000 (five days)."
    )


@blueprint.orchestration_trigger(context_name="context")
def YourCase(context: df.DurableOrchestrationContext) -> Generator[Any, Any, str]:  # noqa: N802
    """One wait against one timer: three turns, one timer, one activity."""
    given = YourCaseInput.of(context)
    wait = context.wait_for_external_event("Answer")
    timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=given.seconds))
    winner = yield context.task_any([wait, timer])
    if winner == wait:
        timer.cancel()
    answer = str(wait.result) if winner == wait else "nobody answered"
    recorded: str = yield context.call_activity("RecordYourCase", {"title": given.title, "answer": answer})
    return recorded


@blueprint.activity_trigger(input_name="outcome")
def RecordYourCase(outcome: dict) -> str:  # type: ignore[type-arg]  # noqa: N802
    """The sentence that people get; the engine may run it twice, and a second run gives the same."""
    return f"{outcome['title']}: {outcome['answer']}."
