"""Functions with triggers that nothing plays here, run by hand."""

import json
import textwrap
from urllib.request import Request, urlopen

import pytest

from devhost.app.bindings.blobs import path_of
from devhost.app.bindings.manual_trigger import trigger_value
from devhost.app.indexer import load
from devhost.app.modules import unload
from devhost.testing.process import HostProcess, until

APP = """
import typing
import azure.functions as func
app = func.FunctionApp()
hub = {"arg_name": "given", "event_hub_name": "hub", "connection": "Hub"}

@app.event_hub_message_trigger(cardinality=func.Cardinality.MANY, **hub)
def events(given: typing.List[func.EventHubEvent]): ...

@app.event_hub_message_trigger(**hub)
def event(given: func.EventHubEvent): ...

@app.queue_trigger(arg_name="given", queue_name="queue", connection="Storage")
def message(given: func.QueueMessage): ...

@app.queue_trigger(arg_name="given", queue_name="queue", connection="Storage")
def bare(given): ...

@app.queue_trigger(arg_name="given", queue_name="queue", connection="Storage")
def text(given: str): ...
"""
KEEPING = """
import azure.functions as func
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
kept = []

@app.queue_trigger(arg_name="given", queue_name="queue", connection="Storage")
def keep(given: func.QueueMessage):
    kept.append(given.get_body().decode())

@app.route("kept")
def told(req: func.HttpRequest) -> str:
    return ",".join(kept)
"""


@pytest.fixture
def given(tmp_path):
    """What a function of the app gets for a value."""
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    (tmp_path / "function_app.py").write_text(textwrap.dedent(APP))
    app = load(tmp_path)
    yield lambda name, value: trigger_value(app.function(name), value)
    unload()


@pytest.fixture
def path(tmp_path):
    """The blob path that a queue function's message gives."""
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    (tmp_path / "function_app.py").write_text(textwrap.dedent(APP))
    function = load(tmp_path).function("message")
    yield lambda text: path_of("files/{name}.txt", function, {"given": trigger_value(function, text)})
    unload()


def test_a_batch_of_events_is_a_list_of_the_one(given):
    """An Event Hub function of cardinality many gets a list of events, whose body is the text."""
    (event,) = given("events", '{"a": 1}')
    assert event.get_body() == b'{"a": 1}'


def test_a_single_event(given):
    """An Event Hub function of any other cardinality gets the event itself."""
    assert given("event", "text").get_body() == b"text"


@pytest.mark.parametrize("name", ["message", "bare"])
def test_a_queue_message(given, name):
    """A queue function gets a message, with or without an annotation."""
    assert given(name, '{"a": 1}').get_json() == {"a": 1}


def test_text_for_who_asks_for_text(given):
    """A parameter annotated as text gets the text."""
    assert given("text", "plain") == "plain"


def test_what_is_no_text_is_left(given):
    """Nothing, and JSON that is not a text, go to the function as they came."""
    assert given("message", None) is None
    assert given("message", {"a": 1}) == {"a": 1}


def test_a_message_names_a_blob(path):
    """The properties of a queue message's JSON are expressions of blob paths, though the function gets a message."""
    assert path('{"name": "a"}') == "files/a.txt"


def test_run_by_hand_over_http(tmp_path):
    """``POST /admin/functions/NAME`` with an input runs the function with a message of that body (contract 6.4)."""
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    (tmp_path / "function_app.py").write_text(KEEPING)
    host = HostProcess(tmp_path, tmp_path / "state")
    host.start()
    try:
        body = json.dumps({"input": "hello"}).encode()
        with urlopen(Request(f"{host.origin}/admin/functions/keep", body, method="POST"), timeout=10) as answer:
            assert answer.status == 202
        assert until(lambda: urlopen(f"{host.origin}/api/kept", timeout=10).read() or None, "the message") == b"hello"
    finally:
        host.close()
