"""The job that is measured: wait for an approval or for an hour, then run one activity. Nothing else."""

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
