"""Fan-out/fan-in: as many reviews at once as there are attachments, and one summary of them all."""

from collections.abc import Generator, Sequence
from typing import Any

import azure.durable_functions as df

from functions.orchestrators import Blueprint
from functions.patterns.gather import settled

MOST_ATTACHMENTS = 200
blueprint = Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def FanOutFanIn(context: df.DurableOrchestrationContext) -> Generator[Any, Any, dict[str, Any]]:  # noqa: N802
    """Review n attachments in parallel: n activities, and n + 1 turns at most, fewer where results come together."""
    from functions.patterns.shapes import FanInput  # noqa: PLC0415 - only where an input is read

    given = FanInput.of(context)
    reviews = [
        context.call_activity("ReviewAttachment", {"number": number, "readable": number not in given.unreadable})
        for number in range(1, given.attachments + 1)
    ]
    return summary((yield from settled(context, reviews)))


def summary(results: Sequence[Any]) -> dict[str, Any]:
    """What came of the reviews, one result or exception each, in the order of the attachments.

    Example: ``{"attachments": 5, "reviewed": 4, "findings": 4, "failed": [2]}``
    """
    failed = [number for number, result in enumerate(results, 1) if isinstance(result, Exception)]
    findings = sum(result["findings"] for result in results if not isinstance(result, Exception))
    return {
        "attachments": len(results),
        "reviewed": len(results) - len(failed),
        "findings": findings,
        "failed": failed,
    }


@blueprint.activity_trigger(input_name="attachment")
def ReviewAttachment(  # noqa: N802
    attachment: dict,  # type: ignore[type-arg]  # the worker takes no generic types
) -> dict[str, Any]:
    """How many findings there are: the number's remainder by three. A second run finds the same."""
    if not attachment["readable"]:
        raise ValueError(f"attachment {attachment['number']} cannot be read")
    return {"number": attachment["number"], "findings": attachment["number"] % 3}
