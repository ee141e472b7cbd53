"""Runs calls of the durable client that a test names, and shows what each gave."""

import json

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.orchestration_trigger(context_name="context")
def waits(context):
    """Gives what the event E brings."""
    return (yield context.wait_for_external_event("E"))


@app.orchestration_trigger(context_name="context")
def gives(context):
    """Gives its input back."""
    return context.get_input()


@app.entity_trigger(context_name="context")
def counter(context):
    """Adds."""
    context.set_state((context.get_state(lambda: 0) or 0) + context.get_input())


@app.route("do", methods=["POST"])
@app.durable_client_input(client_name="client")
async def do(req: func.HttpRequest, client) -> func.HttpResponse:
    """The expressions of the body, one after another: value and type, or exception, of each."""
    shown = []
    for expression in req.get_json():
        try:
            value = await eval(expression, {"client": client, "df": df, "shaped": shaped})  # noqa: S307 - the test's own text
        except Exception as error:  # noqa: BLE001 - it is what is looked at
            shown.append(["raised", type(error).__name__, str(error)])
        else:
            shown.append(["gave", type(value).__name__, repr(value)])
    return func.HttpResponse(json.dumps(shown))


async def shaped(call):
    """What an object of the SDK holds: its own text names an address."""
    return vars(await call)
