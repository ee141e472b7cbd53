"""An orchestrator that makes the HTTP call it is given, and tells its result or failure."""

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="go", methods=["POST"])
@app.durable_client_input(client_name="client")
async def go(req: func.HttpRequest, client):
    """Starts a call."""
    return client.create_check_status_response(req, await client.start_new("calls", None, req.get_json()))


@app.orchestration_trigger(context_name="context")
def calls(context):
    """Makes the call."""
    asked = context.get_input()
    token = asked.get("resource")
    try:
        return (
            yield context.call_http(
                asked["method"],
                asked["uri"],
                content=asked.get("content"),
                headers=asked.get("headers"),
                token_source=None if token is None else df.ManagedIdentityTokenSource(token),
                is_raw_str=asked.get("raw", False),
            )
        )
    except Exception as error:  # noqa: BLE001 - the SDK raises plain Exception
        return f"failed: {error}"
