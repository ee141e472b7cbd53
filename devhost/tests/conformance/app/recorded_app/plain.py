"""Orchestrators that do one ordinary thing each."""

from datetime import timedelta

import azure.durable_functions as df

bp = df.Blueprint()


@bp.orchestration_trigger(context_name="context")
def chain(context: df.DurableOrchestrationContext):
    """One activity after another."""
    out = []
    for word in context.get_input() or ["a", "b"]:
        out.append((yield context.call_activity("echo", word)))  # noqa: PERF401 a comprehension cannot yield
    return out


@bp.orchestration_trigger(context_name="context")
def race(context: df.DurableOrchestrationContext):
    """An event against a timer, which is cancelled when it loses."""
    context.set_custom_status({"stage": "waiting"})
    seconds = (context.get_input() or {}).get("seconds", 20)
    timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=seconds))
    event = context.wait_for_external_event("Approval")
    winner = yield context.task_any([event, timer])
    if winner == event:
        if not timer.is_completed:
            timer.cancel()
        return {"by": "event", "value": event.result}
    return {"by": "timer"}


@bp.orchestration_trigger(context_name="context")
def fails(context: df.DurableOrchestrationContext):
    """Dies of its activity."""
    yield context.call_activity("boom", "x")


@bp.orchestration_trigger(context_name="context")
def parent(context: df.DurableOrchestrationContext):
    """Two children at once."""
    children = [context.call_sub_orchestrator("chain", words) for words in (["p", "q"], ["r"])]
    return (yield context.task_all(children))


@bp.orchestration_trigger(context_name="context")
def retries(context: df.DurableOrchestrationContext):
    """Two attempts that fail, 200 ms apart."""
    options = df.RetryOptions(first_retry_interval_in_milliseconds=200, max_number_of_attempts=2)
    try:
        yield context.call_activity_with_retry("boom", options, "again")
    except Exception as error:  # noqa: BLE001 the SDK raises plain Exception
        return f"caught: {error}"


@bp.orchestration_trigger(context_name="context")
def count(context: df.DurableOrchestrationContext):
    """A signal and a call to an entity."""
    entity = df.EntityId("counter", context.get_input() or "one")
    context.signal_entity(entity, "add", 2)
    return (yield context.call_entity(entity, "add", 3))


@bp.orchestration_trigger(context_name="context")
def signals(context: df.DurableOrchestrationContext):
    """Two signals to an entity; no generator."""
    entity = df.EntityId("counter", context.instance_id)
    context.signal_entity(entity, "add", 4)
    context.signal_entity(entity, "add", 5)
    return "signalled"


@bp.orchestration_trigger(context_name="context")
def eternal(context: df.DurableOrchestrationContext):
    """Continues as new three times; no generator."""
    n = context.get_input() or 0
    if n < 3:
        context.continue_as_new(n + 1)
        return None
    return n


@bp.orchestration_trigger(context_name="context")
def fan_out(context: df.DurableOrchestrationContext):
    """As many activities at once as the input says, also none."""
    return (yield context.task_all([context.call_activity("echo", n) for n in range(context.get_input())]))


@bp.orchestration_trigger(context_name="context")
def guid_and_time(context: df.DurableOrchestrationContext):
    """The SDK's ids and its clock, before and after an activity."""
    first = [context.new_uuid(), context.new_uuid(), str(context.current_utc_datetime)]
    yield context.call_activity("echo", "between")
    again = [context.new_uuid(), str(context.current_utc_datetime)]
    return {
        "first": first,
        "again": again,
        "all different": len({*first[:2], again[0]}) == 3,
        "clock moved": first[2] < again[1],
    }


@bp.orchestration_trigger(context_name="context")
def http_call(context: df.DurableOrchestrationContext):
    """Calls the URL of its input; of the headers only the names are kept."""
    got = yield context.call_http("GET", context.get_input())
    after = yield context.call_activity("echo", "after")
    if isinstance(got, dict) and isinstance(got.get("headers"), dict):
        got["headers"] = sorted(got["headers"])
    return [got, after]
