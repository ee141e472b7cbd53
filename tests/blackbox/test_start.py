"""The starter: what a start answers, and what polling its links shows until the case is over."""

import contextlib
import http.client
import json
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from caller import APPROVED, REJECTED, Case, proposal, send, until

LINKS = {
    "id",
    "statusQueryGetUri",
    "sendEventPostUri",
    "terminatePostUri",
    "rewindPostUri",
    "purgeHistoryDeleteUri",
    "restartPostUri",
    "suspendPostUri",
    "resumePostUri",
}


def test_a_start_answers_202_with_all_links(caller):
    """A start gives 202 with the id, the eight links, Location and Retry-After."""
    answer = caller.asked(body=proposal())
    links = answer.json
    assert answer.status == 202
    assert set(links) == LINKS
    assert answer.headers["location"] == links["statusQueryGetUri"]
    assert answer.headers["retry-after"] == "10"
    assert answer.headers["content-type"].startswith("application/json")


def test_every_link_leads_back_to_the_host_and_names_the_case(caller):
    """The links have the address that the start was sent to, and the id of the case in their path."""
    links = caller.asked(body=proposal()).json
    own = {name: urlsplit(link) for name, link in links.items() if name != "id"}
    assert {f"{to.scheme}://{to.netloc}" for to in own.values()} == {caller.base_url}
    assert all(f"/instances/{links['id']}" in to.path for to in own.values())
    assert "{eventName}" in links["sendEventPostUri"]
    assert "{text}" in links["terminatePostUri"]


def test_a_running_case_answers_202_with_location_and_retry_after(caller):
    """Polling a case that waits gives 202, the address to poll and how soon to do so."""
    case = caller.started(body=proposal())
    case.waits()
    answer = case.look()
    assert (answer.status, answer.json["runtimeStatus"], answer.json["output"]) == (202, "Running", None)
    assert answer.headers["location"] == case.links["statusQueryGetUri"]
    assert int(answer.headers["retry-after"]) > 0


def test_a_completed_case_answers_200_and_no_location(caller):
    """Polling a case that is over gives 200 with its output, and nothing to come back for."""
    case = caller.started("OrchFunctionChain")
    case.ends()
    answer = case.look()
    assert (answer.status, answer.json["runtimeStatus"]) == (200, "Completed")
    assert "location" not in answer.headers
    assert "retry-after" not in answer.headers


def test_the_chain_gives_both_messages_in_order(caller):
    """OrchFunctionChain answers with the approval, then the rejection."""
    assert caller.started("OrchFunctionChain").output() == APPROVED + REJECTED


@pytest.mark.parametrize("name", ["OrchFunction", "OrchFunctionChain"])
def test_a_get_starts_as_the_original_tutorial_does(caller, name):
    """GET without a body is the original tutorial's own way to start."""
    case = caller.started(name, method="GET")
    if name == "OrchFunction":
        case.hears(None)
    assert case.output() == (APPROVED if name == "OrchFunction" else APPROVED + REJECTED)


@pytest.mark.parametrize("nothing", [b"", b" \r\n", b"null", b"\xef\xbb\xbf"], ids=repr)
def test_nothing_blanks_and_null_all_mean_no_body(caller, nothing):
    """A body that says nothing starts the original tutorial's run."""
    case = caller.started(body=nothing)
    status = case.waits()
    case.hears("Approved")
    assert json.loads(status["input"])["proposal"] is None
    assert case.output() == APPROVED


def test_the_custom_status_is_there_from_the_first_moment(caller):
    """No look at a running case finds it without a word about who is asked, until when, and what happens then."""
    case = caller.started()

    def running():
        status = case.look().json
        if status["runtimeStatus"] == "Pending":
            return None
        return status

    first = until(running, "the first turn")
    case.hears(None)
    shown = first["customStatus"]
    due, asked_at = (datetime.fromisoformat(shown[name]) for name in ("due", "askedAt"))
    assert (shown["stage"], shown["asked"], shown["then"]) == ("waiting", "Manager", "goes to Head of department")
    assert "Manager is asked to approve or reject the project design proposal" in shown["message"]
    assert due > asked_at
    assert shown["ignored"] == {"count": 0, "latest": []}


@pytest.mark.parametrize(
    ("file", "asked", "then"),
    [
        ("bridge-refurbishment", "Head of structures", "goes to Director of highways"),
        ("data-centre-cooling", "Manager", "goes to Head of infrastructure"),
        ("website-redesign", "Manager", "goes to Head of department"),
    ],
)
def test_a_real_proposal_is_asked_about_by_name_and_decided(caller, root, file, asked, then):
    """A proposal from examples/ goes to whom it says, shows its title and author, and is approved."""
    body = (root / "examples" / f"{file}.json").read_bytes()
    case = caller.started(body=body)
    given, shown = json.loads(body), case.waits()["customStatus"]
    case.hears({"decision": "approve", "by": "eli@example.com"})
    assert (shown["asked"], shown["then"]) == (asked, then)
    assert (shown["title"], shown["author"]) == (given["title"], given["author"])
    assert case.output() == APPROVED


def test_the_input_holds_the_proposal_and_the_resolved_policy(caller):
    """What the starter stamps is all that the case will ever read: version, proposal without lost cents, policy."""
    body = proposal(amount="1850000.10", currency="EUR", policy={"timeout": "P10D", "approver": "Head of bridges"})
    stamped = json.loads(caller.started(body=body).waits()["input"])
    assert stamped["schemaVersion"] == 1
    assert stamped["proposal"]["amount"] == "1850000.10"
    assert stamped["policy"] == {
        "timeout": "P10D",
        "approver": "Head of bridges",
        "escalateTo": "Head of department",
    }


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_another_verb_is_not_found(caller, method):
    """The starter is there for GET and POST alone."""
    assert caller.asked(method=method).status == 404


def test_an_address_in_odd_case_is_the_same_endpoint(caller):
    """The fixed parts of the address may be written in any case."""
    answer = send("POST", f"{caller.base_url}/API/Orchestrators/OrchFunctionChain", b"", caller.own_headers)
    assert answer.status == 202


def test_a_body_in_chunks_is_never_dropped(caller):
    """A proposal that is sent piece by piece is taken, or refused with 411: it must not start a case without it."""
    url = urlsplit(f"{caller.base_url}/api/orchestrators/OrchFunction")
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    with contextlib.closing(kind(url.hostname, url.port, timeout=30)) as connection:
        pieces = iter([b'{"title": "Mill Lane', b' bridge", "author": "dana", "policy": {"timeout": "PT1H"}}'])
        connection.request("POST", url.path, pieces, caller.own_headers)
        answer = connection.getresponse()
        told = json.loads(answer.read())
    assert answer.status in {202, 411}
    if answer.status == 202:
        assert json.loads(Case(told).waits()["input"])["proposal"] is not None
