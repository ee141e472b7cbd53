"""Every refusal of the starter: problem+json, the right code, and a sentence that says what to do."""

import gzip
import json

import pytest
from caller import proposal, send

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
ATTACHMENT = {"name": "plan.pdf", "url": "https://files.example.com/plan.pdf", "sha256": DIGEST}
KNOWN = {"OrchFunction", "OrchFunctionChain"}
OTHERS = {"Approval", "Escalation", "HttpStart"}


def problem(answer, status, code):
    """The body of a refusal that has the shape that all of them share."""
    assert answer.status == status, answer
    assert answer.headers["content-type"].partition(";")[0] == "application/problem+json"
    told = answer.json
    assert told["type"].endswith(f":{code}")
    assert (told["status"], told["code"]) == (status, code)
    assert told["title"]
    assert told["detail"].rstrip().endswith((".", "?"))
    assert len(told["detail"].split()) >= 8
    assert "Traceback" not in told["detail"]
    return told


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "line 1, column 2"),
        (b"title=bridge", "line 1, column 1"),
        (b'{"title": "a",}', "line 1, column 1"),
        (b'{"title": NaN}', "NaN is not a JSON number"),
        (b'{"amount": 1e999}', "1e999 is too large"),
        (b'{"title": "a", "title": "b"}', "'title' stands twice"),
        (b'{"title": "\xff"}', "not UTF-8"),
        (b"[" * 20_000, "32 levels"),
        (b'{"fields": ' + b'{"a":' * 40 + b"1" + b"}" * 40 + b', "title": "a", "author": "b"}', "32 levels"),
        (b'{"amount": ' + b"9" * 5_000 + b"}", "too many digits"),
        ('{"title": "ä"}'.encode("utf-16"), "not UTF-8"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_body_that_is_not_json_is_400(caller, body, reason):
    """What cannot be read is refused with the place at fault."""
    told = problem(caller.asked(body=body), 400, "body-not-json")
    assert reason in told["detail"]
    assert "Send one JSON object as UTF-8 text" in told["detail"]


@pytest.mark.parametrize("body", [gzip.compress(json.dumps(proposal()).encode()), b"{"], ids=["packed", "not packed"])
def test_a_body_that_says_it_is_packed_is_read_as_it_stands(caller, body):
    """Nobody unpacks a body here: a packed one is not JSON, and one that only says so is no error of the host."""
    headers = {**caller.own_headers, "Content-Encoding": "gzip"}
    problem(send("POST", f"{caller.base_url}/api/orchestrators/OrchFunction", body, headers), 400, "body-not-json")


def test_a_get_with_a_body_is_400(caller):
    """A body that many proxies would drop is not taken in silence."""
    told = problem(caller.asked(body=proposal(), method="GET"), 400, "body-on-get")
    assert "with POST" in told["detail"]


@pytest.mark.parametrize(
    "name",
    [
        "Nothing",
        "orchfunction",
        "OrchFunction%20",
        "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "%C3%A4%E2%80%AE%0A%09",
        "a%3Fb%23c%26d",
        "%25",
        "'",
        "n" * 3_000,
    ],
    ids=lambda name: name[:30],
)
def test_an_unknown_orchestration_is_404_and_the_known_ones_are_listed(caller, name):
    """However odd the name, the answer is bounded and tells which names there are."""
    answer = caller.asked(name, proposal())
    told = problem(answer, 404, "orchestration-unknown")
    assert set(told["known"]) >= KNOWN
    assert all(known in told["detail"] for known in told["known"])
    assert len(answer.body) < 4_000


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_a_function_that_is_no_orchestration_is_404_too(caller, name):
    """Activities and the starter itself cannot be started, nor are they offered."""
    told = problem(caller.asked(name), 404, "orchestration-unknown")
    assert OTHERS.isdisjoint(told["known"])


def test_a_misspelt_name_gets_the_nearest_one(caller):
    """A typing mistake is answered with what was probably meant."""
    told = problem(caller.asked("OrchFuntion"), 404, "orchestration-unknown")
    assert "Did you mean OrchFunction?" in told["detail"]


def test_a_large_body_is_413(caller):
    """Over 64 KB the answer names both sizes and what to do with documents."""
    told = problem(caller.asked(body=proposal(summary="x" * 65_536)), 413, "body-too-large")
    assert told["limit"] == 65_536
    assert told["size"] > told["limit"]
    assert "send links to them as attachments" in told["detail"]


def test_a_body_of_exactly_64_kb_is_taken(caller):
    """The limit itself is allowed."""
    body = json.dumps(proposal()).encode()
    caller.started(body=body + b" " * (65_536 - len(body)))


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        (proposal(title=None), "title", "not-text"),
        (proposal(title=17), "title", "not-text"),
        (proposal(title="  "), "title", "empty"),
        (proposal(title="t" * 201), "title", "too-long"),
        (proposal(title="two\nlines"), "title", "not-one-line"),
        (proposal(author=["dana"]), "author", "not-text"),
        (proposal(author=""), "author", "empty"),
        (proposal(summary="s" * 4_001), "summary", "too-long"),
        (proposal(amount=5), "currency", "missing"),
        (proposal(currency="EUR"), "amount", "missing"),
        (proposal(amount=-5, currency="EUR"), "amount", "not-an-amount"),
        (proposal(amount="1,000", currency="EUR"), "amount", "not-an-amount"),
        (proposal(amount=True, currency="EUR"), "amount", "not-an-amount"),
        (proposal(amount=5, currency="euro"), "currency", "wrong-form"),
        (proposal(attachments={}), "attachments", "not-a-list"),
        (proposal(attachments=[ATTACHMENT] * 21), "attachments", "too-long"),
        (proposal(attachments=[ATTACHMENT, "plan"]), "attachments[1]", "not-an-object"),
        (proposal(attachments=[ATTACHMENT | {"name": ""}]), "attachments[0].name", "empty"),
        (proposal(attachments=[ATTACHMENT | {"url": "http://a.example"}]), "attachments[0].url", "not-an-https-link"),
        (proposal(attachments=[ATTACHMENT | {"sha256": "abc"}]), "attachments[0].sha256", "wrong-form"),
        (proposal(attachments=[{"name": "a", "url": ATTACHMENT["url"]}]), "attachments[0].sha256", "missing"),
        (proposal(fields=[1]), "fields", "not-an-object"),
        (proposal(fields={"a": "\0"}), "fields.a", "text-broken"),
        (proposal(fields={"__class__": 1, "__module__": 2, "__data__": 3}), "fields", "reserved-names"),
        (proposal(policy="P3D"), "policy", "not-an-object"),
        (proposal(policy={"timeout": "3 days"}), "policy.timeout", "not-a-duration"),
        (proposal(policy={"timeout": "PT0S"}), "policy.timeout", "not-a-duration"),
        (proposal(policy={"timeout": "P2Y"}), "policy.timeout", "not-a-duration"),
        (proposal(policy={"approver": ""}), "policy.approver", "empty"),
        (proposal(policy={"escalateTo": 5}), "policy.escalateTo", "not-text"),
        (proposal(policy={"quorum": 2}), "policy.quorum", "unknown"),
        (proposal(autor="dana"), "autor", "unknown"),
        ({"author": "dana"}, "title", "missing"),
        ({"title": "Mill Lane bridge"}, "author", "missing"),
        ([], "body", "not-an-object"),
        (7, "body", "not-an-object"),
        ("Mill Lane bridge", "body", "not-an-object"),
        (True, "body", "not-an-object"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_field_at_fault_is_422_and_named(caller, body, field, code):
    """One entry names the field, says what is wrong with it and what to give instead."""
    told = problem(caller.asked(body=body), 422, "fields-invalid")
    (entry,) = told["errors"]
    assert (entry["field"], entry["code"]) == (field, code)
    assert len(entry["detail"].split()) >= 6
    assert entry["detail"].rstrip().endswith((".", "fields."))
    assert field in told["detail"]
    assert "Nothing was started" in told["detail"]


def test_each_field_at_fault_has_its_own_entry(caller):
    """All faults are reported in one answer, so that nobody has to send a proposal four times."""
    body = {"title": 1, "autor": "x", "amount": -1, "currency": "EUR"}
    told = problem(caller.asked(body=body), 422, "fields-invalid")
    assert sorted(entry["field"] for entry in told["errors"]) == ["amount", "author", "autor", "title"]


def test_very_many_faults_make_a_bounded_answer(caller):
    """A body full of mistakes is answered with the first of them, and their number."""
    told = problem(caller.asked(body=proposal(**{f"x{n}": n for n in range(500)})), 422, "fields-invalid")
    assert "500 fields need attention" in told["detail"]
    assert len(told["errors"]) <= 50


@pytest.mark.parametrize("instance", ["nobody", "a%20b", "%C3%A4", "'", "%25", "@x@y", "a%3Fb"], ids=str)
def test_an_unknown_case_is_404(caller, instance):
    """The links of a case that does not exist lead nowhere, in silence but without an error of the host."""
    case = caller.started(body=proposal())
    url = case.links["statusQueryGetUri"].replace(case.id, instance)
    event = case.links["sendEventPostUri"].replace(case.id, instance).replace("{eventName}", "Approval")
    assert send("GET", url).status == 404
    assert send("POST", event, b"true", {"Content-Type": "application/json"}).status == 404


def test_a_refused_start_starts_nothing(caller):
    """A body that was refused under a key leaves the key free."""
    key = f"refused-{caller.started('OrchFunctionChain').id}"
    problem(caller.asked(body=proposal(title=""), key=key), 422, "fields-invalid")
    caller.started(body=proposal(), key=key)
