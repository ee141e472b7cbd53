"""Function chaining: the output of one activity is the input of the next, and the last one gives the result."""

import hashlib
from collections.abc import Generator
from typing import Any

import azure.durable_functions as df

from functions.orchestrators import Blueprint

blueprint = Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def FunctionChaining(context: df.DurableOrchestrationContext) -> Generator[Any, Any, str]:  # noqa: N802
    """Register a proposal, estimate its review, write the invitation. Four turns and three activities."""
    from functions.patterns.shapes import ChainInput  # noqa: PLC0415 - only where an input is read

    registered = yield context.call_activity("RegisterProposal", ChainInput.of(context).title)
    estimated = yield context.call_activity("EstimateReview", registered)
    invitation: str = yield context.call_activity("WriteInvitation", estimated)
    return invitation


@blueprint.activity_trigger(input_name="title")
def RegisterProposal(title: str) -> dict[str, Any]:  # noqa: N802
    """The proposal with its reference, which depends on the title alone: a second run gives the same one."""
    return {"title": title, "reference": f"P-{hashlib.sha256(title.encode()).hexdigest()[:6].upper()}"}


@blueprint.activity_trigger(input_name="registered")
def EstimateReview(  # noqa: N802
    registered: dict,  # type: ignore[type-arg]  # the worker takes no generic types
) -> dict[str, Any]:
    """The same with the hours that a review takes, two for each word; a second run gives the same."""
    return registered | {"hours": 2 * len(registered["title"].split())}


@blueprint.activity_trigger(input_name="estimated")
def WriteInvitation(  # noqa: N802
    estimated: dict,  # type: ignore[type-arg]  # the worker takes no generic types
) -> str:
    """The sentence for the reviewers; a second run gives the same and sends nothing."""
    return "{reference}: please review '{title}', about {hours} hours of work.".format(**estimated)
