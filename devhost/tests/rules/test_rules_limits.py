"""Limits and what the host hides: function timeouts, secrets, functions that are switched off, other task hubs."""

import asyncio
import json
import threading
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import quote
from uuid import UUID

import azure.durable_functions as df
import pytest

from devhost.app.function_timeout import Limit, TimedOut
from devhost.app.local_settings import core_tools_settings
from devhost.dotnet.redaction import hide_secrets
from devhost.durabletask.failures import activity_details, activity_reason, timeout_failure
from devhost.testing.host import Refused
from devhost.testing.process import HostProcess
from devhost.timekeeping.clock import RealClock

APP = """
import time

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.activity_trigger(input_name="seconds")
def sleeps(seconds):
    time.sleep(seconds)
    return seconds


@app.orchestration_trigger(context_name="context")
def waits(context):
    try:
        return (yield context.call_activity("sleeps", context.get_input()))
    except Exception as error:
        return str(error)
"""


@pytest.fixture
def slow(tmp_path, durable_host):
    """A host whose functions may take 90 seconds."""
    (tmp_path / "function_app.py").write_text(APP)
    (tmp_path / "host.json").write_text('{"version": "2.0", "functionTimeout": "00:01:30"}')
    return durable_host(tmp_path, threads=True)


def test_an_activity_that_takes_too_long_fails(slow):
    """With the host's text and one blank; it is given up when the time is over (contract 4.5)."""
    case = slow.start("waits", 600)
    slow.advance(timedelta(seconds=89))
    assert slow.status(case).runtime_status == "Running"
    slow.advance(timedelta(seconds=2))
    text = "Timeout value of 00:01:30 was exceeded by function: Functions.sleeps"
    reason, _, details = slow.status(case).output.partition(" \n ")
    assert reason == f"Activity function 'sleeps' failed: {text}"
    kind = "Microsoft.Azure.WebJobs.Host.FunctionTimeoutException"
    thrown = json.loads(details)
    assert (thrown["$type"], thrown["ClassName"], thrown["Message"]) == (
        f"{kind}, Microsoft.Azure.WebJobs.Host",
        kind,
        text,
    )
    assert (thrown["Handled"], thrown["MethodName"], thrown["Timeout"]) == (False, "Functions.sleeps", "00:01:30")
    assert UUID(thrown["InstanceId"]).version == 4
    assert [thrown[key] for key in ("InnerException", "StackTraceString", "Source")] == [None, None, None]
    assert slow.complaints[0].startswith(f"{text}. Azure restarts the worker then")


def test_one_that_ends_in_time_is_not_given_up(slow):
    """Neither then nor later (contract 4.5)."""
    case = slow.start("waits", 80)
    slow.advance(timedelta(minutes=10))
    assert slow.status(case).output == 80
    assert slow.complaints == []


def test_a_timeout_is_told_as_dotnet_tells_it():
    """Days before a dot, parts of a second behind one (contract 4.5)."""
    failure = timeout_failure(
        str(TimedOut("id", "work", timedelta(days=1, milliseconds=1500))), "id", "Functions.work", ""
    )
    text = "Timeout value of 1.00:00:01.5000000 was exceeded by function: Functions.work"
    assert activity_reason("work", failure) == f"Activity function 'work' failed: {text}"
    assert json.loads(activity_details(failure))["Message"] == text


def test_in_real_time_the_limit_holds_for_whatever_is_awaited():
    """A thread goes on, and nobody waits for it; another cancellation is not taken for the limit's."""
    limit, call = Limit(timedelta(milliseconds=20), RealClock()), SimpleNamespace(invocation_id="1", function_name="f")
    done = threading.Event()

    async def blocked():
        try:
            with limit.on(call):
                await asyncio.get_running_loop().run_in_executor(None, done.wait, 5)
        finally:
            done.set()

    async def cancelled():
        with limit.on(call):
            raise asyncio.CancelledError

    with pytest.raises(TimedOut):
        asyncio.run(blocked())
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ValueError: AccountKey=abc;EndpointSuffix=x", "ValueError: [Hidden Credential]"),
        ("see https://h/x?code=abc&y=1 for more", "see https://h/x[Hidden Credential]"),
        ("<a href='?sig=1'>there</a>", "<a href='[Hidden Credential]'>there</a>"),
        ('{"u": "h?x&code=1", "pwd=2": 3}', '{"u": "h?x[Hidden Credential]", "[Hidden Credential]": 3}'),
        ("Version=1.0.0.0, PublicKeyToken=31bf", "Version=1.0.0.0, PublicKeyToken=31bf"),
        ("MONKEY=1", "MON[Hidden Credential]"),
        ("amqp://user:secret@host:5672/x", "[Hidden Credential]/x"),
        ("http://host:80/x a=b code=1", "http://host:80/x a=b code=1"),
        ("nothing here", "nothing here"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text, shown):
    """From the word that goes before it to the next quote or ``<`` (contract 4.5)."""
    assert hide_secrets(text) == shown


def test_a_failed_activitys_text_has_no_secrets(durable_host):
    """Neither its reason nor the exception in its details; the stack may (contract 4.5)."""
    app = df.DFApp()

    @app.activity_trigger(input_name="value")
    def leaks(value):
        raise ValueError(value)

    @app.orchestration_trigger(context_name="context")
    def asks(context):
        yield context.call_activity("leaks", "cannot log in with Password=abc")

    host = durable_host(app)
    case = host.start("asks")
    row = next(row for row in host.rows(case) if row["EventType"] == 6)
    assert row["Reason"] == "Activity function 'leaks' failed:  ValueError: cannot log in with [Hidden Credential]"
    assert "abc" not in json.loads(row["Details"])["Message"]


def test_a_state_whose_json_is_damaged_by_hiding_cannot_be_read(durable_host):
    """A link with a key in an activity's input costs a failing orchestrator its own error (contract 4.5)."""
    app = df.DFApp()

    @app.activity_trigger(input_name="value")
    def mails(value):
        return value

    @app.orchestration_trigger(context_name="context")
    def fails(context):
        yield context.call_activity("mails", "https://host/api?code=abc")
        raise ValueError("no")

    host = durable_host(app)
    case = host.start("fails")
    assert host.status(case).output.startswith("Non-Deterministic workflow detected")


def test_half_of_a_surrogate_pair_in_an_exception_is_replaced(durable_host):
    """It cannot be stored (contract 4.11)."""
    app = df.DFApp()

    @app.orchestration_trigger(context_name="context")
    def fails(context):
        yield context.create_timer(context.current_utc_datetime)
        raise ValueError("half \ud800 of it")

    host = durable_host(app)
    case = host.start("fails")
    assert host.status(case).output == "Orchestrator function 'fails' failed: half \ufffd of it"


def test_blanks_around_a_text_are_not_shown(durable_host):
    """The status trims what is no JSON, the stored text keeps them (contract 1.4)."""
    app = df.DFApp()

    @app.orchestration_trigger(context_name="context")
    def fails(context):
        yield context.create_timer(context.current_utc_datetime)
        raise ValueError(" \u2028")

    host = durable_host(app)
    case = host.start("fails")
    assert host.status(case).output == "Orchestrator function 'fails' failed:"
    assert host.rows(case)[-2]["Result"] == "Orchestrator function 'fails' failed:  \u2028"


def _once():
    """An app with an orchestrator and an entity."""
    app = df.DFApp()

    @app.orchestration_trigger(context_name="context")
    def once(context):
        return context.get_input()

    @app.entity_trigger(context_name="context")
    def counter(context):
        context.set_result(1)

    return app


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "orchestrators/once/a"), ("POST", "orchestrators/once"), ("POST", "orchestrators/nothing"),
        ("POST", "entities/counter/k"), ("POST", "entities/counter"), ("DELETE", "entities/counter/k"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("hub", ["Other", "../x", "x" * 500, "Other\x1b"])
def test_another_hub_takes_nothing(durable_host, method, path, hub):
    """Nobody would work on it; the refusal names both hubs, and what to do (differences.md)."""
    host = durable_host(_once())
    with pytest.raises(Refused) as refused:
        host.manage(method, f"{path}?taskHub={quote(hub)}", b"1")
    assert refused.value.status == 400
    assert "'TestHub'" in refused.value.body["ExceptionMessage"]
    assert hub[:100] in refused.value.body["ExceptionMessage"]
    assert host.manage("GET", "instances").json() == host.manage("GET", "entities").json() == []


def test_other_hubs_leave_nothing_behind(durable_host, tmp_path):
    """However many names are asked for: no file, and nothing in memory."""
    host = durable_host(_once(), database=tmp_path / "TestHub.db")
    for number in range(400):
        with pytest.raises(Refused):
            host.manage("POST", f"orchestrators/once?taskHub=Hub{number}", b"1")
        assert host.manage("GET", f"instances?taskHub=Hub{number}").json() == []
    assert {path.name.partition("-")[0] for path in tmp_path.iterdir()} == {"TestHub.db"}


def test_the_hubs_own_name_is_taken_in_any_case(durable_host):
    """With and without it is the same."""
    host = durable_host(_once())
    assert host.manage("POST", "orchestrators/once/a?taskHub=TESTHUB", b"{}").status == 202
    assert host.manage("GET", "instances/a?taskHub=testhub").status in (200, 202)


OTHER_HUB = """
import azure.durable_functions as df

app = df.DFApp()


@app.route("elsewhere")
@app.durable_client_input(client_name="client", task_hub="Elsewhere")
async def elsewhere(req, client) -> str:
    return "started"


@app.route("here")
@app.durable_client_input(client_name="client", task_hub="TESTHUBNAME")
async def here(req, client) -> str:
    return "started"
"""


def test_a_client_of_another_hub_is_told_at_the_start(tmp_path):
    """The links that it makes find nothing here; the hub's own name in another case is no other one."""
    (tmp_path / "function_app.py").write_text(OTHER_HUB)
    durable = {"hubName": "TestHubName"}
    (tmp_path / "host.json").write_text(json.dumps({"version": "2.0", "extensions": {"durableTask": durable}}))
    host = HostProcess(tmp_path, tmp_path / "state")
    host.start()
    host.close()
    (told,) = [line for line in host.lines if "WARNING" in line and "task hub" in line]
    assert "elsewhere: its client names the task hub 'Elsewhere', and devhost serves 'TestHubName' alone" in told


def test_the_environment_is_as_core_tools_makes_it(tmp_path):
    """What is there already stays (contract 6.4)."""
    assert core_tools_settings(tmp_path, 7071, {}) == {
        "AZURE_FUNCTIONS_ENVIRONMENT": "Development",
        "AzureWebJobsScriptRoot": str(tmp_path),
        "FUNCTIONS_CORETOOLS_ENVIRONMENT": "true",
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "WEBSITE_HOSTNAME": "localhost:7071",
    }
    assert "WEBSITE_HOSTNAME" not in core_tools_settings(tmp_path, 7071, {"WEBSITE_HOSTNAME": "a.example"})
