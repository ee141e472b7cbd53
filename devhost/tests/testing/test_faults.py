"""What a test can make go wrong: lost answers of activities, events that arrive twice, activities that fail."""

import azure.durable_functions as df
import pytest

app = df.DFApp()
RUNS = []


@app.activity_trigger(input_name="what")
def note(what: str) -> int:
    """Counts its runs."""
    RUNS.append(what)
    return len(RUNS)


@app.orchestration_trigger(context_name="context")
def notes(context):
    """Two runs of the activity."""
    first = yield context.call_activity("note", "first")
    second = yield context.call_activity("note", "second")
    return [first, second]


@app.orchestration_trigger(context_name="context")
def hears(context):
    """The news, twice."""
    first = yield context.wait_for_external_event("News")
    second = yield context.wait_for_external_event("News")
    return [first, second]


@pytest.fixture
def host(durable_host):
    """A host with this module's app, and no runs yet."""
    RUNS.clear()
    return durable_host(app)


def test_run_twice_runs_the_next_run_twice(host):
    """The app's code runs twice, the orchestrator gets one answer, and the run after that happens once."""
    host.run_twice("note")
    case = host.start("notes")
    assert RUNS == ["first", "first", "second"]
    assert host.calls == [("note", "first"), ("note", "first"), ("note", "second")]
    assert host.status(case).output == [2, 3]


def test_run_twice_counts_runs(host):
    """So many runs happen twice as are asked for."""
    host.run_twice("note", times=2)
    host.start("notes")
    assert RUNS == ["first", "first", "second", "second"]


def test_deliver_twice_delivers_each_event_of_that_name_twice(host):
    """One event that is raised once answers both waits."""
    host.deliver_twice("News")
    case = host.start("hears")
    host.raise_event(case, "News", "snow")
    assert host.status(case).output == ["snow", "snow"]


def test_deliver_twice_leaves_other_events_alone(host):
    """An event of another name arrives once."""
    host.deliver_twice("Weather")
    case = host.start("hears")
    host.raise_event(case, "News", "snow")
    assert host.status(case).runtime_status == "Running"


def test_fail_fails_so_many_runs_before_the_code_is_reached(host):
    """The orchestrator sees the error, and the code has not run; the next run is a good one."""
    host.fail("note", error="ValueError: no paper")
    broken, whole = host.start("notes"), host.start("notes")
    assert host.status(broken).runtime_status == "Failed"
    assert "no paper" in host.status(broken).output
    assert host.status(whole).output == [1, 2]
