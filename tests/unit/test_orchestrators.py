"""The wrapper of every orchestrator of the app: no event ends one."""

import json
import pathlib
import sys
import types
from contextlib import suppress

import azure.durable_functions as df
import loaded
import pytest

from approval.errors import CaseError
from functions.orchestrators import Blueprint, with_readable_events

ROOT = pathlib.Path(__file__).parents[2]
AT = "2026-11-24T20:00:00.0000000Z"
ENVELOPE = {"__class__": "Trap", "__module__": "trap", "__data__": {}}
STRICT = "AZURE_FUNCTIONS_DURABLE_STRICT_TYPING"
LABEL = "$OutOfProcData$:"


def row(kind, **more):
    """A row of a history."""
    return {"EventType": kind, "EventId": -1, "IsPlayed": False, "Timestamp": AT, **more}


def raised(payload, name="Approval"):
    """An event, as the host keeps it."""
    return row(15, Name=name, Input=payload)


def turn(*rows):
    """The text that the host passes in."""
    return json.dumps({
        "history": [row(12), row(0, Name="Listener", Version="", Input=None), *rows], "input": None, "instanceId": "i",
        "isReplaying": False, "parentInstanceId": None, "upperSchemaVersion": 1, "upperSchemaVersionNew": 3,
    })  # fmt: skip


def listener(context):
    """Gives what it has heard."""
    heard = yield context.wait_for_external_event("Approval")
    return {"heard": heard}


def built(blueprint, flow=listener):
    """What the worker would call."""
    return blueprint.orchestration_trigger(context_name="context")(flow).build().get_user_function()


@pytest.fixture
def loaded_trap(monkeypatch):
    """A loaded module with a class that the SDK could build; gives the list of what was built."""
    made = []
    trap = types.ModuleType("trap")
    trap.Trap = type("Trap", (), {"from_json": staticmethod(made.append)})
    monkeypatch.setitem(sys.modules, "trap", trap)
    return made


@pytest.mark.filterwarnings("ignore:azure.functions df_loads was called:DeprecationWarning")
@pytest.mark.parametrize("strict", ["1", "0"])
@pytest.mark.parametrize(
    "payload",
    [
        "undefined",
        "/* x */",
        json.dumps(ENVELOPE),
        json.dumps({"a": [ENVELOPE]}),
        "[" * 5_000 + "]" * 5_000,
        "1" * 5_000,
    ],
    ids=lambda text: text[:30],
)
def test_an_unreadable_event_reaches_the_orchestrator_as_a_text(monkeypatch, loaded_trap, strict, payload):
    """Whatever the operator has set for the SDK; a class that the event names is not built, though it is loaded."""
    monkeypatch.setenv(STRICT, strict)
    answer = json.loads(built(Blueprint())(turn(raised(payload))))
    assert answer["isDone"]
    assert answer["output"]["heard"].startswith("unreadable: ")
    assert loaded_trap == []


@pytest.mark.parametrize("payload", ["undefined", json.dumps(ENVELOPE)])
def test_without_the_blueprint_such_an_event_ends_the_instance(payload):
    """If this fails, the SDK has mended it, and the blueprint can go."""
    with pytest.raises(Exception, match=r"Expecting value|custom-object"):
        built(df.Blueprint())(turn(raised(payload)))


@pytest.mark.parametrize("payload", [None, "null", '"Approved"', '{"decision":"reject"}', "NaN"])
def test_every_other_event_arrives_as_it_would_without_the_blueprint(payload):
    """The whole answer is the same."""
    assert built(Blueprint())(turn(raised(payload))) == built(df.Blueprint())(turn(raised(payload)))


def test_results_of_our_own_activities_are_left_alone():
    """Only events come from outside: a row of another kind keeps its input."""

    def starter(context):
        return (yield context.call_activity("Approval", "Approved"))

    scheduled = row(4, EventId=0, Name="Approval", Input="undefined")
    done = row(5, TaskScheduledId=0, Result='"message"')
    answer = json.loads(built(Blueprint(), starter)(turn(scheduled, done)))
    assert answer["output"] == "message"


def test_the_answer_of_an_entity_is_heard():
    """It arrives as an event too, named after the call."""

    def caller(context):
        return (yield context.call_entity(df.EntityId("OpenCases", "a"), "count"))

    sent = row(14, EventId=0, InstanceId="@opencases@a", Name="op", Input='{"id":"77"}')
    answer = json.loads(built(Blueprint(), caller)(turn(sent, raised('{"result":"3"}', name="77"))))
    assert answer["output"] == 3


def test_a_failure_inside_keeps_its_words():
    """The answer, with the words in front and the state behind them, is the same as without the blueprint."""

    def failing(context):
        yield context.wait_for_external_event("Approval")
        raise ValueError("not today")

    texts = []
    for blueprint in (Blueprint(), df.Blueprint()):
        with pytest.raises(Exception, match="not today") as failed:
            built(blueprint, failing)(turn(raised("null")))
        texts.append(str(failed.value))
    assert texts[0] == texts[1]
    assert LABEL in texts[0]


def test_a_history_that_the_sdk_keeps_to_itself_is_no_fault():
    """As SDK 2.x does; it hands its own orchestrators a second argument."""

    class Closed:
        @property
        def histories(self):
            raise NotImplementedError

    def flow(_context, given=None):
        yield given

    assert next(with_readable_events(flow)(Closed())) is None
    assert next(with_readable_events(flow)(object(), 5)) == 5


@pytest.fixture(scope="module")
def orchestrators():
    """Every orchestrator of the deployed app, by name."""
    return {
        name: function.get_user_function().orchestrator_function
        for name, function in loaded.functions().items()
        if function.get_trigger().type == "orchestrationTrigger"
    }


def test_every_orchestrator_of_the_app_looks_through_its_events(orchestrators, mocker):
    """A new one that takes the SDK's own blueprint turns this red."""
    assert len(orchestrators) >= 12
    for name, orchestrator in orchestrators.items():
        event = types.SimpleNamespace(event_type=15, Input="undefined")
        context = mocker.Mock(histories=[event])
        context.get_input.side_effect = ValueError  # it goes no further than its input
        with suppress(ValueError, CaseError, StopIteration):
            next(orchestrator(context))
        assert event.Input == '"unreadable: undefined"', name
