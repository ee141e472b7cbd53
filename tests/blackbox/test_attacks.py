"""Who holds the engine's system key can stop a case or start it again, and everybody sees it; but never vote."""

import json

import pytest
from caller import REJECTED, until
from company import Attacker

SCHEME = {"kind": "scheme", "amount": "60000.00", "category": 0}
FORGED = {"id": "f" * 32, "act": "approve", "by": {"id": "noor", "name": "Noor Haddad", "for": None}}
ROUTES = ("/api/proposals/{}", "/api/proposals/{}/acts")


@pytest.fixture
def attacker(county):
    """Of the county's host."""
    return Attacker(county)


def is_nobodys_case(county, own_id):
    """No route and no page shows it, no list has it, nobody can act on it, and nobody was told of it."""
    for person in ("dana", "ruth", "noor"):
        assert [county.ask(person, "GET", route.format(own_id)).status for route in ROUTES] == [404, 404]
        act = {"act": "approve", "revision": 1, "level": 1}
        assert county.ask(person, "POST", f"/api/proposals/{own_id}/acts", act).status == 404
        for query in ("?turn=me", "?author=me", ""):
            assert own_id not in county.ask(person, "GET", f"/api/proposals{query}").body.decode()
        for page in ("", "/decide", "/withdraw"):
            assert county.ask(person, "GET", f"/proposals/{own_id}{page}").status == 404
        for page in ("/", "/inbox", "/outbox"):
            assert own_id not in county.ask(person, "GET", page).body.decode()
    assert county.machine("GET", f"/api/machine/proposals/{own_id}").status == 404
    assert Attacker(county).listed(f"notice-{own_id}") == []


def test_an_event_without_a_seal_is_no_vote(county, attacker):
    """The engine takes it, the case counts it, and the record has one line for all of them."""
    case = county.submitted("dana", SCHEME)
    opening = case.seen_by("ruth")["mine"]["opening"]
    forged = {"case": case.id, "revision": 1, "run": opening, "level": 1, "opening": opening, "comment": None}
    text = json.dumps(FORGED | forged | {"proof": {"how": "local", "at": "2026-11-25T16:40:00Z"}})
    payloads = [
        "Approved",
        b"null",
        {"act": "approve", "by": "noor"},
        {"act": text, "key": "2026-11", "seal": "A" * 86 + "=="},
    ]
    assert [attacker.raises(case.id, each).status for each in payloads] == [202] * 4
    until(lambda: case.status()["customStatus"]["unsealed"] == 4 or None, "the case has seen them")
    assert [each["id"] for each in case.seen_by("dana")["turn"]["with"]] == ["ruth"]
    case.counts("ruth")
    case.asks(2)
    (line,) = [entry for entry in case.record("unsealed") if entry["what"] == "unsealed"]
    assert line["count"] == 4


def test_a_case_that_is_flooded_with_junk_stays_usable(county, attacker):
    """People decide as before."""
    case = county.submitted("dana", SCHEME)
    for number in range(100):
        attacker.raises(case.id, {"act": f"junk {number}", "key": "2026-11", "seal": "x"})
    case.counts("ruth")
    case.asks(2)
    case.counts("pat", "reject", level=2, comment="Too much.")
    assert case.is_over()["state"] == "rejected"


def test_a_case_that_was_started_again_takes_no_old_act(county, attacker):
    """Pat has rejected it. The attacker starts it again and sends the sealed acts of before: they are stale."""
    case = county.submitted("dana", SCHEME)
    case.counts("ruth")
    case.asks(2)
    case.counts("pat", "reject", level=2, comment="Too much.")
    assert case.acts("sam", level=2).json["verdict"] == "late"
    assert (case.is_over()["state"], case.status()["output"]) == ("rejected", REJECTED)
    before = case.seen_by("dana")
    sealed = [event for event in attacker.events(case.id) if isinstance(event, dict) and "seal" in event]
    assert [json.loads(event["act"])["by"]["id"] for event in sealed] == ["ruth", "pat"]

    attacker.restarts(case.id)
    until(lambda: case.status()["runtimeStatus"] == "Running" or None, f"{case.id} runs again")
    again = case.asks(1)
    assert again["submitted"] == before["submitted"]
    for event in sealed:
        assert attacker.raises(case.id, event).status == 202
    until(lambda: len(case.status()["customStatus"]["verdicts"].split()) == 2 or None, "the case has judged them")
    seen = case.seen_by("dana")
    assert ([each["id"] for each in seen["turn"]["with"]], seen["state"]) == (["ruth"], "with approvers")
    assert {entry["verdict"] for entry in case.record("act") if entry["what"] == "act"} == {"stale"}
    case.counts("dana", "withdraw", None)


@pytest.mark.parametrize("kind", ["no seal of ours", "the input of another case", "another form", "no input"])
def test_an_instance_with_a_forged_input_is_nobodys_case(county, attacker, kind):
    """It ends without an act and without a notice."""
    own_id = f"P-F0RGED{len(kind):02}"
    stored = json.loads(county.submitted("dana", SCHEME).status("showInput=true")["input"])
    text = json.loads(stored["input"]) | {"case": own_id}
    given = {
        "no seal of ours": stored | {"input": json.dumps(text)},
        "the input of another case": stored,
        "another form": {"schemaVersion": 2, "input": text},
        "no input": None,
    }[kind]
    if given is None:
        given = {"schemaVersion": 1, "proposal": {"title": "Mill Lane bridge", "author": "dana"},
                 "policy": {"timeout": "PT1S", "approver": "Ruth", "escalateTo": "Ruth"}, "digest": "x"}  # fmt: skip
    attacker.starts(own_id, given)
    ended = attacker.ends(own_id)
    assert ended["output"] in ([], None) or kind in ("no input", "another form")
    is_nobodys_case(county, own_id)


def test_a_notice_that_was_started_by_hand_sends_nothing_that_the_record_does_not_hold(hurried_county):
    """Neither of a case that is none, nor of a move that was not made; it looks for a minute."""
    county, attacker = hurried_county, Attacker(hurried_county)
    case = county.submitted("dana", SCHEME)
    given = [{"case": "P-00000000", "move": 1}, {"case": case.id, "move": 99, "to": "noor"}, "x"]
    ids = [f"forged-notice-{case.id}-{number}" for number, _ in enumerate(given)]
    for own_id, each in zip(ids, given, strict=True):
        attacker.starts(own_id, each, "Notice")
    for own_id in ids:
        assert attacker.ends(own_id, within_s=150)["output"] in (None, {}, [], "null")
    case.counts("dana", "withdraw", None)


@pytest.mark.parametrize("name", ["policy", "approver", "timeout"])
def test_a_body_cannot_say_who_decides(county, name):
    """422 in plain words on every way in."""
    body = {"title": "Mill Lane bridge", "fields": SCHEME, name: "me"}
    answers = [
        county.ask("dana", "POST", "/api/proposals", body),
        county.machine("POST", "/api/machine/proposals", body | {"author": "dana"}),
        county.caller.asked(body=body | {"author": "dana"}),
    ]
    for answer in answers:
        assert (answer.status, answer.json["code"]) == (422, "fields-invalid")
        (entry,) = answer.json["errors"]
        assert entry["field"] == name
        assert "decides who is asked" in entry["detail"]


def test_the_starter_is_no_way_round_the_policy_file(county):
    """A start with a body submits under it, without links; one without a body is on no page and in no list."""
    body = {"title": "Mill Lane bridge", "fields": SCHEME, "author": "dana@county.example"}
    answer = county.caller.asked(body=body)
    own_id = answer.json["id"]
    assert (answer.status, answer.headers["location"]) == (202, f"/api/machine/proposals/{own_id}")
    assert b"code=" not in answer.body
    assert b"runtime" not in answer.body
    seen = county.machine("GET", answer.headers["location"])
    assert (seen.status, seen.json["author"]["id"], "mine" in seen.json) == (200, "dana", False)
    assert county.ask("dana", "GET", f"/api/proposals/{own_id}").json["submitted"]["how"] == "machine"
    assert county.caller.asked(body={"title": "Mill Lane bridge", "fields": SCHEME}).status == 422
    plain = county.caller.started()
    assert plain.id.startswith("P-")
    is_nobodys_case(county, plain.id)


def test_a_case_that_the_attacker_ends_says_so(county, attacker):
    """On its page and in the API nobody has the turn any more, and no answer says so."""
    case = county.submitted("dana", SCHEME)
    assert attacker.terminates(case.id).status == 202
    attacker.ends(case.id)
    seen = case.seen_by("ruth")
    assert (seen["state"], seen["turn"]["with"], seen["mine"]["may"]) == ("stopped", [], [])
    page = county.ask("ruth", "GET", f"/proposals/{case.id}").body.decode()
    for said in (seen["turn"]["sentence"], page):
        assert "has stopped it before it was decided" in said
        assert "If nobody decides by" not in said
    late = case.acts("ruth")
    assert (late.status, late.json["verdict"]) == (409, "late")
    assert "was stopped by whoever runs this service" in late.json["detail"]
