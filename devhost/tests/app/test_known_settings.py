"""What settings and decorators say and devhost does not do: named at the start, or listed in differences.md."""

import json
from http.client import HTTPConnection

import pytest
from checkout import DEVHOST

from devhost.app.host_json import read_host_json
from devhost.app.known_settings import (
    ELSEWHERE,
    HOST_JSON,
    of_app_settings,
    of_bindings,
    of_host_json,
    of_local_settings,
)
from devhost.app.local_host import KEYS
from devhost.errors import BadSettings
from devhost.testing.process import HostProcess

UNKNOWN = "local.settings.json: {} is no setting that is known, and does nothing"
PROCESSES = (
    "the setting FUNCTIONS_WORKER_PROCESS_COUNT has no effect here: in Azure it runs the app in several processes at "
    "once; here it is one"
)


def nested(path, value):
    """An object with the value at this dotted path."""
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


@pytest.mark.parametrize("path", HOST_JSON)
def test_every_known_setting_is_done_or_told(path):
    """One sentence names what changes an app; about the rest nothing is said."""
    said = of_host_json(nested(path.replace(".*", ".anything"), "a value"))
    known = HOST_JSON[path]
    if isinstance(known, str):
        assert said == []
    else:
        named = path.replace(".*", "")
        assert len(said) == 1
        assert said[0].startswith(f"host.json: {named}")
        assert known.effect in said[0]


@pytest.mark.parametrize(
    "path", [path for path, known in HOST_JSON.items() if known == ELSEWHERE and path != "$schema"]
)
def test_what_is_not_told_is_documented(path):
    """differences.md names each setting about something that devhost does not have."""
    text = (DEVHOST / "docs/differences.md").read_text()
    assert f"`{path.split('.')[-1]}`" in text or f"`{path.removesuffix('.*').split('.')[-1]}`" in text


def test_defaults_change_nothing():
    """A setting with its default value is not reported, in any spelling of it."""
    for path, known in HOST_JSON.items():
        if not isinstance(known, str) and known.default is not None:
            for value in (known.default, str(known.default).upper()):
                assert of_host_json(nested(path, value)) == [], path
    assert of_host_json({"extensions": {"queues": {}, "durableTask": {}}, "logging": {}, "retry": {}}) == []


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"functionTimeOut": "00:10:00", "Version": "2.0"}, []),
        ({"functionTimout": "00:10:00"}, ["functionTimout is no setting that is known", "Is functionTimeout meant?"]),
        (nested("extensions.durableTask.hubname2", "x"), [".hubname2", "Is extensions.durableTask.hubName meant?"]),
        (nested("extensions.durabletasks", {"hubName": "x"}), ["extensions.durabletasks is no setting"]),
        (nested("extensions.durableTask.storageProvider", {"partitions": 4}), ["storageProvider.partitions is no "]),
        (nested("durableTask.hubName", "x"), ["durableTask is no setting"]),
        ({"routePrefix": ""}, ["routePrefix is no setting"]),
        ({"http": {"routePrefix": ""}}, ["http is of host.json's version 1"]),
        (nested("extensions.durableTask.storageProvider", {"type": "mssql", "schemaName": "x"}), ["Provider.type"]),
        (nested("extensions.durableTask.tracing", {"level": 1}), ["tracing.level is no setting"]),
        ({"_comment": "x"}, ["_comment is no setting"]),
        ({"retry": {"strategy": "fixedDelay", "maxRetryCount": 2}}, ["retry has no effect", "retry"]),
    ],
)  # fmt: skip
def test_what_is_said_of_host_json(raw, said):
    """Keys are compared in any case; one that nobody knows is named, with what was meant."""
    found = " | ".join(of_host_json(raw))
    assert all(one in found for one in said)
    assert bool(found) == bool(said)


def test_a_group_is_told_once():
    """A part that does nothing as a whole is one sentence, however much it holds."""
    assert len(of_host_json({"retry": {"strategy": "fixedDelay", "maxRetryCount": 2}})) == 1
    assert len(of_host_json(nested("extensions.serviceBus", {"a": {"b": 1}, "c": 2}))) == 1
    assert len(of_host_json(nested("extensions.unknown", {"a": {"b": 1}, "c": 2}))) == 1


def test_a_setting_in_the_environment_is_told_too(tmp_path):
    """A setting that overrides host.json counts like one in it."""
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    environ = {"AzureFunctionsJobHost__extensions__http__maxConcurrentRequests": "5"}
    (said,) = of_host_json(read_host_json(tmp_path, environ).raw)
    assert said.startswith(
        "host.json: extensions.http.maxConcurrentRequests has no effect here: in Azure it answers 429"
    )


def test_local_settings():
    """Parts are known by their exact names, what belongs to the host in any case."""
    assert (
        of_local_settings({"IsEncrypted": False, "Values": {}, "ConnectionStrings": {}, "Host": {"cors": "*"}}, KEYS)
        == []
    )
    said = of_local_settings({"values": {}, "Host": {"CORSCredential": True, "Other": 1}}, KEYS)
    assert said == [
        UNKNOWN.format("values") + ". Is Values meant?",
        UNKNOWN.format("Host.CORSCredential") + ". Is Host.CORSCredentials meant?",
        UNKNOWN.format("Host.Other"),
    ]


def test_app_settings():
    """A function that is turned off and does not exist is named; so is what the host reads in Azure."""
    environ = {
        "AzureWebJobs.Wiegh.Disabled": "true",
        "AzureWebJobs_weigh_Disabled": "true",
        "AzureWebJobs.WEIGH.Disabled": "true",
        "FUNCTIONS_WORKER_PROCESS_COUNT": "4",
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "OWN": "x",
    }
    assert of_app_settings(environ, ["weigh"]) == [
        PROCESSES,
        "the setting AzureWebJobs.Wiegh.Disabled names no function of this app. Is weigh meant?",
    ]


def test_decorators():
    """Bindings that are not played, properties that nobody knows, and retry policies."""
    trigger = {"type": "timerTrigger", "name": "t", "direction": "IN", "schedule": "0 * * * * *", "runOnStart": True}
    bindings = (
        {"type": "table", "name": "rows", "direction": "IN", "tableName": "x"},
        {"type": "queue", "name": "out", "direction": "OUT", "queueName": "x"},
        {"type": "blob", "name": "b", "direction": "OUT", "path": "c/n", "connection": "x", "dataType": "binary"},
        trigger,
    )
    assert of_bindings("f", bindings, "t", {"strategy": "fixed_delay"}) == [
        "function f: its table binding 'rows' gives nothing here, so its calls fail: an argument is missing",
        "function f: what it puts into its queue binding 'out' goes nowhere here",
        "function f: 'runOnStart' of its timerTrigger is no property that is known. Is runonstartup meant?",
        "function f: its retry policy has no effect here: in Azure a failed run is repeated by it",
    ]
    assert of_bindings("f", ({"type": "queueTrigger", "name": "q", "direction": "IN"},), "q", None) == []


def test_extended_sessions_are_refused(tmp_path):
    """The extension does not start with them for a Python app."""
    (tmp_path / "host.json").write_text(
        json.dumps({"version": "2.0"} | nested("extensions.durableTask.extendedSessionsEnabled", "true"))
    )
    with pytest.raises(BadSettings, match="extended sessions"):
        read_host_json(tmp_path)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A host with settings of many kinds."""
    folder = tmp_path_factory.mktemp("known")
    (folder / "function_app.py").write_text(
        "import azure.functions as func\n"
        "app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)\n"
        "@app.route('kept')\n"
        "def kept(req): return func.HttpResponse('', headers={'x-own': 'mine'})\n"
        "@app.route('left')\n"
        "def left(req): return 'no'\n"
        "@app.timer_trigger(arg_name='t', schedule='0 0 0 1 1 *')\n"
        "@app.retry(strategy='fixed_delay', max_retry_count='3', delay_interval='00:00:10')\n"
        "def yearly(t: func.TimerRequest) -> None: pass\n"
    )
    http = {"customHeaders": {"X-Own": "theirs", "X-Added": "yes"}, "maxConcurrentRequests": 3}
    settings = {"version": "2.0", "functions": ["KEPT", "yearly"], "extensions": {"http": http}, "functionTimout": 1}
    (folder / "host.json").write_text(json.dumps(settings))
    values = {"AzureWebJobs.kpet.Disabled": "true", "AzureWebJobsDisableHomepage": "true"}
    (folder / "local.settings.json").write_text(json.dumps({"IsEncrypted": False, "Values": values, "Hosts": {}}))
    host = HostProcess(folder, folder / "state")
    host.start()
    yield host
    host.close()


def ask(host, path):
    """Status and headers."""
    connection = HTTPConnection("127.0.0.1", host.port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers


def test_only_the_functions_that_host_json_names_run(running):
    """Others are not there; names are compared without case."""
    assert [ask(running, f"/api/{name}")[0] for name in ("kept", "left")] == [200, 404]


def test_custom_headers(running):
    """An answer gets them, unless the function has set its own; an error gets them too."""
    _, headers = ask(running, "/api/kept")
    assert (headers.get_all("x-own"), headers["x-added"]) == (["mine"], "yes")
    assert ask(running, "/api/nothing")[1]["x-added"] == "yes"


def test_no_homepage(running):
    """A setting takes the page at the root away."""
    assert ask(running, "/")[0] == 204


def test_the_start_names_what_does_nothing(running):
    """Each is one warning."""
    for text in (
        "extensions.http.maxConcurrentRequests has no effect here",
        "functionTimout is no setting that is known",
        "local.settings.json: Hosts is no setting that is known",
        "AzureWebJobs.kpet.Disabled names no function of this app. Is kept meant?",
        "function yearly: its retry policy has no effect here",
    ):
        assert running.text.count(text) == 1
