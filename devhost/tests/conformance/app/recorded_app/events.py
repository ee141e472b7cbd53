"""Orchestrators that wait for events: votes in a loop, events before their waits, waits that are given up."""

from datetime import timedelta

import azure.durable_functions as df

from recorded_app.timers import in_seconds

bp = df.Blueprint()


@bp.orchestration_trigger(context_name="context")
def select_loop(context: df.DurableOrchestrationContext):
    """The loop that holds: votes counted, junk ignored, expiries end the case."""
    given = context.get_input()
    votes, expiries, running = [], 0, []
    due = context.current_utc_datetime + timedelta(seconds=given["seconds"])
    wait, timer = context.wait_for_external_event("Approval"), context.create_timer(due)
    while len(votes) < given["votes"] and expiries < given["expiries"]:
        winner = yield context.task_any([wait, *running, timer])
        if winner == wait:
            timer.cancel()
            if wait.result is not None:
                votes.append(wait.result)
                running.append(context.call_activity("Notify", len(votes)))
            wait, timer = context.wait_for_external_event("Approval"), context.create_timer(due)
        elif winner == timer:
            expiries += 1
            running.append(context.call_activity("Escalation", expiries))
            due = context.current_utc_datetime + timedelta(seconds=given["seconds"])
            timer = context.create_timer(due)
        else:
            running.remove(winner)
        context.set_custom_status({"votes": len(votes), "expiries": expiries, "running": len(running)})
    timer.cancel()
    if running:
        yield context.task_all(running)
    final = yield context.call_activity("Final", len(votes))
    return [votes, expiries, final]


@bp.orchestration_trigger(context_name="context")
def kept_timer(context: df.DurableOrchestrationContext):
    """One timer kept over rounds and raced against a new wait each round: the engine waits for the wait only."""
    votes, timer = [], in_seconds(context, (context.get_input() or {}).get("seconds", 6))
    while True:
        wait = context.wait_for_external_event("Approval")
        winner = yield context.task_any([timer, wait])
        if winner == timer:
            break
        votes.append(wait.result)
        context.set_custom_status({"votes": votes})
    escalated = yield context.call_activity("echo", "escalated")
    return [votes, escalated]


@bp.orchestration_trigger(context_name="context")
def kept_wait(context: df.DurableOrchestrationContext):
    """The safe opposite: the wait kept, a new timer each round, an activity in between."""
    wait, reminders = context.wait_for_external_event("Approval"), 0
    while reminders < 3:
        timer = in_seconds(context, 3)
        winner = yield context.task_any([wait, timer])
        if winner == wait:
            timer.cancel()
            return ["event", wait.result, reminders]
        reminders += 1
        yield context.call_activity("echo", reminders)
    return ["expired", reminders]


@bp.orchestration_trigger(context_name="context")
def early_events(context: df.DurableOrchestrationContext):
    """Two waits for events that come before them."""
    yield in_seconds(context, 4)
    first = yield context.wait_for_external_event("E")
    second = yield context.wait_for_external_event("E")
    return [first, second]


@bp.orchestration_trigger(context_name="context")
def wrong_case(context: df.DurableOrchestrationContext):
    """A wait raced with a timer of 5 s, or alone."""
    wait = context.wait_for_external_event("Approval")
    if context.get_input() == "alone":
        return (yield wait)
    timer = in_seconds(context, 5)
    winner = yield context.task_any([wait, timer])
    if winner == wait:
        timer.cancel()
        return ["event", wait.result]
    return ["timer", (yield context.call_activity("echo", "escalated"))]


@bp.orchestration_trigger(context_name="context")
def continue_with_events(context: df.DurableOrchestrationContext):
    """One event a round, three rounds; with a pause between event and continue if asked for."""
    state = context.get_input() or {"got": [], "pause": 0}
    if len(state["got"]) == 3:
        return state["got"]
    context.set_custom_status({"got": len(state["got"])})
    got = yield context.wait_for_external_event("Next")
    if state["pause"]:
        yield in_seconds(context, state["pause"])
    context.continue_as_new({"got": [*state["got"], got], "pause": state["pause"]})
    return None
