"""The API for machines: submit for a person, and read. A function key opens it, and no vote is cast here.

The person whom it is submitted for is the author, who hears of it, may withdraw it, and never decides on it.
What a request needs is imported with the first one: the app's start does not pay for it.
"""
# ruff: noqa: PLC0415 - as said above

import azure.durable_functions as df
import azure.functions as func

from adapters.engine import Engine
from functions.answers import answered, json_body, shown, submitted_answer, tagged_answer

PATH = "/api/machine/proposals"
blueprint = df.Blueprint()


@blueprint.route(route="api/machine/proposals", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@blueprint.durable_client_input(client_name="client")
async def SubmitForPerson(  # noqa: N802
    req: func.HttpRequest, client: df.DurableOrchestrationClient, context: func.Context
) -> func.HttpResponse:
    """201 with the case and its address; 200 if the same request has started it before."""

    async def answer() -> func.HttpResponse:
        return await submitted_answer(req, context, Engine(client), json_body(req), None, PATH)

    return await answered(answer)


@blueprint.route(route="api/machine/proposals/{id}", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@blueprint.durable_client_input(client_name="client")
async def ReadForMachine(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """200 with the case, 304 if it is as the caller knows it."""
    from functions.acting import visible_case

    async def answer() -> func.HttpResponse:
        case = await visible_case(Engine(client), req.route_params["id"], None)
        return tagged_answer(req, shown(case, None))

    return await answered(answer)
