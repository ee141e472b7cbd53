"""An app with an instance for every picture that the pages can draw."""

from datetime import timedelta

import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def Approve(context):  # noqa: N802 - the name of the durable function
    """Races a decision against twenty seconds."""
    context.set_custom_status({"message": "somebody is asked"})
    decision = context.wait_for_external_event("Approval")
    deadline = context.create_timer(context.current_utc_datetime + timedelta(seconds=20))
    winner = yield context.task_any([decision, deadline])
    if winner == deadline:
        return "nobody decided"
    deadline.cancel()
    return (yield context.call_activity("Note", decision.result))


@app.orchestration_trigger(context_name="context")
def Fails(context):  # noqa: N802 - the name of the durable function
    """Its activity fails."""
    return (yield context.call_activity("Boom", "now"))


@app.orchestration_trigger(context_name="context")
def Parent(context):  # noqa: N802 - the name of the durable function
    """Two children at once, and an entity."""
    yield context.task_all([context.call_sub_orchestrator("Echo", n, f"{context.instance_id}-{n}") for n in (1, 2)])
    return (yield context.call_entity(df.EntityId("Counter", "c"), "add", 2))


@app.orchestration_trigger(context_name="context")
def Steps(context):  # noqa: N802 - the name of the durable function
    """So many steps that their picture is wider than a phone."""
    for number in range(60):
        yield context.call_activity("Note", number)


@app.orchestration_trigger(context_name="context")
def Stalls(context):  # noqa: N802 - the name of the durable function
    """Ends while its timer is open and not cancelled, so the extension keeps it Running."""
    forgotten = context.create_timer(context.current_utc_datetime + timedelta(hours=1000))
    yield context.task_any([forgotten, context.call_activity("Note", "done")])
    return "done"


@app.orchestration_trigger(context_name="context")
def Echo(context):  # noqa: N802 - the name of the durable function
    """Shows its input everywhere."""
    context.set_custom_status(context.get_input())
    yield context.call_activity("Note", context.get_input())
    return context.get_input()


@app.activity_trigger(input_name="text")
def Note(text):  # noqa: N802 - the name of the durable function
    """Gives back what it was given."""
    return text


@app.activity_trigger(input_name="text")
def Boom(text):  # noqa: N802 - the name of the durable function
    """Fails."""
    raise ValueError(f"<i>not {text}</i>")


@app.entity_trigger(context_name="context")
def Counter(context):  # noqa: N802 - the name of the durable function
    """Adds up."""
    context.set_state(context.get_state(lambda: 0) + context.get_input())
    context.set_result(context.get_state(lambda: 0))
