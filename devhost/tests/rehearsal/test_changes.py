"""Changes to an orchestrator, as they are made in practice: what is reported of histories that the old code made."""

import re
from dataclasses import replace
from datetime import timedelta

import azure.durable_functions as df
import pytest

from devhost.app.indexer import index
from devhost.app.invoker import AppRunner
from devhost.app.worker import Worker
from devhost.durabletask.functions import Functions
from devhost.durabletask.history import SUB_CREATED, TASK_SCHEDULED, TIMER_CREATED
from devhost.rehearsal.recorded import RecordedExecution, Verdict, with_version
from devhost.rehearsal.reports import rehearse
from devhost.rehearsal.sources import cases
from devhost.rehearsal.status_answers import case_of

MINUTE = timedelta(minutes=1)
AT = "2026-11-24T10:00:{:09.6f}Z"

# The SDK warns of events that nobody awaits, and of results that come for nothing.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def old(context):
    """Two activities, a race of the decision against a timer, an activity."""
    first = yield context.call_activity("Check", "drawing")
    second = yield context.call_activity("Register", first)
    wait = context.wait_for_external_event("Approval")
    timer = context.create_timer(context.current_utc_datetime + MINUTE)
    winner = yield context.task_any([wait, timer])
    if winner == wait:
        timer.cancel()
        return [second, (yield context.call_activity("Publish", wait.result))]
    return [second, "expired"]


def swapped(context):
    """The first two change places."""
    first = yield context.call_activity("Register", "drawing")
    yield context.call_activity("Check", first)
    yield context.wait_for_external_event("Approval")


def added_before_the_wait(context):
    """A third activity comes before the race."""
    first = yield context.call_activity("Check", "drawing")
    second = yield context.call_activity("Register", first)
    yield context.call_activity("Inform", second)
    wait = context.wait_for_external_event("Approval")
    timer = context.create_timer(context.current_utc_datetime + MINUTE)
    yield context.task_any([wait, timer])


def removed(context):
    """The second activity is left out."""
    first = yield context.call_activity("Check", "drawing")
    wait = context.wait_for_external_event("Approval")
    timer = context.create_timer(context.current_utc_datetime + MINUTE)
    winner = yield context.task_any([wait, timer])
    return [first, winner == wait]


def a_child_instead(context):
    """The second activity becomes a sub-orchestration."""
    yield context.call_activity("Check", "drawing")
    yield context.call_sub_orchestrator("Child", None)


def no_timer(context):
    """Nothing expires any more."""
    first = yield context.call_activity("Check", "drawing")
    yield context.call_activity("Register", first)
    yield context.wait_for_external_event("Approval")
    yield context.call_activity("Publish", "x")


def raises(context):
    """A result is read in a way that it does not bear."""
    first = yield context.call_activity("Check", "drawing")
    yield context.call_activity("Register", first["number"])


def another_after_the_decision(context):
    """What follows the decision is another activity."""
    first = yield context.call_activity("Check", "drawing")
    yield context.call_activity("Register", first)
    wait = context.wait_for_external_event("Approval")
    timer = context.create_timer(context.current_utc_datetime + MINUTE)
    winner = yield context.task_any([wait, timer])
    if winner == wait:
        timer.cancel()
        yield context.call_activity("Inform", wait.result)


def waits_only(context):
    """An activity, then the decision, however long it takes."""
    first = yield context.call_activity("Check", "drawing")
    yield context.wait_for_external_event("Approval")
    return first


def ends_without_waiting(context):
    """The wait is lost on the way."""
    first = yield context.call_activity("Check", "drawing")
    return first


def raises_without_waiting(context):
    """The activity's result is read in a way that it does not bear."""
    first = yield context.call_activity("Check", "drawing")
    yield context.wait_for_external_event(first["event"])


def longer_timer(context):
    """The same steps, and two minutes instead of one."""
    first = yield context.call_activity("Check", "drawing")
    second = yield context.call_activity("Register", first)
    wait = context.wait_for_external_event("Approval")
    timer = context.create_timer(context.current_utc_datetime + 2 * MINUTE)
    winner = yield context.task_any([wait, timer])
    if winner == wait:
        timer.cancel()
        return [second, (yield context.call_activity("Publish", wait.result))]
    return [second, "expired"]


def one_more_in_the_race(context):
    """An activity joins the race: it gets a number that no old history holds."""
    first = yield context.call_activity("Check", "drawing")
    yield context.call_activity("Register", first)
    wait = context.wait_for_external_event("Approval")
    timer = context.create_timer(context.current_utc_datetime + MINUTE)
    inform = context.call_activity("Inform", "x")
    yield context.task_any([wait, timer, inform])


def another_output(context):
    """The same steps, and another text at the end."""
    result = yield from old(context)
    return ["now:", *result]


def added_for_new_versions(context):
    """The third activity, for instances of the new version only."""
    first = yield context.call_activity("Check", "drawing")
    second = yield context.call_activity("Register", first)
    if context.version == "2.0":
        yield context.call_activity("Inform", second)
    wait = context.wait_for_external_event("Approval")
    timer = context.create_timer(context.current_utc_datetime + MINUTE)
    winner = yield context.task_any([wait, timer])
    if winner == wait:
        timer.cancel()
        return [second, (yield context.call_activity("Publish", wait.result))]
    return [second, "expired"]


def the_new_steps_unless_old(context):
    """The same the other way round: whoever has no known old version gets the new steps."""
    first = yield context.call_activity("Check", "drawing")
    second = yield context.call_activity("Register", first)
    if context.version != "1.0":
        yield context.call_activity("Inform", second)
    yield context.wait_for_external_event("Approval")


def app_of(orchestrator, name="Review"):
    """An app with this orchestrator, a child, and all activities."""
    app = df.DFApp()
    app.function_name(name)(app.orchestration_trigger(context_name="context")(orchestrator))

    @app.orchestration_trigger(context_name="context")
    def Child(context):  # noqa: N802
        return context.instance_id

    for activity in ("Check", "Register", "Publish", "Inform"):

        def run(value: str) -> str:
            return f"<{value}>"

        app.function_name(activity)(app.activity_trigger(input_name="value")(run))
    return app


def runner_of(app, folder):
    """Runs its functions."""
    indexed = index(app, folder)
    return AppRunner(indexed, Worker(indexed, threads=1))


@pytest.fixture
def history(durable_host):
    """The history of an instance of the old code, as the database has it or as the status answer shows it."""

    def make(form, events=(), advance=None, orchestrator=old):
        host = durable_host(app_of(orchestrator))
        case = host.start("Review")
        for event in events:
            host.raise_event(case, "Approval", event)
        if advance:
            host.advance(advance)
        status = host.status(case)
        if form == "stored":
            return RecordedExecution("x", case, status.name, status.runtime_status, status.output, host.rows(case))
        return case_of(host.manage("GET", f"instances/{case}?showHistory=true&showHistoryOutput=true").json(), "x")

    return make


FORMS = pytest.mark.parametrize("form", ["stored", "status"])


@FORMS
@pytest.mark.parametrize(
    ("new", "turn", "kind", "there", "now"),
    [
        (swapped, 1, TASK_SCHEDULED, "the activity 'Check' as number 0", "the activity 'Register'"),
        (added_before_the_wait, 3, TIMER_CREATED, "as number 2", "the activity 'Inform'"),
        (removed, 2, TASK_SCHEDULED, "the activity 'Register' as number 1", "a timer of "),
        (a_child_instead, 2, TASK_SCHEDULED, "the activity 'Register' as number 1", "the sub-orchestration 'Child'"),
        (no_timer, 3, TIMER_CREATED, "as number 2", "nothing there"),
        (raises, 2, TASK_SCHEDULED, "the activity 'Register' as number 1", "nothing there"),
    ],
)
def test_an_open_instance_would_fail(history, tmp_path, form, new, turn, kind, there, now):
    """The first row that the new code does not make is reported, with its turn and what the code asks for instead."""
    case = history(form)
    report = rehearse(case, runner_of(app_of(new), tmp_path))
    assert report.verdict is Verdict.DIVERGES
    assert "fails the instance at its next message" in report.sentence
    assert report.divergence.turn == turn
    assert case.rows[report.divergence.row - 1]["EventType"] == kind
    assert there in report.divergence.there
    assert report.divergence.now.startswith(now)
    assert report.advice


@FORMS
def test_an_ended_instance_tells_of_open_ones(history, tmp_path, form):
    """Of an instance that has ended, the turn is reported in which others like it may be now."""
    case = history(form, ["Approved"])
    assert case.status == "Completed"
    report = rehearse(case, runner_of(app_of(another_after_the_decision), tmp_path))
    assert (report.verdict, report.divergence.turn) == (Verdict.DIVERGES, 4)
    assert "'Publish' as number 3" in report.divergence.there
    assert "It has ended" in report.sentence


def test_what_the_code_raises_is_told(history, tmp_path):
    """Where the code asks for nothing because it raises, its error is shown too."""
    report = rehearse(history("stored"), runner_of(app_of(raises), tmp_path))
    assert report.divergence.why.startswith("the code raises: string indices must be integers")


@FORMS
def test_a_removed_orchestrator_diverges(history, tmp_path, form):
    """An instance whose orchestrator is gone is reported, with those that are there."""
    report = rehearse(history(form), runner_of(app_of(old, name="ReviewAnew"), tmp_path))
    assert report.verdict is Verdict.DIVERGES
    assert report.divergence.now == "no orchestrator of that name (it has Child, ReviewAnew)"


@FORMS
def test_a_removed_activity_diverges(history, tmp_path, form):
    """A call of an activity that the app no longer has is no step: the history's row is left without one."""
    app = df.DFApp()
    app.function_name("Review")(app.orchestration_trigger(context_name="context")(old))
    report = rehearse(history(form), runner_of(app, tmp_path))
    assert (report.verdict, report.divergence.turn) == (Verdict.DIVERGES, 1)
    assert report.divergence.why.startswith("it called the activity 'Check', which this app does not have")


@FORMS
@pytest.mark.parametrize(
    ("new", "now", "why"),
    [
        (ends_without_waiting, "no wait: it ends as Completed there", ""),
        (
            raises_without_waiting,
            "no wait: it ends as Failed there",
            "the code raises: string indices must be integers",
        ),
    ],
)
def test_an_open_instance_that_would_end_diverges(history, tmp_path, form, new, now, why):
    """The engine does not complain of code that stops waiting; the instance would end, and that is reported."""
    report = rehearse(history(form, orchestrator=waits_only), runner_of(app_of(new), tmp_path))
    assert report.verdict is Verdict.DIVERGES
    assert (report.divergence.turn, report.divergence.now) == (2, now)
    assert report.divergence.why.startswith(why)


@FORMS
def test_the_same_code_goes_on(history, tmp_path, form):
    """An instance that waits goes on with the wait and the timer of its history."""
    case = history(form)
    report = rehearse(case, runner_of(app_of(old), tmp_path))
    due = next(row["FireAt"] for row in case.rows if row["EventType"] == TIMER_CREATED)
    assert (report.verdict, report.divergence, list(report.notes)) == (Verdict.GOES_ON, None, [])
    assert report.sentence == f"It waits for the event 'Approval' or the timer of {due}."


@FORMS
@pytest.mark.parametrize(("events", "advance"), [(["Approved"], None), ([], timedelta(minutes=2))])
def test_the_same_code_ends_the_same(history, tmp_path, form, events, advance):
    """Decided or expired: an instance that has ended ends the same."""
    report = rehearse(history(form, events, advance), runner_of(app_of(old), tmp_path))
    assert (report.verdict, report.sentence) == (Verdict.SAME, "It ended as Completed.")


@FORMS
@pytest.mark.parametrize(
    ("new", "events", "note"),
    [
        (longer_timer, [], "timer number 2 is set to 2026-01-01T00:01:"),
        (one_more_in_the_race, [], "at its next message it would also start the activity 'Inform'"),
        (another_output, ["Approved"], 'it ended with ["<<drawing>>","<Approved>"]; the code now gives ["now:",'),
    ],
)
def test_a_difference_without_harm_is_told(history, tmp_path, form, new, events, note):
    """What the engine takes without complaint differs; it does not diverge."""
    report = rehearse(history(form, events), runner_of(app_of(new), tmp_path))
    assert report.verdict is Verdict.DIFFERS
    assert report.notes[0].startswith(note)


@FORMS
def test_an_old_version_keeps_its_steps(history, tmp_path, form):
    """New steps behind context.version leave instances without that version alone."""
    report = rehearse(history(form), runner_of(app_of(added_for_new_versions), tmp_path))
    assert report.verdict is Verdict.GOES_ON


def test_the_version_is_read_from_the_history(history, tmp_path):
    """An instance of the new version has the new steps, and is replayed with them."""
    case = history("stored", orchestrator=added_before_the_wait)
    case.rows[1]["Version"] = "2.0"
    assert rehearse(case, runner_of(app_of(added_for_new_versions), tmp_path)).verdict is Verdict.GOES_ON
    assert rehearse(case, runner_of(app_of(old), tmp_path)).verdict is Verdict.DIVERGES


def test_an_untold_version_cannot_be_told(history, tmp_path):
    """Where the answer has no version and the code asks for one, divergence is no verdict; --version makes it one."""
    case = history("status")
    assert not case.version_known
    runner, asked = runner_of(app_of(the_new_steps_unless_old), tmp_path), lambda: True
    assert rehearse(case, runner, asked).verdict is Verdict.CANNOT_TELL
    assert rehearse(with_version(case, "0.9"), runner, asked).verdict is Verdict.DIVERGES
    assert rehearse(replace(case, version_known=True), runner, asked).verdict is Verdict.DIVERGES


@pytest.mark.parametrize("new", [swapped, added_before_the_wait, removed, a_child_instead, no_timer, raises, old])
def test_the_host_does_what_was_told(durable_host, tmp_path, new):
    """Brought to its next message on the new code, an instance fails at the step that was reported, or ends well."""
    database = tmp_path / "hub.db"
    before = durable_host(app_of(old), database=database)
    case = before.start("Review")
    (told,) = [rehearse(one, runner_of(app_of(new), tmp_path)) for one in cases(database, Functions({}, {}, {}))]
    after = durable_host(app_of(new), database=database, start=before.now)
    after.raise_event(case, "Approval", "Approved")
    output = after.status(case).output
    if told.verdict is Verdict.GOES_ON:
        assert output == ["<<drawing>>", "<Approved>"]
    else:
        assert output.startswith("Non-Deterministic workflow detected: ")
        row = told.execution.rows[told.divergence.row - 1]
        assert re.search(rf"sequence (ID|number) {row['EventId']}\b", output)
        assert row.get("Name", "timer") in output


def test_a_child_is_rehearsed_like_its_parent(durable_host, tmp_path):
    """Parents wait for children, whose rows are distinguished from activities."""

    def parent(context):
        yield context.call_sub_orchestrator("Slow", None)

    def slow(context):
        yield context.wait_for_external_event("go")

    def app(first):
        made = df.DFApp()
        made.function_name("Review")(made.orchestration_trigger(context_name="context")(first))
        made.function_name("Slow")(made.orchestration_trigger(context_name="context")(slow))
        return made

    host = durable_host(app(parent))
    case = host.start("Review")
    status = host.manage("GET", f"instances/{case}?showHistory=true&showHistoryOutput=true").json()
    read = case_of(status, "x")
    report = rehearse(read, runner_of(app(parent), tmp_path))
    assert report.sentence == "It waits for the sub-orchestration 'Slow'."
    report = rehearse(read, runner_of(app(slow), tmp_path))
    assert (report.verdict, read.rows[report.divergence.row - 1]["EventType"]) == (Verdict.DIVERGES, SUB_CREATED)
    child = next(row["InstanceId"] for row in read.rows if row["EventType"] == SUB_CREATED)
    status = host.manage("GET", f"instances/{child}?showHistory=true&showHistoryOutput=true").json()
    report = rehearse(case_of(status, "x"), runner_of(app(parent), tmp_path))
    assert (report.verdict, report.sentence) == (Verdict.GOES_ON, "It waits for the event 'go'.")


def shown(*events):
    """A status answer of an open instance, in seconds after its start."""
    began = {"EventType": "ExecutionStarted", "Input": None, "Timestamp": AT.format(0), "FunctionName": "Review"}
    body = {"name": "Review", "instanceId": "case-1", "runtimeStatus": "Running", "output": None}
    return {**body, "lastUpdatedTime": AT.format(40), "historyEvents": [began, *events]}


def test_what_depends_on_the_clock_cannot_be_told(tmp_path):
    """Code that looks at the clock after an early timer may go either way: no verdict is given."""

    def looks_at_the_clock(context):
        due = context.current_utc_datetime.replace(second=20, microsecond=0)
        yield context.create_timer(due)
        early = context.current_utc_datetime < due
        yield context.call_activity("Inform" if early else "Publish", "x")

    timer = {"FireAt": AT.format(20), "Timestamp": AT.format(0.1)}
    rows = [{"EventType": kind, **timer} for kind in ("TimerCreated", "TimerFired")]
    runner = runner_of(app_of(looks_at_the_clock), tmp_path)
    verdicts = []
    for name in ("Publish", "Inform", "Check"):
        step = {"EventType": "TaskScheduled", "Name": name, "Input": None, "Timestamp": AT.format(20.005)}
        verdicts.append(rehearse(case_of(shown(*rows, step), "x"), runner).verdict)
    assert verdicts == [Verdict.GOES_ON, Verdict.CANNOT_TELL, Verdict.DIVERGES]


def test_what_depends_on_moments_cannot_be_told(tmp_path):
    """An event and a step whose times lie so that either may have come first: no verdict is given."""

    def decides_first(context):
        yield context.wait_for_external_event("Approval")
        yield context.call_activity("Check", "x")
        yield context.wait_for_external_event("more")

    event = {"EventType": "EventRaised", "Name": "Approval", "Input": "1", "Timestamp": AT.format(0.15)}
    result = {"EventType": "TaskCompleted", "Result": 1, "Timestamp": AT.format(2), "Input": None}
    runner = runner_of(app_of(decides_first), tmp_path)
    verdicts = []
    for name, scheduled in (("Check", 0.2), ("Check", 0.1), ("Inform", 0.1)):
        folded = {**result, "ScheduledTime": AT.format(scheduled), "FunctionName": name}
        report = rehearse(case_of(shown(event, folded), "x"), runner)
        verdicts.append(report.verdict)
    assert verdicts == [Verdict.GOES_ON, Verdict.CANNOT_TELL, Verdict.DIVERGES]


@FORMS
def test_an_orchestrator_that_is_turned_off_fails_its_instances(history, tmp_path, form):
    """It is named as such; an activity that is turned off changes no decision that was made."""
    case, app = history(form), app_of(old)
    runner = runner_of(app, tmp_path)
    runner.turn_off(["Register"])
    assert rehearse(case, runner).verdict is Verdict.GOES_ON
    runner.turn_off(["Review"])
    report = rehearse(case, runner)
    assert report.verdict is Verdict.DIVERGES
    assert report.advice == "Take away the setting AzureWebJobs.Review.Disabled."
