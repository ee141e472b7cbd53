"""Actions in words: what a report of a divergence calls them."""

import pytest

from devhost.durabletask.actions import described

TIMER = {"actionType": 5, "fireAt": "2026-11-24T18:26:31.000000Z"}
EVENT = {"actionType": 6, "externalEventName": "Approval"}


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (TIMER, "the timer of 2026-11-24T18:26:31.000000Z"),
        (EVENT, "the wait for 'Approval'"),
        ({"actionType": 0, "functionName": "Notify"}, "'Notify'"),
        ({"actionType": 2, "functionName": "Child", "instanceId": "one"}, "'Child'"),
        ({"actionType": 7, "instanceId": "@counter@a", "operation": "add"}, "'@counter@a'"),
        ({"actionType": 8, "httpRequest": {"method": "GET"}}, "'the next action'"),
        (
            {"actionType": 11, "compoundActions": [EVENT, {"actionType": 12, "compoundActions": [TIMER]}]},
            "the wait for 'Approval' or the timer of 2026-11-24T18:26:31.000000Z",
        ),
        ({"actionType": 12, "compoundActions": []}, "an empty race"),
    ],
)
def test_an_action_is_named_by_what_it_asks_for(action, words):
    """A timer by its time, an event and a function by their names, a race by all that take part."""
    assert described(action) == words
