"""The header Idempotency-Key: the same request sent twice is one request."""

import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from caller import APPROVED, proposal

TOGETHER = 8


@pytest.fixture
def key():
    """A key that nobody has used before."""
    return str(uuid.uuid4())


def test_the_same_key_and_body_give_the_same_answer(caller, key):
    """A repeated start gives the same instance and the same 202, links and all."""
    first, second = (caller.asked(body=proposal(), key=key) for _ in range(2))
    assert first.status == second.status == 202
    assert first.json == second.json
    assert first.headers["location"] == second.headers["location"]


def test_white_space_and_the_order_of_keys_do_not_make_another_body(caller, key):
    """What the body says counts, not how it is written."""
    body = proposal(summary="Neue Brücke")
    one = caller.started(body=json.dumps(body).encode(), key=key)
    other = json.dumps(dict(reversed(body.items())), indent=4, ensure_ascii=False).encode()
    assert caller.started(body=other, key=key).id == one.id


def test_the_same_key_with_another_body_is_refused(caller, key):
    """Another body under the key gives 409 that names the instance, and the instance goes on as it was."""
    case = caller.started(body=proposal(), key=key)
    before = case.waits()
    answer = caller.asked(body=proposal(title="Another bridge"), key=key)
    assert (answer.status, answer.json["code"]) == (409, "idempotency-key-reused")
    assert answer.json["instanceId"] == case.id
    assert answer.json["runtimeStatus"] == "Running"
    assert "choose a new key" in answer.json["detail"]
    assert case.look().json == before


def test_a_body_and_none_are_two_bodies(caller, key):
    """The original tutorial's run under a key does not answer for a proposal under the same key."""
    caller.started(key=key)
    assert caller.asked(body=proposal(), key=key).status == 409
    assert caller.asked(key=key, method="GET").status == 202


def test_a_key_keeps_its_instance_after_the_end(caller, key):
    """A repeated start of a case that is over gives its links, and does not start it again."""
    case = caller.started(body=proposal(), key=key)
    case.hears("Approved")
    before = case.ends()
    assert caller.asked(body=proposal(), key=key).json == case.links
    assert case.look().json == before
    assert caller.asked(body=proposal(title="Another"), key=key).json["runtimeStatus"] == "Completed"


def test_different_keys_give_different_instances(caller, key):
    """Two keys with one body are two cases."""
    assert caller.started(body=proposal(), key=key).id != caller.started(body=proposal(), key=f"{key}-2").id


def test_a_key_belongs_to_one_orchestration(caller, key):
    """The same key under another orchestration is another request."""
    assert caller.started(key=key).id != caller.started("OrchFunctionChain", key=key).id


def test_the_chain_takes_keys_as_well(caller, key):
    """Every orchestration can be started once and for all by a key."""
    case = caller.started("OrchFunctionChain", {"b": 1, "a": [2]}, key=key)
    assert caller.started("OrchFunctionChain", {"a": [2], "b": 1}, key=key).id == case.id
    assert caller.asked("OrchFunctionChain", {"a": [3]}, key=key).status == 409


def test_starts_that_come_together_make_one_instance(caller, key):
    """Eight requests with one key at one moment: all get the same links, or are asked to send again."""
    gate = threading.Barrier(TOGETHER)

    def start(_):
        gate.wait(timeout=30)
        return caller.asked(body=proposal(), key=key)

    with ThreadPoolExecutor(TOGETHER) as pool:
        answers = list(pool.map(start, range(TOGETHER)))
    case = caller.started(body=proposal(), key=key)
    case.hears("Approved")
    refused = [answer.json for answer in answers if answer.status != 202]
    assert [answer.json["id"] for answer in answers if answer.status == 202].count(case.id) + len(refused) == TOGETHER
    assert all(each["code"] == "instance-live" and each["instanceId"] == case.id for each in refused)
    assert case.output() == APPROVED
    assert [row["EventType"] for row in case.history()].count("ExecutionStarted") == 1


def test_an_id_made_from_a_key_is_fit_for_any_link(caller):
    """However odd the key, the id that it gives needs no quoting."""
    case = caller.started(body=proposal(), key="!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" + uuid.uuid4().hex)
    case.hears("Approved")
    assert case.output() == APPROVED
    assert case.id.replace("-", "").isalnum()


@pytest.mark.parametrize("bad", ["", "two words", "k" * 201, "t\tab", "schlüssel"], ids=repr)
def test_an_unusable_key_is_refused(caller, bad):
    """A key that a proxy might change is answered 400, with what a key looks like."""
    answer = caller.asked(body=proposal(), key=bad)
    assert (answer.status, answer.json["code"]) == (400, "idempotency-key-invalid")
    assert "1 to 200 visible ASCII characters" in answer.json["detail"]
