"""What an orchestrator function gave back, as the extension reads it (contract 3.3)."""

import json

import pytest

from devhost.durabletask.failures import Failure
from devhost.durabletask.orchestrator_result import LABEL, read_failure, read_result

ECHO, OTHER = {"actionType": 0, "functionName": "echo"}, {"actionType": 6, "externalEventName": "vote"}


def read(**state):
    """The result that this state is read as."""
    return read_result(json.dumps({"isDone": False, **state}))


def test_in_the_first_schema_each_yield_has_a_list_of_its_own():
    """Any of its actions lets the walk go on."""
    assert read(actions=[[ECHO], [ECHO, OTHER]]).actions == [ECHO, {"actionType": 11, "compoundActions": [ECHO, OTHER]}]
    assert read(actions=[]).actions == []


def test_in_the_later_schemas_one_list_has_them_all():
    """In the order of the yields."""
    assert read(actions=[[ECHO, OTHER]], schemaVersion=3).actions == [ECHO, OTHER]
    assert read(actions=[], schemaVersion=3).actions == []


def test_a_state_that_is_no_json_fails_as_an_argument():
    """In the extension's words."""
    found = read_failure(Failure(f"boom{LABEL}no JSON", "stack"))
    assert found.unreadable == "Out of proc orchestrators must return a valid JSON schema"
    assert found.thrown == "System.ArgumentException"
    assert found.over


@pytest.mark.parametrize("key", ["output", "customStatus"])
def test_what_is_nested_too_deep_makes_the_answer_unreadable(key):
    """The reader takes 64 levels, the answer's own object among them."""
    deep, deeper = (json.loads("[" * depth + "]" * depth) for depth in (62, 64))
    assert read(**{key: deep}).unreadable is None
    assert read(**{key: deeper}).unreadable.startswith("One or more errors occurred. (")
    failure = Failure(f"boom{LABEL}{json.dumps({'isDone': False, key: deeper})}", "stack")
    assert read_failure(failure).unreadable.startswith("One or more errors occurred. (")


NESTED = [
    OTHER,
    {"actionType": 12, "compoundActions": [ECHO, {"actionType": 8, "httpRequest": {"method": "GET", "uri": 5}}]},
]


@pytest.mark.parametrize(
    ("actions", "place"),
    [
        ([{"actionType": 8, "httpRequest": {"method": "GET", "uri": 5}}], "actions[0][0]"),
        (NESTED, "actions[0][1].compoundActions[1]"),
    ],
)
def test_a_call_over_http_that_cannot_be_read_makes_the_answer_unreadable(actions, place):
    """At any place; the text names it."""
    found = read(actions=[actions], schemaVersion=3)
    assert found.unreadable.startswith(f"Error converting value 5 to type 'System.Uri'. Path '{place}")
    assert (found.thrown, found.actions) == ("Newtonsoft.Json.JsonSerializationException", [])


def test_a_call_over_http_that_can_be_read_is_an_action():
    """As the orchestrator made it."""
    call = {"actionType": 8, "httpRequest": {"method": "GET", "uri": "http://a/"}}
    assert read(actions=[[call]], schemaVersion=3).actions == [call]
