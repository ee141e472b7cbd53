"""The HTTP functions: a starter, the Python client's calls one by one, and two plain ones to be called."""

import json

import azure.durable_functions as df
import azure.functions as func

bp = df.Blueprint(http_auth_level=func.AuthLevel.ANONYMOUS)


def answer(value, status=200):
    """A JSON answer; what JSON lacks is written as text."""
    return func.HttpResponse(json.dumps(value, default=str), status_code=status, mimetype="application/json")


def failure(error):
    """What the client raised, as an answer."""
    return answer({"type": type(error).__name__, "error": str(error)}, 500)


def sent(req):
    """The request's JSON, or None without a body."""
    return req.get_json() if req.get_body() else None


@bp.route(route="orchestrators/{functionName}", methods=["GET", "POST"])
@bp.durable_client_input(client_name="client")
async def http_start(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Starts any orchestrator, by `?id=` under a given id."""
    instance_id = await client.start_new(req.route_params["functionName"], req.params.get("id"), sent(req))
    return client.create_check_status_response(req, instance_id)


@bp.route(route="raise/{id}/{event}", methods=["POST"])
@bp.durable_client_input(client_name="client")
async def raise_event(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Raises an event through the client, which encodes the payload once more."""
    data = sent(req)
    try:
        await client.raise_event(req.route_params["id"], req.route_params["event"], data)
    except Exception as error:  # noqa: BLE001 the client raises plain Exception
        return failure(error)
    return answer({"sent": data})


@bp.route(route="payload/{id}", methods=["GET"])
@bp.durable_client_input(client_name="client")
async def payload(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """The management links that the client makes of any id."""
    return answer(client.create_http_management_payload(req.route_params["id"]))


@bp.route(route="status/{id}", methods=["GET"])
@bp.durable_client_input(client_name="client")
async def status(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """What the client's status object holds, with `?history=1` also its history."""
    more = bool(req.params.get("history"))
    found = await client.get_status(
        req.route_params["id"], show_history=more, show_history_output=more, show_input=more
    )
    return answer(
        {
            "true": bool(found),
            "json": found.to_json(),
            "created": str(found.created_time),
            "runtime": str(found.runtime_status),
            "input": found.input_,
            "history": found.history,
            "historyEvents": getattr(found, "historyEvents", "no such attribute"),
        }
    )


@bp.route(route="listed/{prefix}", methods=["GET"])
@bp.durable_client_input(client_name="client")
async def listed(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """The client's listing by prefix."""
    found = await client.get_status_by(instance_id_prefix=req.route_params["prefix"])
    return answer([one.to_json() for one in found])


@bp.route(route="client/{op}/{id}", methods=["POST"])
@bp.durable_client_input(client_name="client")
async def client_call(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """One of the client's operations: purge, restart, wait, terminate, suspend, resume, rewind."""
    op, instance_id = req.route_params["op"], req.route_params["id"]
    try:
        if op == "wait":
            return await client.wait_for_completion_or_create_check_status_response(
                req, instance_id, int(req.params.get("ms", "5000")), 500
            )
        if op == "purge":
            result = (await client.purge_instance_history(instance_id)).instances_deleted
        elif op == "restart":
            result = await client.restart(instance_id, req.params.get("new", "true") == "true")
        else:
            result = await getattr(client, op)(instance_id, "a reason & more")
    except Exception as error:  # noqa: BLE001 the client raises plain Exception
        return failure(error)
    return answer({"result": result})


@bp.route(route="plain", methods=["GET"])
def plain(req: func.HttpRequest) -> func.HttpResponse:
    """A function without anything durable."""
    return func.HttpResponse(f"hello {req.params.get('name', 'you')}")


@bp.route(route="accepted", methods=["GET", "POST"])
def accepted(req: func.HttpRequest) -> func.HttpResponse:
    """A 202 with a place to look; call_http is expected not to look there."""
    where = req.url.split("/api/")[0] + "/api/plain?name=later"
    return func.HttpResponse("wait", status_code=202, headers={"Location": where, "Retry-After": "1"})
