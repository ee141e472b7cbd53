"""What follows from a history, without a host: reasons, failures, refusals, and what is told to a parent."""

import pytest

from devhost.durabletask import history as h
from devhost.durabletask.engine import decide
from devhost.durabletask.failures import NON_DETERMINISTIC
from devhost.durabletask.functions import Functions
from devhost.durabletask.orchestrator_result import OrchestratorResult

FUNCTIONS = Functions(activities=("echo",), orchestrations=("case", "child"), entities=("counter",))
EVENT = {"actionType": 6, "externalEventName": "vote"}
PARENT = {
    "Name": "parent", "OrchestrationInstance": {"InstanceId": "above", "ExecutionId": "f" * 32}, "TaskScheduleId": 0,
    "Version": "",
}  # fmt: skip


def decided(*rows, parent=None, **result):
    """What follows from an execution with these further rows, run with this result."""
    started = h.execution_started(
        instance_id="one", execution_id="e" * 32, name="case", version=None, input_text=None, at=0, generation=None,
        parent=parent,
    )  # fmt: skip
    return decide([h.orchestrator_started(1), started, *rows], OrchestratorResult(**result), FUNCTIONS)


@pytest.mark.parametrize(
    ("rows", "status", "reason"),
    [
        ([("suspended", "tea")], "Suspended", "tea"),
        ([("suspended", None)], "Suspended", None),
        ([("suspended", "tea"), ("suspended", "more tea")], "Suspended", "more tea"),
        ([("suspended", "tea"), ("suspended", None)], "Suspended", "tea"),
        ([("suspended", "tea"), ("resumed", "back")], "Running", "back"),
        ([("suspended", "tea"), ("resumed", None)], "Running", "tea"),
        ([("suspended", "tea"), ("resumed", None), ("suspended", None)], "Suspended", "tea"),
        ([("suspended", "tea"), ("resumed", "back"), ("suspended", "gone")], "Suspended", "gone"),
    ],
)
def test_the_output_is_the_latest_reason_that_was_given(rows, status, reason):
    """Of the suspensions and resumptions of one episode (contract 4.9)."""
    outcome = decided(*(getattr(h, kind)(text, 2) for kind, text in rows), actions=[EVENT])
    assert (outcome.status, outcome.output) == (status, reason)


def test_a_reason_counts_for_its_episode_alone():
    """The next one has none (contract 4.9)."""
    earlier = [h.suspended("tea", 2), h.orchestrator_completed(3)]
    outcome = decided(*earlier, h.orchestrator_started(4), actions=[EVENT])
    assert (outcome.status, outcome.output) == ("Suspended", None)


@pytest.mark.parametrize(
    ("result", "error", "thrown"),
    [
        ({"error": "boom"}, "boom", ""),
        ({"unreadable": "no state", "thrown": "System.ArgumentException"}, "no state", "System.ArgumentException"),
        ({"unreadable": "no state"}, "no state", "System.AggregateException"),
    ],
)
def test_a_failure_is_worded_for_the_status_and_for_a_parent(result, error, thrown):
    """With the engine's prefix, and without it (contract 4.9)."""
    outcome = decided(**result)
    assert (outcome.status, outcome.error, outcome.thrown) == ("Failed", error, thrown)
    assert outcome.output == f"Orchestrator function 'case' failed: {error}"


def test_a_custom_status_that_is_too_long_fails_as_an_argument():
    """It is not stored (contract 4.8)."""
    outcome = decided(done=True, custom_status=f'"{"x" * 9000}"')
    assert (outcome.status, outcome.thrown, outcome.custom_status) == ("Failed", "System.ArgumentException", None)
    assert outcome.error.startswith("The UTF-16 size of the JSON-serialized payload must not exceed 16 KB.")


def test_a_history_that_the_code_does_not_lead_to_fails():
    """A parent is told the same text, and by which exception (contract 4.7)."""
    row = h.row({"EventType": h.TASK_SCHEDULED, "Name": "echo", "Input": "1", "Version": None}, 2, 0)
    outcome = decided(row, actions=[EVENT])
    assert (outcome.status, outcome.thrown) == ("Failed", NON_DETERMINISTIC)
    assert outcome.output.startswith("Non-Deterministic workflow detected: ")
    assert outcome.error == outcome.output


@pytest.mark.parametrize("taken", ["one", "above", "@counter@k"])
def test_a_child_may_have_neither_its_parents_ids_nor_an_entitys(taken):
    """The call is never scheduled, and the host says so (contract 4.5)."""
    call = {"actionType": 2, "functionName": "child", "instanceId": taken, "input": None}
    outcome = decided(actions=[call], parent=PARENT)
    assert (outcome.status, outcome.decisions) == ("Running", [])
    assert outcome.complaints[0].startswith(
        f"it gave its sub-orchestration 'child' the id '{taken}', which is refused: "
    )
    (decision,) = decided(actions=[call | {"instanceId": "other"}], parent=PARENT).decisions
    assert (decision.kind, decision.name, decision.instance_id) == ("sub", "child", "other")


@pytest.mark.parametrize(("version", "text"), [(None, None), ("1.50", "1.50"), (2.0, "2"), (2, "2"), (1.5, "1.5")])
def test_a_childs_version_is_text(version, text):
    """A number as .NET reads it from JSON, without needless zeros."""
    call = {"actionType": 2, "functionName": "child", "instanceId": "other", "input": None, "version": version}
    (decision,) = decided(actions=[call]).decisions
    assert decision.version == text


def test_a_terminated_one_has_the_first_reason():
    """A second termination changes nothing, and decisions are not carried out any more."""
    outcome = decided(h.terminated("no", 2), h.terminated("no again", 3), actions=[EVENT])
    assert (outcome.status, outcome.output) == ("Terminated", "no")


def test_an_execution_ends_with_the_number_after_its_last_decision():
    """The row ExecutionCompleted has it as its event's id (contract 4.10)."""
    signal = {"actionType": 9, "instanceId": "@counter@k", "operation": "add", "input": 1}
    outcome = decided(actions=[signal, signal], done=True, output="1")
    assert (outcome.status, outcome.output, outcome.completion_id) == ("Completed", "1", 2)
    assert [decision.number for decision in outcome.decisions] == [0, 1]


def test_events_after_continue_as_new_are_carried_over():
    """In their order; those before it are used up (contract 4.8)."""
    later = [h.event_raised("vote", "1", 2), h.event_raised("other", "2", 3)]
    outcome = decided(*later, actions=[{"actionType": 4, "input": "7"}], done=True)
    assert (outcome.status, outcome.next_input, outcome.carried) == ("ContinuedAsNew", "7", later)


def test_what_it_waits_for_is_named():
    """For the status page: each event once."""
    assert decided(actions=[{"actionType": 12, "compoundActions": [EVENT, EVENT]}]).waits == ("vote",)
    assert decided(done=True).waits == ()


def test_the_answer_of_an_entity_is_an_event_that_nobody_sees():
    """It is named by the request's id, so no page lists it, and it ends the call without a word (contract 5.2)."""
    call = {"actionType": 7, "instanceId": "@counter@k", "operation": "get", "input": None}
    (sent,) = decided(actions=[call]).decisions
    assert (sent.kind, sent.name, sent.instance_id, sent.signal) == ("sent", "op", "@counter@k", False)
    row = h.row({"EventType": h.EVENT_SENT, "InstanceId": "@counter@k", "Name": "op", "Input": '{"id":"r-1"}'}, 2, 0)
    waiting = decided(row, actions=[call, EVENT])
    assert (waiting.waits, waiting.decisions) == ((), [])
    answered = decided(row, h.event_raised("r-1", "{}", 3), actions=[call, EVENT])
    assert (answered.waits, answered.complaints) == (("vote",), [])


def test_a_call_over_http_is_an_activity_of_the_extension():
    """It gets the request as it is, and is called an HTTP call where a sentence names it (contract 3.4)."""
    request = {"method": "GET", "uri": "http://a.example/"}
    outcome = decided(actions=[{"actionType": 8, "httpRequest": request}, EVENT])
    (decision,) = outcome.decisions
    assert (decision.kind, decision.name, decision.http) == ("activity", "BuiltIn::HttpActivity", request)
    assert "the extension still waits for an HTTP call: " in outcome.complaints[0]
