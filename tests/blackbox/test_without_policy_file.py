"""Without a policy file: the manager of three people decides the cases of one level, over the same routes."""

from caller import APPROVED, proposal, until

BODY = {"title": "Mill Lane bridge", "amount": "80000", "currency": "GBP", "policy": {"timeout": "PT1H"}}
YES = {"act": "approve", "revision": 1, "level": 1}


def waits_for(company, own_id):
    """The case is in the manager's inbox."""
    answer = company.ask("manager", "GET", "/api/proposals?turn=me")
    return own_id in [item["id"] for item in answer.json["items"]] or None


def test_a_case_that_curl_has_started_is_in_the_managers_inbox_and_is_decided(built_in):
    """Whichever role it names; the output is the original tutorial's."""
    case = built_in.caller.started(body=proposal())
    case.waits()
    until(lambda: waits_for(built_in, case.id), f"{case.id} is in the inbox")
    seen = built_in.ask("manager", "GET", f"/api/proposals/{case.id}").json
    assert (seen["mine"]["may"], seen["turn"]["with"][0]["because"]) == (["approve", "reject"], "Manager")
    answer = built_in.ask("manager", "POST", f"/api/proposals/{case.id}/acts", YES, "k")
    assert (answer.status, answer.json["case"]["state"]) == (200, "approved")
    assert built_in.ask("manager", "POST", f"/api/proposals/{case.id}/acts", YES, "k").json["act"] == answer.json["act"]
    assert case.output() == APPROVED
    late = built_in.ask("manager", "POST", f"/api/proposals/{case.id}/acts", YES | {"act": "reject"})
    assert (late.status, late.json["decided"]["name"]) == (409, "Morgan Manager")


def test_a_person_submits_and_the_manager_rejects(built_in):
    """The author's name is that of who is signed in; the preview says who is asked."""
    preview = built_in.ask("author", "POST", "/api/proposals:preview", BODY)
    assert [step["level"] for step in preview.json["path"]] == ["Manager"]
    first, again = (built_in.ask("author", "POST", "/api/proposals", BODY, "once") for _ in range(2))
    assert (first.status, again.status, again.json["id"]) == (201, 200, first.json["id"])
    own_id = first.json["id"]
    assert first.json["author"] == {"id": "author", "name": "Alex Author"}
    until(lambda: waits_for(built_in, own_id), f"{own_id} is in the inbox")
    for person in ("author", "head"):
        assert built_in.ask(person, "POST", f"/api/proposals/{own_id}/acts", YES).json["verdict"] == "not yours"
    body = YES | {"act": "reject", "comment": "Too much."}
    assert built_in.ask("manager", "POST", f"/api/proposals/{own_id}/acts", body).json["verdict"] == "counts"
    listed = built_in.ask("author", "GET", "/api/proposals?author=me&state=rejected").json["items"]
    assert own_id in [item["id"] for item in listed]
    record = built_in.ask("author", "GET", f"/api/proposals/{own_id}/acts").json["entries"]
    assert record[1]["act"]["comment"] == "Too much."
    assert built_in.machine("GET", f"/api/machine/proposals/{own_id}").json["state"] == "rejected"


def test_a_body_with_an_author_is_refused_for_people(built_in):
    """They are the author themselves."""
    answer = built_in.ask("author", "POST", "/api/proposals", BODY | {"author": "Morgan Manager"})
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "author")
