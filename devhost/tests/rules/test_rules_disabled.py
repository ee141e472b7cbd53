"""Functions that ``AzureWebJobs.NAME.Disabled`` turns off: the extension knows them, and nothing listens for them."""

import json
import re
from datetime import timedelta
from urllib.request import urlopen

import azure.durable_functions as df
import azure.functions as func
import pytest

from devhost.durabletask.history import EVENT_RAISED, SUB_FAILED, TASK_FAILED
from devhost.testing.host import HostDied, Refused
from devhost.testing.process import HostProcess, until

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
KEY = df.EntityId("ledger", "eur")
EXTENSION = "Microsoft.Azure.WebJobs.Extensions.DurableTask"
FAILED = f"{EXTENSION}.FunctionFailedException"
SECONDS = timedelta(seconds=30)


@app.activity_trigger(input_name="parcel")
def weigh(parcel):
    """Gives the weight of a parcel; is turned off in these tests."""
    return len(parcel) + 1


@app.activity_trigger(input_name="value")
def echo(value):
    """Stays on."""
    return value


@app.entity_trigger(context_name="context")
def ledger(context):
    """Counts its operations; is turned off in these tests."""
    count = context.get_state(lambda: 0) + 1
    context.set_state(count)
    context.set_result(count)


@app.orchestration_trigger(context_name="context")
def nightly(context):
    """Is turned off in these tests; does what the input says."""
    match context.get_input():
        case "event":
            return (yield context.wait_for_external_event("Go"))
        case "timer":
            yield context.create_timer(context.current_utc_datetime + timedelta(seconds=10))
        case "activity":
            return (yield context.call_activity("weigh", "p"))
    return 1


@app.orchestration_trigger(context_name="context")
def ship(context):
    """Calls the activity."""
    return (yield context.call_activity("weigh", "p1"))


@app.orchestration_trigger(context_name="context")
def ship_twice(context):
    """Calls the activity with a retry."""
    return (yield context.call_activity_with_retry("weigh", df.RetryOptions(1000, 2), "p1"))


@app.orchestration_trigger(context_name="context")
def ship_or_not(context):
    """Goes on where the activity has failed."""
    try:
        yield context.call_activity("weigh", "p1")
    except Exception as error:  # noqa: BLE001 - the SDK raises plain Exception
        return [str(error), (yield context.call_activity("echo", "after"))]


@app.orchestration_trigger(context_name="context")
def week(context):
    """Calls the orchestrator as its child."""
    return (yield context.call_sub_orchestrator("nightly", context.get_input(), f"{context.instance_id}-child"))


@app.orchestration_trigger(context_name="context")
def book(context):
    """Calls the entity."""
    return (yield context.call_entity(KEY, "add", 5))


@app.orchestration_trigger(context_name="context")
def note(context):
    """Signals the entity and goes on."""
    context.signal_entity(KEY, "add", 5)
    yield context.call_activity("echo", 1)
    return "noted"


@app.route("start/{name}")
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: str) -> func.HttpResponse:
    """Starts an orchestration by the Python client."""
    return func.HttpResponse(await client.start_new(req.route_params["name"]))


@app.route("off")
def page(req: func.HttpRequest) -> func.HttpResponse:
    """An HTTP function that is turned off in one test."""
    return func.HttpResponse(f"on for {req.method}")


UNKNOWN = (
    "The function '{0}' doesn't exist, is disabled, or is not an orchestrator function. Additional info: The following "
    "are the known orchestrator functions: 'book', 'nightly', 'note', 'ship', 'ship_or_not', 'ship_twice', 'week'."
)
NO_ENTITY = (
    "The function 'ledger' doesn't exist, is disabled, or is not an entity function. Additional info: The following "
    "are the known entity functions: 'ledger'."
)
DISABLED = "Activity function 'weigh' failed: Activity function 'weigh' is disabled."
SERIALIZED = (
    f'{{"$type":"{FAILED}, {EXTENSION}","ClassName":"{FAILED}","Message":"Activity function \'weigh\' is disabled.",'
    '"Data":null,"InnerException":null,"HelpURL":null,"StackTraceString":null,"RemoteStackTraceString":null,'
    '"RemoteStackIndex":0,"ExceptionMethod":null,"HResult":-2146233088,"Source":null,"WatsonBuckets":null}'
)


@pytest.fixture
def turn_off(monkeypatch):
    """Turns functions off, by name, for each start of a host from then on; without a name all are on."""

    def turn(*names):
        for name in ("weigh", "nightly", "ledger", "page", "start"):
            monkeypatch.delenv(f"AzureWebJobs.{name}.Disabled", raising=False)
        for name in names:
            monkeypatch.setenv(f"AzureWebJobs.{name}.Disabled", "true")

    return turn


def test_a_disabled_activity_fails_at_once(durable_host, turn_off):
    """The call fails with the extension's exception, which has no stack; nobody waits."""
    turn_off("weigh")
    host = durable_host(app)
    case = host.start("ship")
    assert host.status(case).output == f"Orchestrator function 'ship' failed: {DISABLED} \n {SERIALIZED}"
    failed = next(row for row in host.rows(case) if row["EventType"] == TASK_FAILED)
    assert (failed["Reason"], failed["Details"]) == (DISABLED, SERIALIZED)


def test_a_disabled_activity_can_be_caught(durable_host, turn_off):
    """An orchestrator goes on after it, as after any failure."""
    turn_off("weigh")
    host = durable_host(app)
    assert host.status(host.start("ship_or_not")).output == [f"{DISABLED} \n {SERIALIZED}", "after"]


def test_a_disabled_activity_is_tried_as_often_as_the_retry_says(durable_host, turn_off):
    """It fails each time."""
    turn_off("weigh")
    host = durable_host(app)
    case = host.start("ship_twice")
    host.advance(SECONDS)
    assert host.status(case).runtime_status == "Failed"
    assert [row["EventType"] for row in host.rows(case)].count(TASK_FAILED) == 2


def test_a_disabled_child_fails_its_parent(durable_host, turn_off):
    """The child is created and fails; the parent gets the engine's exception."""
    turn_off("nightly")
    host = durable_host(app)
    case = host.start("week")
    child = host.status(f"{case}-child")
    assert child.output == f"Orchestrator function 'nightly' failed: {UNKNOWN.format('nightly')}"
    failed = next(row for row in host.rows(case) if row["EventType"] == SUB_FAILED)
    details = json.loads(failed["Details"])
    assert failed["Reason"] == child.output
    assert details.pop("StackTraceString").count("\n") == 1
    assert details == {
        "$type": "DurableTask.Core.Exceptions.OrchestrationFailureException, DurableTask.Core",
        "ClassName": "DurableTask.Core.Exceptions.OrchestrationFailureException",
        "Message": UNKNOWN.format("nightly"),
        "Data": None,
        "InnerException": None,
        "HelpURL": None,
        "RemoteStackTraceString": None,
        "RemoteStackIndex": 0,
        "ExceptionMethod": None,
        "HResult": -2146233088,
        "Source": EXTENSION,
        "WatsonBuckets": None,
        "Details": None,
    }
    assert host.status(case).output == f"Orchestrator function 'week' failed: {child.output} \n {failed['Details']}"


@pytest.mark.parametrize("path", ["orchestrators/nightly", "orchestrators/nightly/an-id", "orchestrators/NIGHTLY"])
def test_a_disabled_orchestrator_cannot_be_started(durable_host, turn_off, path):
    """It is refused; a name that no function has is taken, and fails."""
    turn_off("nightly")
    host = durable_host(app)
    with pytest.raises(Refused) as refused:
        host.manage("POST", path)
    name = path.split("/")[1]
    assert (refused.value.status, refused.value.body) == (400, {"Message": UNKNOWN.format(name)})
    assert host.manage("GET", "instances").json() == []
    case = host.start("nosuch")
    assert host.status(case).output == f"Orchestrator function 'nosuch' failed: {UNKNOWN.format('nosuch')}"


def test_the_python_client_cannot_start_a_disabled_orchestrator(durable_host, turn_off):
    """The SDK stumbles over that answer, and the caller sees a 500."""
    turn_off("nightly")
    host = durable_host(app)
    assert host.call("POST", "/api/start/nightly").status == 500
    assert host.complaints == ["start: KeyError: 'ExceptionMessage'"]


def test_an_instance_of_a_disabled_orchestrator_cannot_be_restarted(durable_host, turn_off):
    """The restart is refused in the exception shape; one of an unknown orchestrator is taken."""
    turn_off("nightly")
    host = durable_host(app)
    case = host.start("week")
    with pytest.raises(Refused) as refused:
        host.manage("POST", f"instances/{case}-child/restart")
    body = refused.value.body
    assert refused.value.status == 400
    assert body["Message"] == body["ExceptionMessage"] == UNKNOWN.format("nightly")
    assert body["ExceptionType"] == f"{EXTENSION}.OrchestratorFunctionUnavailableException"
    assert host.manage("POST", f"instances/{host.start('nosuch')}/restart").status == 202


def test_a_disabled_entity_answers_a_call_with_an_error(durable_host, turn_off):
    """The caller's call raises; nobody waits."""
    turn_off("ledger")
    host = durable_host(app)
    case = host.start("book")
    raised = next(row for row in host.rows(case) if row["EventType"] == EVENT_RAISED)
    answer = json.loads(raised["Input"])
    assert (
        answer["exceptionType"]
        == f"{FAILED}, {EXTENSION}, Version=3.0.0.0, Culture=neutral, PublicKeyToken=014045d636e89289"
    )
    assert list(answer) == ["result", "exceptionType"]
    thrown = json.loads(answer["result"])
    assert thrown["Message"] == NO_ENTITY
    assert thrown["Source"] == EXTENSION
    assert thrown["StackTraceString"].startswith(f"   at {EXTENSION}.DurableTaskExtension.")
    assert host.status(case).output == f"Orchestrator function 'book' failed: {thrown}"


def test_a_signal_to_a_disabled_entity_is_taken(durable_host, turn_off):
    """Anyone who signals goes on; the operation is lost, and the console says so."""
    turn_off("ledger")
    host = durable_host(app)
    assert host.status(host.start("note")).output == "noted"
    host.signal("ledger", "q", "add")
    host.manage("DELETE", "entities/ledger/q")
    for key in ("q", "eur"):
        with pytest.raises(Refused, match="404"):
            host.manage("GET", f"entities/ledger/{key}")
    assert all("is disabled" in one and "lost" in one for one in host.complaints)
    assert len(host.complaints) == 2
    with pytest.raises(Refused, match="400"):
        host.signal("nosuch", "q", "add")


def test_a_disabled_http_function_is_not_found(durable_host, turn_off):
    """Its route is answered 404."""
    turn_off("page")
    assert durable_host(app).call("GET", "/api/off").status == 404
    turn_off()
    assert durable_host(app).call("GET", "/api/off").body == b"on for GET"


# ---------------------------------------------------------------- across a restart


def test_an_instance_of_a_disabled_orchestrator_fails_when_it_wakes(durable_host, turn_off):
    """It sleeps on until a message comes; once the orchestrator is on again, a rewind takes it up."""
    host = durable_host(app)
    case = host.start("nightly", "event")
    turn_off("nightly")
    host.restart_host()
    assert host.status(case).runtime_status == "Running"
    host.raise_event(case, "Go", "now")
    assert host.status(case).output == f"Orchestrator function 'nightly' failed: {UNKNOWN.format('nightly')}"
    turn_off()
    host.restart_host()
    host.rewind(case)
    assert host.status(case).output == "now"


@pytest.mark.parametrize(("how", "kind"), [("timer", "a timer"), ("activity", "an activity")])
def test_what_it_had_scheduled_counts_as_a_change_of_code(durable_host, turn_off, how, kind):
    """An instance that had scheduled something fails of non-determinism when that comes back."""
    host = durable_host(app)
    host.die(before_commit=3 if how == "activity" else 1000)
    try:
        case = host.start("nightly", how, "a-case")
    except HostDied:
        case = "a-case"
    turn_off("nightly")
    host.restart_host()
    host.advance(SECONDS)
    output = host.status(case).output
    assert output.startswith(
        f"Non-Deterministic workflow detected: A previous execution of this orchestration scheduled {kind} task"
    )


def test_a_suspension_wakes_an_instance_of_a_disabled_orchestrator(durable_host, turn_off):
    """It fails of it as of any message; a termination ends it as always."""
    host = durable_host(app)
    cases = [host.start("nightly", "event") for _ in range(2)]
    turn_off("nightly")
    host.restart_host()
    host.suspend(cases[0], "wait")
    host.terminate(cases[1], "enough")
    assert [host.status(case).runtime_status for case in cases] == ["Failed", "Terminated"]


def test_a_parent_in_flight_learns_of_its_disabled_child(durable_host, turn_off):
    """It fails with its child, and both go on after a rewind once the child's function is on again."""
    host = durable_host(app)
    case = host.start("week", "event")
    turn_off("nightly")
    host.restart_host()
    host.raise_event(f"{case}-child", "Go", "now")
    assert "is disabled" in host.status(case).output
    turn_off()
    host.restart_host()
    host.rewind(case)
    assert host.status(case).output == "now"


def test_an_activity_that_was_running_fails_if_it_is_disabled_by_then(durable_host, turn_off):
    """Its call is handed out again at the start, to nobody."""
    host = durable_host(app)
    host.die(before_commit=3)
    with pytest.raises(HostDied):
        host.start("ship", None, "a-case")
    assert host.calls == [("weigh", "p1")]
    turn_off("weigh")
    host.restart_host()
    assert DISABLED in host.status("a-case").output


def test_a_disabled_entity_keeps_its_state(durable_host, turn_off):
    """What comes meanwhile is lost, a deletion too; afterwards it counts on from where it was."""
    host = durable_host(app)
    host.start("book")
    turn_off("ledger")
    host.restart_host()
    case = host.start("book")
    host.signal("ledger", "eur", "add")
    host.manage("DELETE", "entities/ledger/eur")
    assert host.status(case).runtime_status == "Failed"
    assert host.entity("ledger", "eur") == 1
    kept = host.manage("GET", "instances/@ledger@eur").json()
    assert list(kept["input"]["sorter"]["ReceivedFromInstance"])[-1] == case
    turn_off()
    host.restart_host()
    assert host.status(host.start("book")).output == 2


def test_the_served_host_reads_the_setting(tmp_path):
    """A host that is started with it in local.settings.json does the same as the test host."""
    (tmp_path / "function_app.py").write_text(
        "import azure.durable_functions as df\n"
        "app = df.DFApp()\n"
        "@app.activity_trigger(input_name='x')\n"
        "def weigh(x): return 3\n"
        "@app.orchestration_trigger(context_name='context')\n"
        "def ship(context): return (yield context.call_activity('weigh', 1))\n"
        "@app.orchestration_trigger(context_name='context')\n"
        "def nightly(context): return 1\n"
    )
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    off = {"AzureWebJobs.weigh.Disabled": "true", "AzureWebJobs_nightly_Disabled": "1"}
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": off, "IsEncrypted": False}))
    host = HostProcess(tmp_path, tmp_path / "state")
    host.start()
    try:
        with urlopen(f"{host.origin}/devhost", timeout=10) as page:
            assert "This app has the orchestrator ship." in page.read().decode()
        links = host.ask("POST", "/runtime/webhooks/durabletask/orchestrators/ship")
        path = re.sub("https?://[^/]*", "", links["statusQueryGetUri"])

        def ended():
            status = host.ask("GET", path)
            return status if status["runtimeStatus"] == "Failed" else None

        assert DISABLED in until(ended, "the orchestration fails")["output"]
    finally:
        host.close()
