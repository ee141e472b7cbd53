"""Async HTTP API: a long operation behind a 202, with an endpoint beside it that waits a while for the result."""

import time
from collections.abc import Generator
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from adapters import logs, tracing
from adapters.engine import Engine
from approval.errors import FieldError, InvalidFields
from functions.instances import started
from functions.orchestrators import Blueprint
from functions.problems import problem_response
from service.body import read_body
from service.problems import REFUSALS

MOST_WORK_S = 60
MOST_WAIT_S = 30
blueprint = Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def AsyncHttpApi(context: df.DurableOrchestrationContext) -> Generator[Any, Any, dict[str, Any]]:  # noqa: N802
    """Prepare a report while the client polls. Two turns and one activity; the custom status says how far it is."""
    from functions.patterns.shapes import ReportInput  # noqa: PLC0415 - only where an input is read

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


@blueprint.route(route="api/patterns/AsyncHttpApi", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def StartAndWait(  # noqa: N802
    req: func.HttpRequest, client: df.DurableOrchestrationClient, context: func.Context
) -> func.HttpResponse:
    """Start AsyncHttpApi and wait up to ``?wait=`` seconds: 200 with the output if it is there by then, else 202.

    Waiting costs a request and a worker's attention, so it ends after 30 s at the most; the links of the 202 go on.
    """
    from functions.patterns.shapes import ReportInput  # noqa: PLC0415

    engine = Engine(client)
    try:
        wait_s, body = _wait_s(req.params.get("wait", "5")), ReportInput.checked(read_body(req.get_body()))
        with tracing.of_invocation(context):
            instance_id = await started(engine, "AsyncHttpApi", body)
    except REFUSALS as error:
        return problem_response(error, "AsyncHttpApi")
    logs.log_event("started", instance=instance_id, orchestration="AsyncHttpApi")
    return await engine.answer_within(req, instance_id, seconds=wait_s, look_every_ms=200)


def _wait_s(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:3]) <= MOST_WAIT_S and len(text) <= len(str(MOST_WAIT_S)):
        return int(text)
    raise InvalidFields([FieldError("wait", "out-of-range", f"Give whole seconds from 1 to {MOST_WAIT_S}.")])
