"""Orchestrators with timers: left open, too long, lost to a failure, and what the custom status shows meanwhile."""

from datetime import timedelta

import azure.durable_functions as df

bp = df.Blueprint()
DAY_S = 86_400


def in_seconds(context, seconds):
    """A timer from now on."""
    return context.create_timer(context.current_utc_datetime + timedelta(seconds=seconds))


@bp.orchestration_trigger(context_name="context")
def uncancelled(context: df.DurableOrchestrationContext):
    """The event wins, the timer stays open."""
    wait, timer = context.wait_for_external_event("Approval"), in_seconds(context, 8)
    yield context.task_any([wait, timer])
    yield context.call_activity("echo", "after")
    return wait.result


def long_wait(context, days):
    """An event against a timer of days."""
    wait, timer = context.wait_for_external_event("Approval"), in_seconds(context, days * DAY_S)
    winner = yield context.task_any([wait, timer])
    if winner == wait:
        timer.cancel()
    return (yield context.call_activity("echo", "decided"))


@bp.orchestration_trigger(context_name="context")
def long_race(context: df.DurableOrchestrationContext):
    """A timer over 6 days, which takes no cancel."""
    return (yield from long_wait(context, 10))


@bp.orchestration_trigger(context_name="context")
def five_day_race(context: df.DurableOrchestrationContext):
    """A timer under 6 days, which does."""
    return (yield from long_wait(context, 5))


@bp.orchestration_trigger(context_name="context")
def renewed_timer(context: df.DurableOrchestrationContext):
    """A wait beside activities: results and events cancel the timer and make a new one; two expiries end it."""
    log, wait, timer = [], context.wait_for_external_event("Approval"), in_seconds(context, 40)
    running = [context.call_activity(name, number) for number, name in enumerate(context.get_input())]
    while log.count("timer") < 2:
        winner = yield context.task_any([wait, *running, timer])
        if winner == timer:
            log.append("timer")
        else:
            timer.cancel()
            if winner == wait:
                log.append(wait.result)
                wait = context.wait_for_external_event("Approval")
            else:
                log.append("activity")
                running.remove(winner)
        if log.count("timer") < 2:
            timer = in_seconds(context, 6)
    return log


@bp.orchestration_trigger(context_name="context")
def several_activities(context: df.DurableOrchestrationContext):
    """Activities beside one wait and one timer, more with each event; after the last event it ends when none runs."""
    log, running, start = [], [], context.get_input()
    wait, timer = context.wait_for_external_event("Approval"), None
    while wait or running or start:
        if wait and not timer:
            timer = in_seconds(context, 6)
        running += [context.call_activity(name, number) for number, name in enumerate(start)]
        start = []
        winner = yield context.task_any([task for task in (wait, *running, timer) if task])
        if winner == timer:
            log.append("timer")
            timer = None
            continue
        if timer:
            timer.cancel()
            timer = None
        if winner == wait:
            log.append(wait.result["name"])
            start = wait.result["start"]
            wait = None if wait.result["last"] else context.wait_for_external_event("Approval")
        else:
            log.append("activity")
            running.remove(winner)
    return log


@bp.orchestration_trigger(context_name="context")
def all_fails_early(context: df.DurableOrchestrationContext):
    """A failed activity beside an open timer: Python goes on at once, the engine does not."""
    try:
        yield context.task_all([context.call_activity("boom", "early"), in_seconds(context, 6)])
    except Exception as error:  # noqa: BLE001 the SDK raises plain Exception
        context.set_custom_status(str(error)[:60])
    return (yield context.call_activity("echo", "after"))


@bp.orchestration_trigger(context_name="context")
def raise_with_open_timer(context: df.DurableOrchestrationContext):
    """Fails while its timer is open."""
    wait, timer = context.wait_for_external_event("Approval"), in_seconds(context, 6)
    yield context.task_any([wait, timer])
    raise RuntimeError("raised with an open timer")


@bp.orchestration_trigger(context_name="context")
def falsy_status(context: df.DurableOrchestrationContext):
    """A status, then the input as status, then nothing more."""
    context.set_custom_status({"set": True})
    yield in_seconds(context, 2)
    context.set_custom_status(context.get_input())
    yield in_seconds(context, 5)
    return "done"


@bp.orchestration_trigger(context_name="context")
def status_steps(context: df.DurableOrchestrationContext):
    """Three steps of 2 s, each shown."""
    for n in range(3):
        context.set_custom_status({"step": n})
        yield in_seconds(context, 2)
    yield context.call_activity("echo", "no status set after this")
    return "done"


@bp.orchestration_trigger(context_name="context")
def big_status(context: df.DurableOrchestrationContext):
    """A custom status whose JSON text is as many characters as the input says."""
    context.set_custom_status("x" * (context.get_input() - 2))
    return (yield context.call_activity("echo", "ok"))
