"""Versions of orchestrations: which ones a host runs, and what happens to the others (contract 1.3, 3.2).

What is asserted was seen on the extension, with the same settings in its host.json.
"""

import json

import pytest

from devhost.durabletask.versions import is_newer
from devhost.testing.host import Refused

APP = """
import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def says(context):
    return context.version


@app.orchestration_trigger(context_name="context")
def again(context):
    if context.get_input() is None:
        context.continue_as_new(1)
        return None
    return context.version


@app.orchestration_trigger(context_name="context")
def parent(context):
    version = context.get_input()
    try:
        return (yield context.call_sub_orchestrator("says", None, "child", version=version))
    except Exception as error:
        return str(error)
"""


@pytest.fixture
def hosts(tmp_path, durable_host):
    """Makes hosts of one app with these settings for durable tasks."""

    def make(**settings):
        folder = tmp_path / f"app{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        (folder / "function_app.py").write_text(APP)
        (folder / "host.json").write_text(json.dumps({"version": "2.0", "extensions": {"durableTask": settings}}))
        return durable_host(folder)

    return make


def start(host, name, version=None, body=b"", instance_id=""):
    """A start over HTTP; what the status says afterwards."""
    query = "" if version is None else f"?version={version}"
    key = host.manage("POST", f"orchestrators/{name}/{instance_id}{query}".replace("/?", "?"), body).json()["id"]
    return host.manage("GET", f"instances/{key}?showHistory=true").json()


@pytest.mark.parametrize(
    ("version", "other", "newer"),
    [
        ("2.0", "1.0", True), ("1.0", "1.0", False), ("1.0.0", "1.0", True), ("1.10", "1.9", True),
        (" 1.0", "1.0", False), ("1", "1.0", False), ("abc", "1.0", True), ("1.0b", "1.0", True),
        ("0.9", "1.0", False), ("1.0", None, True),
        (None, "1.0", False), ("", "", False), (None, None, False), ("ABC", "abc", False), ("abd", "ABC", True),
        (" ", "1.0", False), ("1.0", " ", True), (" ", " ", False), (None, " ", False), ("ABD", "abc", True),
    ],
)  # fmt: skip
def test_versions_are_compared_as_numbers_or_else_as_texts(version, other, newer):
    """Two to four numbers are numbers; anything else is a text, and none is the oldest of all (contract 1.3)."""
    assert is_newer(version, other) is newer


def test_the_status_shows_a_version_right_after_the_name(hosts):
    """If there is one: an empty one is not shown (contract 1.4)."""
    host = hosts(defaultVersion="1.0")
    assert list(start(host, "says"))[:3] == ["name", "version", "instanceId"]
    assert list(start(host, "says", ""))[:2] == ["name", "instanceId"]


def test_without_versions_in_host_json_a_versioned_start_stays_pending(hosts):
    """For ever and without a history, and the host says so; an empty version is none (contract 1.3, 1.5)."""
    host = hosts()
    body = start(host, "says", "2.0", instance_id="a")
    assert (body["version"], body["runtimeStatus"]) == ("2.0", "Pending")
    assert "historyEvents" not in body
    assert "stays Pending for ever" in host.complaints[0]
    assert start(host, "says", "")["runtimeStatus"] == "Completed"


def test_what_such_an_instance_takes(hosts):
    """Events and a suspension wait; terminate ends it without a history; purge refuses (contract 1.7, 1.8)."""
    host = hosts()
    start(host, "says", "2.0", instance_id="a")
    host.raise_event("a", "E")
    host.suspend("a")
    assert host.status("a").runtime_status == "Pending"
    with pytest.raises(Refused) as refused:
        host.purge("a")
    assert refused.value.status == 412
    host.terminate("a", "enough")
    body = host.manage("GET", "instances/a?showHistory=true").json()
    assert (body["runtimeStatus"], body["output"], body["historyEvents"]) == ("Terminated", "enough", [])


def test_a_start_without_a_version_gets_the_default_one(hosts):
    """So do children, restarts and continued executions, which keep theirs (contract 3.2, 4.7)."""
    host = hosts(defaultVersion="1.0")
    assert start(host, "says")["output"] == "1.0"
    assert start(host, "says", "")["output"] == ""
    assert start(host, "again", "0.9")["output"] == "0.9"
    assert start(host, "parent", "0.9")["output"] == "1.0"
    old = start(host, "says", "0.9", instance_id="a")
    host.manage("POST", "instances/a/restart?restartWithNewInstanceId=false")
    assert (old["output"], host.status("a").output) == ("0.9", "1.0")


@pytest.mark.parametrize(
    ("settings", "taken"),
    [
        ({}, {"0.9": True, "1.0": True, "2.0": False}),
        ({"versionMatchStrategy": "CurrentOrOlder"}, {"0.9": True, "1.0": True, "2.0": False}),
        ({"versionMatchStrategy": "Strict"}, {"0.9": False, "1.0": True, "2.0": False}),
        ({"versionMatchStrategy": "none"}, {"0.9": True, "1.0": True, "2.0": True}),
    ],
)
def test_the_strategy_says_which_versions_are_taken(hosts, settings, taken):
    """CurrentOrOlder without one (contract 1.3)."""
    host = hosts(defaultVersion="1.0", **settings)
    assert {version: start(host, "says", version)["runtimeStatus"] == "Completed" for version in taken} == taken


def test_strict_tells_no_version_from_an_empty_one(hosts):
    """Without a default (contract 1.3)."""
    host = hosts(versionMatchStrategy="Strict")
    assert start(host, "says")["runtimeStatus"] == "Completed"
    assert start(host, "says", "")["runtimeStatus"] == "Pending"


def test_with_fail_an_instance_of_another_version_fails_at_once(hosts):
    """Without Python; only here the last row's FailureDetails is filled, and its Result is null (contract 3.2)."""
    body = start(hosts(defaultVersion="1.0", versionFailureStrategy="Fail"), "says", "2.0")
    text = "Orchestration version did not comply with Worker Versioning"
    assert (body["runtimeStatus"], body["output"]) == ("Failed", f"VersionMismatch: {text}")
    assert body["historyEvents"][-1]["FailureDetails"] == {
        "ErrorType": "VersionMismatch", "ErrorMessage": text, "StackTrace": None, "InnerFailure": None,
        "IsNonRetriable": True, "Properties": None,
    }  # fmt: skip


def test_a_child_of_another_version_does_not_come_to_be(hosts):
    """Its parent waits for ever; with Fail it sees a failure without reason and details (contract 4.9)."""
    host = hosts()
    body = start(host, "parent", body=b'"\\"2.0\\""')
    assert body["runtimeStatus"] == "Running"
    with pytest.raises(Refused) as refused:
        host.status("child")
    assert refused.value.status == 404
    strict = hosts(defaultVersion="1.0", versionFailureStrategy="Fail")
    assert start(strict, "parent", body=b'"\\"2.0\\""')["output"] == "None \n None"
