"""What the host says where Python and the walk part: the extension itself logs nothing (contract 4.1, 4.3)."""

from datetime import timedelta

import azure.durable_functions as df
import pytest

from devhost.durabletask import history as h
from devhost.durabletask.engine import decide
from devhost.durabletask.functions import Functions
from devhost.durabletask.orchestrator_result import OrchestratorResult

pytestmark = pytest.mark.filterwarnings("ignore:Potential duplicate:UserWarning")
app = df.DFApp()
HOUR = timedelta(hours=1)


@app.activity_trigger(input_name="value")
def echo(value):
    """Gives its input back."""
    return value


@app.orchestration_trigger(context_name="context")
def two_rounds(context):
    """Waits for a first event or a timer, and again for an event or the same timer; an activity at the end."""
    timer = context.create_timer(context.current_utc_datetime + HOUR)
    yield context.task_any([context.wait_for_external_event("vote"), timer])
    won = yield context.task_any([context.wait_for_external_event("vote"), timer])
    if context.get_input() == "then an activity" and won is timer:
        yield context.call_activity("echo", 1)
    return "over"


@app.orchestration_trigger(context_name="context")
def leaves_a_timer(context):
    """Returns with a timer and an activity open."""
    timer = context.create_timer(context.current_utc_datetime + HOUR)
    event = context.wait_for_external_event("vote")
    yield context.task_any([event, timer])
    return (yield context.call_activity("echo", 1))


@app.orchestration_trigger(context_name="context")
def yields_nothing(context):
    """Yields what is no task."""
    yield None
    return context


def said(host, case):
    """What the host said about the instance."""
    return [text.partition(": ")[2] for text in host.complaints if case in text]


def test_python_has_finished_before_the_extension(durable_host):
    """The kept timer has fired for Python; the extension waits for the second event alone."""
    host = durable_host(app)
    case = host.start("two_rounds")
    host.raise_event(case, "vote")
    host.advance(2 * HOUR)
    assert said(host, case) == ["Python has finished, but the extension still waits for the event 'vote'"]
    host.raise_event(case, "vote")
    assert host.status(case).output == "over"


def test_python_has_gone_on_before_the_extension(durable_host):
    """What Python asks for next is named too."""
    host = durable_host(app)
    case = host.start("two_rounds", "then an activity")
    host.raise_event(case, "vote")
    host.advance(2 * HOUR)
    waits = "Python has gone on, but the extension still waits for the event 'vote'"
    assert said(host, case) == [f"{waits}: until then it starts nothing more, not even 'echo'"]


def test_what_keeps_a_finished_one_running_is_named(durable_host):
    """The timer that nobody cancelled; and once it has fired nothing more is said."""
    host = durable_host(app)
    case = host.start("leaves_a_timer")
    host.raise_event(case, "vote")
    (text,) = said(host, case)
    assert text.startswith(
        "Python has finished, but it stays Running while these are open: the timer of 2026-01-01T01:"
    )
    host.advance(2 * HOUR)
    assert host.status(case).output == 1
    assert said(host, case) == [text]


def test_one_that_waits_for_nothing_is_named(durable_host):
    """It would stay Running for ever."""
    host = durable_host(app)
    case = host.start("yields_nothing")
    assert host.status(case).runtime_status == "Running"
    assert said(host, case) == ["it waits for nothing and will never wake: it yielded something that is no task"]


def test_a_suspended_one_is_not_named(durable_host):
    """It goes on where it is resumed."""
    host = durable_host(app)
    case = host.start("two_rounds")
    host.raise_event(case, "vote")
    host.manage("POST", f"instances/{case}/suspend?reason=x")
    host.advance(2 * HOUR)
    assert said(host, case) == []


NOON, LATER = "2026-01-01T12:00:00Z", "2026-01-02T12:00:00Z"
ECHO = {"actionType": 0, "functionName": "echo", "input": "1"}
READ = {"actionType": 7, "instanceId": "@counter@k", "operation": "get", "input": None}
WAITS, OPEN = "Python has finished, but the extension still waits for ", "but it stays Running while these are open: "
SCHEDULES_NOTHING = "the extension schedules nothing and the orchestrator waits for ever"
NEVER_WAKES = "it waits for nothing and will never wake"
PASSED_OVER = "the extension knows no action of type 77: it is passed over"


SCHEDULED = h.row({"EventType": h.TASK_SCHEDULED, "Name": "echo", "Input": "1", "Version": None}, 2, 0)
# "Vote" comes while the activity runs; after these rows a new turn has begun.
EARLY = (SCHEDULED, h.orchestrator_completed(3), h.orchestrator_started(4), h.event_raised("Vote", "1", 5))


def event(name):
    """A wait for an event."""
    return {"actionType": 6, "externalEventName": name}


def timer(at):
    """A timer that nobody has cancelled."""
    return {"actionType": 5, "fireAt": at, "isCanceled": False}


def retried(attempts):
    """A call that is tried so often."""
    options = {"maxNumberOfAttempts": attempts, "firstRetryIntervalInMilliseconds": 1000}
    return {"actionType": 1, "functionName": "echo", "input": "1", "retryOptions": options}


def first_of(*actions):
    """A race."""
    return {"actionType": 11, "compoundActions": list(actions)}


def all_of(*actions):
    """A wait for all of them."""
    return {"actionType": 12, "compoundActions": list(actions)}


def complaints(actions, *rows, over=True):
    """What the host says of an execution with these actions and further rows."""
    functions = Functions(activities=("echo",), orchestrations=("case",), entities=("counter",))
    started = h.execution_started(
        instance_id="one", execution_id="e" * 32, name="case", version=None, input_text=None, at=0, generation=None
    )
    result = OrchestratorResult(actions=actions, done=over, output="1" if over else None)
    return decide([h.orchestrator_started(1), started, *rows], result, functions).complaints


@pytest.mark.parametrize(
    ("actions", "awaited"),
    [
        ([all_of(event("a"), event("b"))], "the event 'a' and the event 'b'"),
        ([first_of(event("a"), timer(NOON))], "the event 'a' or the timer of 2026-01-01T12:00:00Z"),
        ([retried(2)], "'echo' with its retries"),
        ([READ], "the answer of the entity @counter@k"),
        ([ECHO], "the activity 'echo'"),
    ],
)
def test_what_a_finished_one_still_waits_for_is_named(actions, awaited):
    """With "and" between those that are waited for together, and "or" between those of a race."""
    assert complaints(actions) == [f"{WAITS}{awaited}"]
    assert complaints(actions, over=False) == []


def test_all_that_is_open_is_named_in_the_order_of_its_start():
    """Also what only ran beside the event that ended the race."""
    race = first_of(event("a"), timer(NOON), timer(LATER), ECHO)
    (text,) = complaints([race], h.event_raised("a", "1", 2))
    assert text.endswith(
        f"{OPEN}the timer of 2026-01-01T12:00:00Z, the timer of 2026-01-02T12:00:00Z, the activity 'echo'"
    )
    assert complaints([race], h.event_raised("a", "1", 2), over=False) == []


@pytest.mark.parametrize(("attempts", "pause"), [(2, "the pause before a retry"), (1, "the last pause of a retry")])
def test_a_pause_of_a_retry_is_named(attempts, pause):
    """The one after the last attempt too (contract 4.6)."""
    later = (h.orchestrator_completed(3), h.orchestrator_started(4), h.task_failed(0, "r", "d", 5))
    (text,) = complaints([first_of(event("a"), retried(attempts))], SCHEDULED, *later, h.event_raised("a", "1", 6))
    assert text.endswith(f"{OPEN}{pause}")


def test_an_action_that_the_extension_does_not_know_is_passed_over():
    """The next one starts, as if it were done."""
    assert complaints([{"actionType": 77}]) == [PASSED_OVER]
    assert complaints([{"actionType": 77}, ECHO]) == [PASSED_OVER, f"{WAITS}the activity 'echo'"]


def test_an_event_whose_name_is_written_otherwise_is_lost_to_python():
    """It ends the wait in the engine, where case does not count (contract 4.1)."""
    (text,) = complaints([event("vote")], h.event_raised("Vote", "1", 2))
    assert text == (
        "the event 'Vote' was used up by the wait for 'vote', but the Python SDK tells them apart by case and never "
        "shows it to the orchestrator"
    )
    assert complaints([event("vote")], h.event_raised("vote", "1", 2)) == []
    assert complaints([event("vote")], h.event_raised("Vote", "1", 2), over=False) == [text, NEVER_WAKES]
    assert complaints([ECHO, event("vote")], *EARLY, h.task_completed(0, "1", 6)) == [text]
    assert complaints([ECHO, event("Vote")], *EARLY, h.task_completed(0, "1", 6)) == []


def test_a_retry_of_a_function_that_is_not_there_starts_nothing():
    """Neither an attempt nor a pause; it waits for ever, and the host says so once (contract 4.5)."""
    assert complaints([{**retried(2), "functionName": "nobody"}]) == [
        f"it called the activity 'nobody', which this app does not have: {SCHEDULES_NOTHING}",
    ]
    assert complaints([{**retried(2), "functionName": "nobody"}], over=False)[1:] == [NEVER_WAKES]


def test_what_yielded_no_task_is_named_only_where_nothing_else_is_the_cause():
    """Without an action there is nothing that could wake it."""
    assert complaints([], over=False) == [f"{NEVER_WAKES}: it yielded something that is no task"]
