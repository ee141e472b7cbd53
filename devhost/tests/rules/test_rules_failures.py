"""What happens to failures: in texts, in a parent's history, in calls over HTTP."""

import asyncio
import json

import azure.durable_functions as df
import pytest

from devhost.app.http_activity import HttpClient, call_http
from devhost.app.indexer import index
from devhost.app.invoker import AppRunner
from devhost.app.worker import Worker
from devhost.durabletask.failures import Failure, activity_details, activity_reason
from devhost.durabletask.orchestrator_result import read_failure

app = df.DFApp()
runs: set[str] = set()


@app.activity_trigger(input_name="value")
def echo(value):
    """Gives its input back."""
    return value


@app.activity_trigger(input_name="value")
def other(value):
    """Gives its input back, too."""
    return value


@app.orchestration_trigger(context_name="context")
def parent(context):
    """What it sees of its child's failure."""
    try:
        return (yield context.call_sub_orchestrator(context.get_input(), None, f"{context.instance_id}-child"))
    except Exception as error:  # noqa: BLE001 - the SDK raises plain Exception
        return str(error)


@app.orchestration_trigger(context_name="context")
def raises(context):
    """Raises in its own code."""
    yield context.call_activity("echo", 1)
    raise ValueError("by itself")


@app.orchestration_trigger(context_name="context")
def raises_at_once(context):  # noqa: ARG001 - the binding's name
    """Raises without being a generator."""
    raise ValueError("at once")


@app.orchestration_trigger(context_name="context")
def too_large(context):
    """Has a custom status beyond the limit."""
    context.set_custom_status("x" * 9000)
    yield context.call_activity("echo", 1)


@app.orchestration_trigger(context_name="context")
def changes(context):
    """Calls another activity the second time."""
    first = context.instance_id not in runs
    runs.add(context.instance_id)
    yield context.call_activity("echo" if first else "other", 1)


@app.orchestration_trigger(context_name="context")
def signals_nobody(context):
    """Signals an entity that is not there, after an activity."""
    yield context.call_activity("echo", 1)
    context.signal_entity(df.EntityId("nobody", "k"), "op")
    yield context.call_activity("echo", 2)


@app.orchestration_trigger(context_name="context")
def calls_nobody(context):
    """Calls an entity that is not there."""
    yield context.call_entity(df.EntityId("nobody", "k"), "op")


@app.orchestration_trigger(context_name="context")
def waits(context):
    """Waits for E."""
    yield context.wait_for_external_event("E")


def failed_child(host, case):
    """The row of the failed child."""
    (row,) = (row for row in host.rows(case) if row["EventType"] == 9)
    return row


@pytest.mark.parametrize(
    ("child", "reason", "details"),
    [
        ("raises", "Orchestrator function 'raises' failed: by itself", "Message: by itself, StackTrace:    at System."),
        ("changes", "Non-Deterministic workflow detected: A previous",
         ("Unhandled exception while executing orchestration: "
         "DurableTask.Core.Exceptions.NonDeterministicOrchestrationException: Non-Deterministic workflow detected: A")),
        ("too_large", "Orchestrator function 'too_large' failed: The UTF-16 size of",
         ('{"$type":"System.ArgumentException, System.Private.CoreLib","ClassName":"System.ArgumentException",'
         '"Message":"The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. '
         'The current payload size is 17 KB.","Data":null,"InnerException":null,')),
        ("raises_at_once", ("Orchestrator function 'raises_at_once' failed: One or more errors occurred. (Result: "
         "Failure\nException: ValueError: at once\nStack: "),
         ('{"$type":"System.AggregateException, System.Private.CoreLib","ClassName":"System.AggregateException",'
         '"Message":"One or more errors occurred.","Data":null,"InnerException":{"$type":')),
    ],
)  # fmt: skip
def test_details_of_a_failed_child_tell_how_it_failed(durable_host, child, reason, details):
    """What the orchestrator raised is reported as text, what .NET threw for it as .NET writes it (contract 4.9)."""
    host = durable_host(app)
    row = failed_child(host, host.start("parent", child))
    assert row["Reason"].startswith(reason)
    assert row["Details"].startswith(details)


def test_an_aggregate_ends_with_its_inner_exceptions(durable_host):
    """The exception of a run without a usable state is an AggregateException of one (contract 4.9)."""
    host = durable_host(app)
    case = host.start("parent", "raises_at_once")
    details = json.loads(failed_child(host, case)["Details"])
    assert list(details)[-3:] == ["Source", "WatsonBuckets", "InnerExceptions"]
    assert details["InnerExceptions"] == [details["InnerException"]]
    assert details["InnerException"]["Message"].startswith("Result: Failure\nException: ValueError: at once\nStack: ")


def test_a_terminated_child_has_no_details(durable_host):
    """A parent sees the reason and None (contract 4.9)."""
    host = durable_host(app)
    case = host.start("parent", "waits")
    host.terminate(f"{case}-child", "enough")
    assert host.status(case).output == "enough \n None"


def test_an_orchestrator_that_the_app_does_not_have_fails_in_its_first_episode(durable_host):
    """The start is accepted; the failure names the orchestrators that there are (contract 1.3)."""
    host = durable_host(app)
    case = host.manage("POST", "orchestrators/nobody").json()["id"]
    assert host.status(case).output.startswith(
        "Orchestrator function 'nobody' failed: The function 'nobody' doesn't exist, is disabled, or is not an "
        "orchestrator function. Additional info: The following are the known orchestrator functions: '"
    )


def test_a_signal_to_nobody_fails_the_orchestration(durable_host):
    """A signal is sent at once, so an unknown entity is the orchestrator's own failure (contract 3.5)."""
    host = durable_host(app)
    status = host.status(host.start("signals_nobody"))
    assert status.runtime_status == "Failed"
    assert status.output.startswith(
        "Orchestrator function 'signals_nobody' failed: The function 'nobody' doesn't exist, is disabled, or is not an "
        "entity function. Additional info: The following are the known entity functions: "
    )


def test_a_call_of_nobody_waits_for_ever(durable_host):
    """A call is awaited and its fault swallowed, so an unknown entity is never heard of again (contract 4.5)."""
    host = durable_host(app)
    assert host.status(host.start("calls_nobody")).runtime_status == "Running"
    assert any("'nobody'" in text for text in host.complaints)


def test_the_last_label_in_a_failure_counts():
    """An exception's own text may hold the label of the state: the last one counts (contract 3.3)."""
    state = '{"isDone":false,"schemaVersion":2,"actions":[[]],"error":"a\\n\\n$OutOfProcData$:{}"}'
    message = f"Exception: a\n\n$OutOfProcData$:{{}}\n\n$OutOfProcData$:{state}"
    assert read_failure(Failure(message, "")).error == "a\n\n$OutOfProcData$:{}"


@pytest.mark.parametrize(
    ("uri", "reason", "details"),
    [
        ("http://localhost:1/", "Connection refused (localhost:1)",
         ('{"$type":"System.Net.Http.HttpRequestException, System.Net.Http","HttpRequestError":2,"StatusCode":null,'
         '"Message":"Connection refused (localhost:1)",')),
        ("nonsense", ("An invalid request URI was provided. Either the request URI must be an absolute URI or "
         "BaseAddress must be set."), "Unhandled exception while executing task: System.InvalidOperationException: "),
        ("ftp://localhost/", "The 'ftp' scheme is not supported.",
         "Unhandled exception while executing task: System.NotSupportedException: The 'ftp' scheme"),
    ],
)  # fmt: skip
def test_a_call_over_http_fails_in_the_words_of_net(uri, reason, details):
    """A failed call is no function of the app's: its reason has no prefix (contract 3.4)."""

    async def call():
        client = HttpClient.opened()
        try:
            return await call_http(client, {"method": "GET", "uri": uri})
        finally:
            await client.close()

    failure = asyncio.run(call())
    assert activity_reason("BuiltIn::HttpActivity", failure) == reason
    assert activity_details(failure).startswith(details)


def test_an_activity_that_a_new_release_has_lost_fails(tmp_path):
    """It was scheduled by the release before; its reason has one blank, its details .NET's exception (contract 4.5)."""
    release = df.DFApp()

    @release.activity_trigger(input_name="value")
    def kept(value):
        return value

    indexed = index(release, tmp_path)
    failure = asyncio.run(AppRunner(indexed, Worker(indexed)).act("lost", "1"))
    assert (
        activity_reason("lost", failure) == "Activity function 'lost' failed: Activity function 'lost' does not exist."
    )
    assert activity_details(failure) == (
        '{"$type":"Microsoft.Azure.WebJobs.Extensions.DurableTask.FunctionFailedException, '
        'Microsoft.Azure.WebJobs.Extensions.DurableTask",'
        '"ClassName":"Microsoft.Azure.WebJobs.Extensions.DurableTask.FunctionFailedException",'
        '"Message":"Activity function \'lost\' does not exist.","Data":null,"InnerException":null,"HelpURL":null,'
        '"StackTraceString":null,"RemoteStackTraceString":null,"RemoteStackIndex":0,"ExceptionMethod":null,'
        '"HResult":-2146233088,"Source":null,"WatsonBuckets":null}'
    )
