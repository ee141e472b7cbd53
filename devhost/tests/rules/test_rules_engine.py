"""Rules of the engine that the recordings show once or not at all: events, timers, retries, children, suspending."""

from collections import Counter
from datetime import timedelta

import azure.durable_functions as df
import pytest

from devhost.durabletask import history as h
from devhost.durabletask.engine import decide
from devhost.durabletask.functions import Functions
from devhost.durabletask.orchestrator_result import OrchestratorResult
from devhost.timekeeping.ticks import parse

# The SDK warns of events that nobody awaits; that is one of the things under test.
pytestmark = pytest.mark.filterwarnings("ignore:Potential duplicate:UserWarning")
app = df.DFApp()
runs: Counter = Counter()
SECOND = timedelta(seconds=1)
TIMEOUT = 50_000_000  # in ticks: five seconds
BEGAN = 3 * TIMEOUT


def retry(most, milliseconds=1000):
    """Retry options."""
    return df.RetryOptions(milliseconds, most)


class Growing(df.RetryOptions):
    """Retry options with what the engine knows beyond those of the SDK."""

    def to_json(self):
        """Pauses double, up to three seconds."""
        return {**super().to_json(), "backoffCoefficient": 2, "maxRetryIntervalInMilliseconds": 3000}


@app.activity_trigger(input_name="value")
def echo(value):
    """Gives its input back."""
    return value


@app.activity_trigger(input_name="value")
def failing(value):
    """Fails as often as its input's second item says, counted by the first."""
    runs[value[0]] += 1
    if runs[value[0]] <= value[1]:
        raise ValueError(f"attempt {runs[value[0]]}")
    return runs[value[0]]


@app.orchestration_trigger(context_name="context")
def two_waits_after_a_timer(context):
    """Waits for two events of a name once a timer has fired."""
    yield context.create_timer(context.current_utc_datetime + SECOND * 5)
    first = yield context.wait_for_external_event("E")
    second = yield context.wait_for_external_event("E")
    return [first, second]


@app.orchestration_trigger(context_name="context")
def two_waiters(context):
    """Waits twice at once for events of one name."""
    older, newer = context.wait_for_external_event("E"), context.wait_for_external_event("E")
    won = yield context.task_any([older, newer])
    return "older" if won is older else "newer"


@app.orchestration_trigger(context_name="context")
def wait_then_activity(context):
    """Does something after an event."""
    got = yield context.wait_for_external_event("E")
    context.set_custom_status("got it")
    return (yield context.call_activity("echo", got))


@app.orchestration_trigger(context_name="context")
def waits_for_nothing_to_say(context):
    """Gives nothing after an event, in the end."""
    yield context.wait_for_external_event("E")
    if context.get_input() == "again":
        context.continue_as_new("last")


@app.orchestration_trigger(context_name="context")
def go_then_two(context):
    """Continues as new at Go, then waits for A and B."""
    if context.get_input() is None:
        yield context.wait_for_external_event("Go")
        context.continue_as_new("next")
        return None
    return (yield context.task_all([context.wait_for_external_event("A"), context.wait_for_external_event("B")]))


@app.orchestration_trigger(context_name="context")
def goes_on_with_an_open_timer(context):
    """Continues as new after E, with a timer of ten seconds still open."""
    if context.get_input() == "next":
        return "next"
    timer = context.create_timer(context.current_utc_datetime + SECOND * 10)
    yield context.task_any([timer, context.wait_for_external_event("E")])
    context.continue_as_new("next")


@app.orchestration_trigger(context_name="context")
def a_timer(context):
    """Waits five seconds."""
    yield context.create_timer(context.current_utc_datetime + SECOND * 5)


@app.orchestration_trigger(context_name="context")
def tries(context):
    """One activity, with as many attempts as the input says."""
    most, failures = context.get_input()
    return (yield context.call_activity_with_retry("failing", retry(most), [context.instance_id, failures]))


@app.orchestration_trigger(context_name="context")
def tries_ever_later(context):
    """One activity with five attempts and growing pauses."""
    return (yield context.call_activity_with_retry("failing", Growing(1000, 5), [context.instance_id, 5]))


@app.orchestration_trigger(context_name="context")
def two_tries(context):
    """Two activities with retries, at once."""
    key = context.instance_id
    one, two = (context.call_activity_with_retry("failing", retry(2), [f"{key}{n}", 1]) for n in (1, 2))
    return (yield context.task_all([one, two]))


@app.orchestration_trigger(context_name="context")
def tries_a_child(context):
    """A child with retries; its ids as it sees them."""
    options = retry(3)
    return (
        yield context.call_sub_orchestrator_with_retry("child", options, [context.instance_id, context.get_input()])
    )


@app.orchestration_trigger(context_name="context")
def child(context):
    """Fails as often as the test asks; gives the end of its own id."""
    yield context.call_activity("failing", context.get_input())
    return context.instance_id.rpartition(":")[2]


@app.orchestration_trigger(context_name="context")
def many_children(context):
    """As many children as the input says."""
    key = context.instance_id
    return (
        yield context.task_all([context.call_sub_orchestrator("child", [key, 0]) for _ in range(context.get_input())])
    )


@app.orchestration_trigger(context_name="context")
def child_of_an_id(context):
    """A child with the id of the input."""
    return (yield context.call_sub_orchestrator("child", [context.instance_id, 0], context.get_input()))


@app.orchestration_trigger(context_name="context")
def two_children_and_an_activity(context):
    """All three fail the first time."""
    key = context.instance_id
    return (
        yield context.task_all(
            [
                context.call_sub_orchestrator("child", [f"{key}a", 1], f"{key}-a"),
                context.call_sub_orchestrator("child", [f"{key}b", 1], f"{key}-b"),
                context.call_activity("failing", [f"{key}c", 1]),
            ]
        )
    )


@app.orchestration_trigger(context_name="context")
def raises_once(context):
    """Raises in its first life."""
    yield context.call_activity("echo", 1)
    runs[context.instance_id] += 1
    if runs[context.instance_id] == 1:
        raise ValueError("by itself")
    return "second life"


@app.orchestration_trigger(context_name="context")
def raises_once_and_waits(context):
    """Raises in its first life, and waits in its second."""
    runs[context.instance_id] += 1
    if runs[context.instance_id] == 1:
        raise ValueError("by itself")
    return (yield context.wait_for_external_event("Go"))


@app.orchestration_trigger(context_name="context")
def long_status(context):
    """A custom status of so many characters."""
    context.set_custom_status("x" * context.get_input())
    yield context.call_activity("echo", 1)
    context.set_custom_status("short")


def kinds(host, case):
    """The kinds of the rows that the engine keeps, without the episodes' ends."""
    return [row["EventType"] for row in host.rows(case) if row["EventType"] not in (12, 13)]


def row_of(host, case, kind):
    """The first row of a kind."""
    return next(row for row in host.rows(case) if row["EventType"] == kind)


# ---------------------------------------------------------------- events


def test_early_events_are_taken_oldest_first(durable_host):
    """The engine gives early events to waits in the order of their arrival: two end two waits (contract 4.1)."""
    host = durable_host(app)
    case = host.start("two_waits_after_a_timer")
    host.raise_event(case, "E", "one")
    assert host.status(case).runtime_status == "Running"
    host.raise_event(case, "E", "two")
    host.advance(SECOND * 6)
    assert host.status(case).runtime_status == "Completed"


def test_one_early_event_ends_one_wait_only(durable_host):
    """Python sees the early event at every wait, the engine counts: a second one has to come (contract 4.1)."""
    host = durable_host(app)
    case = host.start("two_waits_after_a_timer")
    host.raise_event(case, "E", "one")
    host.advance(SECOND * 6)
    assert host.status(case).runtime_status == "Running"
    host.raise_event(case, "E", "never seen")
    assert host.status(case).output == ["one", "one"]


def test_the_newest_waiter_gets_the_event(durable_host):
    """Of two waits for one name the newer one is ended first (contract 4.1)."""
    host = durable_host(app)
    case = host.start("two_waiters")
    host.raise_event(case, "E")
    assert host.status(case).output == "newer"


def test_events_after_a_continue_as_new_are_not_lost(durable_host):
    """What comes after the event that led to continue-as-new belongs to the new execution (contract 4.7)."""
    host = durable_host(app)
    case = host.start("go_then_two")
    for name in ("Go", "B", "A"):
        host.raise_event(case, name, name)
    assert host.status(case).output == ["A", "B"]


def test_events_before_a_continue_as_new_are_dropped(durable_host):
    """An early event that nobody waited for ends with its execution (contract 4.7)."""
    host = durable_host(app)
    case = host.start("go_then_two")
    host.raise_event(case, "A", "early")
    host.raise_event(case, "Go")
    host.raise_event(case, "B", "b")
    assert host.status(case).runtime_status == "Running"
    host.raise_event(case, "A", "a")
    assert host.status(case).output == ["a", "b"]


def test_an_open_timer_delays_a_continue_as_new(durable_host):
    """Until it has fired the old execution goes on (contract 4.7)."""
    host = durable_host(app)
    case = host.start("goes_on_with_an_open_timer", "first")
    host.raise_event(case, "E")
    assert (host.status(case).runtime_status, kinds(host, case)) == ("Running", [0, 10, 15])
    host.advance(SECOND * 11)
    assert (host.status(case).output, kinds(host, case)) == ("next", [0, 1])


# ---------------------------------------------------------------- suspending


def test_a_decision_waits_while_the_instance_is_suspended(durable_host):
    """Python works on and shows its status, but what it would schedule is held until resume (contract 4.9)."""
    host = durable_host(app)
    case = host.start("wait_then_activity")
    host.suspend(case, "hold")
    host.raise_event(case, "E", "x")
    held = host.status(case)
    assert (held.runtime_status, held.custom_status, held.output) == ("Suspended", "got it", "hold")
    assert host.calls == []
    host.resume(case, "on")
    assert host.status(case).output == "x"
    assert kinds(host, case) == [0, 19, 15, 20, 4, 5, 1]


def test_events_of_a_suspended_instance_keep_their_order(durable_host):
    """Held events are worked off in the order of their arrival (contract 4.9)."""
    host = durable_host(app)
    case = host.start("go_then_two", "direct")
    host.suspend(case)
    host.raise_event(case, "B", "b")
    host.raise_event(case, "A", "a")
    assert host.status(case).runtime_status == "Suspended"
    host.resume(case)
    assert host.status(case).output == ["a", "b"]


@pytest.mark.parametrize("given", [None, "again"])
def test_a_reason_stays_the_output_of_an_instance_that_gives_nothing(durable_host, given):
    """The stored output is never overwritten by nothing, not by continue-as-new either (contract 4.9)."""
    host = durable_host(app)
    case = host.start("waits_for_nothing_to_say", given)
    host.suspend(case, "first")
    host.resume(case, "second")
    host.raise_event(case, "E")
    if given:
        assert host.status(case).output == "second"
        host.raise_event(case, "E")
    assert (host.status(case).runtime_status, host.status(case).output) == ("Completed", "second")
    assert row_of(host, case, 1)["Result"] is None


# ---------------------------------------------------------------- rows


def test_a_fired_timer_bears_the_time_of_its_creation(durable_host):
    """The stamp of TimerFired is that of TimerCreated, not the moment it fired (contract 3.2)."""
    host = durable_host(app)
    case = host.start("a_timer")
    host.run_until_idle()
    created, fired = row_of(host, case, 10), row_of(host, case, 11)
    assert fired["Timestamp"][:22] == created["Timestamp"][:22]
    assert fired["FireAt"] == created["FireAt"] > fired["Timestamp"]


def test_rows_of_messages_are_played_and_rows_of_decisions_are_not(durable_host):
    """IsPlayed is true on the stored rows of messages, and never on what the engine decided (contract 3.2)."""
    host = durable_host(app)
    case = host.start("wait_then_activity")
    host.raise_event(case, "E", 1)
    played = {row["EventType"]: row["IsPlayed"] for row in host.rows(case)}
    assert played == {12: False, 0: True, 13: False, 15: True, 4: False, 5: True, 1: False}


@pytest.mark.parametrize(("length", "status"), [(8701, "Completed"), (8702, "Failed")])
def test_a_custom_status_has_less_than_17_kib(durable_host, length, status):
    """8703 characters of JSON text pass, 8704 fail the instance (contract 4.8)."""
    host = durable_host(app)
    assert host.status(host.start("long_status", length)).runtime_status == status


# ---------------------------------------------------------------- retries


@pytest.mark.parametrize(("most", "failures", "rows"), [
    (1, 1, [4, 6, 10, 11]),
    (2, 1, [4, 6, 10, 11, 4, 5]),
    (3, 3, [4, 6, 10, 11] * 3),
])  # fmt: skip
def test_the_last_failure_of_a_retry_costs_one_more_timer(durable_host, most, failures, rows):
    """After each failure comes a timer, after the last one too (contract 4.6)."""
    host = durable_host(app)
    case = host.start("tries", [most, failures])
    host.run_until_idle()
    assert kinds(host, case) == [0, *rows, 1]


def test_pauses_grow_up_to_the_longest(durable_host):
    """By the coefficient; the last one is none (contract 4.6)."""
    host = durable_host(app)
    case = host.start("tries_ever_later")
    host.run_until_idle()
    began = [row["Timestamp"] for row in host.rows(case) if row["EventType"] == 12]
    made = [row["FireAt"] for row in host.rows(case) if row["EventType"] == 10]
    failures = [n for n, row in enumerate(kinds(host, case)) if row == 6]
    assert len(failures) == len(made) == 5
    seen = [parse(at) - parse(run) for at, run in zip(made, began[1::2], strict=True)]
    assert [round(pause / 10_000_000, 3) for pause in seen] == [1, 2, 3, 3, 0]


@pytest.mark.parametrize(
    ("failed_at", "most", "pause"),
    [(TIMEOUT - 1, 3, TIMEOUT), (TIMEOUT, 3, None), (TIMEOUT, 1, 0)],
    ids=["before", "at the timeout", "the last attempt"],
)
def test_a_timeout_ends_the_attempts(failed_at, most, pause):
    """When the run that sees a failure begins at it or later; the last attempt has its timer anyway (contract 4.6)."""
    name, options = "failing", {"firstRetryIntervalInMilliseconds": TIMEOUT // 10_000, "maxNumberOfAttempts": most}
    options["retryTimeoutInMilliseconds"] = TIMEOUT // 10_000
    call = {"actionType": 1, "functionName": name, "input": "1", "retryOptions": options}
    scheduled = {"EventType": 4, "Name": name, "Version": "", "Input": None, "ParentTraceContext": None, "Tags": None}
    started = h.execution_started(
        instance_id="i", execution_id="e", name="tries", version=None, input_text=None, at=0, generation=0
    )
    history = [
        h.orchestrator_started(BEGAN), started, h.row(scheduled, 0, 0), h.orchestrator_completed(0),
        h.orchestrator_started(BEGAN + failed_at), h.task_failed(0, "no", "no", failed_at),
    ]  # fmt: skip
    outcome = decide(history, OrchestratorResult(actions=[call]), Functions([name], ["tries"], []))
    made = [(one.kind, one.number, one.fire_at) for one in outcome.decisions]
    assert made == ([] if pause is None else [("timer", 1, BEGAN + failed_at + pause)])
    assert (outcome.status, outcome.output) == ("Running", None)


def test_two_retries_take_their_numbers_as_they_come(durable_host):
    """Attempts and pauses of both share one counter (contract 4.6)."""
    host = durable_host(app)
    case = host.start("two_tries")
    host.run_until_idle()
    scheduled = [(row["EventType"], row["EventId"]) for row in host.rows(case) if row["EventType"] in (4, 10)]
    assert scheduled == [(4, 0), (4, 1), (10, 2), (10, 3), (4, 4), (4, 5)]
    assert host.status(case).output == [2, 2]


@pytest.mark.parametrize(("failures", "number"), [(0, "0"), (1, "2"), (2, "4")])
def test_each_attempt_of_a_child_is_a_new_child(durable_host, failures, number):
    """A child that is tried again gets the next number of the parent's counter in its id (contract 3.4, 4.6)."""
    host = durable_host(app)
    case = host.start("tries_a_child", failures)
    host.run_until_idle()
    assert host.status(case).output == number


# ---------------------------------------------------------------- children


def test_ids_of_children_are_decimal(durable_host):
    """The tenth child's id ends in 10 (contract 3.4)."""
    host = durable_host(app)
    assert host.status(host.start("many_children", 12)).output == [str(number) for number in range(12)]


@pytest.mark.parametrize("instance_id", ["own", "@x@y"])
def test_a_child_with_a_refused_id_is_never_started(durable_host, instance_id):
    """Its parent's id, or that of an entity: no row, no failure; only this host says so (contract 3.4, 4.5)."""
    host = durable_host(app)
    case = host.start("child_of_an_id", instance_id, "own")
    assert (host.status(case).runtime_status, kinds(host, case)) == ("Running", [0])
    assert "which is refused" in host.complaints[0]


def test_a_child_takes_the_place_of_a_live_instance(durable_host):
    """A sub-orchestration is started over whatever has its id; the old life is forgotten (contract 4.2)."""
    host = durable_host(app)
    host.start("two_waiters", instance_id="taken")
    case = host.start("child_of_an_id", "taken")
    assert host.status(case).output == "taken"
    assert host.status("taken").name == "child"
    assert any("it replaces that one" in text for text in host.complaints)


def test_a_rewind_takes_up_all_that_failed(durable_host):
    """Children and activities that failed are done again under their old numbers (contract 4.9)."""
    host = durable_host(app)
    case = host.start("two_children_and_an_activity")
    assert host.status(case).runtime_status == "Failed"
    host.rewind(case, "again")
    assert host.status(case).output == [f"{case}-a", f"{case}-b", 2]
    assert kinds(host, case).count(17) == 5  # three failures, a scheduled activity, and the end


def test_a_rewound_instance_that_raised_itself_runs_again(durable_host):
    """Where nothing but the orchestrator failed, only its end is taken back (contract 4.9)."""
    host = durable_host(app)
    case = host.start("raises_once")
    assert host.status(case).output == "Orchestrator function 'raises_once' failed: by itself"
    host.rewind(case)
    assert host.status(case).output == "second life"


def test_a_rewound_instance_stays_pending_until_it_is_resumed_or_over(durable_host):
    """Only a start and a resumption make an instance Running; what it waits for comes all the same (contract 4.9)."""
    host = durable_host(app)
    waits, resumed = (host.start("raises_once_and_waits") for _ in range(2))
    for case in (waits, resumed):
        assert host.status(case).runtime_status == "Failed"
        host.rewind(case)
        assert host.status(case).runtime_status == "Pending"
        host.raise_event(case, "Other")
        assert host.status(case).runtime_status == "Pending"
    host.suspend(resumed)
    assert host.status(resumed).runtime_status == "Suspended"
    host.resume(resumed)
    assert host.status(resumed).runtime_status == "Running"
    for case in (waits, resumed):
        host.raise_event(case, "Go", "on")
        assert (host.status(case).runtime_status, host.status(case).output) == ("Completed", "on")
