"""Submitting under a policy file: one way in, one case per request, never a start over a case that exists."""

import asyncio
import json

import pytest
from fake_engine import FakeEngine
from places import ROOT

from adapters import directory
from adapters.identity import Signed
from approval import case_id
from approval.errors import InvalidFields
from approval.instants import read
from functions import submitting
from functions.submitting import submit
from service.errors import InstanceLive, KeyReused, MissingSetting, NotStarted

BODY = {"title": "Mill Lane bridge", "fields": {"kind": "scheme", "amount": "60000.00"}}
MACHINE = {**BODY, "author": "dana@county.example"}


def signed(person):
    """A session of this person."""
    return Signed(person, "local", read("2026-11-25T16:00:00Z"), "s")


DANA, NOOR = signed("dana"), signed("noor")


@pytest.fixture(autouse=True)
def county(monkeypatch):
    """The county's policy file is in force, and all keys are there."""
    for name, value in {
        "APPROVAL_POLICIES": str(ROOT / "examples/policies/county.toml"), "ID_KEY": "i" * 32,
        "SEAL_KEY": f"2026-11:{'A' * 43}=", "APPROVAL_TIMEOUT": "",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    directory.start()
    yield
    monkeypatch.undo()
    directory.start()


@pytest.fixture
def engine():
    """An engine without instances."""
    return FakeEngine()


def sent(engine, body=BODY, key=None, by=DANA):
    """The case of one request."""
    return asyncio.run(submit(engine, body, key, by))


def test_a_proposal_starts_a_case_with_a_sealed_input(engine):
    """Which names its author, its policy and its own id."""
    found = sent(engine)
    assert found.is_new
    assert case_id.read_id(found.case_id) == found.case_id
    given = json.loads(engine.answers[found.case_id]["input"])
    assert (given["schemaVersion"], given["key"]) == (2, "2026-11")
    text = json.loads(given["input"])
    assert (text["case"], text["author"]["id"], text["policy"]["name"]) == (found.case_id, "dana", "scheme")
    assert (text["submitted"]["how"], text["keyHash"], text["policy"]["digest"]) == ("local", None, directory.digest())


def test_the_same_key_and_body_are_one_case(engine):
    """However often, also at once, and in another spelling of the same JSON."""
    first = sent(engine, key="k")

    async def at_once():
        return await asyncio.gather(*[submit(engine, dict(reversed(BODY.items())), "k", DANA) for _ in range(5)])

    assert {each.case_id for each in asyncio.run(at_once())} == {first.case_id}
    assert not sent(engine, key="k").is_new
    assert len(engine.answers) == 1


def test_requests_that_come_together_are_one_case(engine):
    """One of them is new."""

    async def at_once():
        return await asyncio.gather(*[submit(engine, BODY, "k", DANA) for _ in range(5)])

    assert sorted(each.is_new for each in asyncio.run(at_once())) == [False] * 4 + [True]
    assert len(engine.answers) == 1


def test_the_same_key_with_another_body_is_a_conflict(engine):
    """Which names the case, also when it is over: its record is never erased."""
    first = sent(engine, key="k")
    engine.answers[first.case_id]["runtimeStatus"] = "Completed"
    before = dict(engine.answers[first.case_id])
    with pytest.raises(KeyReused) as caught:
        sent(engine, {**BODY, "title": "Another"}, "k")
    assert caught.value.instance_id == first.case_id
    assert engine.answers == {first.case_id: before}


def test_another_persons_equal_key_meets_nothing_of_his(engine):
    """Neither the case nor a conflict; a machine that submits for him is another sender too."""
    ids = {
        sent(engine, key="k").case_id,
        sent(engine, key="k", by=NOOR).case_id,
        sent(engine, MACHINE, "k", None).case_id,
    }
    assert len(ids) == len(engine.answers) == 3


@pytest.mark.parametrize("runtime", ["Running", "Completed", "Failed"])
def test_an_id_that_somebody_else_has_is_passed_over(engine, runtime):
    """The instance that is there stays as it is, whether it runs or is over."""
    own_id = case_id.of_request("i" * 32, "person\0dana", "k", 1)
    engine.put(own_id, {"schemaVersion": 2, "input": "{}", "key": "x", "seal": "x"}, runtimeStatus=runtime)
    before = dict(engine.answers[own_id])
    found = sent(engine, key="k")
    assert found.case_id == case_id.of_request("i" * 32, "person\0dana", "k", 2)
    assert engine.answers[own_id] == before
    again = sent(engine, key="k")
    assert (again.case_id, again.is_new) == (found.case_id, False)


def test_a_random_id_that_is_taken_is_passed_over(engine, mocker):
    """Also by a case of the same person."""
    raw = [b"\0" * 5, b"\0" * 5, b"\0\0\0\0\1"]
    mocker.patch("functions.submitting.secrets.token_bytes", side_effect=raw)
    assert [sent(engine).case_id for _ in range(2)] == ["P-00000000", "P-00000001"]


def test_a_purged_case_is_forgotten_with_its_key(engine):
    """The same request starts it again."""
    first = sent(engine, key="k")
    engine.answers.clear()
    again = sent(engine, key="k")
    assert (again.case_id, again.is_new) == (first.case_id, True)


@pytest.mark.parametrize("by", [DANA, None])
@pytest.mark.parametrize("name", ["policy", "approver", "approvers", "timeout"])
def test_a_body_cannot_say_who_decides(engine, by, name):
    """Neither a person's nor a machine's; nothing is started."""
    with pytest.raises(InvalidFields) as caught:
        sent(engine, {**(BODY if by else MACHINE), name: "me"}, None, by)
    assert [entry.field for entry in caught.value.entries] == [name]
    assert engine.answers == {}


@pytest.mark.parametrize("author", ["dana", "dana@county.example", " DANA@county.example "])
def test_a_machine_names_the_author_by_id_or_address(engine, author):
    """And the case says that a machine has sent it."""
    found = sent(engine, {**BODY, "author": author}, None, None)
    assert (found.submission.author.id, found.submission.how) == ("dana", "machine")


@pytest.mark.parametrize(
    ("body", "by"), [(BODY, None), ({**BODY, "author": "mallory"}, None), (MACHINE, DANA), (None, DANA)]
)
def test_a_body_without_a_fitting_author_is_refused(engine, body, by):
    """A machine names one, a person does not."""
    with pytest.raises(InvalidFields):
        sent(engine, body, None, by)


@pytest.mark.parametrize("name", ["SEAL_KEY", "ID_KEY"])
def test_without_its_keys_nothing_can_be_submitted(engine, monkeypatch, name):
    """The refusal names the setting."""
    monkeypatch.delenv(name)
    with pytest.raises(MissingSetting, match=name):
        sent(engine)
    assert engine.answers == {}


def test_an_engine_that_fails_is_ours(engine):
    """Nothing is known then."""
    engine.fails = True
    with pytest.raises(NotStarted):
        sent(engine)


def test_when_every_id_is_taken_it_gives_up(engine, mocker):
    """Only somebody with our own key could do that."""
    mocker.patch.object(submitting, "_MOST_TRIES", 2)
    for number in (1, 2):
        engine.put(case_id.of_request("i" * 32, "person\0dana", "k", number), None)
    with pytest.raises(InstanceLive):
        sent(engine, key="k")


def test_without_a_policy_file_the_case_is_the_starters(engine, monkeypatch):
    """With the person's name as author, and an id of its own for each person and key."""
    monkeypatch.setenv("APPROVAL_POLICIES", "")
    directory.start()
    found = [sent(engine, {"title": "Mill Lane bridge"}, "k", signed(each)) for each in ("author", "head", "author")]
    assert [each.is_new for each in found] == [True, True, False]
    given = json.loads(engine.answers[found[0].case_id]["input"])
    assert (given["schemaVersion"], given["proposal"]["author"]) == (1, "Alex Author")
    with pytest.raises(InvalidFields):
        sent(engine, {"title": "Mill Lane bridge", "author": "Morgan"}, None, signed("author"))
    with pytest.raises(InvalidFields):
        sent(engine, None, None, signed("author"))
