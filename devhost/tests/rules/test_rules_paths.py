"""Paths of the management API, and what ids, names and keys may be: every row was seen on the real extension."""

import json

import azure.durable_functions as df
import pytest
from refusals import refused

from devhost.dotnet.paths import decoded, encoded, parts

app = df.DFApp()
STORAGE = "An error occurred while communicating with Azure Storage"
BAD_KEY = "entityKey (Parameter 'Entity keys must not contain /, \\, #, ?, or control characters.')"


@app.orchestration_trigger(context_name="context")
def waiting(context):
    """Waits for ever."""
    yield context.wait_for_external_event("never")


@app.entity_trigger(context_name="context")
def kept(context):
    """Keeps what it is given."""
    context.set_state(json.loads(context._input))  # get_input takes JSON in a text alone


def refusal(call, *given):
    """Status and words of a refusal."""
    found = refused(call, *given)
    body = found.body or {}
    return found.status, body.get("ExceptionMessage") or body.get("Message")


IDS = {
    "%41": "A", "%2541": "A", "%252541": "A", "%25252541": "%41", "%2525252541": "%2541",
    "%25": "%", "%2525": "%", "%252525": "%", "%25252525": "%25", "%": "%", "a%zz": "a%zz", "Q%25zz%2541": "Q%zzA",
    "a+b": "a b", "a%2Bb": "a b", "Q%252B": "Q+", "Q%25252B": "Q+", "Q%2525252B": "Q%2B", "Q+%252541": "Q A",
    "Q%25252Fx": "Q%2Fx", "%5C": "\\", "a\\b": "a\\b", "%255C": "\\", "a;b": "a;b", "a%3Bb": "a;b", "%253F": "?",
    "%FF": "\ufffd", "Q%25FFx": "Q\ufffdx", "r%E4%41": "r\ufffdA", "h%E4%BD%25A0": "h\u4f60", "%25C3%25BC": "\xfc",
    "i%2525E4%2525BD": "i%E4%BD", "t%2525E4%252541x": "t%E4Ax", "w%2525C0%2525AFx": "w%C0%AFx", "Q%2500": "Q\0",
    "%09": "\t", "...": "...", "%25252E": ".", "%25252E%25252E": "..", "x%5C..%5Cy": "x\\..\\y", "o%25%2541": "o%A",
    "b/": "b", "b////": "b", "b%2F": "b", "b/../c": "c", "%u0041": "%u0041",
}  # fmt: skip


@pytest.mark.parametrize(("written", "meant"), IDS.items())
def test_an_id_is_decoded_three_times(durable_host, written, meant):
    """The web server, the extension and its router decode a path one after another."""
    host = durable_host(app)
    assert host.manage("POST", f"orchestrators/waiting/{written}").json()["id"] == meant
    assert host.manage("GET", f"instances/{written}").json()["instanceId"] == meant


@pytest.mark.parametrize("written", [".", "%2E", "%252E", "%2F", "%252F", "%25%32%46", "a/..", ""])
def test_what_says_nothing_is_no_id(durable_host, written):
    """Dots and slashes that are taken away leave no id, so a new one is made."""
    assert len(durable_host(app).manage("POST", f"orchestrators/waiting/{written}").json()["id"]) == 32


@pytest.mark.parametrize(
    "path",
    ["Q/x", "Q%2Fx", "Q%252Fx", "%252E%252E", "..", "a%252F%252E%252E%252Fb", "Q/%25252E%25252E/z", "/x", "a//b"],
)
def test_one_segment_more_or_less_is_no_route(durable_host, path):
    """An id cannot hold a slash, and dots cannot make one."""
    assert refusal(durable_host(app).manage, "POST", f"orchestrators/waiting/{path}") == (404, None)


def test_names_of_events_entities_and_operations_are_decoded_alike(durable_host):
    """What holds for ids holds for every part of a path, the literal ones too."""
    host = durable_host(app)
    host.manage("POST", "%256Frchestrators/waiting/a")
    host.manage("POST", "instances%252Fa/raiseEvent/%252541", b"1", {"content-type": "application/json"})
    assert [row["Name"] for row in host.history("a") if row["EventType"] == "EventRaised"] == ["A"]
    host.manage("POST", "entities/ke%2570t/%252541?op=x", b"1", {"content-type": "application/json"})
    host.run_until_idle()
    assert host.entity("kept", "A") == 1


@pytest.mark.parametrize(
    "text", ["A", "%41", "%2541", "a+b", "a b", "\xfc", "..", ".", "%", "\\", "%2F", "\u2028", "?#&"]
)
def test_a_segment_can_be_written_so_that_it_is_read_as_it_is(text):
    """Encoded three times, any text but one with a slash comes through."""
    assert parts(decoded(f"/b/instances/{encoded(text)}"), "/b") == ["instances", text]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("instances/p%252500", 500, "The path contains null characters."),
        ("nosuch/p%252500", 500, "The path contains null characters."),
        ("%252E%252E", 400, "startIndex cannot be larger than length of string. (Parameter 'startIndex')"),
        ("%252E%252E/%252E%252E/durabletask/orchestrators/waiting", 404, None),
    ],
)
def test_a_path_may_break_the_extension(durable_host, path, status, words):
    """A NUL that is encoded three times and dots that lead out of the API are errors of the extension's own."""
    assert refusal(durable_host(app).manage, "POST", path) == (status, words)


@pytest.mark.parametrize(
    ("instance_id", "taken"),
    [
        ("z" * 512, True), ("z" * 513, False), ("\xfc" * 512, True), ("\xfc" * 513, False),
        ("\\" * 256, True), ("\\" * 257, False), ("\x01" * 256, True), ("\x85" * 257, False),
        ("\U0001f600" * 256, True), ("\U0001f600" * 257, False), ("%" * 512, True), ("^" * 257, False),
        ("\ufffe", False), ("a\uffff", False),
    ],
    ids=lambda one: ascii(one)[:12] + str(len(str(one))),
)  # fmt: skip
def test_an_id_must_fit_into_storage(durable_host, instance_id, taken):
    """An id has 512 UTF-16 units at most; what a table's key may not hold counts twice, and XML must know all of it."""
    host = durable_host(app)
    path = f"orchestrators/waiting/{encoded(instance_id)}"
    if taken:
        assert host.manage("POST", path).json()["id"] == instance_id
    else:
        assert refusal(host.manage, "POST", path) == (500, STORAGE)
        assert refusal(host.manage, "GET", f"instances/{encoded(instance_id)}") == (404, None)


def test_long_names_are_taken(durable_host):
    """Names of orchestrations and events are no keys, and have no limit of their own."""
    host = durable_host(app)
    assert host.manage("POST", f"orchestrators/{'N' * 6000}").status == 202
    case, typed = host.start("waiting"), {"content-type": "application/json"}
    assert host.manage("POST", f"instances/{case}/raiseEvent/{'N' * 6000}", b"1", typed).status == 202


def test_a_message_must_be_xml(durable_host):
    """U+FFFE and U+FFFF cannot be sent, unless they are escaped or the message is large enough to go another way."""
    host, typed = durable_host(app), {"content-type": "application/json"}
    case = host.start("waiting")
    for method, path, body in (
        ("POST", "orchestrators/waiting", '"\uffff"'), ("POST", f"instances/{case}/raiseEvent/E", '"\ufffe"'),
        ("POST", f"instances/{case}/raiseEvent/%EF%BF%BF", "1"), ("POST", "entities/kept/a?op=x", '"\uffff"'),
        ("POST", "orchestrators/%EF%BF%BE", ""), ("POST", f"instances/{case}/terminate?reason=%EF%BF%BF", ""),
        ("POST", f"instances/{case}/suspend?reason=%EF%BF%BF", ""),
    ):  # fmt: skip
        assert refusal(host.manage, method, path, body.encode(), typed) == (500, STORAGE)
    assert host.manage("POST", "orchestrators/waiting", b'"\\uffff"').status == 202
    assert host.manage("POST", "orchestrators/waiting", ('"\uffff' + "x" * 70_000 + '"').encode()).status == 202


@pytest.mark.parametrize("key", ["%5C", "a%5Cb", "%23", "a%3Fb", "%09", "%0A", "%7F", "a%1Fb", "%C2%85", "p%2500"])
def test_an_entitys_key_has_no_such_characters(durable_host, key):
    """A signal to such a key is refused, before the entity is looked for; there is nothing to read either."""
    host = durable_host(app)
    for method, path in (("POST", f"entities/kept/{key}?op=x"), ("DELETE", f"entities/none/{key}")):
        assert refusal(host.manage, method, path) == (400, BAD_KEY)
    assert refusal(host.manage, "GET", f"entities/kept/{key}") == (404, None)


def test_an_entity_has_a_name(durable_host):
    """Without a name a signal is refused, and an unknown name is reported in lower case."""
    host = durable_host(app)
    words = "Invalid entity id: entity name must not be a null or empty string. (Parameter 'entityName')"
    for method, path in (("POST", "entities?op=x"), ("POST", "entities/kept/..?op=x"), ("DELETE", "entities/")):
        assert refusal(host.manage, method, path) == (400, words)
    assert refusal(host.manage, "POST", "entities/Nope/x?op=y")[1].startswith("The function 'nope' doesn't exist")


def test_a_signal_to_a_key_that_is_too_long_is_taken_and_lost(durable_host):
    """Nobody looks at a key's length before the message is sent; the entity's turn then fails for ever."""
    host, typed = durable_host(app), {"content-type": "application/json"}
    assert host.manage("POST", f"entities/kept/{'k' * 506}?op=x", b"1", typed).status == 202
    assert host.manage("POST", f"entities/kept/{'k' * 507}?op=x", b"1", typed).status == 202
    host.run_until_idle()
    assert host.entity("kept", "k" * 506) == 1
    assert host.entity("kept", "k" * 507) is None


def test_an_orchestration_with_an_entitys_id_breaks_the_list_of_entities(durable_host):
    """An id that begins with ``@`` is taken for an entity's there; the extension looks for a state and finds none."""
    host = durable_host(app)
    host.manage("POST", "orchestrators/waiting/@kept@a", b"1")
    assert refusal(host.manage, "GET", "entities") == (500, "Object reference not set to an instance of an object.")
