"""The original tutorial's orchestration and nothing around it, in Python: what our own loop is compared with."""

from datetime import timedelta

import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def OrchFunction(context: df.DurableOrchestrationContext):  # noqa: ANN201, N802
    """Wait for the event Approval or for 20 seconds, then say in a list how it ended."""
    outputs = []
    timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=20))
    approval = context.wait_for_external_event("Approval")
    winner = yield context.task_any([approval, timer])
    if winner == approval:
        timer.cancel()
        outputs.append((yield context.call_activity("Approval", "Approved")))
    else:
        outputs.append((yield context.call_activity("Escalation", "Head of department")))
    return outputs


@app.activity_trigger(input_name="outcome")
def Approval(outcome: str) -> str:  # noqa: N802
    """The message to the author."""
    return f"Your project design proposal has been -  {outcome}!"


@app.activity_trigger(input_name="to")
def Escalation(to: str) -> str:  # noqa: N802
    """The message when nobody decided in time."""
    return f"ESCALATION : You have not approved the project design proposal - reassigning to your Manager!  {to}!"
