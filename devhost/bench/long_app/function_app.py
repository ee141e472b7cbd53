"""A history that grows: each ``Tick`` starts one activity, for ever."""

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.orchestration_trigger(context_name="context")
def Ticks(context: df.DurableOrchestrationContext):  # noqa: ANN201, N802
    """Never ends."""
    while True:
        tick = yield context.wait_for_external_event("Tick")
        yield context.call_activity("Tock", tick)


@app.activity_trigger(input_name="tick")
def Tock(tick: int) -> int:  # noqa: N802
    """The same number; a second run gives it again."""
    return tick
