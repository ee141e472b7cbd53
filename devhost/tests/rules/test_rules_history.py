"""The status answer with its history, row by row, and the shapes of errors (contract 1.2, 1.4, 1.5, 3.2)."""

import json
import re
from contextlib import suppress
from datetime import timedelta

import azure.durable_functions as df
import pytest

from devhost.durabletask import history as h
from devhost.durabletask.status import history_body
from devhost.testing.host import Refused

pytestmark = pytest.mark.filterwarnings("ignore:Potential duplicate:UserWarning")
app = df.DFApp()
API = "instances"


@app.activity_trigger(input_name="value")
def echo(value):
    """Gives its input back, but fails over ``no``."""
    if value == "no":
        raise ValueError("no")
    return value


@app.entity_trigger(context_name="context")
def box(context):
    """Keeps nothing."""
    context.set_result(1)


@app.orchestration_trigger(context_name="context")
def child(context):
    """Gives its input back, through an activity."""
    return (yield context.call_activity("echo", context.get_input()))


@app.orchestration_trigger(context_name="context")
def everything(context):
    """One row of each kind."""
    yield context.call_activity("echo", {"a": 1})
    yield context.call_sub_orchestrator("child", "x", "kid")
    for call in (context.call_activity("echo", "no"), context.call_sub_orchestrator("child", "no", "bad")):
        with suppress(Exception):  # the SDK raises plain Exception; it is the row that counts
            yield call
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=5))
    yield context.call_entity(df.EntityId("box", "1"), "op")
    yield context.task_all(
        [
            context.wait_for_external_event("E"),
            context.call_activity("echo", 2),
            context.call_sub_orchestrator("waiting", None, "waits"),
        ]
    )


@app.orchestration_trigger(context_name="context")
def waiting(context):
    """Waits for E."""
    context.set_custom_status({"waits": True})
    return (yield context.wait_for_external_event("E"))


@app.orchestration_trigger(context_name="context")
def fails(context):
    """Fails."""
    raise ValueError(context.get_input())


@pytest.fixture
def host(durable_host):
    """A host in which everything has happened to ``all``, but its end."""
    made = durable_host(app)
    made.start("everything", {"in": "put"}, "all")
    made.run_until_idle()
    made.raise_event("all", "E", {"b": [1, 2]})
    made.suspend("all", "a while")
    made.resume("all")
    return made


def events(host, instance_id, query="showHistory=true"):
    """The rows that the status shows."""
    return host.manage("GET", f"{API}/{instance_id}?{query}").json()["historyEvents"]


def first(rows, kind):
    """The keys of the first row of a kind, in order."""
    return next(list(row) for row in rows if row["EventType"] == kind)


FIELDS = {
    "ExecutionStarted": "EventType Input Correlation ParentTraceContext ScheduledStartTime Generation GenerateNewTrace "
    "Timestamp FunctionName",
    "TaskCompleted": "EventType Timestamp ScheduledTime FunctionName Input",
    "TaskFailed": "EventType Reason Details FailureDetails Timestamp ScheduledTime FunctionName Input",
    "SubOrchestrationInstanceCompleted": "EventType Timestamp ScheduledTime FunctionName InstanceId Input",
    "SubOrchestrationInstanceFailed": "EventType Reason Details FailureDetails Timestamp ScheduledTime FunctionName "
    "InstanceId Input",
    "SubOrchestrationInstanceCreated": "EventType Name InstanceId Input ClientSpanId Tags Timestamp",
    "TimerCreated": "EventType FireAt Timestamp",
    "TimerFired": "EventType FireAt Timestamp",
    "EventSent": "EventType InstanceId Name Input Timestamp",
    "EventRaised": "EventType Name Input ParentTraceContext Timestamp",
    "ExecutionSuspended": "EventType Reason Timestamp",
    "ExecutionResumed": "EventType Reason Timestamp",
}


@pytest.mark.parametrize("kind", FIELDS)
def test_a_row_has_its_fields_in_order(host, kind):
    """Names instead of numbers, without what is dropped (contract 1.5)."""
    assert " ".join(first(events(host, "all"), kind)) == FIELDS[kind]


def test_results_are_shown_where_asked_for(host):
    """Parsed, behind the kind of the row (contract 1.5)."""
    rows = events(host, "all", "showHistory=true&showHistoryOutput=true")
    assert first(rows, "TaskCompleted")[:2] == ["EventType", "Result"]
    assert next(row["Result"] for row in rows if row["EventType"] == "TaskCompleted") == {"a": 1}


def test_without_inputs_no_row_has_one(host):
    """``showInput=false`` takes the key away, and makes the status's own null (contract 1.4, 1.5)."""
    body = host.manage("GET", f"{API}/all?showHistory=true&showInput=false").json()
    assert body["input"] is None
    assert all("Input" not in row for row in body["historyEvents"])


def test_a_scheduled_row_is_shown_only_while_it_is_open(host):
    """It is folded into what completed it, in that row's place (contract 1.5)."""
    kinds = [row["EventType"] for row in events(host, "all")]
    assert kinds.count("TaskScheduled") == 0
    assert kinds.count("SubOrchestrationInstanceCreated") == 1
    assert kinds.index("TaskCompleted") < kinds.index("SubOrchestrationInstanceCompleted") < kinds.index("TaskFailed")
    assert not {"OrchestratorStarted", "OrchestratorCompleted"} & set(kinds)


def test_an_open_activity_is_shown_as_it_was_scheduled():
    """Without its version and number (contract 1.5)."""
    own = {"EventType": 4, "Name": "slow", "Version": "", "Input": None, "ParentTraceContext": None, "Tags": None}
    (shown,) = history_body([h.row(own, 0, 7)], show_input=True, show_output=False)
    assert list(shown) == ["EventType", "Name", "Input", "ParentTraceContext", "Tags", "Timestamp"]
    assert shown["EventType"] == "TaskScheduled"


def test_inputs_of_activities_are_not_stored(host):
    """The rows say null; an event's input is text (contract 1.5)."""
    rows = events(host, "all")
    assert all(row["Input"] is None for row in rows if row["EventType"] in ("TaskCompleted", "TaskFailed"))
    assert next(row["Input"] for row in rows if row.get("Name") == "E") == '{"b":[1,2]}'


def test_times_in_a_history(host):
    """Up to seven decimals and Z; a scheduled time ends in its offset (contract 1.5)."""
    for row in events(host, "all"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?Z", row["Timestamp"])
        if "ScheduledTime" in row:
            assert row["ScheduledTime"].endswith("+00:00")


def test_the_end_and_a_termination(host):
    """The last row's status is a name; a terminated instance has both rows (contract 1.5, 4.9)."""
    host.terminate("all", "enough")
    rows = events(host, "all", "showHistory=true&showHistoryOutput=true")
    assert [row["EventType"] for row in rows[-2:]] == ["ExecutionTerminated", "ExecutionCompleted"]
    assert list(rows[-2]) == ["EventType", "Input", "Timestamp"]
    assert list(rows[-1]) == ["EventType", "OrchestrationStatus", "Result", "FailureDetails", "Timestamp"]
    assert rows[-1]["OrchestrationStatus"] == "Terminated"


def test_rewound_rows_begin_with_their_data(host):
    """GenericEvent replaces the failure (contract 1.5, 4.9)."""
    case = host.start("fails", "x")
    host.rewind(case, "again")
    assert first(events(host, case), "GenericEvent") == ["Data", "EventType", "Timestamp"]


def test_the_body_has_its_keys_in_order(host):
    """The parent's id only on a child, the history only where asked for (contract 1.4)."""
    keys = ["name", "instanceId", "runtimeStatus", "input", "customStatus", "output", "createdTime", "lastUpdatedTime"]
    assert list(host.manage("GET", f"{API}/all").json()) == keys
    assert list(host.manage("GET", f"{API}/kid").json()) == [*keys[:2], "parentInstanceId", *keys[2:]]


@pytest.mark.parametrize(
    ("prepare", "status", "code", "headers"),
    [
        (lambda host: host.start("waiting", instance_id="s"), "Running", 202, {"location", "retry-after"}),
        (
            lambda host: (host.start("waiting", instance_id="s"), host.suspend("s")),
            "Suspended",
            202,
            {"location", "retry-after"},
        ),
        (lambda host: (host.start("waiting", instance_id="s"), host.terminate("s")), "Terminated", 200, set()),
        (lambda host: host.start("child", 1, "s"), "Completed", 200, set()),
        (lambda host: host.start("fails", "x", "s"), "Failed", 200, set()),
    ],
)
def test_the_state_says_the_status_code(durable_host, prepare, status, code, headers):
    """202 with Location and Retry-After 5 as long as it lives (contract 1.4)."""
    host = durable_host(app)
    prepare(host)
    answer = host.manage("GET", f"{API}/s")
    given = {name.lower(): value for name, value in answer.headers.items()}
    assert (answer.json()["runtimeStatus"], answer.status, set(given) - {"content-type"}) == (status, code, headers)
    assert given.get("retry-after", "5") == "5"


def test_a_failed_one_is_a_500_where_asked_for(durable_host):
    """With the same body (contract 1.4)."""
    host = durable_host(app)
    host.start("fails", "x", "s")
    with pytest.raises(Refused) as refused:
        host.manage("GET", f"{API}/s?returnInternalServerErrorOnFailure=true")
    assert refused.value.status == 500
    assert refused.value.body == host.manage("GET", f"{API}/s").json()


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "keys"),
    [
        ("GET", "instances/none", b"", 404, None),
        ("GET", "orchestrators/child", b"", 404, None),
        ("PUT", "instances/all", b"", 404, None),
        ("POST", "instances/all/nonsense", b"", 404, None),
        ("POST", "instances/kid/terminate", b"", 410, None),
        ("POST", "instances/all/raiseEvent/E", b"1", 400, ["Message"]),
        ("POST", "orchestrators/child/all", b"", 409, ["Message"]),
        ("POST", "orchestrators/child", b"{", 500, ["Message", "ExceptionMessage", "ExceptionType", "StackTrace"]),
        ("POST", "instances/none/restart", b"", 400, ["Message", "ExceptionMessage", "ExceptionType", "StackTrace"]),
        ("POST", "instances/all/resume", b"", 500, ["Message", "ExceptionMessage", "ExceptionType", "StackTrace"]),
    ],
)
def test_errors_have_one_of_three_shapes(host, method, path, body, status, keys):
    """Bare, message or exception; an unknown verb is a 404 and never a 405 (contract 1.2)."""
    with pytest.raises(Refused) as refused:
        host.manage(method, path, body)
    assert refused.value.status == status
    assert (None if refused.value.body is None else list(refused.value.body)) == keys


def test_a_stack_begins_as_dotnets_does(host):
    """The kind of an exception is its whole name (contract 1.2)."""
    with pytest.raises(Refused) as refused:
        host.manage("POST", "instances/none/restart")
    assert refused.value.body["StackTrace"].startswith("   at ")
    assert refused.value.body["ExceptionType"] == "System.ArgumentException"


def test_rows_as_python_gets_them_end_with_what_all_have(host):
    """EventId, IsPlayed and Timestamp; -1 for what is no decision (contract 3.2)."""
    rows = json.loads(host.payloads[-1])["history"]
    assert all(list(row)[-3:] == ["EventId", "IsPlayed", "Timestamp"] for row in rows)
    decisions = [row["EventId"] for row in rows if row["EventType"] in (4, 7, 10, 14)]
    assert decisions == sorted(decisions)
    assert all(row["EventId"] == -1 for row in rows if row["EventType"] not in (4, 7, 10, 14, 1))
    assert [row["EventType"] for row in rows[:2]] == [12, 0]
    assert all("Result" in row for row in rows if row["EventType"] in (5, 8))
