"""Orchestrators that fail in their own ways: retries, rewinds, children, unknown names, bad outputs, bad yields."""

from collections import Counter

import azure.durable_functions as df

bp = df.Blueprint()
runs: Counter = Counter()


@bp.orchestration_trigger(context_name="context")
def unknown_activity(context: df.DurableOrchestrationContext):
    """Calls an activity that is not there."""
    yield context.call_activity("NoSuchActivity", 1)
    return "unreachable?"


@bp.orchestration_trigger(context_name="context")
def unknown_sub(context: df.DurableOrchestrationContext):
    """Calls an orchestrator that is not there."""
    yield context.call_sub_orchestrator("NoSuchOrchestrator", 1)
    return "unreachable?"


@bp.orchestration_trigger(context_name="context")
def retry3(context: df.DurableOrchestrationContext):
    """Three attempts, 1 s apart; the activity fails as often as the input says."""
    options = df.RetryOptions(first_retry_interval_in_milliseconds=1000, max_number_of_attempts=3)
    given = {"key": context.instance_id, "fail": context.get_input()}
    try:
        got = yield context.call_activity_with_retry("flaky", options, given)
    except Exception as error:  # noqa: BLE001 the SDK raises plain Exception
        got = f"gave up: {error}"
    return [got, (yield context.call_activity("echo", "after"))]


@bp.orchestration_trigger(context_name="context")
def flaky_once(context: df.DurableOrchestrationContext):
    """Fails the first time; for rewind."""
    return (yield context.call_activity("flaky", {"key": context.get_input() or context.instance_id, "fail": 1}))


@bp.orchestration_trigger(context_name="context")
def flaky_parent(context: df.DurableOrchestrationContext):
    """Has a child that fails the first time."""
    before = yield context.call_activity("echo", "before")
    return [before, (yield context.call_sub_orchestrator("flaky_once", context.instance_id))]


@bp.orchestration_trigger(context_name="context")
def sub_fails(context: df.DurableOrchestrationContext):
    """Has a child, called <own id>-child, that fails."""
    try:
        yield context.call_sub_orchestrator("fails", None, context.instance_id + "-child")
    except Exception as error:  # noqa: BLE001 the SDK raises plain Exception
        return f"caught {type(error).__name__}: {error}"


@bp.orchestration_trigger(context_name="context")
def sub_terminated(context: df.DurableOrchestrationContext):
    """Has a child, called <own id>-child, that waits for Approval."""
    try:
        return (yield context.call_sub_orchestrator("race", {"seconds": 300}, context.instance_id + "-child"))
    except Exception as error:  # noqa: BLE001 the SDK raises plain Exception
        return f"caught {type(error).__name__}: {error}"


@bp.orchestration_trigger(context_name="context")
def bad_output(context: df.DurableOrchestrationContext):
    """Gives what JSON cannot hold."""
    yield context.call_activity("echo", "x")
    return context.current_utc_datetime


@bp.orchestration_trigger(context_name="context")
def bad_activity_output(context: df.DurableOrchestrationContext):
    """Calls an activity that gives what JSON cannot hold."""
    yield context.call_activity("clock", "x")


@bp.orchestration_trigger(context_name="context")
def yields_none(context: df.DurableOrchestrationContext):
    """Yields its input, which is no task."""
    yield context.get_input()
    return (yield context.call_activity("echo", "after"))


@bp.orchestration_trigger(context_name="context")
def not_generator_raises(context: df.DurableOrchestrationContext):
    """Returns or raises at once; no generator."""
    if context.get_input() == "return":
        return "returned"
    raise ValueError("not a generator")


@bp.orchestration_trigger(context_name="context")
def nondeterministic(context: df.DurableOrchestrationContext):
    """Calls another activity when it is replayed."""
    runs[context.instance_id] += 1
    yield context.call_activity("echo" if runs[context.instance_id] == 1 else "Final", "x")
    return "done"


@bp.orchestration_trigger(context_name="context")
def entity_fails(context: df.DurableOrchestrationContext):
    """Calls an entity's operation that fails."""
    try:
        yield context.call_entity(df.EntityId("counter", context.instance_id), "burst", None)
    except Exception as error:  # noqa: BLE001 the SDK raises plain Exception
        return f"caught {type(error).__name__}: {error}"
