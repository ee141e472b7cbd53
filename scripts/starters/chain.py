"""The orchestration ``YourCase``: one activity after another, each with the result of the one before."""

from collections.abc import Generator
from typing import Any

import azure.durable_functions as df
from pydantic import Field

from functions.orchestrators import Blueprint
from functions.patterns.inputs import Input

blueprint = Blueprint()


class YourCaseInput(Input):
    """What YourCase takes.

    Example: ``{"title": "Two weeks in May"}``
    """

    title: str = Field("Untitled", min_length=1, max_length=200, description="Give a title of 1 to 200 characters.")


@blueprint.orchestration_trigger(context_name="context")
def YourCase(context: df.DurableOrchestrationContext) -> Generator[Any, Any, str]:  # noqa: N802
    """Register the case, then announce it. Three turns and two activities."""
    registered = yield context.call_activity("RegisterYourCase", YourCaseInput.of(context).title)
    announced: str = yield context.call_activity("AnnounceYourCase", registered)
    return announced


@blueprint.activity_trigger(input_name="title")
def RegisterYourCase(title: str) -> dict[str, Any]:  # noqa: N802
    """What the case is known by. The engine may run an activity twice: a second run gives the same."""
    return {"title": title}


@blueprint.activity_trigger(input_name="registered")
def AnnounceYourCase(registered: dict) -> str:  # type: ignore[type-arg]  # noqa: N802
    """The sentence that people get; a second run gives the same and sends nothing."""
    return f"{registered['title']}: registered."
