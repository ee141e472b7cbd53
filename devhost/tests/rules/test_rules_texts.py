"""Texts of the engine and of the extension, to the letter: people read them, and search for them."""

import json
from types import SimpleNamespace

import pytest

from devhost.durabletask import failures
from devhost.durabletask import history as h
from devhost.durabletask.divergence import CHANGED, divergence
from devhost.durabletask.model import Instance
from devhost.durabletask.status import DuplicateRowError, history_body, shown, status_body
from devhost.durabletask.versions import Versions, not_mine

BEFORE = "A previous execution of this orchestration scheduled"
NOW = "but the current orchestration replay instead"
NOT_YET = "but the current replay execution hasn't (yet?) scheduled this task."
HELLO = {"EventId": 3, "Name": "Hello", "Version": "1.0"}
CHILD = {"EventId": 3, "Name": "Child", "InstanceId": "c1"}
ACTIVITY = f"{BEFORE} an activity task with sequence"
SUB = f"{BEFORE} a sub-orchestration task with sequence ID 3 and name 'Child'"
SENT = f"{BEFORE} a send event task with sequence ID 3, type 'EventSent'"
HERE, AT = "with this sequence number.", "at this sequence number."


@pytest.mark.parametrize(
    ("event", "kind", "made", "text"),
    [
        (HELLO, "activity", None, f"{ACTIVITY} ID 3 and name 'Hello' (version '1.0'), {NOT_YET}"),
        (CHILD, "activity", None, f"{ACTIVITY} ID 3 and name 'Child' (version ''), {NOT_YET}"),
        (HELLO, "activity", ("activity", "Bye"),
         f"{ACTIVITY} number 3 named 'Hello', {NOW} scheduled an activity task named 'Bye' {HERE} "),
        (HELLO, "activity", ("timer", None),
         f"{ACTIVITY} number 3 named 'Hello', {NOW} produced a CreateTimerOrchestratorAction action {HERE}"),
        ({"EventId": 3}, "timer", None, f"{BEFORE} a timer task with sequence number 3 {NOT_YET}"),
        ({"EventId": 3}, "timer", ("activity", "Hello"),
         (f"{BEFORE} a timer task with sequence number 3 named {NOW} produced a "
         f"ScheduleTaskOrchestratorAction action {HERE}")),
        (CHILD, "sub", None, f"{SUB} (version '', instance ID 'c1'), {NOT_YET}"),
        (CHILD, "sub", ("sub", "Other"),
         f"{SUB} (version '', instance ID 'c1'), {NOW} scheduled a sub-orchestration task with name Other {AT}"),
        ({**CHILD, "Version": "2"}, "sub", ("sent", None),
         f"{SUB} (version '2', instance ID 'c1'), {NOW} produced a SendEventOrchestratorAction action {AT}"),
        (CHILD, "sent", None, f"{SENT} name 'Child', instance ID 'c1', {NOT_YET}"),
        (CHILD, "sent", ("sub", "Child"),
         f"{SENT}, name 'Child', instance ID 'c1', {NOW} scheduled a CreateSubOrchestrationAction task {AT}"),
    ],
)  # fmt: skip
def test_a_divergence_is_told_in_the_engines_words(event, kind, made, text):
    """For each kind of row, with and without a decision in its place (contract 3.5)."""
    decision = made and SimpleNamespace(kind=made[0], name=made[1])
    assert divergence(event, kind, decision) == f"{text} {CHANGED}"


@pytest.mark.parametrize(
    ("version", "versions", "text"),
    [
        ("2.0", Versions("1.0"), "2.0, but this host has version 1.0 and takes that version and older ones"),
        ("2", Versions(), "2, but this host has no defaultVersion in host.json and takes that version and older ones"),
        (None, Versions("1.0", "Strict"), "(none), but this host has version 1.0 and takes only that version"),
    ],
)  # fmt: skip
def test_an_instance_of_another_version_is_told_of_with_both_versions(version, versions, text):
    """And that waiting does not help (contract 1.3)."""
    instance = Instance("a", "e", "says", None, None, "Pending", None, None, None, 0, 0, version)
    rest = "it stays Pending for ever, as in Azure, until a host takes it"
    assert not_mine(instance, versions) == f"it has version {text}: {rest}"


def test_a_connection_that_was_refused_is_the_exception_of_net():
    """To the last member, in its order (contract 3.4)."""
    failure = failures.http_failure("Connection refused (localhost:1)", 2, "Connection refused", 111)
    assert (failure.message, failure.stack) == ("Connection refused (localhost:1)", "")
    nothing = {"$type": "System.Collections.ListDictionaryInternal, System.Private.CoreLib"}
    assert list(json.loads(failure.details).items()) == [
        ("$type", "System.Net.Http.HttpRequestException, System.Net.Http"),
        ("HttpRequestError", 2),
        ("StatusCode", None),
        ("Message", "Connection refused (localhost:1)"),
        ("Data", nothing),
        (
            "InnerException",
            {
                "$type": "System.Net.Sockets.SocketException, System.Net.Primitives",
                "ClassName": "System.Net.Sockets.SocketException",
                "Message": "Connection refused",
                "Data": None,
                "InnerException": None,
                "HelpURL": None,
                "StackTraceString": None,
                "RemoteStackTraceString": None,
                "RemoteStackIndex": 0,
                "ExceptionMethod": None,
                "HResult": -2147467259,
                "Source": "System.Net.Sockets",
                "WatsonBuckets": None,
                "NativeErrorCode": 111,
            },
        ),
        ("HelpLink", None),
        ("Source", "System.Net.Http"),
        ("HResult", -2147467259),
        ("StackTrace", None),
    ]
    assert json.loads(failures.http_failure("No.", 7, None).details)["InnerException"] is None


def test_an_answer_that_broke_off_is_an_exception_within_another():
    """The inner one has no status (contract 3.4)."""
    failure = failures.http_io_failure("Error while copying content to a stream.", 8, "It ended early. (ResponseEnded)")
    assert (failure.message, failure.stack) == ("Error while copying content to a stream.", "")
    details = json.loads(failure.details)
    nothing = {"$type": "System.Collections.ListDictionaryInternal, System.Private.CoreLib"}
    assert details["InnerException"] == {
        "$type": "System.Net.Http.HttpIOException, System.Net.Http",
        "HttpRequestError": 8,
        "Message": "It ended early. (ResponseEnded)",
        "Data": nothing,
        "InnerException": None,
        "HelpLink": None,
        "Source": "System.Net.Http",
        "HResult": -2146232800,
        "StackTrace": None,
    }
    assert (details["Message"], details["HResult"], details["HttpRequestError"]) == (
        "Error while copying content to a stream.", -2146232800, 8,
    )  # fmt: skip


def test_an_activity_that_is_gone_or_off_has_a_text_of_the_extension():
    """One that a later release does not have, and one that a setting turns off (contract 4.5)."""
    assert failures.lost_activity("A").message == "Activity function 'A' does not exist."
    assert failures.disabled_activity("A").message == "Activity function 'A' is disabled."
    for failure in (failures.lost_activity("A"), failures.disabled_activity("A")):
        details = json.loads(failure.details)
        assert (details["Message"], failure.stack) == (failure.message, "")
        assert details["ClassName"] == failures.FUNCTION_FAILED
        assert details["$type"].startswith(f"{failures.FUNCTION_FAILED}, Microsoft.Azure")
    assert failures.timeout_failure("late", "i", "m", "00:00:01").stack == ""


@pytest.mark.parametrize(
    ("kind", "article"), [("activity", "an"), ("orchestrator", "an"), ("entity", "an"), ("task", "a")]
)
def test_a_name_that_the_app_does_not_have_is_answered_with_those_that_it_has(kind, article):
    """In quotes, with commas between; none if there are none (contract 1.3)."""
    text = f"The function 'x' doesn't exist, is disabled, or is not {article} {kind} function. "
    known = f"Additional info: The following are the known {kind} functions: "
    assert failures.unknown_function(kind, "x", {kind: ["A", "B"]}) == f"{text}{known}'A', 'B'."
    assert failures.unknown_function(kind, "x", {}) == f"{text}{known}."


EXCEPTION = (
    "$type", "ClassName", "Message", "Data", "InnerException", "HelpURL", "StackTraceString", "RemoteStackTraceString",
    "RemoteStackIndex", "ExceptionMethod", "HResult", "Source", "WatsonBuckets",
)  # fmt: skip
EXTENSION = "Microsoft.Azure.WebJobs.Extensions.DurableTask"


def test_a_parent_gets_the_exception_that_a_childs_extension_threw():
    """A custom status that is too long, say: .NET's exception to the last member (contract 4.9)."""
    details = json.loads(failures.child_details("It is too long.", "System.ArgumentException"))
    assert tuple(details) == (*EXCEPTION, "ParamName")
    assert details.pop("StackTraceString").startswith(f"   at {EXTENSION}.")
    assert {name: value for name, value in details.items() if value is not None} == {
        "$type": "System.ArgumentException, System.Private.CoreLib", "ClassName": "System.ArgumentException",
        "Message": "It is too long.", "RemoteStackIndex": 0, "HResult": -2147024809, "Source": EXTENSION,
    }  # fmt: skip


def test_a_parent_gets_the_exception_of_a_childs_function_within_another():
    """One whose answer had no state; the text loses what the engine has put around it (contract 4.9)."""
    text = "Result: Failure\nException: ValueError: (boom)\nStack: f()"
    details = json.loads(failures.child_details(f"One or more errors occurred. ({text})", "System.AggregateException"))
    assert tuple(details) == (*EXCEPTION, "InnerExceptions")
    assert details["InnerExceptions"] == [details["InnerException"]]
    assert details.pop("InnerException")["Message"] == details.pop("InnerExceptions")[0]["Message"] == text
    assert details.pop("StackTraceString").startswith("   at System.Threading.Tasks.Task.ThrowIfExceptional(")
    assert {name: value for name, value in details.items() if value is not None} == {
        "$type": "System.AggregateException, System.Private.CoreLib", "ClassName": "System.AggregateException",
        "Message": "One or more errors occurred.", "RemoteStackIndex": 0, "HResult": -2146233088,
        "Source": "System.Private.CoreLib",
    }  # fmt: skip


def test_a_failed_activity_has_the_exception_of_its_function_within_another():
    """The outer one has the message, with a blank before it, the inner one the stack as well (contract 4.5)."""
    details = json.loads(failures.activity_details(failures.Failure("ValueError: boom", "f()")))
    assert tuple(details) == EXCEPTION
    assert details.pop("InnerException")["Message"] == "Result: Failure\nException: ValueError: boom\nStack: f()"
    assert {name: value for name, value in details.items() if value is not None} == {
        "$type": "System.Exception, System.Private.CoreLib", "ClassName": "System.Exception",
        "Message": " ValueError: boom", "RemoteStackIndex": 0, "HResult": -2146233088,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "seen"),
    [(None, None), ("", ""), (" \u2003\u3000", ""), ('{"a": 1} x', {"a": 1}), ("\xa0tea \x85", "tea"),
     ("\x1c", "\x1c"), ("\x1ctea\x1f", "\x1ctea\x1f"), ("\u200btea", "\u200btea")],
)  # fmt: skip
def test_a_stored_text_is_shown_as_its_first_value_or_without_nets_blanks(stored, seen):
    """What Python also takes for a blank, such as a file separator, stays (contract 1.4)."""
    assert shown(stored) == seen


def test_a_status_names_the_parent_right_after_the_id():
    """A child's only (contract 1.4)."""
    instance = Instance("a:0", "e", "says", "a", None, "Running", None, None, None, 0, 0, None)
    assert list(status_body(instance))[:4] == ["name", "instanceId", "parentInstanceId", "runtimeStatus"]
    assert status_body(instance)["parentInstanceId"] == "a"


def test_a_status_shows_the_input_unless_it_is_not_wanted():
    """Nothing is said of it then (contract 1.4)."""
    instance = Instance("a", "e", "says", None, None, "Running", '"x"', None, None, 0, 0)
    assert status_body(instance)["input"] == "x"
    assert status_body(instance, show_input=False)["input"] is None


def test_a_child_is_shown_with_its_id_where_it_ended():
    """With the orchestration's name, and when it was scheduled (contract 1.5)."""
    made = h.row({"EventType": h.SUB_CREATED, "Name": "child", "InstanceId": "c1", "Input": "1", "Version": None}, 2, 0)
    (line,) = history_body([made, h.sub_completed(0, "1", 3)], show_input=True, show_output=True)
    assert (line["EventType"], line["InstanceId"], line["FunctionName"], line["Result"]) == (
        "SubOrchestrationInstanceCompleted", "c1", "child", 1,
    )  # fmt: skip


def test_the_row_of_an_end_has_the_number_after_the_last_decision():
    """With a failure's details too (contract 4.10)."""
    assert [h.execution_completed(3, "Failed", None, 5, failure)["EventId"] for failure in (None, {"a": 1})] == [3, 3]


def test_two_rows_of_one_number_are_answered_as_dotnets_dictionary_answers_them():
    """After non-determinism (contract 1.5)."""
    row = h.row({"EventType": h.TASK_SCHEDULED, "Name": "echo", "Input": "1", "Version": None}, 2, 7)
    with pytest.raises(
        DuplicateRowError, match=r"^An item with the same key has already been added\. Key: TaskScheduled_7$"
    ):
        history_body([row, row], show_input=True, show_output=True)
