"""A case of one level, seen as a case with levels is."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from fake_engine import FakeEngine

from adapters import directory
from adapters.identity import Signed
from approval.acts import Name, Verdict
from approval.case import Case, new_input
from approval.instants import read
from approval.policy.one_level import OneLevelPolicy
from approval.proposal import read_proposal
from approval.review.one_level import Review
from approval.status import describe
from functions import acting, listing, scan
from functions.acting import act, visible_case
from functions.answers import shown
from service.act_body import read_act_body
from service.act_errors import ActLate, ActRefused, CaseUnknown
from service.case_reading import state_of
from service.one_level_case import OneLevelPeople, one_level_case, status_with_levels

T0 = datetime(2026, 11, 24, 20, tzinfo=UTC)
PEOPLE = OneLevelPeople(Name("manager", "Morgan Manager"), {"Alex Author": "author", "Morgan Manager": "manager"})
OWN_ID = "P-7K3M9QXV"
BODY = {"title": "Mill Lane bridge", "author": "Alex Author", "summary": "New deck.", "amount": 5, "currency": "EUR"}
GIVEN = new_input(
    read_proposal(BODY),
    OneLevelPolicy(timeout="PT1H", approver="Head of bridges"),
    "sha256:d",
)  # fmt: skip
WAITING = Review.opened(Case.from_input(GIVEN), T0)
YES = {"act": "approve", "revision": 1, "level": 1}


@pytest.fixture(autouse=True)
def built_in(monkeypatch):
    """No policy file is in force, and nobody waits long."""
    monkeypatch.setenv("APPROVAL_POLICIES", "")
    monkeypatch.setattr(acting, "_FIRST_S", 0.001)
    monkeypatch.setattr(acting, "WAITS_S", 0.05)
    directory.start()
    scan.forget()
    yield
    scan.forget()
    monkeypatch.undo()
    directory.start()


def hears(answer, payload):
    """What the orchestrator does to a decision."""
    review = WAITING.heard(payload, T0 + timedelta(seconds=9))
    answer |= {"customStatus": describe(review), "runtimeStatus": "Completed"}


@pytest.fixture
def engine():
    """An engine with a case that waits, and that hears."""
    made = FakeEngine()
    made.put(OWN_ID, GIVEN, customStatus=describe(WAITING))
    made.hears = hears
    return made


def acted(engine, person="manager", body=YES, key=None):
    """What comes of one request."""
    by = Signed(person, "local", read("2026-11-25T16:00:00Z"), "s")
    return asyncio.run(act(engine, OWN_ID, by, read_act_body(body), body, key))


def view(engine, reader="manager"):
    """The case for somebody."""
    return shown(asyncio.run(visible_case(engine, OWN_ID, reader)), reader)


def test_the_manager_has_the_turn_whichever_role_it_names(engine):
    """The role is the reason; the author by name is the person of the directory."""
    made = view(engine)
    assert (made["title"], made["state"], made["author"]) == (
        "Mill Lane bridge", "with approvers", {"id": "author", "name": "Alex Author"},
    )  # fmt: skip
    assert [(each["id"], each["because"]) for each in made["turn"]["with"]] == [("manager", "Head of bridges")]
    assert (made["mine"]["may"], made["mine"]["level"]) == (["approve", "reject"], 1)
    assert made["summary"] == "New deck.\nAmount: 5 EUR"
    assert [(step["level"], step["is"]) for step in made["path"]] == [("Head of bridges", "here")]


@pytest.mark.parametrize("reader", ["author", "head"])
def test_the_others_have_nothing_to_do(engine, reader):
    """Such a case cannot be withdrawn."""
    assert view(engine, reader)["mine"]["may"] == []


def test_a_decision_is_an_event_by_name_and_counts(engine):
    """Without a seal, as the starter's cases take it."""
    done = acted(engine, body={**YES, "act": "reject", "comment": "No."})
    assert engine.events == [(OWN_ID, "Approval", {"decision": "reject", "by": "Morgan Manager", "comment": "No."})]
    assert (done.verdict, state_of(done.case)) == (Verdict.COUNTS, "rejected")
    after = view(engine)
    assert after["decided"] == {
        "outcome": "Rejected", "by": "manager", "byName": "Morgan Manager", "at": "2026-11-24T20:00:09Z",
    }  # fmt: skip
    assert [step["outcome"] for step in after["path"]] == ["rejected"]


def test_the_same_request_has_the_same_answer_and_another_is_late(engine):
    """By its key."""
    first, again = acted(engine, key="k"), acted(engine, key="k")
    assert (first.verdict, first.act) == (again.verdict, again.act)
    assert len(engine.events) == 1
    with pytest.raises(ActLate, match="Morgan Manager"):
        acted(engine, key="l", body={**YES, "act": "reject"})


@pytest.mark.parametrize(
    ("person", "body", "verdict"),
    [
        ("author", YES, "not yours"), ("head", YES, "not yours"),
        ("author", {"act": "withdraw", "revision": 1}, "not yours"), ("manager", {**YES, "revision": 2}, "stale"),
        ("manager", {**YES, "level": 2}, "stale"), ("manager", {**YES, "act": "abstain"}, "incomplete"),
    ],
)  # fmt: skip
def test_what_such_a_case_does_not_know_is_refused(engine, person, body, verdict):
    """Nothing is sent."""
    with pytest.raises(ActRefused) as caught:
        acted(engine, person, body)
    assert (caught.value.verdict, engine.events) == (verdict, [])


def test_a_decision_that_came_second_is_late(engine):
    """Somebody else's event was first."""
    engine.hears = lambda answer, _: hears(answer, {"decision": "reject", "by": "curl"})
    with pytest.raises(ActLate, match="curl"):
        acted(engine)


def test_a_case_that_does_not_answer_is_not_known(engine):
    """As for other cases."""
    engine.hears = None
    assert acted(engine).verdict is None


def test_an_expired_case_shows_that_nobody_decided(engine):
    """The escalation is its end."""
    engine.answers[OWN_ID] |= {
        "customStatus": describe(WAITING.woke(T0 + timedelta(hours=1))),
        "runtimeStatus": "Completed",
    }
    made = view(engine)
    assert (made["state"], made["decided"]) == ("expired", None)
    with pytest.raises(ActLate):
        acted(engine)


def test_it_is_in_the_managers_inbox_and_in_lists(engine):
    """And in nobody else's inbox."""

    def listed(reader, **query):
        return [item["id"] for item in asyncio.run(listing.page(engine, reader, query))["items"]]

    assert (listed("manager", turn="me"), listed("head", turn="me")) == ([OWN_ID], [])
    assert listed("head") == listed("author", author="me") == [OWN_ID]
    assert listed("manager", author="me") == []


@pytest.mark.parametrize(("author", "how"), [("Alex Author", "local"), ("Dana Okafor", "machine"), (None, "machine")])
def test_a_person_of_the_directory_has_submitted_it(author, how):
    """On a page or as one; anybody else's came from another program."""
    answer = {"instanceId": OWN_ID, "runtimeStatus": "Running", "createdTime": "2026-11-24T20:00:00Z"}
    proposal = {"title": "Bridge"} | ({"author": author} if author else {})
    given = {**new_input(None, OneLevelPolicy(), "d"), "proposal": proposal}
    case = one_level_case({**answer, "customStatus": describe(WAITING)}, given, PEOPLE)
    assert (case.submission.how, case.record[0]["how"]) == (how, how)


def test_a_case_without_proposal_or_first_turn_can_be_shown():
    """The run of the original tutorial, just started."""
    answer = {"instanceId": OWN_ID, "runtimeStatus": "Pending", "createdTime": "2026-11-24T20:00:00.5Z"}
    case = one_level_case(answer, new_input(None, OneLevelPolicy(), "d"), PEOPLE)
    assert (case.submission.title, case.submission.author) == ("Project design proposal", Name("", "Nobody"))
    assert state_of(case) == "with approvers"


@pytest.mark.parametrize("given", [[], {"schemaVersion": 9}, {"schemaVersion": 1, "proposal": {"attachments": 5}}, "x"])
def test_what_is_no_such_case_is_none(engine, given):
    """Whoever has started it."""
    engine.put(OWN_ID, given)
    with pytest.raises(CaseUnknown):
        asyncio.run(visible_case(engine, OWN_ID, "manager"))


def test_its_status_has_the_members_of_a_case_with_levels():
    """Readers need not ask which kind it is."""
    made = status_with_levels(describe(WAITING), PEOPLE)
    assert made["level"] == {"number": 1, "name": "Head of bridges", "opening": "one level", "escalation": 0}
