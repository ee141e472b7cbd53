"""Entities: what the extension keeps of them, and what an instance's operations do to them."""

import json
import re
from datetime import timedelta

import azure.durable_functions as df
import pytest

from devhost.testing.host import Refused

app = df.DFApp()


@app.entity_trigger(context_name="context")
def Counter(context):  # noqa: N802 - names of entities lose their case
    """Adds; `gone` ends it; `broken` gives what JSON cannot hold."""
    value = context.get_state(lambda: 0)
    if context.operation_name == "add":
        value += context.get_input()
    context.set_state(value)
    context.set_result(value if context.operation_name != "broken" else {1})
    if context.operation_name == "gone":
        context.destruct_on_exit()


@app.orchestration_trigger(context_name="context")
def adds(context):
    """Adds to the counter of the input, and says what it has then."""
    return (yield context.call_entity(df.EntityId("Counter", context.get_input()), "add", 2))


@app.orchestration_trigger(context_name="context")
def breaks(context):
    """Calls an operation whose result cannot be written."""
    yield context.call_entity(df.EntityId("Counter", "k"), "broken")


def kept_text(host, key):
    """What the entity keeps, as text."""
    return json.dumps(kept(host, key)["input"], separators=(",", ":"))


def kept(host, key):
    """The entity as an instance: its status answer."""
    return host.manage("GET", f"instances/@counter@{key}").json()


def test_an_entity_keeps_in_mind_who_called_it(durable_host):
    """Its sorter names the last request of each orchestration, and how far back it looks (contract 5.2)."""
    host = durable_host(app)
    case = host.start("adds", "k")
    book = kept(host, "k")["input"]
    execution = host.rows(case)[1]["OrchestrationInstance"]["ExecutionId"]
    (sender,) = book["sorter"]["ReceivedFromInstance"].items()
    assert sender[0] == case
    assert list(sender[1]) == ["Last", "ExecutionId"]
    assert sender[1]["ExecutionId"] == execution
    assert book["sorter"]["ReceiveHorizon"].startswith("2025-12-31T23:30:00")
    host.advance(timedelta(hours=2))
    later = host.start("adds", "k")
    assert list(kept(host, "k")["input"]["sorter"]["ReceivedFromInstance"]) == [later]


@pytest.mark.parametrize("show_input", [True, False])
def test_the_history_of_an_entity_is_one_row(durable_host, show_input):
    """Made when it last ran, with what it keeps as the input, if inputs are asked for (contract 1.9)."""
    host = durable_host(app)
    host.start("adds", "k")
    body = host.manage("GET", f"instances/@counter@k?showHistory=true&showInput={show_input}").json()
    (row,) = body["historyEvents"]
    assert row.pop("Timestamp")[:19] == body["lastUpdatedTime"][:19]
    kept_input = {"Input": kept_text(host, "k")} if show_input else {}
    assert row == kept_input | {
        "EventType": "ExecutionStarted", "Correlation": None, "ParentTraceContext": None, "ScheduledStartTime": None,
        "Generation": None, "GenerateNewTrace": False, "FunctionName": "@counter@k",
    }  # fmt: skip


def test_a_signal_from_outside_is_not_kept_in_mind(durable_host):
    """Signals over HTTP take no part in the sorting (contract 5.2)."""
    host = durable_host(app)
    host.signal("Counter", "k", "add", 1)
    assert kept(host, "k")["input"] == {"exists": True, "state": "1", "sorter": {}}


def test_what_does_not_exist_is_left_out(durable_host):
    """After its end an entity shows neither ``exists`` nor ``entityExists`` (contract 1.9)."""
    host = durable_host(app)
    host.signal("Counter", "k", "gone")
    shown = kept(host, "k")
    assert "exists" not in shown["input"]
    assert shown["customStatus"] == {}


def test_a_suspended_entity_holds_its_operations(durable_host):
    """Suspending holds what comes; resuming works it off (contract 1.9)."""
    host = durable_host(app)
    host.signal("Counter", "k", "add", 1)
    host.suspend("@counter@k", "hold")
    host.signal("Counter", "k", "add", 2)
    assert (kept(host, "k")["runtimeStatus"], kept(host, "k")["output"]) == ("Suspended", "hold")
    assert host.entity("Counter", "k") == 1
    host.resume("@counter@k", "on")
    assert host.entity("Counter", "k") == 3
    assert (kept(host, "k")["runtimeStatus"], kept(host, "k")["output"]) == ("Running", "hold")


def test_one_call_of_an_entity_runs_at_most_fifty_operations(durable_host):
    """The next call runs the rest (contract 5.2)."""
    host = durable_host(app)
    host.signal("Counter", "k", "add", 1)
    host.suspend("@counter@k", "hold")
    for _ in range(51):
        host.signal("Counter", "k", "broken")
    host.resume("@counter@k", "on")
    assert [re.findall(r"the (\d+) operation", text) for text in host.complaints] == [["50"], ["1"]]


def test_a_terminated_entity_takes_nothing_more(durable_host):
    """It keeps its state, and signals to it are accepted and lost (contract 1.9)."""
    host = durable_host(app)
    host.signal("Counter", "k", "add", 1)
    host.terminate("@counter@k", "enough")
    host.signal("Counter", "k", "add", 2)
    assert host.entity("Counter", "k") == 1
    assert kept(host, "k")["runtimeStatus"] == "Terminated"


def test_an_entity_is_purged_in_any_state(durable_host):
    """Though its state is Running (contract 1.7)."""
    host = durable_host(app)
    host.signal("Counter", "k", "add", 1)
    assert host.manage("DELETE", "instances/@counter@k").json() == {"instancesDeleted": 1}
    with pytest.raises(Refused) as refused:
        kept(host, "k")
    assert refused.value.status == 404


def test_an_event_does_nothing_to_an_entity(durable_host):
    """An event is no operation: it is accepted and forgotten (contract 1.9)."""
    host = durable_host(app)
    host.signal("Counter", "k", "add", 1)
    host.raise_event("@counter@k", "x", 5)
    assert host.entity("Counter", "k") == 1
    assert host.complaints == []


def test_a_restarted_entity_is_an_instance_of_its_own(durable_host):
    """Restarted under a new id it has the old state and is never called (contract 1.8)."""
    host = durable_host(app)
    host.signal("Counter", "k", "add", 1)
    other = host.manage("POST", "instances/@counter@k/restart").json()["id"]
    shown = host.manage("GET", f"instances/{other}").json()
    assert (shown["name"], shown["runtimeStatus"]) == ("@counter@k", "Running")
    assert shown["input"]["state"] == "1"


def test_an_entity_that_fails_as_a_whole_answers_nobody(durable_host):
    """Where the function itself fails, its caller waits and the entity is never created (contract 5.2)."""
    host = durable_host(app)
    assert host.status(host.start("breaks")).runtime_status == "Running"
    assert any("the entity function" in text and "answers nobody" in text for text in host.complaints)
    with pytest.raises(Refused) as refused:
        kept(host, "k")
    assert refused.value.status == 404
    assert host.manage("GET", "instances?instanceIdPrefix=@").json() == []


def test_a_dollar_is_the_empty_key_of_a_question_only(durable_host):
    """A signal to ``$`` goes to the entity of that key, which can only be seen as an instance (contract 1.9)."""
    host = durable_host(app)
    host.signal("counter", "$", "add", 4)
    assert host.entity("counter", "$") is None
    assert host.manage("GET", "instances/@counter@$").json()["input"]["state"] == "4"


@pytest.mark.parametrize("path", ["entities/Counter", "entities/Counter/"])
def test_an_entity_may_have_the_empty_key(durable_host, path):
    """Without a key a signal goes to the empty one, which ``$`` means when it is read (contract 1.9)."""
    host = durable_host(app)
    body = json.dumps(json.dumps(4)).encode()
    host.manage("POST", f"{path}?op=add", body, {"content-type": "application/json"})
    assert host.manage("GET", "entities/counter/$").json() == 4


@pytest.fixture
def some_ended(durable_host):
    """A host with the entities a to h, of which b, e and h have a state and the others have ended."""
    host = durable_host(app)
    for key in "abcdefgh":
        host.signal("Counter", key, "add" if key in "beh" else "gone", 1)
    return host


def listed(host, query, token=""):
    """Keys and states of a list's answer, and its token."""
    answer = host.manage("GET", f"entities/counter?{query}", headers={"x-ms-continuation-token": token})
    found = [(one["entityId"]["key"], one["state"]) for one in answer.json()]
    return found, answer.headers["x-ms-continuation-token"]


def test_an_entity_that_has_ended_is_listed_only_with_states(some_ended):
    """Without ``fetchState=true`` it is left out, and with it its state is null (contract 1.9)."""
    assert listed(some_ended, "") == ([("b", None), ("e", None), ("h", None)], "")
    states, token = listed(some_ended, "fetchState=true")
    assert states == [("a", None), ("b", 1), ("c", None), ("d", None), ("e", 1), ("f", None), ("g", None), ("h", 1)]
    assert token == ""


@pytest.mark.parametrize(
    ("query", "pages"),
    [
        ("top=1", ["b", "e", "h"]),
        ("top=2", ["b", "e", "h"]),
        ("top=3", ["b", "e", "h"]),
        ("top=4", ["b", "eh"]),
        ("top=3&fetchState=true", ["abc", "def", "gh"]),
    ],
)
def test_a_page_of_entities_counts_those_that_have_ended(some_ended, query, pages):
    """A page is cut before they are left out, and one that would be empty is skipped (contract 1.9)."""
    found, token = listed(some_ended, query)
    seen = ["".join(key for key, _ in found)]
    while token:
        found, token = listed(some_ended, query, token)
        seen.append("".join(key for key, _ in found))
    assert seen == pages


def test_a_page_of_no_entities(some_ended):
    """None are given with a token to the first, and fewer than none break the storage (contract 1.9)."""
    assert listed(some_ended, "top=0") == ([], "QGNvdW50ZXJAYQ== ")
    with pytest.raises(Refused) as refused:
        listed(some_ended, "top=-1")
    assert refused.value.status == 500
    assert refused.value.body["ExceptionMessage"] == "An error occurred while communicating with Azure Storage"


@pytest.mark.parametrize("name", ["@", "@a", "@a@b"])
@pytest.mark.parametrize("case", ["case", "@", "@case"])
def test_an_orchestration_with_the_name_of_an_entity_stays_pending_and_breaks_nothing(durable_host, name, case):
    """The extension takes it for an entity (seen there); it is not tried again and again, and lists are answered."""
    host = durable_host(app)
    host.manage("POST", f"orchestrators/{name}/{case}", b"1")
    assert host.status(case).runtime_status == "Pending"
    assert any("takes it for an entity" in text for text in host.complaints)
    assert host.manage("GET", "instances").status == 200
    if case == "case":
        assert host.manage("GET", "entities").json() == []
