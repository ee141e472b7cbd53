"""When an instance ends, what keeps it, and what its timers do (contract 4.3, 4.4, 4.7, 4.9, 4.10, 4.12)."""

from datetime import datetime, timedelta

import azure.durable_functions as df
import pytest

pytestmark = pytest.mark.filterwarnings("ignore:Potential duplicate:UserWarning")
app = df.DFApp()
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@app.activity_trigger(input_name="value")
def echo(value):
    """Gives its input back."""
    return value


@app.activity_trigger(input_name="value")
def failing(value):
    """Fails."""
    raise ValueError(value)


@app.orchestration_trigger(context_name="context")
def chain(context):
    """Three activities in a row."""
    for value in ("a", "b", "c"):
        yield context.call_activity("echo", value)


@app.orchestration_trigger(context_name="context")
def race(context):
    """An event against a timer; the input says how it is done."""
    how = context.get_input()
    event = context.wait_for_external_event("E")
    timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=how["seconds"]))
    won = yield context.task_any([timer, event])
    if won is event and how.get("cancel", True):
        timer.cancel()
    if how.get("raises"):
        raise ValueError("after the race")
    if how.get("activity"):
        yield context.call_activity("echo", 1)
    return "event" if won is event else "timer"


@app.orchestration_trigger(context_name="context")
def all_of(context):
    """A failing activity beside a timer, then another one."""
    try:
        yield context.task_all(
            [context.call_activity("failing", 1), context.create_timer(context.current_utc_datetime + SECOND * 10)]
        )
    except Exception:  # noqa: BLE001 - the SDK raises plain Exception
        return (yield context.call_activity("echo", "after"))


@app.orchestration_trigger(context_name="context")
def asks_the_clock(context):
    """Whether the due time has come when the timer has fired."""
    due = context.current_utc_datetime + timedelta(milliseconds=5900)
    yield context.create_timer(due)
    return context.current_utc_datetime >= due


@app.orchestration_trigger(context_name="context")
def past_and_none(context):
    """A timer that is due already."""
    yield context.create_timer(context.current_utc_datetime - DAY)
    return "at once"


@app.orchestration_trigger(context_name="context")
def long_timer(context):
    """Ten days."""
    yield context.create_timer(context.current_utc_datetime + DAY * 10)
    return "ten days later"


@app.orchestration_trigger(context_name="context")
def long_race(context):
    """Ten days against an event, and the timer is cancelled."""
    event = context.wait_for_external_event("E")
    timer = context.create_timer(context.current_utc_datetime + DAY * 10)
    yield context.task_any([timer, event])
    timer.cancel()
    return "event"


@app.orchestration_trigger(context_name="context")
def kept_timer(context):
    """One timer for two rounds of waiting: the wrong way."""
    timer = context.create_timer(context.current_utc_datetime + SECOND * 30)
    for _ in range(2):
        vote = context.wait_for_external_event("vote")
        if (yield context.task_any([timer, vote])) is timer:
            break
    return (yield context.call_activity("echo", "escalated"))


@app.orchestration_trigger(context_name="context")
def parent(context):
    """Waits for a child that waits."""
    try:
        return (yield context.call_sub_orchestrator("waiting", None, "child"))
    except Exception as error:  # noqa: BLE001 - the SDK raises plain Exception
        return str(error)


@app.orchestration_trigger(context_name="context")
def waiting(context):
    """Waits for E."""
    return (yield context.wait_for_external_event("E"))


@app.orchestration_trigger(context_name="context")
def unknown(context):
    """Calls what is not there."""
    yield context.call_activity("nothing_of_this_name", 1)


@app.orchestration_trigger(context_name="context")
def says_its_status(context):
    """A status that says nothing clears the one before."""
    context.set_custom_status("something")
    yield context.wait_for_external_event("E")
    context.set_custom_status(context.get_input())
    yield context.wait_for_external_event("F")


@pytest.fixture
def host(durable_host):
    """A host with this file's app."""
    return durable_host(app)


def test_a_chain_runs_its_orchestrator_once_more_than_it_has_activities(host):
    """N + 1 episodes (contract 4.12)."""
    assert host.episodes(host.start("chain")) == 4


def test_the_event_that_wins_a_race_ends_it_at_once(host):
    """If the timer is cancelled; it still fires and changes nothing (contract 4.3, 4.12)."""
    case = host.start("race", {"seconds": 3600})
    host.raise_event(case, "E")
    assert host.status(case).output == "event"
    assert host.episodes(case) == 2
    host.advance(timedelta(hours=2))
    assert host.episodes(case) == 2


def test_an_open_timer_keeps_an_instance_running(host):
    """Though Python has returned; the host says so (contract 4.3, 4.12)."""
    case = host.start("race", {"seconds": 3600, "cancel": False, "activity": True})
    host.raise_event(case, "E")
    assert host.calls == [("echo", 1)] or [name for name, _ in host.calls] == ["echo"]
    assert host.status(case).runtime_status == "Running"
    assert any("stays Running while these are open" in text for text in host.complaints)
    host.advance(timedelta(hours=1))
    assert host.status(case).output == "event"


def test_an_open_timer_keeps_a_failed_one_too(host):
    """It fails when the timer has fired (contract 4.3, 4.12)."""
    case = host.start("race", {"seconds": 60, "cancel": False, "raises": True})
    host.raise_event(case, "E")
    assert host.status(case).runtime_status == "Running"
    host.advance(SECOND * 60)
    assert host.status(case).output == "Orchestrator function 'race' failed: after the race"


def test_the_engine_waits_for_all_where_python_goes_on_at_the_first_failure(host):
    """The next activity comes only when the timer has fired (contract 3.5, 4.12)."""
    case = host.start("all_of")
    host.advance(SECOND * 5)
    assert [name for name, _ in host.calls] == ["failing"]
    host.advance(SECOND * 6)
    assert host.status(case).output == "after"


def test_a_timer_fires_early(host):
    """Its delay is cut to whole seconds, so the clock may not have come as far as its due time (contract 4.4)."""
    case = host.start("asks_the_clock")
    host.advance(SECOND * 6)
    assert host.status(case).output is False


def test_a_timer_of_the_past_fires_at_once(host):
    """No time has to pass (contract 4.4)."""
    assert host.status(host.start("past_and_none")).output == "at once"


def test_a_timer_of_more_than_six_days_has_legs(host):
    """Of three days, and the rest once that is six or less (contract 4.4, 4.12).

    Since each fires early, the last one is followed by short ones until the end has come; time passes meanwhile.
    """
    case = host.start("long_timer")
    began = host.now
    host.advance(DAY * 11)
    due = [datetime.fromisoformat(row["FireAt"]) - began for row in host.rows(case) if row["EventType"] == 10]
    assert [round(leg / DAY, 4) for leg in due[:3]] == [3, 6, 10]
    assert 3 <= len(due) <= 25
    assert set(due[2:]) == {due[2]}
    assert host.status(case).output == "ten days later"


def test_cancelling_a_long_timer_does_not_reach_the_engine(host):
    """The instance stays until the leg has fired (contract 4.4, 4.12)."""
    case = host.start("long_race")
    host.raise_event(case, "E")
    host.advance(DAY * 2)
    assert host.status(case).runtime_status == "Running"
    host.advance(DAY * 2)
    assert host.status(case).output == "event"


def test_a_timer_that_is_kept_for_the_next_round_never_escalates(host):
    """The engine waits for the new wait alone, until one more event comes (contract 3.5, 4.12)."""
    case = host.start("kept_timer")
    host.raise_event(case, "vote")
    host.advance(SECOND * 60)
    assert (host.status(case).runtime_status, host.calls) == ("Running", [])
    assert any("Python has gone on" in text for text in host.complaints)
    host.raise_event(case, "vote")
    assert host.status(case).output == "escalated"


def test_without_any_event_it_does(host):
    """The first race has the timer in it (contract 4.12)."""
    case = host.start("kept_timer")
    host.advance(SECOND * 30)
    assert host.status(case).output == "escalated"


def test_terminating_a_parent_leaves_its_child_alone(host):
    """And what the child gives is dropped (contract 4.9)."""
    case = host.start("parent")
    host.terminate(case, "enough")
    assert host.status("child").runtime_status == "Running"
    host.raise_event("child", "E", 1)
    assert (host.status("child").output, host.status(case).output) == (1, "enough")


def test_a_terminated_child_fails_its_parents_call(host):
    """With the reason, and no details (contract 4.9)."""
    case = host.start("parent")
    host.terminate("child", "child-ended")
    assert host.status(case).output == "child-ended \n None"


def test_a_suspended_instance_can_end(host):
    """Nothing has to be scheduled any more, so nothing holds it (contract 4.9)."""
    case = host.start("race", {"seconds": 3600})
    host.suspend(case)
    host.raise_event(case, "E")
    assert host.status(case).output == "event"


def test_what_it_would_schedule_waits_for_resume(host):
    """A timer fires, and nothing follows (contract 4.9)."""
    case = host.start("race", {"seconds": 60, "activity": True})
    host.suspend(case)
    host.advance(SECOND * 120)
    assert (host.status(case).runtime_status, host.calls) == ("Suspended", [])
    host.resume(case)
    assert host.status(case).output == "timer"


def test_an_unknown_activity_is_never_heard_of_again(host):
    """No row, no failure; only this host says so (contract 4.5, 4.12)."""
    case = host.start("unknown")
    host.advance(DAY)
    assert host.status(case).runtime_status == "Running"
    assert [row["EventType"] for row in host.rows(case)] == [12, 0, 13]
    assert "which this app does not have" in host.complaints[0]


@pytest.mark.parametrize("value", [0, "", {}, [], None, False])
def test_a_custom_status_that_is_false_in_python_is_none(host, value):
    """Each run begins with none, and a false one is not sent (contract 3.3, 4.8)."""
    case = host.start("says_its_status", value)
    assert host.status(case).custom_status == "something"
    host.raise_event(case, "E")
    assert host.status(case).custom_status is None


def test_times_of_an_instance(host):
    """Created when it was asked for, updated with the last row; both without fractions (contract 4.10)."""
    case = host.start("waiting")
    host.advance(SECOND * 90)
    host.raise_event(case, "E", 1)
    body = host.manage("GET", f"instances/{case}").json()
    assert (body["createdTime"], body["lastUpdatedTime"]) == ("2026-01-01T00:00:00Z", "2026-01-01T00:01:30Z")
