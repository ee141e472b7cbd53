"""The API for people: submit, look, act. Every route needs a session; a key opens none of them.

1. Nobody is known by anything but the session: not by a key, not by a header.
2. A change is JSON and says so, and comes from no page of somebody else.
3. A case that somebody may not see does not exist for them, whatever they ask for.
4. What a request needs is imported with the first one: the app's start does not pay for it.
"""
# ruff: noqa: PLC0415 - rule 4

import azure.durable_functions as df
import azure.functions as func

from adapters import identity
from adapters.engine import Engine
from functions.answers import answered, changing_body, json_answer, shown, submitted_answer, tagged_answer

PATH = "/api/proposals"
blueprint = df.Blueprint()


@blueprint.route(route="api/proposals", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@blueprint.durable_client_input(client_name="client")
async def SubmitProposal(  # noqa: N802
    req: func.HttpRequest, client: df.DurableOrchestrationClient, context: func.Context
) -> func.HttpResponse:
    """201 with the case and its address; 200 if the same request has started it before."""

    async def answer() -> func.HttpResponse:
        by = identity.signed_in(req.headers)
        return await submitted_answer(req, context, Engine(client), changing_body(req), by, PATH)

    return await answered(answer)


@blueprint.route(route="api/proposals", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@blueprint.durable_client_input(client_name="client")
async def ListProposals(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """200 with a page of cases: those that wait for me, those that I wrote, or those of a state."""
    from functions import listing

    async def answer() -> func.HttpResponse:
        by = identity.signed_in(req.headers)
        return json_answer(await listing.page(Engine(client), by.person_id, req.params))

    return await answered(answer)


@blueprint.route(route="api/proposals/{id}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@blueprint.durable_client_input(client_name="client")
async def ReadProposal(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """200 with the case as it is for this person, 304 if it is as the caller knows it."""
    from functions.acting import visible_case

    async def answer() -> func.HttpResponse:
        by = identity.signed_in(req.headers)
        case = await visible_case(Engine(client), req.route_params["id"], by.person_id)
        return tagged_answer(req, shown(case, by.person_id))

    return await answered(answer)


@blueprint.route(route="api/proposals/{id}/acts", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@blueprint.durable_client_input(client_name="client")
async def ReadActs(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """200 with the record of the case."""
    from functions.acting import visible_case

    async def answer() -> func.HttpResponse:
        by = identity.signed_in(req.headers)
        case = await visible_case(Engine(client), req.route_params["id"], by.person_id)
        return tagged_answer(req, {"id": case.id, "entries": list(case.record)})

    return await answered(answer)


@blueprint.route(route="api/proposals/{id}/acts", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@blueprint.durable_client_input(client_name="client")
async def ActOnProposal(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: N802
    """200 if the act counts, 202 if the case has not said so in ten seconds, or the verdict as a problem."""
    from functions.acting import act
    from service.act_body import read_act_body

    async def answer() -> func.HttpResponse:
        by = identity.signed_in(req.headers)
        body = changing_body(req)
        engine, key = Engine(client), req.headers.get("Idempotency-Key")
        done = await act(engine, req.route_params["id"], by, read_act_body(body), body, key)
        answer = {
            "verdict": done.verdict and str(done.verdict),
            "act": done.act,
            "case": shown(done.case, by.person_id),
        }
        if done.verdict is None:
            return json_answer(answer, 202, {"Location": f"{PATH}/{done.case.id}", "Retry-After": "5"})
        return json_answer(answer)

    return await answered(answer)
