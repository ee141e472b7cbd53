"""What the load consists of: a case that waits for a decision, and an entity that counts."""

from datetime import timedelta

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.orchestration_trigger(context_name="context")
def Case(context: df.DurableOrchestrationContext):  # noqa: ANN201, N802
    """Waits for a decision or a day, then runs one activity."""
    wait = context.wait_for_external_event("Approval")
    timer = context.create_timer(context.current_utc_datetime + timedelta(days=1))
    context.set_custom_status("waiting")
    winner = yield context.task_any([wait, timer])
    if winner == timer:
        return (yield context.call_activity("Tell", "Expired"))
    timer.cancel()
    return (yield context.call_activity("Tell", wait.result))


@app.activity_trigger(input_name="outcome")
def Tell(outcome: str) -> str:  # noqa: N802
    """The message; a second run gives the same."""
    return f"it is {outcome}"


@app.entity_trigger(context_name="context")
def Tally(context: df.DurableEntityContext) -> None:  # noqa: N802
    """Counts the signals that reach it."""
    context.set_state(context.get_state(lambda: 0) + 1)
