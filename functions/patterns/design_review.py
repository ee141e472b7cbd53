"""Sub-orchestrations: one approval for each discipline, each an instance of its own, and a joint result."""

from collections.abc import Generator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import azure.durable_functions as df

from functions.orchestrators import Blueprint
from functions.patterns.decision import decided
from functions.patterns.gather import settled

if TYPE_CHECKING:
    from functions.patterns.shapes import DesignInput

FAILED = "Failed"
blueprint = Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def DesignReview(context: df.DurableOrchestrationContext) -> Generator[Any, Any, dict[str, Any]]:  # noqa: N802
    """Ask n disciplines at once, each in an instance of its own, whose ids the custom status shows.

    n + 1 turns at most, and two for each discipline.
    """
    from functions.patterns.shapes import DesignInput  # noqa: PLC0415 - only where an input is read

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
    from functions.patterns.shapes import DisciplineInput  # noqa: PLC0415 - only where an input is read

    given = DisciplineInput.of(context)
    due = context.current_utc_datetime + timedelta(seconds=given.seconds)
    outcome = yield from decided(context, due)
    return {"discipline": given.discipline, "outcome": outcome}


def joint(outcomes: list[str], given: "DesignInput") -> dict[str, Any]:
    """Rejected if one discipline has, approved if all have, else open: somebody has not decided.

    Example::

        {"outcome": "Open", "disciplines": [["Structure", "Approved"], ["Fire safety", "Escalated"]]}
    """
    whole = "Rejected" if "Rejected" in outcomes else "Approved" if set(outcomes) == {"Approved"} else "Open"
    pairs = [list(pair) for pair in zip(given.disciplines, outcomes, strict=True)]
    return {"outcome": whole, "disciplines": pairs}
