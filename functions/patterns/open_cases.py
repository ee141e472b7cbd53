"""A durable entity: how many cases wait for each approver, kept where signals from many instances meet in order."""

import json
import re
from collections.abc import Generator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from adapters.engine import Engine
from approval.errors import FieldError, InvalidFields
from functions.orchestrators import Blueprint
from functions.patterns.decision import decided
from functions.problems import problem_response

# The SDK puts a key into addresses as it is, so only what needs no quoting may be in it.
KEY = r"^[A-Za-z0-9._-]{1,60}$"
KEY_HINT = "Give 1 to 60 letters, digits, dots, underscores or hyphens."
blueprint = Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def CountedReview(context: df.DurableOrchestrationContext) -> Generator[Any, Any, dict[str, Any]]:  # noqa: N802
    """An approval that is counted while it is open: two signals, one timer, and a call that reads the count.

    Three turns. Signals and call of one instance reach the entity in the order in which they were made.
    """
    from functions.patterns.shapes import CountedInput  # noqa: PLC0415 - only where an input is read

    given = CountedInput.of(context)
    cases = df.EntityId("OpenCases", given.approver)
    context.signal_entity(cases, "opened")
    outcome = yield from decided(context, context.current_utc_datetime + timedelta(seconds=given.seconds))
    context.signal_entity(cases, "closed")
    others = yield context.call_entity(cases, "count")
    return {"outcome": outcome, "stillOpen": others}


@blueprint.entity_trigger(context_name="context")
def OpenCases(context: df.DurableEntityContext) -> None:  # noqa: N802
    """The number of open cases: ``opened``, ``closed``, ``count`` and ``reset``, each of which gives the number.

    No operation takes an input. Over HTTP one arrives in shapes that ``get_input`` raises at, so it is never asked.
    """
    count = after(context.operation_name, context.get_state(lambda: 0))
    context.set_state(count)
    context.set_result(count)


def after(operation: str | None, count: int) -> int:
    """The count after an operation; below zero, which a stray ``closed`` could lead to, there is nothing."""
    match operation:
        case "opened":
            return count + 1
        case "closed":
            return max(0, count - 1)
        case "count":
            return count
        case "reset":
            return 0
    raise ValueError(f"There is no operation {operation!r}; known are opened, closed, count and reset.")


@blueprint.route(route="api/patterns/OpenCases/{approver}", methods=["GET"])
@blueprint.durable_client_input(client_name="client")
async def ReadOpenCases(  # noqa: N802
    req: func.HttpRequest, client: df.DurableOrchestrationClient
) -> func.HttpResponse:
    """How many cases are open with an approver, as of the last operation: ``{"approver": "Manager", "open": 1}``."""
    approver = req.route_params["approver"]
    if not re.fullmatch(KEY, approver):
        return problem_response(InvalidFields([FieldError("approver", "wrong-form", KEY_HINT)]))
    count = await Engine(client).entity_state("OpenCases", approver)
    found = {"approver": approver, "open": count or 0}  # None: it has had no signal yet
    return func.HttpResponse(json.dumps(found), headers={"Cache-Control": "no-store"}, mimetype="application/json")
