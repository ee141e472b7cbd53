"""The starter: ``POST`` or ``GET /api/orchestrators/{functionName}`` starts an orchestration and gives its links."""

import azure.durable_functions as df
import azure.functions as func

from adapters import directory, logs, settings, tracing
from adapters.engine import Engine
from functions import patterns
from functions.answers import json_answer, sent_bytes
from functions.catalogue import catalogue, find
from functions.instances import start
from functions.machine import PATH
from functions.problems import problem_response
from service.body import read_body
from service.errors import BodyOnGet
from service.problems import REFUSALS

CATALOGUE = catalogue(patterns.readers())
blueprint = df.Blueprint()


@blueprint.route(route="api/orchestrators/{functionName}", methods=["POST", "GET"])
@blueprint.durable_client_input(client_name="client")
async def HttpStart(  # noqa: N802 - the original tutorial's name
    req: func.HttpRequest, client: df.DurableOrchestrationClient, context: func.Context
) -> func.HttpResponse:
    """Start the named orchestration: 202 with the links to watch and steer it, or a problem that says what to do.

    A POST takes no body or a JSON one of at most 65,536 bytes; for OrchFunction it is a proposal. A GET takes none.
    With the header ``Idempotency-Key`` the same key and body lead to the same instance, also when it has ended. With a
    policy file in force a proposal is submitted under it, and the answer has no links: they hold the engine's own key.
    """
    name: str | None = None
    try:
        orchestration = find(CATALOGUE, req.route_params["functionName"])
        name = orchestration.name
        raw = sent_bytes(req)
        if req.method == "GET" and raw:
            raise BodyOnGet
        key = req.headers.get("Idempotency-Key")
        body, engine = read_body(raw), Engine(client)
        with tracing.of_invocation(context):
            if orchestration.is_case and body is not None and directory.policy_file() is not None:
                from functions.submitting import submit  # noqa: PLC0415 - the app's start does not pay for it

                return _submitted((await submit(engine, body, key, None)).case_id)
            instance_id, is_new = await start(engine, orchestration, body, key, settings.company_policy)
    except REFUSALS as error:
        return problem_response(error, name)
    logs.log_event("started" if is_new else "alreadyStarted", instance=instance_id, orchestration=name)
    answer: func.HttpResponse = client.create_check_status_response(req, instance_id)
    return answer


def _submitted(case_id: str) -> func.HttpResponse:
    location = f"{PATH}/{case_id}"
    return json_answer({"id": case_id, "proposal": location}, 202, {"Location": location, "Retry-After": "10"})
