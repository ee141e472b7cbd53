"""Async HTTP API: a long operation behind a 202, with a door beside it that waits a while for the result."""

import time
from collections.abc import Generator
from typing import Any

import azure.durable_functions as df
import azure.functions as func
from pydantic import Field

from adapters import logs, tracing
from approval.body import read_body
from approval.errors import ApprovalError, FieldError, InvalidFields, NotStarted
from functions.orchestrators import Blueprint
from functions.patterns.inputs import Input
from functions.problems import problem_response

MOST_WORK_S = 60
MOST_WAIT_S = 30
blueprint = Blueprint()


class ReportInput(Input):
    """What AsyncHttpApi takes.

    Example: ``{"seconds": 2}``
    """

    seconds: int = Field(
        2, ge=0, le=MOST_WORK_S, description="Give the time that the work takes, in whole seconds from 0 to 60."
    )


@blueprint.orchestration_trigger(context_name="context")
def AsyncHttpApi(context: df.DurableOrchestrationContext) -> Generator[Any, Any, dict[str, Any]]:  # noqa: N802
    """Prepare a report while the client polls. Two turns and one activity; the custom status tells how far it is."""
    given = ReportInput.of(context)
    context.set_custom_status({"step": "preparing the report"})
    report = yield context.call_activity("PrepareReport", given.seconds)
    context.set_custom_status({"step": "done"})
    return {"report": report}


@blueprint.activity_trigger(input_name="seconds")
def PrepareReport(seconds: int) -> str:  # noqa: N802
    """The report, after so many seconds of work; a second run works as long and gives the same."""
    time.sleep(seconds)
    return f"prepared in {seconds} s"


@blueprint.route(route="patterns/AsyncHttpApi", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def StartAndWait(  # noqa: N802
    req: func.HttpRequest, client: df.DurableOrchestrationClient, context: func.Context
) -> func.HttpResponse:
    """Start AsyncHttpApi and wait up to ``?wait=`` seconds: 200 with the output if it is there by then, else 202.

    Waiting costs a request and a worker's attention, so it ends after 30 s at the most; the links of the 202 go on.
    """
    try:
        wait_s, body = _wait_s(req.params.get("wait", "5")), ReportInput.checked(read_body(req.get_body()))
        try:
            with tracing.of_invocation(context):
                instance_id = await client.start_new("AsyncHttpApi", None, body)
        except Exception as error:  # the client raises bare exceptions
            raise NotStarted from error
    except ApprovalError as error:
        return problem_response(error, "AsyncHttpApi")
    logs.tell("started", instance=instance_id, orchestration="AsyncHttpApi")
    # Its default of ten seconds and a look each second, in milliseconds; the look must not be longer than the wait.
    return await client.wait_for_completion_or_create_check_status_response(req, instance_id, wait_s * 1000, 200)


def _wait_s(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:3]) <= MOST_WAIT_S and len(text) <= len(str(MOST_WAIT_S)):
        return int(text)
    raise InvalidFields([FieldError("wait", "out-of-range", f"Give whole seconds from 1 to {MOST_WAIT_S}.")])
