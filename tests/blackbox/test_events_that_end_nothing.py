"""Event bodies that the webhook takes and that Python cannot decode: the case notes them and goes on."""

import json

import pytest
from caller import APPROVED, REJECTED, proposal

ENVELOPE = {"__class__": "Decision", "__module__": "crm.models", "__data__": {}}
UNREADABLE = [
    b"undefined",
    b'/* by phone */ "Approved"',
    b"[undefined, 1]",
    b"new Date(1)",
    json.dumps({"decision": "approve", **ENVELOPE}).encode(),
    json.dumps({"decision": "approve", "seen": [ENVELOPE]}).encode(),
    json.dumps(json.dumps({"decision": "approve", **ENVELOPE})).encode(),
]
DEEP_TEXT = json.dumps('{"decision":"approve","a":' + "[" * 5_000 + "]" * 5_000 + "}").encode()


@pytest.mark.parametrize("body", [*UNREADABLE, DEEP_TEXT], ids=lambda body: body.decode()[:60])
def test_a_body_that_cannot_be_decoded_is_noted_and_the_case_goes_on(caller, body):
    """The host takes it with 202; the case counts it among the ignored, and the right decision completes it."""
    case = caller.started(body=proposal())
    case.waits()
    case.hears(body)
    status = case.shows(
        "notes it", lambda seen: seen["runtimeStatus"] != "Running" or seen["customStatus"]["ignored"]["count"]
    )
    assert status["runtimeStatus"] == "Running"
    assert status["customStatus"]["ignored"]["count"] == 1
    case.hears("Approved")
    assert case.output() == APPROVED
    assert [row["EventType"] for row in case.history()].count("EventRaised") == 2


def test_many_of_them_at_once_leave_the_case_open(caller):
    """Each is counted, none decides, and a rejection after them is heard."""
    case = caller.started(body=proposal())
    case.waits()
    for body in UNREADABLE:
        case.hears(body)
    case.shows("notes them", lambda seen: seen["customStatus"]["ignored"]["count"] == len(UNREADABLE))
    case.hears({"decision": "reject", "by": "dana@example.com"})
    assert case.output() == REJECTED


@pytest.mark.parametrize("body", UNREADABLE, ids=bytes.decode)
@pytest.mark.parametrize(
    ("name", "outcome"), [("HumanInteraction", REJECTED), ("DisciplineReview", None), ("CountedReview", None)]
)
def test_no_pattern_ends_as_failed_by_such_a_body(caller, name, outcome, body):
    """The bare pattern takes it for a no, as its page says; the others wait on."""
    case = caller.started(name)
    case.waits()
    case.hears(body)
    if outcome is None:
        case.hears("Approved")
        assert case.output()["outcome"] == "Approved"
    else:
        assert case.output() == outcome
