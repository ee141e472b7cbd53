"""host.json, local.settings.json and the settings that override them."""

from datetime import timedelta

import pytest

from devhost.app.host_json import HostJson, disabled, read_host_json, resolve, timespan
from devhost.app.local_settings import read_local_settings
from devhost.errors import BadSettings

TASK = '{{"version": "2.0", "extensions": {{"durableTask": {}}}}}'


@pytest.fixture
def host_json(tmp_path):
    """Write a host.json and read it."""

    def read(text, **environ):
        (tmp_path / "host.json").write_text(text)
        return read_host_json(tmp_path, environ)

    return read


@pytest.fixture
def local_settings(tmp_path):
    """Write a local.settings.json and read it."""

    def read(text, warn=lambda _: None, **environ):
        (tmp_path / "local.settings.json").write_text(text)
        return read_local_settings(tmp_path, environ, warn)

    return read


def test_defaults(host_json):
    """A host.json that says nothing gives the defaults of the real host (contract 1.10, 4.2, 4.5, 6.1)."""
    read = host_json('{"version": "2.0"}')
    assert read == HostJson(raw={"version": "2.0"})
    assert (read.hub_name, read.route_prefix, read.connection) == ("TestHubName", "api", "Storage")
    assert (read.overridable, read.max_activities, read.max_orchestrators) == ("NonRunningStates", 10, 5)
    assert (read.max_queue_polling_interval, read.function_timeout) == (timedelta(seconds=30), timedelta(minutes=30))


def test_everything_said(host_json):
    """The values of host.json are applied, in any case of its keys."""
    read = host_json("""{
        "version": "2.0",
        "functionTimeout": "00:05:00",
        "Extensions": {
            "http": {"routePrefix": "v1/x"},
            "DURABLETASK": {
                "hubName": "HubA",
                "overridableExistingInstanceStates": "anystate",
                "defaultVersion": "1.0.0",
                "maxConcurrentActivityFunctions": 3,
                "maxConcurrentOrchestratorFunctions": 2,
                "storageProvider": {"connectionName": "Other", "maxQueuePollingInterval": "00:00:01"}
            }
        }
    }""")
    assert (read.hub_name, read.route_prefix, read.overridable) == ("HubA", "v1/x", "AnyState")
    assert (read.connection, read.versions.default) == ("Other", "1.0.0")
    assert (read.max_activities, read.max_orchestrators) == (3, 2)
    assert (read.max_queue_polling_interval, read.function_timeout) == (timedelta(seconds=1), timedelta(minutes=5))


def test_older_name_of_the_connection(host_json):
    """The older key connectionStringName names the connection too."""
    assert host_json(TASK.format('{"storageProvider": {"connectionStringName": "Old"}}')).connection == "Old"


def test_empty_route_prefix(host_json):
    """An empty route prefix stays empty: routes then begin at the root (contract 6.1)."""
    assert host_json('{"version": "2.0", "extensions": {"http": {"routePrefix": ""}}}').route_prefix == ""


def test_settings_override_the_file(host_json):
    """An AzureFunctionsJobHost__ setting wins over host.json, and adds what is not there."""
    read = host_json(
        TASK.format('{"hubName": "HubA"}'),
        AzureFunctionsJobHost__extensions__durableTask__hubName="HubB",
        azurefunctionsjobhost__extensions__durabletask__MaxConcurrentActivityFunctions="7",
    )
    assert (read.hub_name, read.max_activities) == ("HubB", 7)
    assert read.raw["extensions"]["durableTask"]["hubName"] == "HubB"


def test_hub_name_from_a_setting(host_json):
    """%NAME% in the hub's name is replaced by the setting; without such a setting the host does not start."""
    text = TASK.format('{"hubName": "%HUB%"}')
    assert host_json(text, HUB="HubC").hub_name == "HubC"
    with pytest.raises(BadSettings, match="'%HUB%' does not resolve to a value"):
        host_json(text)


@pytest.mark.parametrize(("site", "hub"), [("my-site", "mysite"), ("1st", "t1st"), ("", "TestHubName")])
def test_hub_name_of_the_site(host_json, site, hub):
    """Without a name in host.json the hub is called like the site, made fit for storage (contract 1.10)."""
    assert host_json('{"version": "2.0"}', WEBSITE_SITE_NAME=site).hub_name == hub


@pytest.mark.parametrize("name", ["My-Hub", "1Hub", "ab", "Hub_1", "", "H" * 51, "Hub\n"])
def test_hub_names_that_are_refused(host_json, name):
    """A hub's name that storage would not take stops the host, with the extension's words."""
    with pytest.raises(BadSettings, match=r"alphanumeric|non-empty"):
        host_json(TASK.format('{"hubName": "%HUB%"}'), HUB=name)


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ('{\n  // why\n  "version": "2.0"}', 2, 3, "azure-functions-durable reads this file too"),
        ('{"version": "2.0" /* why */}', 1, 19, "Remove it"),
        ('{"version": "2.0"}\nmore', 2, 1, "something follows the end"),
        ('{"version": "2.0",}', 1, 18, "not JSON"),
        ('{"version": }', 1, 13, "not JSON"),
    ],
)
def test_host_json_must_be_strict(host_json, text, line, column, reason):
    """A comment, a trailing text or a slip in host.json is refused with its line, column and reason."""
    with pytest.raises(BadSettings, match=reason) as refused:
        host_json(text)
    assert refused.value.line == line
    # The column of a trailing comma moved between versions of Python's parser.
    assert abs(refused.value.column - column) <= 1
    assert str(refused.value).count("\n") == 0


def test_slashes_in_a_text_are_no_comment(host_json):
    """Two slashes within a text are no comment."""
    assert host_json('{"version": "2.0", "x": "http://a/*b*/"}').raw["x"] == "http://a/*b*/"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{}", '"version" is missing'),
        ('{"version": "3.0"}', '"3.0"'),
        ('{"version": 2.0}', "2.0"),
        ("[]", "must hold a JSON object"),
        (TASK.format('{"overridableExistingInstanceStates": "Some"}'), '"NonRunningStates" or "AnyState"'),
        (TASK.format('{"maxConcurrentActivityFunctions": 0}'), "above 0"),
        (TASK.format('{"maxConcurrentActivityFunctions": "x"}'), "above 0"),
        (TASK.format('{"hubName": {}}'), "a text"),
        (TASK.format('{"storageProvider": {"maxQueuePollingInterval": "1s"}}'), "time span"),
        ('{"version": "2.0", "functionTimeout": "00:00:00"}', "time span"),
    ],
)
def test_values_that_are_refused(host_json, text, reason):
    """A value that the real host refuses stops the host with one sentence that names the key."""
    with pytest.raises(BadSettings, match=reason):
        host_json(text)


def test_missing_host_json(tmp_path):
    """A folder without host.json is not the folder of an app."""
    with pytest.raises(BadSettings, match="no such file"):
        read_host_json(tmp_path)


def test_byte_order_mark(tmp_path):
    """A byte order mark in host.json is refused, since the SDK's reader breaks on it."""
    (tmp_path / "host.json").write_text('\ufeff{"version": "2.0"}', encoding="utf-8")
    with pytest.raises(BadSettings, match="byte order mark"):
        read_host_json(tmp_path)


def test_endless_function_timeout(host_json):
    """A function timeout of -1 means none."""
    assert host_json('{"version": "2.0", "functionTimeout": "-1"}').function_timeout is None


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("00:00:01.5", timedelta(seconds=1.5)),
        ("1.02:03:04", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("02:30", timedelta(hours=2, minutes=30)),
        ("5", timedelta(days=5)),
        ("-00:00:01", timedelta(seconds=-1)),
        ("24:00:00", timedelta(days=24)),
        ("soon", None),
    ],
)
def test_time_spans(text, span):
    """Time spans are read as .NET reads them: a bare number is days."""
    assert timespan(text) == span


def test_missing_local_settings(tmp_path):
    """An app without local.settings.json adds nothing to the environment."""
    assert read_local_settings(tmp_path, {}) == {}


def test_local_settings_fill_the_environment(local_settings):
    """Values and connection strings become settings; comments are fine, since Core Tools alone reads the file."""
    added = local_settings("""{
        "IsEncrypted": false, // never
        "Values": {"A": "1", "N": 5, "B": true, "EMPTY": "",},
        "ConnectionStrings": {"db": "x", "other": {"ConnectionString": "y", "ProviderName": "p"}}
    }""")
    assert added == {
        "A": "1",
        "N": "5",
        "B": "True",
        "EMPTY": "",
        "ConnectionStrings:db": "x",
        "ConnectionStrings:other": "y",
    }


def test_environment_wins_over_local_settings(local_settings):
    """What the environment already holds stays, with a warning; an empty variable counts as none."""
    warnings = []
    added = local_settings(
        '{"IsEncrypted": false, "Values": {"A": "file", "B": "file", "C": null}}',
        warnings.append,
        A="environment",
        B="",
    )
    assert added == {"B": "file"}
    assert [warning.split("'")[1] for warning in warnings] == ["A", "C"]
    assert "already defined" in warnings[0]


@pytest.mark.parametrize("said", ['"IsEncrypted": true,', ""])
def test_encrypted_local_settings(local_settings, said):
    """An encrypted file, or one that does not say that it is not, is refused as Core Tools would fail on it."""
    with pytest.raises(BadSettings, match="encrypted"):
        local_settings(f'{{{said} "Values": {{"A": "1"}}}}')


@pytest.mark.parametrize("text", ["{", "[]", '{"IsEncrypted": false, "Values": {"A": {}}}', '{"Values": 5}'])
def test_broken_local_settings(local_settings, text):
    """A local.settings.json that cannot be used is refused instead of silently passed over."""
    with pytest.raises(BadSettings):
        local_settings(text)


@pytest.mark.parametrize(
    ("name", "value", "off"),
    [
        ("AzureWebJobs.HttpStart.Disabled", "true", True),
        ("AzureWebJobs.HttpStart.Disabled", "1", True),
        ("azurewebjobs.httpstart.disabled", "TRUE", True),
        ("AzureWebJobs_HttpStart_Disabled", "true", True),
        ("AzureWebJobs.HttpStart.Disabled", "false", False),
        ("AzureWebJobs.HttpStart.Disabled", "yes", False),
        ("AzureWebJobs.Other.Disabled", "true", False),
    ],
)
def test_disabled_functions(name, value, off):
    """A setting turns a function off by true or 1 (contract 6.1)."""
    assert disabled(["HttpStart", "Starter"], {name: value}) == (("HttpStart",) if off else ())


def test_resolve_within_a_text():
    """A setting may be a part of a text, and several may be."""
    assert resolve("a%X%b%Y%", {"X": "1", "Y": "2"}) == "a1b2"
