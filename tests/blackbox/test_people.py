"""Who is known as whom, and what they are shown: sessions, lists, views, and a case that is not for everybody."""

import base64
import json
from urllib.parse import quote

import pytest
from caller import send, until

SCHEME = {"kind": "scheme", "amount": "60000.00", "category": 0}
BODY = {"title": "Mill Lane bridge", "fields": SCHEME}
YES = {"act": "approve", "revision": 1, "level": 1}
# Each route for people: method, path with the id of a case, body.
ROUTES = [
    ("POST", "/api/proposals", BODY),
    ("GET", "/api/proposals", None),
    ("POST", "/api/proposals:preview", BODY),
    ("GET", "/api/proposals/{}", None),
    ("GET", "/api/proposals/{}/acts", None),
    ("POST", "/api/proposals/{}/acts", YES),
    ("GET", "/api/policies", None),
    ("GET", "/api/policies/scheme", None),
]
OF_A_CASE = [route for route in ROUTES if "{}" in route[1]]
CHANGES = [route for route in ROUTES if route[0] == "POST"]


def principal(address):
    """The headers that Azure's sign-in would send for this person, forged."""
    claims = {"auth_typ": "aad", "claims": [{"typ": "preferred_username", "val": address}], "role_typ": "roles"}
    return {
        "X-MS-CLIENT-PRINCIPAL": base64.b64encode(json.dumps(claims).encode()).decode(),
        "X-MS-CLIENT-PRINCIPAL-ID": "ruth",
        "X-MS-CLIENT-PRINCIPAL-NAME": address,
        "X-MS-CLIENT-PRINCIPAL-IDP": "aad",
    }


@pytest.fixture(scope="module")
def case(county):
    """A scheme of Dana's that waits for Ruth."""
    return county.submitted("dana", SCHEME)


@pytest.mark.parametrize(
    "more", [{}, principal("ruth@county.example"), {"x-functions-key": "x"}], ids=["", "principal", "key"]
)
@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_without_a_session_nobody_is_known(county, case, method, path, body, more):
    """Neither a forged principal nor a key makes somebody a person."""
    answer = county.ask(None, method, path.format(case.id), body, more=more)
    assert (answer.status, answer.json["code"]) == (401, "sign-in-needed")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_a_forged_principal_changes_nothing_of_who_is_signed_in(county, case, method, path, body):
    """Dana stays Dana: she sees and may what she sees and may without it."""
    plain = county.ask("dana", method, path.format(case.id), body)
    forged = county.ask("dana", method, path.format(case.id), body, more=principal("ruth@county.example"))
    assert plain.status == forged.status
    if path.endswith("/acts") and method == "POST":
        assert forged.json["verdict"] == "own case"
    if path == "/api/proposals/{}":
        assert forged.json["mine"] == plain.json["mine"]


@pytest.mark.parametrize("session", ["session=", "session=x", "session=ruth", "session=WyJydXRoIiwieCJd.aaaaaa.bbbb"])
def test_a_session_that_we_have_not_signed_is_none(county, case, session):
    """Whoever it names."""
    answer = county.ask(None, "GET", f"/api/proposals/{case.id}", more={"Cookie": session})
    assert answer.status == 401


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_a_change_comes_as_json_and_from_no_page_of_somebody_else(county, case, method, path, body):
    """A form of another site is refused twice over; devhost refuses it before the app does."""
    address = path.format(case.id)
    foreign = county.ask("ruth", method, address, body, more={"Origin": "https://evil.example"})
    assert foreign.status == 403
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
        answer = county.ask("ruth", method, address, body, more={"Content-Type": kind})
        assert (answer.status, answer.json["code"]) == (415, "content-type-not-json")
    own = county.ask(
        "eli", method, address, body, more={"Origin": county.url, "Content-Type": "application/json; charset=utf-8"}
    )
    assert own.status in {200, 201} or own.json["verdict"] == "not yours"


def test_a_case_that_has_not_changed_is_not_sent_again(county):
    """By its entity tag, which differs for each reader."""
    case = county.submitted("dana", SCHEME)
    case.record("opened")
    path = f"/api/proposals/{case.id}"
    first = county.ask("dana", "GET", path)
    tag = first.headers["etag"]
    again = county.ask("dana", "GET", path, more={"If-None-Match": tag})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert county.ask("ruth", "GET", path, more={"If-None-Match": tag}).status == 200
    case.counts("ruth")
    assert county.ask("dana", "GET", path, more={"If-None-Match": f'"x", W/{tag}'}).status == 200


def test_an_id_may_be_written_as_people_write_it(county, case):
    """In small letters; an odd one is none."""
    assert county.ask("dana", "GET", f"/api/proposals/{case.id.lower()}").json["id"] == case.id
    for odd in ("P-00000000", "x", "P-1234567", "..", quote("P-7K3M9QX\u0660")):
        assert county.ask("dana", "GET", f"/api/proposals/{odd}").status == 404


def test_the_same_key_and_body_are_one_case(county):
    """201, then 200; another body is a conflict, and another person's equal key is another case."""
    body, key = BODY | {"title": "Once"}, "submitted-once"
    first, again = (county.ask("dana", "POST", "/api/proposals", body, key) for _ in range(2))
    assert (first.status, again.status, again.json["id"]) == (201, 200, first.json["id"])
    assert again.headers["location"] == f"/api/proposals/{first.json['id']}"
    other = county.ask("dana", "POST", "/api/proposals", body | {"title": "Twice"}, key)
    assert (other.status, other.json["code"], other.json["instanceId"]) == (
        409,
        "idempotency-key-reused",
        first.json["id"],
    )
    assert county.ask("eli", "POST", "/api/proposals", body, key).json["id"] != first.json["id"]


def test_lists_show_what_waits_for_me_what_i_wrote_and_what_is_over(county):
    """Each reader their own; the inbox is some seconds old."""
    case = county.submitted("noor", SCHEME)

    def ids(person, query):
        found, cursor = [], ""
        while True:
            answer = county.ask(person, "GET", f"/api/proposals?{query}{cursor}")
            assert answer.status == 200, answer
            found += [item["id"] for item in answer.json["items"]]
            if not answer.json["next"]:
                return found
            cursor = f"&cursor={quote(answer.json['next'])}"

    until(lambda: case.id in ids("ruth", "turn=me") or None, f"{case.id} is in Ruth's inbox")
    assert case.id not in ids("noor", "turn=me")
    assert case.id in ids("noor", "author=me")
    assert case.id not in ids("ruth", "author=me")
    case.counts("noor", "withdraw", None)
    case.is_over()
    assert case.id in ids("pat", "state=withdrawn")
    assert case.id not in ids("pat", "state=approved")
    until(lambda: case.id not in ids("ruth", "turn=me") or None, f"{case.id} has left Ruth's inbox")


@pytest.mark.parametrize(
    "query", ["turn=ruth", "author=dana", "state=open", "cursor=x", "sort=due", "turn=me&state=approved"]
)
def test_a_query_that_says_something_else_is_refused(county, query):
    """400, with the parameter."""
    answer = county.ask("dana", "GET", f"/api/proposals?{query}")
    assert (answer.status, answer.json["code"]) == (400, "query-invalid")


def test_the_policies_are_shown_in_words(county):
    """With the digest that a case shows."""
    listed = county.ask("dana", "GET", "/api/policies").json
    assert [each["name"] for each in listed["policies"]] == ["scheme", "structures"]
    scheme = county.ask("dana", "GET", "/api/policies/scheme").json
    assert scheme["digest"] == listed["digest"]
    assert scheme["levels"][1]["words"][0] == {"what": "Only if", "how": "amount is above 50,000 GBP"}
    assert county.ask("dana", "GET", "/api/policies/nothing").json["code"] == "policy-unknown"


def test_a_machine_submits_for_a_person_and_reads(county):
    """The person is told by the case who sent it, and decides nothing on it."""
    body = BODY | {"author": "eli"}
    answer = county.machine("POST", "/api/machine/proposals", body)
    assert (answer.status, answer.json["author"]["id"], "mine" in answer.json) == (201, "eli", False)
    path = answer.headers["location"]
    assert county.machine("GET", path).json["submitted"]["how"] == "machine"
    assert county.ask("eli", "POST", f"/api/proposals/{answer.json['id']}/acts", YES).json["verdict"] == "own case"
    assert county.machine("POST", "/api/machine/proposals", BODY).status == 422
    assert county.machine("POST", f"{path}/acts", YES).status == 404


@pytest.mark.parametrize(("method", "path", "body"), OF_A_CASE)
def test_a_case_that_somebody_may_not_see_does_not_exist_for_them(private, method, path, body):
    """On every route; those who take part in it see it."""
    case = private.submitted("dana", SCHEME)
    address = path.format(case.id)
    for stranger in ("noor", "eli", "pat", "kim"):
        answer = private.ask(stranger, method, address, body)
        assert (answer.status, answer.json["code"]) == (404, "case-unknown")
        missing = private.ask(stranger, method, path.format("P-00000000"), body)
        assert (missing.status, missing.body) == (answer.status, answer.body)
        for query in ("", "?state=with%20approvers", "?turn=me", "?author=me"):
            assert case.id not in private.ask(stranger, "GET", f"/api/proposals{query}").body.decode()
    for party in ("dana", "ruth"):
        assert private.ask(party, "GET", f"/api/proposals/{case.id}").status == 200
        assert case.id in private.ask(party, "GET", "/api/proposals").body.decode()


def test_who_was_asked_goes_on_seeing_a_case(private):
    """Also when it has gone on to the next level, and those of that level see it then."""
    case = private.submitted("dana", SCHEME)
    case.counts("ruth")
    case.asks(2)
    case.record("levelClosed")
    for person in ("ruth", "pat", "sam"):
        assert private.ask(person, "GET", f"/api/proposals/{case.id}").status == 200
    assert private.ask("eli", "GET", f"/api/proposals/{case.id}").status == 404


def test_a_path_of_the_api_that_is_no_route_is_not_found(county):
    """Nor is another method."""
    for method, path in (("DELETE", "/api/proposals/x"), ("PUT", "/api/proposals"), ("GET", "/api/machine/proposals")):
        assert send(method, county.url + path, b"" if method == "PUT" else None).status == 404
