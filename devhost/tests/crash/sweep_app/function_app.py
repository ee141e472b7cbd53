"""The app of the crash sweep: one orchestration for each thing that the engine can do.

An activity does nothing that counts twice, so a second run of it changes no outcome. What has to fail for a while asks
for a file, the switch, which the test makes when it must succeed: a count of attempts would change by a crash.
"""

# ruff: noqa: N802 - durable names are CapWords
import os
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
Context = df.DurableOrchestrationContext
Run = Generator[Any, Any, Any]
TEN_S = 10_000


@app.activity_trigger(input_name="what")
def Do(what: str) -> str:
    """Says that it is done."""
    return f"{what} done"


@app.activity_trigger(input_name="what")
def Switched(what: str) -> str:
    """Fails until the switch is on."""
    if not Path(os.environ["SWEEP_SWITCH"]).exists():
        raise RuntimeError(f"{what}: switched off")
    return f"{what} done"


@app.activity_trigger(input_name="what")
def Never(what: str) -> str:
    """Fails."""
    raise ValueError(f"{what} never works")


@app.orchestration_trigger(context_name="context")
def Chain(context: Context) -> Run:
    """One activity after another, each shown in the custom status."""
    told = []
    for name in ("first", "second", "third"):
        told.append((yield context.call_activity("Do", name)))
        context.set_custom_status({"so far": told})
    return told


@app.orchestration_trigger(context_name="context")
def FanOut(context: Context) -> Run:
    """Five activities at once, and one over what they gave."""
    told = yield context.task_all([context.call_activity("Do", f"part {n}") for n in range(5)])
    return (yield context.call_activity("Do", " and ".join(told)))


@app.orchestration_trigger(context_name="context")
def Race(context: Context) -> Run:
    """A decision against its deadline, then one activity; a word that is no decision asks again."""
    while True:
        wait = context.wait_for_external_event("Approval")
        timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=20))
        context.set_custom_status("asked")
        if (yield context.task_any([wait, timer])) == timer:
            return (yield context.call_activity("Do", "escalation"))
        timer.cancel()
        context.deferred_tasks.pop("Approval", None)
        if wait.result in ("approve", "reject"):
            return (yield context.call_activity("Do", wait.result))


@app.orchestration_trigger(context_name="context")
def Words(context: Context) -> Run:
    """Two events, the second of which may come first, with a timer between them."""
    first = yield context.wait_for_external_event("first")
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=5))
    second = yield context.wait_for_external_event("second")
    return [first, second]


@app.orchestration_trigger(context_name="context")
def Retried(context: Context) -> Run:
    """An activity that is tried again until it works, and one that never does."""
    patient, short = df.RetryOptions(TEN_S, 9), df.RetryOptions(TEN_S, 2)
    told = yield context.call_activity_with_retry("Switched", patient, "patient")
    try:
        yield context.call_activity_with_retry("Never", short, "vain")
    except Exception as error:  # noqa: BLE001 - the SDK raises no other
        return [told, str(error).splitlines()[0]]
    return "the impossible"


@app.orchestration_trigger(context_name="context")
def Breaks(context: Context) -> Run:
    """Fails by its second activity until the switch is on."""
    before = yield context.call_activity("Do", "before")
    return [before, (yield context.call_activity("Switched", "after"))]


@app.orchestration_trigger(context_name="context")
def BreaksBelow(context: Context) -> Run:
    """Fails by its child until the switch is on."""
    return (yield context.call_sub_orchestrator("Breaks"))


@app.orchestration_trigger(context_name="context")
def Parent(context: Context) -> Run:
    """Children: two at once, one that fails, and one that is tried again until it works."""
    told = yield context.task_all([context.call_sub_orchestrator("Child", n) for n in ("a", "b")])
    try:
        yield context.call_sub_orchestrator("FailingChild", "c")
    except Exception as error:  # noqa: BLE001 - the SDK raises no other
        told.append(type(error).__name__)
    told.append((yield context.call_sub_orchestrator_with_retry("Breaks", df.RetryOptions(TEN_S, 9))))
    return told


@app.orchestration_trigger(context_name="context")
def Child(context: Context) -> Run:
    """One activity and one timer."""
    told = yield context.call_activity("Do", context.get_input())
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=3))
    return told


@app.orchestration_trigger(context_name="context")
def FailingChild(context: Context) -> Run:
    """Fails by its activity."""
    yield context.call_activity("Never", context.get_input())


@app.orchestration_trigger(context_name="context")
def Rounds(context: Context) -> Run:
    """A new execution for each word; what it has heard so far goes on in the input."""
    heard = context.get_input() or []
    context.set_custom_status({"heard": heard})
    word = yield context.wait_for_external_event("word")
    heard = [*heard, (yield context.call_activity("Do", word))]
    if len(heard) == 3:
        return heard
    context.continue_as_new(heard)
    return None


@app.orchestration_trigger(context_name="context")
def Talks(context: Context) -> Run:
    """Signals and calls an entity, one call of which fails."""
    notes = df.EntityId("Notes", "shared")
    context.signal_entity(notes, "add", f"{context.instance_id} signal")
    told = [(yield context.call_entity(notes, "add", f"{context.instance_id} call"))]
    try:
        yield context.call_entity(notes, "burst", "now")
    except Exception as error:  # noqa: BLE001 - the SDK raises no other
        told.append(str(error))
    both = [context.call_entity(df.EntityId("Notes", key), "add", "both") for key in ("left", "right")]
    return [*told, (yield context.task_all(both))]


@app.entity_trigger(context_name="context")
def Notes(context: df.DurableEntityContext) -> None:
    """A list of notes; one that is there already is not added again."""
    kept = context.get_state(list)
    if context.operation_name == "burst":
        raise RuntimeError("burst")
    note = context.get_input()
    if note not in kept:
        kept = [*kept, note]
    context.set_state(kept)
    context.set_result(len(kept))


@app.orchestration_trigger(context_name="context")
def Fetch(context: Context) -> Run:
    """One HTTP call."""
    answer = yield context.call_http("GET", context.get_input()["url"])
    return answer["content"]


@app.orchestration_trigger(context_name="context")
def Waits(context: Context) -> Run:
    """Two children that wait for ever, and a wait of its own."""
    yield context.task_all(
        [
            context.call_activity("Do", "something"),
            context.call_sub_orchestrator("Words"),
            context.wait_for_external_event("never"),
        ]
    )
