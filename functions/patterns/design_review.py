"""Sub-orchestrations: one approval for each discipline, each an instance of its own, and a joint result."""

from collections.abc import Generator
from datetime import timedelta
from typing import Annotated, Any

import azure.durable_functions as df
from pydantic import Field, StringConstraints

from functions.orchestrators import Blueprint
from functions.patterns.decision import decided
from functions.patterns.gather import settled
from functions.patterns.inputs import MOST_WAIT_S, Input, Line

FAILED = "Failed"
Name = Annotated[Line, StringConstraints(min_length=1, max_length=60)]
blueprint = Blueprint()


class DisciplineInput(Input):
    """What DisciplineReview takes.

    Example: ``{"discipline": "Structure", "seconds": 20}``
    """

    discipline: Name = Field("Structure", description="Give the discipline in 1 to 60 characters.")
    seconds: int = Field(
        20, ge=2, le=MOST_WAIT_S, description="Give the time to decide in whole seconds, 2 to 432000 (five days)."
    )


class DesignInput(Input):
    """What DesignReview takes.

    Example: ``{"disciplines": ["Structure", "Fire safety"], "seconds": 20}``
    """

    disciplines: list[Name] = Field(
        default=["Structure", "Fire safety", "Cost"],
        min_length=1,
        max_length=10,
        description="Give a list of 1 to 10 disciplines, each of 1 to 60 characters.",
    )
    seconds: int = Field(
        20, ge=2, le=MOST_WAIT_S, description="Give the time to decide in whole seconds, 2 to 432000 (five days)."
    )


@blueprint.orchestration_trigger(context_name="context")
def DesignReview(context: df.DurableOrchestrationContext) -> Generator[Any, Any, dict[str, Any]]:  # noqa: N802
    """Ask n disciplines at once, each in an instance of its own, whose ids the custom status shows.

    n + 1 turns at most, and two for each discipline.
    """
    given = DesignInput.of(context)
    ids = [f"{context.instance_id}-{number}" for number in range(1, len(given.disciplines) + 1)]
    context.set_custom_status({"reviews": [list(pair) for pair in zip(given.disciplines, ids, strict=True)]})
    reviews = [
        context.call_sub_orchestrator("DisciplineReview", {"discipline": discipline, "seconds": given.seconds}, own_id)
        for discipline, own_id in zip(given.disciplines, ids, strict=True)
    ]
    results = yield from settled(context, reviews)
    return joint([FAILED if isinstance(result, Exception) else result["outcome"] for result in results], given)


@blueprint.orchestration_trigger(context_name="context")
def DisciplineReview(context: df.DurableOrchestrationContext) -> Generator[Any, Any, dict[str, Any]]:  # noqa: N802
    """One discipline's approval: the event Approval, sent to this instance, or Escalated when the time is over."""
    given = DisciplineInput.of(context)
    due = context.current_utc_datetime + timedelta(seconds=given.seconds)
    outcome = yield from decided(context, due)
    return {"discipline": given.discipline, "outcome": outcome}


def joint(outcomes: list[str], given: DesignInput) -> dict[str, Any]:
    """Rejected if one discipline has, approved if all have, else open: somebody has not decided.

    Example::

        {"outcome": "Open", "disciplines": [["Structure", "Approved"], ["Fire safety", "Escalated"]]}
    """
    whole = "Rejected" if "Rejected" in outcomes else "Approved" if set(outcomes) == {"Approved"} else "Open"
    pairs = [list(pair) for pair in zip(given.disciplines, outcomes, strict=True)]
    return {"outcome": whole, "disciplines": pairs}
