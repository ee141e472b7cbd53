"""The test host obeys the settings that the serving host obeys: one assembly puts both together."""

import json
import os
from datetime import timedelta

import pytest

from devhost.errors import BadSettings

APP = """
import os
import time

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp()


@app.activity_trigger(input_name="seconds")
def rest(seconds: int) -> str:
    time.sleep(seconds)
    return os.environ.get("GREETING", "none")


@app.orchestration_trigger(context_name="context")
def rests(context):
    return (yield context.task_all([context.call_activity("rest", 10) for _ in range(2)]))


@app.timer_trigger(arg_name="timer", schedule="0 0 9 * * *")
def at_nine(timer: func.TimerRequest) -> None:
    RUNS.append("ran")


@app.route("links")
@app.durable_client_input(client_name="client")
async def links(req: func.HttpRequest, client) -> func.HttpResponse:
    return client.create_check_status_response(req, "one")


RUNS = []
"""


@pytest.fixture
def write(tmp_path):
    """Writes the app, its host.json and its local.settings.json; answers the folder."""

    def written(extensions=None, values=None, **top):
        host_json = {"version": "2.0", "extensions": {"durableTask": extensions or {}}, **top}
        (tmp_path / "host.json").write_text(json.dumps(host_json))
        (tmp_path / "function_app.py").write_text(APP)
        if values is not None:
            local = {"IsEncrypted": False, "Values": values}
            (tmp_path / "local.settings.json").write_text(json.dumps(local))
        return tmp_path

    return written


def hub_of(host):
    """The task hub's name, as the app's own links say it."""
    return host.call("GET", "/api/links").json()["statusQueryGetUri"].partition("taskHub=")[2].partition("&")[0]


def test_a_setting_in_the_hubs_name_is_resolved(write, durable_host, monkeypatch):
    """``%SETTING%`` in host.json is what the environment says."""
    monkeypatch.setenv("HUB", "FromEnvironment")
    assert hub_of(durable_host(write({"hubName": "%HUB%"}))) == "FromEnvironment"


def test_a_setting_that_is_missing_is_refused(write, durable_host):
    """The host does not start, as the serving host does not."""
    with pytest.raises(BadSettings, match="there is no setting NOWHERE"):
        durable_host(write({"hubName": "%NOWHERE%"}))


def test_a_setting_overrides_host_json(write, durable_host, monkeypatch):
    """``AzureFunctionsJobHost__...`` wins over the file."""
    monkeypatch.setenv("AzureFunctionsJobHost__extensions__durableTask__hubName", "Overridden")
    assert hub_of(durable_host(write({"hubName": "FromFile"}))) == "Overridden"


def test_a_setting_overrides_the_host_of_an_app_object(durable_host, monkeypatch):
    """An app that has no folder has no host.json, and the environment has its say all the same."""
    import azure.durable_functions as df  # noqa: PLC0415 - the app of this test alone
    import azure.functions as func  # noqa: PLC0415

    app = df.DFApp()

    @app.route("links")
    @app.durable_client_input(client_name="client")
    async def links(req: func.HttpRequest, client) -> func.HttpResponse:
        return client.create_check_status_response(req, "one")

    assert hub_of(durable_host(app)) == "TestHub"
    monkeypatch.setenv("AzureFunctionsJobHost__extensions__durableTask__hubName", "Overridden")
    assert hub_of(durable_host(app)) == "Overridden"


def test_no_more_activities_run_at_once_than_host_json_allows(write, durable_host):
    """With one place the second of two activities of ten seconds begins when the first one ends."""
    host = durable_host(write({"maxConcurrentActivityFunctions": 1}), threads=True)
    case = host.start("rests")
    host.advance(timedelta(seconds=15))
    assert host.status(case).runtime_status == "Running"
    host.advance(timedelta(seconds=10))
    assert host.status(case).runtime_status == "Completed"


def test_activities_run_at_once_where_host_json_does_not_limit_them(write, durable_host):
    """Ten run at once without a setting: two of ten seconds are over after ten."""
    host = durable_host(write(), threads=True)
    case = host.start("rests")
    host.advance(timedelta(seconds=15))
    assert host.status(case).runtime_status == "Completed"


@pytest.mark.parametrize(("zone", "hours_until_nine"), [(None, 9), ("Europe/Berlin", 8), ("America/New_York", 14)])
def test_timer_functions_run_by_the_clock_of_the_time_zone(write, durable_host, monkeypatch, zone, hours_until_nine):
    """``WEBSITE_TIME_ZONE`` says whose nine o'clock it is; without it, it is that of UTC."""
    if zone is not None:
        monkeypatch.setenv("WEBSITE_TIME_ZONE", zone)
    host = durable_host(write())
    host.advance(timedelta(hours=hours_until_nine) - timedelta(minutes=1))
    assert "ran" not in host.steps["at_nine"]
    host.advance(timedelta(minutes=2))
    assert host.steps["at_nine"][-1] == "ran"


def test_only_the_functions_that_host_json_lists_run(write, durable_host):
    """The list ``functions`` takes all others away."""
    host = durable_host(write(functions=["rest", "rests"]))
    assert host.call("GET", "/api/links").status == 404


def test_a_setting_turns_a_function_off(write, durable_host, monkeypatch):
    """``AzureWebJobs.NAME.Disabled`` is read at each start of the host."""
    host = durable_host(write())
    assert host.call("GET", "/api/links").status == 202
    monkeypatch.setenv("AzureWebJobs.links.Disabled", "true")
    host.restart_host()
    assert host.call("GET", "/api/links").status == 404


def test_local_settings_are_read(write, durable_host):
    """local.settings.json fills in what the environment does not say, for the host and for the app's code."""
    values = {"HUB": "FromFile", "AzureWebJobs.at_nine.Disabled": "1", "GREETING": "hello"}
    host = durable_host(write({"hubName": "%HUB%"}, values), threads=True)
    assert hub_of(host) == "FromFile"
    case = host.start("rests")
    host.advance(timedelta(hours=10))
    assert host.status(case).output == ["hello", "hello"]
    assert "ran" not in host.steps["at_nine"]


def test_the_environment_wins_over_local_settings(write, durable_host, monkeypatch):
    """What the environment holds stays as it is, and the host says nothing of it: a test does that on purpose."""
    monkeypatch.setenv("HUB", "FromEnvironment")
    host = durable_host(write({"hubName": "%HUB%"}, {"HUB": "FromFile"}))
    assert hub_of(host) == "FromEnvironment"
    assert host.complaints == []


def test_local_settings_do_not_stay_in_the_environment(write, durable_host, monkeypatch):
    """Between two calls of the host the environment is the test's own, and what the test sets there wins."""
    before = dict(os.environ)
    host = durable_host(write(None, {"GREETING": "hello"}), threads=True)
    assert dict(os.environ) == before
    host.start("rests")
    assert dict(os.environ) == before
    monkeypatch.setenv("GREETING", "the test's own")
    case = host.start("rests")
    host.advance(timedelta(minutes=1))
    assert host.status(case).output == ["the test's own"] * 2
    assert os.environ["GREETING"] == "the test's own"
    monkeypatch.undo()
    assert dict(os.environ) == before


def test_a_refused_host_leaves_the_environment_alone(write, durable_host):
    """A host that cannot start takes its settings away again."""
    before = dict(os.environ)
    with pytest.raises(BadSettings):
        durable_host(write({"hubName": "%NOWHERE%"}, {"GREETING": "hello"}))
    assert dict(os.environ) == before


def test_what_the_app_changes_in_its_environment_stays(write, durable_host):
    """The host takes away what it has put there, and nothing else."""
    folder = write(None, {"GREETING": "hello"})
    (folder / "function_app.py").write_text(APP + '\nos.environ["SET_BY_THE_APP"] = "yes"\n')
    try:
        durable_host(folder)
        assert os.environ["SET_BY_THE_APP"] == "yes"
        assert "GREETING" not in os.environ
    finally:
        os.environ.pop("SET_BY_THE_APP", None)
