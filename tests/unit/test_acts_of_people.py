"""Acting on a case: looked up, refused, sealed, raised, and answered with the verdict of the case."""

import asyncio
import json
from dataclasses import replace

import pytest
from companies import CASE, submission
from fake_engine import FakeEngine
from places import ROOT
from seen_cases import COUNTY, STRUCTURE, opened, status, voted

from adapters import directory, sealing
from adapters.identity import Signed
from approval.acts import Verdict, act_id, read_act
from approval.instants import read
from approval.policy.model import Visibility
from approval.seals import Purpose, Sealed, is_genuine
from approval.submission import stored_input
from functions import acting
from functions.acting import act, visible_case
from service.act_body import read_act_body
from service.act_errors import ActLate, ActNotYours, ActOnOwnCase, ActRefused, ActStale, CaseUnknown, EngineSilent
from service.errors import InvalidSetting
from service.idempotency import digest

YES = {"act": "approve", "revision": 1, "level": 1}
OVER = {
    "state": "rejected",
    "level": None,
    "turn": None,
    "decided": {"outcome": "Rejected", "by": "ruth", "byName": "Ruth Pemberton", "at": "2026-11-26T09:00:00Z"},
}


@pytest.fixture(autouse=True)
def county(monkeypatch):
    """The county's policy file is in force, the keys are there, and nobody waits long."""
    for name, value in {
        "APPROVAL_POLICIES": str(ROOT / "examples/policies/county.toml"), "SEAL_KEY": f"2026-11:{'A' * 43}=",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(acting, "_FIRST_S", 0.001)
    monkeypatch.setattr(acting, "WAITS_S", 0.05)
    directory.start()
    yield
    monkeypatch.undo()
    directory.start()


@pytest.fixture
def engine():
    """An engine with a structure of Dana's whose first level asks Noor and Ruth, and where every act counts."""
    made = FakeEngine()
    put(made)
    made.hears = judged("c")
    return made


def put(engine, visible_to=Visibility.STAFF, **changes):
    """The case in that engine."""
    there = submission(COUNTY, "dana", STRUCTURE)
    there = replace(there, policy=replace(there.policy, visible_to=visible_to))
    sealed = sealing.seal(there.to_text(), Purpose.INPUT)
    engine.put(CASE, stored_input(sealed), customStatus=status(**changes))
    engine.announced(CASE, opened())


def judged(letter, **changes):
    """What a case does to an act: this verdict, and these changes of its status."""

    def hears(answer, payload):
        act = json.loads(payload["act"])
        shown = answer["customStatus"]
        answer["customStatus"] = shown | {"verdicts": f"{shown['verdicts']} {act['id'][:6]}:{letter}".strip()} | changes

    return hears


def acted(engine, person="noor", body=YES, key=None, own_id=CASE):
    """What comes of one request."""
    by = Signed(person, "local", read("2026-11-25T16:00:00Z"), "s")
    return asyncio.run(act(engine, own_id, by, read_act_body(body), body, key))


def test_an_act_is_sealed_and_names_all_that_it_is_for(engine):
    """Case, run, revision, level and the level's opening, also where the caller left that out."""
    done = acted(engine)
    ((own_id, event, payload),) = engine.events
    assert (own_id, event, done.verdict) == (CASE, "Approval", Verdict.COUNTS)
    assert is_genuine(Sealed.from_json(payload, Purpose.ACT), Purpose.ACT, sealing.act_keys())
    made = read_act(payload["act"])
    assert (made.case, made.run, made.revision, made.level) == (CASE, status()["run"], 1, 1)
    assert (made.opening, made.by.name, made.how) == (status()["level"]["opening"], "Noor Haddad", "local")
    assert done.act == {
        "id": made.id, "act": "approve", "by": {"id": "noor", "name": "Noor Haddad"}, "revision": 1, "level": 1,
        "comment": None,
    }  # fmt: skip


def test_the_same_request_is_the_same_act_with_the_same_answer(engine):
    """It is raised once, also when everything about the case has changed since."""
    first = acted(engine, key="k")
    engine.answers[CASE]["customStatus"] |= OVER
    again = acted(engine, key="k")
    assert (again.verdict, again.act) == (first.verdict, first.act)
    assert len(engine.events) == 1
    assert first.act["id"] == act_id(CASE, "noor", "k", digest(YES))


def test_a_repeated_request_finds_its_verdict_in_the_record_too(engine):
    """The ring holds the last 64."""
    own_act = act_id(CASE, "noor", "k", digest(YES))
    engine.announced(CASE, voted(act=own_act))
    assert acted(engine, key="k").verdict is Verdict.COUNTS
    engine.announced(CASE, voted("ruth", act="e" * 32) | {"n": 9})
    assert engine.events == []


def test_another_persons_equal_key_is_another_act(engine):
    """And so is another body."""
    acts = [
        acted(engine, person, body, "k").act["id"]
        for person in ("noor", "ruth")
        for body in (YES, {**YES, "comment": "x"})
    ]
    assert len(set(acts)) == len(engine.events) == 4


@pytest.mark.parametrize(
    ("person", "error", "words"),
    [
        ("dana", ActOnOwnCase, "You wrote it"),
        ("eli", ActNotYours, "not one of those"),
        ("amir", ActNotYours, "has voted"),
    ],
)
def test_what_is_certain_is_refused_at_once(engine, person, error, words):
    """The case is not woken."""
    with pytest.raises(error, match=words):
        acted(engine, person)
    assert engine.events == []


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.COUNTS])
def test_what_the_case_says_is_the_answer(engine, verdict):
    """Each verdict as its refusal."""
    engine.hears = judged(verdict.letter)
    with pytest.raises(ActRefused) as caught:
        acted(engine)
    assert caught.value.verdict is verdict


def test_an_act_that_came_too_late_names_who_decided(engine):
    """Between our look and the event somebody else has decided; the case has seen none of it."""
    engine.hears = lambda answer, _: answer.update(customStatus=status(**OVER), runtimeStatus="Completed")
    with pytest.raises(ActLate, match="Ruth Pemberton"):
        acted(engine)


def test_an_event_that_the_engine_does_not_take_any_more_is_late(engine):
    """The instance is over, and its status shows the end."""
    engine.answers[CASE] |= {"runtimeStatus": "Completed"}
    with pytest.raises(ActRefused):
        acted(engine, body={**YES, "level": 1})


def test_a_verdict_that_does_not_come_is_not_known(engine):
    """The caller sends the request again later, and finds it."""
    engine.hears = None
    assert acted(engine, key="k").verdict is None
    engine.hears = judged("c")
    assert acted(engine, key="k").verdict is Verdict.COUNTS


def test_a_stale_opening_is_refused(engine):
    """A form that was opened before the case was restarted."""
    with pytest.raises(ActStale):
        acted(engine, body={**YES, "opening": "0" * 32})


@pytest.mark.parametrize("own_id", ["P-00000000", "x", "P-7K3M9QXVV", "@x@y", ""])
def test_a_case_that_is_not_there_is_unknown(engine, own_id):
    """For every request; odd ids do not reach the engine."""
    with pytest.raises(CaseUnknown):
        acted(engine, own_id=own_id)


@pytest.mark.parametrize("own_id", [CASE.lower(), f" {CASE} "])
def test_an_id_may_be_written_as_people_write_it(engine, own_id):
    """In small letters, with blanks."""
    assert acted(engine, own_id=own_id).verdict is Verdict.COUNTS


def test_who_may_not_see_a_case_cannot_act_on_it(engine):
    """It is unknown to them; a machine sees every case."""
    put(engine, Visibility.PARTIES)
    with pytest.raises(CaseUnknown):
        acted(engine, "pat")
    assert acted(engine, "noor").verdict is Verdict.COUNTS
    assert asyncio.run(visible_case(engine, CASE, None)).id == CASE


@pytest.mark.parametrize(
    "given", [None, {"schemaVersion": 1}, {"schemaVersion": 2, "input": "{}", "key": "2026-11", "seal": "x"}]
)
def test_an_instance_that_somebody_else_has_started_is_no_case(engine, given):
    """Its input has no seal of ours."""
    engine.put(CASE, given, customStatus=status())
    with pytest.raises(CaseUnknown):
        acted(engine)
    with pytest.raises(CaseUnknown):
        asyncio.run(visible_case(engine, CASE, None))


def test_an_engine_that_fails_is_ours(engine):
    """The answer is not that there is no case."""
    engine.fails = True
    with pytest.raises(EngineSilent):
        acted(engine)


def test_an_act_that_the_case_could_not_verify_is_not_sent(engine, monkeypatch):
    """The key was set after the level had opened: no vote is lost in silence, the setting is named."""
    engine.opened(CASE, {"2026-11": sealing.public_key_of(bytes(32))})
    assert acted(engine).verdict is Verdict.COUNTS
    monkeypatch.setenv("SEAL_PUBLIC_KEYS", f"2026-11:{sealing.public_key_of(bytes(32))}")
    monkeypatch.setenv("SEAL_KEY", f"2026-12:{'B' * 43}=")
    with pytest.raises(
        InvalidSetting, match="SEAL_KEY is not usable: This case opened its level before the key was set"
    ):
        acted(engine, "ruth")
    assert len(engine.events) == 1
    engine.opened(CASE, sealing.act_keys())
    assert acted(engine, "ruth").verdict is Verdict.COUNTS


def test_an_act_whose_id_begins_like_another_one_does_not_get_its_verdict(engine):
    """Who tries keys until the ids begin alike has no answer that their act counts: it goes to the case."""
    own = act_id(CASE, "ruth", "k", digest(YES))
    engine.answers[CASE]["customStatus"] |= {"verdicts": f"{own[:6]}:c"}
    engine.announced(CASE, voted("noor", act=own[:6] + "0" * 26))
    engine.hears = None
    done = acted(engine, "ruth", key="k")
    assert (done.verdict, len(engine.events)) == (None, 1)
