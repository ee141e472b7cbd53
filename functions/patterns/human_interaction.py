"""Human interaction: the bare pattern. What a real case needs beside it is in ``functions.review_flow``."""

from collections.abc import Generator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df

from approval.decision import Decision, Outcome, read
from functions.orchestrators import Blueprint

blueprint = Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def HumanInteraction(context: df.DurableOrchestrationContext) -> Generator[Any, Any, list[str]]:  # noqa: N802
    """Wait for the event Approval or the end of the time: three turns, one timer, one activity.

    The first event decides, and what is no clear yes counts as a no.
    """
    from functions.patterns.shapes import HumanInput  # noqa: PLC0415 - only where an input is read

    due = context.current_utc_datetime + timedelta(seconds=HumanInput.of(context).seconds)
    wait, timer = context.wait_for_external_event("Approval"), context.create_timer(due)
    winner = yield context.task_any([wait, timer])
    if winner == wait:
        timer.cancel()
        heard = read(wait.result)
        outcome = heard.outcome if isinstance(heard, Decision) else Outcome.REJECTED
        message = yield context.call_activity("Approval", str(outcome))
    else:
        message = yield context.call_activity("Escalation", "Head of department")
    return [message]
