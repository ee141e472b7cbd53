"""The job that is measured: wait for an approval or for an hour, then run one activity. Nothing else.

The three routes do what the management API does, with the durable client: for what that client costs.
"""

import json
from datetime import timedelta

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.orchestration_trigger(context_name="context")
def Job(context: df.DurableOrchestrationContext):  # noqa: ANN201, N802
    """One message about how it ended."""
    wait = context.wait_for_external_event("Approval")
    timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    winner = yield context.task_any([wait, timer])
    if winner == timer:
        return (yield context.call_activity("Tell", "Expired"))
    timer.cancel()
    return (yield context.call_activity("Tell", wait.result))


@app.activity_trigger(input_name="outcome")
def Tell(outcome: str) -> str:  # noqa: N802
    """The message; a second run gives the same."""
    return f"Your project design proposal has been -  {outcome}!"


@app.route(route="jobs", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Starts one job."""
    return client.create_check_status_response(req, await client.start_new("Job"))


@app.route(route="jobs/{id}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def decide(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Raises the event."""
    await client.raise_event(req.route_params["id"], "Approval", req.get_json())
    return func.HttpResponse(status_code=202)


@app.route(route="jobs/{id}", methods=["GET"])
@app.durable_client_input(client_name="client")
async def status(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Reads the status."""
    found = await client.get_status(req.route_params["id"])
    return func.HttpResponse(json.dumps(found.to_json()), mimetype="application/json")
