"""A small app for the tests: a review waits for a decision or its due time, then runs one activity.

A review shows what reached it: who decided, and how many events were no decision. A start hands its trace on, and two
starts with one key are one review.
"""

import json
from datetime import timedelta

import azure.durable_functions as df
import azure.functions as func
from opentelemetry import context as current
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

SECONDS = {"PT2S": 2, "PT3S": 3, "PT5S": 5, "PT1H": 3600}
WORDS = {"approve": "Approved", "Approved": "Approved", "reject": "Rejected", "Rejected": "Rejected"}
HEAD_OF_DEPARTMENT = "Head of department"

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="orchestrators/{functionName}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def HttpStart(req: func.HttpRequest, client, context: func.Context) -> func.HttpResponse:  # noqa: N802
    """Starts an orchestration; 503 if the engine does not answer."""
    key, body = req.headers.get("Idempotency-Key"), req.get_body()
    trace = {"traceparent": context.trace_context.trace_parent, "tracestate": context.trace_context.trace_state}
    token = current.attach(TraceContextTextMapPropagator().extract(trace))
    try:
        known = key and (await client.get_status(key)).runtime_status
        name = req.route_params["functionName"]
        case = key if known else await client.start_new(name, key, json.loads(body) if body else None)
    except Exception:  # noqa: BLE001 - the client has no type of its own for it
        return func.HttpResponse(status_code=503)
    finally:
        current.detach(token)
    return client.create_check_status_response(req, case)


@app.route(route="health", methods=["GET"])
def Health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001, N802
    """Whether the app is there."""
    return func.HttpResponse("ok")


def review(context):
    """Waits with a new timer after each event that is no decision: the SDK completes no timer that is kept."""
    policy = (context.get_input() or {}).get("policy", {})
    due = context.current_utc_datetime + timedelta(seconds=SECONDS[policy.get("timeout", "PT1H")])
    shown = {"due": f"{due:%Y-%m-%dT%H:%M:%SZ}", "decided": None, "ignored": {"count": 0}}
    while True:
        context.set_custom_status(shown)
        event, timer = context.wait_for_external_event("Approval"), context.create_timer(due)
        if (yield context.task_any([event, timer])) == timer:
            return [(yield context.call_activity("Escalation", HEAD_OF_DEPARTMENT))]
        timer.cancel()
        said = event.result if isinstance(event.result, dict) else {"decision": event.result}
        outcome = WORDS.get(said.get("decision")) if isinstance(said.get("decision"), str) else None
        if outcome:
            context.set_custom_status(shown | {"decided": {"outcome": outcome, "by": said.get("by")}})
            return [(yield context.call_activity("Approval", outcome))]
        shown = shown | {"ignored": {"count": shown["ignored"]["count"] + 1}}


@app.orchestration_trigger(context_name="context")
def OrchFunction(context: df.DurableOrchestrationContext):  # noqa: N802
    """A review."""
    return (yield from review(context))


@app.orchestration_trigger(context_name="context")
def Counted(context: df.DurableOrchestrationContext):  # noqa: N802
    """A review that an entity counts."""
    context.signal_entity(df.EntityId("Counter", "reviews"), "add")
    return (yield from review(context))


@app.orchestration_trigger(context_name="context")
def Chain(context: df.DurableOrchestrationContext):  # noqa: N802
    """Both activities, one after the other."""
    first = yield context.call_activity("Approval", "Approved")
    return [first, (yield context.call_activity("Escalation", HEAD_OF_DEPARTMENT))]


@app.entity_trigger(context_name="context")
def Counter(context: df.DurableEntityContext) -> None:  # noqa: N802
    """Counts."""
    context.set_state(context.get_state(lambda: 0) + 1)


@app.activity_trigger(input_name="outcome")
def Approval(outcome: str) -> str:  # noqa: N802
    """The message about a decision."""
    return f"Your project design proposal has been -  {outcome}!"


@app.activity_trigger(input_name="to")
def Escalation(to: str) -> str:  # noqa: N802
    """The message about a review that nobody decided in time."""
    return f"ESCALATION : You have not approved the project design proposal - reassigning to your Manager!  {to}!"
