"""The starter: which answer each request gets, and what reaches the engine."""

import asyncio
import json
import logging
import re

import azure.functions as func
import pytest
from azure.durable_functions import DurableOrchestrationClient

from approval import case_id
from functions.start import CATALOGUE, HttpStart
from service.idempotency import digest, instance_id

HANDLER = HttpStart.build().get_user_function().client_function
PROPOSAL = {"title": "Mill Lane bridge", "author": "dana"}
BINDING = json.dumps(
    {
        "taskHubName": "H",
        "creationUrls": {},
        "managementUrls": {"id": "INSTANCEID", "statusQueryGetUri": "http://localhost:7071/i/INSTANCEID?code=K"},
        "rpcBaseUrl": "http://127.0.0.1:17071/durabletask/",
    }
)
MISSING = [404, None]


def shown(own_id, stored, status="Running"):
    """The status answer of an instance with this stored input."""
    return [200, {"name": "o", "instanceId": own_id, "runtimeStatus": status, "input": stored}]


@pytest.fixture(autouse=True)
def setting(monkeypatch):
    """No setting of the machine reaches a test."""
    monkeypatch.delenv("APPROVAL_TIMEOUT", raising=False)


@pytest.fixture
def client(mocker):
    """A real client whose calls to the engine are replaced: an engine that remembers what it was given."""
    made = DurableOrchestrationClient(BINDING)
    made.stored = {}

    async def start_new(_name, own_id, given):
        taken = own_id in made.stored
        await asyncio.sleep(0)  # the engine looks and then writes: starts that overlap both come through
        if taken:
            raise Exception({"Message": "An Orchestration instance with the status Running already exists."})  # noqa: TRY002
        made.stored[own_id or "new"] = given
        return own_id or "new"

    async def look(url):
        await asyncio.sleep(0)
        own_id = url.removeprefix("http://127.0.0.1:17071/durabletask/instances/")
        if own_id not in made.stored:
            return MISSING
        given = made.stored[own_id]
        return shown(own_id, None if given is None else json.dumps(given))

    made.start_new = mocker.AsyncMock(side_effect=start_new)
    made._get_async_request = mocker.AsyncMock(side_effect=look)
    return made


def request(body=None, name="OrchFunction", key=None, method="POST", headers=None):
    """A request as the host passes it in."""
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return func.HttpRequest(
        method=method,
        url=f"http://localhost:7071/api/orchestrators/{name}",
        headers=(headers or {}) | ({} if key is None else {"idempotency-key": key}),
        route_params={"functionName": name},
        body=raw,
    )


def ask(client, *requests):
    """The answers to requests that come together, in one loop."""

    async def all_of_them():
        return await asyncio.gather(*(HANDLER(req=each, client=client, context=None) for each in requests))

    answers = asyncio.run(all_of_them())
    return answers[0] if len(requests) == 1 else answers


def only(client):
    """The input of the one instance that was started."""
    (given,) = client.stored.values()
    return given


def problem(answer):
    """The body of a refusal, which has the one shape that all of them have."""
    assert answer.mimetype == "application/problem+json"
    body = json.loads(answer.get_body())
    assert (body["status"], body["type"]) == (answer.status_code, f"urn:problem-type:design-approval:{body['code']}")
    assert body["title"]
    assert body["detail"].endswith((".", "?"))
    return body


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_without_a_body_the_original_tutorials_run_is_started(client, method):
    """Twenty seconds, no proposal; 202 with the links."""
    answer = ask(client, request(method=method))
    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "10")
    assert re.fullmatch("http://localhost:7071/i/P-[0-9A-Z]{8}[?]code=K", answer.headers["Location"])
    own_id = json.loads(answer.get_body())["id"]
    assert len(own_id) == 10
    assert case_id.read_id(own_id) == own_id
    client.start_new.assert_awaited_once_with("OrchFunction", own_id, {
        "schemaVersion": 1,
        "proposal": None,
        "policy": {"timeout": "PT20S", "approver": "Manager", "escalateTo": "Head of department"},
        "digest": "sha256:74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b",
    })  # fmt: skip


def test_a_null_body_is_no_body(client):
    """Some clients send null where they mean nothing."""
    ask(client, request(b"null"))
    assert only(client)["proposal"] is None


def test_the_policy_is_resolved_from_the_setting_and_the_proposal(client, monkeypatch):
    """The instance carries what counts for it; it never looks at settings itself."""
    monkeypatch.setenv("APPROVAL_TIMEOUT", "P3D")
    ask(client, request({**PROPOSAL, "policy": {"escalateTo": "Eli"}}))
    assert only(client)["policy"] == {"timeout": "P3D", "approver": "Manager", "escalateTo": "Eli"}
    assert only(client)["proposal"] == PROPOSAL


def test_another_orchestration_gets_its_body_as_it_is(client):
    """Only OrchFunction takes proposals."""
    ask(client, request({"a": [1]}, "OrchFunctionChain"))
    client.start_new.assert_awaited_once_with("OrchFunctionChain", None, {"a": [1]})


@pytest.mark.parametrize(
    "name", ["Approval", "HttpStart", "orchfunction", "Orch Function", "a/../b", "x" * 500, "%00", "ü\n"]
)
def test_an_unknown_orchestration_is_answered_with_the_known_ones(client, name):
    """Activities are none, and no odd name ever reaches the engine."""
    body = problem(ask(client, request(name=name)))
    assert (body["status"], body["known"]) == (404, sorted(CATALOGUE))
    assert len(body["detail"]) < 400
    client.start_new.assert_not_awaited()


def test_a_name_in_another_case_is_helped(client):
    """The nearest name is suggested, not guessed."""
    assert "Did you mean OrchFunctionChain?" in problem(ask(client, request(name="orchfunctionchain")))["detail"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "body-not-json"),
        (b"\xff", 400, "body-not-json"),
        (b"[" * 60_000, 400, "body-not-json"),
        (b"x" * 65_537, 413, "body-too-large"),
        ({}, 422, "fields-invalid"),
        (5, 422, "fields-invalid"),
        ("Approved", 422, "fields-invalid"),
        ({**PROPOSAL, "fields": {"__class__": 1, "__module__": 2, "__data__": 3}}, 422, "fields-invalid"),
    ],
)
def test_a_bad_body_is_refused_and_nothing_is_started(client, body, status, code):
    """Never a 500 for what a caller sent."""
    answered = problem(ask(client, request(body)))
    assert (answered["status"], answered["code"]) == (status, code)
    client.start_new.assert_not_awaited()


def test_a_get_with_a_body_is_refused(client):
    """Better than to start something without the proposal."""
    assert problem(ask(client, request(PROPOSAL, method="GET")))["code"] == "body-on-get"


def test_an_invalid_setting_is_ours_and_logged(client, monkeypatch, caplog):
    """500, by the name of the setting, in the answer and in the log."""
    monkeypatch.setenv("APPROVAL_TIMEOUT", "soon")
    body = problem(ask(client, request()))
    assert (body["status"], body["code"], body["setting"]) == (500, "setting-invalid", "APPROVAL_TIMEOUT")
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "APPROVAL_TIMEOUT" in caplog.text


def test_an_engine_that_does_not_answer_is_ours_and_logged(client, caplog):
    """503, with the advice to try again; the engine's own text stays in the log."""
    client.start_new.side_effect = OSError("connection refused by 127.0.0.1:17071")
    answer = ask(client, request())
    assert (problem(answer)["code"], answer.headers["Retry-After"]) == ("not-started", "5")
    assert b"17071" not in answer.get_body()
    assert "connection refused" in caplog.text


def test_the_same_key_and_body_give_the_same_instance(client):
    """Also in another spelling of the same JSON; the engine is asked to start once."""
    first = ask(client, request(PROPOSAL, key="k-1"))
    again = ask(client, request(b'{ "author": "dana",\n "title": "Mill Lane bridge" }', key="k-1"))
    assert first.status_code == again.status_code == 202
    assert first.get_body() == again.get_body()
    assert json.loads(first.get_body())["id"] == case_id.of_key("k-1")
    assert client.start_new.await_count == 1


def test_a_key_that_was_used_before_cases_had_such_ids_finds_its_case(client):
    """Its instance has the id of that time; the same body leads to it, and another one is a conflict."""
    former = instance_id("OrchFunction", "k-1")
    client.stored[former] = {"digest": digest(PROPOSAL)}
    assert json.loads(ask(client, request(PROPOSAL, key="k-1")).get_body())["id"] == former
    assert problem(ask(client, request(key="k-1")))["instanceId"] == former
    client.start_new.assert_not_awaited()


def test_a_random_id_that_is_taken_is_not_used(client, mocker):
    """A start over a finished instance would erase its history, so each id is looked up first."""
    raw = [b"\0" * 5, b"\0" * 5, b"\0\0\0\0\1"]
    mocker.patch("functions.instances.secrets.token_bytes", side_effect=raw)
    ids = [json.loads(ask(client, request(PROPOSAL)).get_body())["id"] for _ in range(2)]
    assert ids == ["P-00000000", "P-00000001"]


def test_the_same_key_with_another_body_is_a_conflict(client):
    """The answer names the instance that has the key."""
    ask(client, request(PROPOSAL, key="k-1"))
    body = problem(ask(client, request({**PROPOSAL, "author": "eli"}, key="k-1")))
    assert (body["status"], body["code"], body["runtimeStatus"]) == (409, "idempotency-key-reused", "Running")
    assert body["instanceId"] == case_id.of_key("k-1")


def test_a_key_counts_for_one_orchestration_only(client):
    """Two orchestrations may be started with one key."""
    answers = [ask(client, request(name=name, key="k")) for name in ("OrchFunction", "OrchFunctionChain")]
    assert {answer.status_code for answer in answers} == {202}
    assert len(client.stored) == 2


def test_an_orchestration_whose_input_has_no_digest_compares_the_input_itself(client):
    """Its body is its input, so the stored input tells."""
    answers = [ask(client, request(body, "OrchFunctionChain", "k")) for body in (None, None, b"null", {"a": 1})]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 409]


def test_of_requests_that_come_together_one_starts_and_all_get_its_instance(client):
    """Two starts that overlap both succeed on the engine, so here one waits for the other."""
    answers = ask(client, *[request(PROPOSAL, key="k")] * 5, *[request(key="k")] * 5)
    assert [answer.status_code for answer in answers] == [202] * 5 + [409] * 5
    assert client.start_new.await_count == 1


@pytest.mark.parametrize(("body", "status"), [(PROPOSAL, 202), (None, 409)])
def test_the_loser_of_a_race_with_another_process_looks_again(client, body, status):
    """Between our look and our start somebody else's start came through."""
    ask(client, request(PROPOSAL, key="k"))
    own_id = case_id.of_key("k")
    client._get_async_request.side_effect = [MISSING, MISSING, shown(own_id, json.dumps(client.stored[own_id]))]
    assert ask(client, request(body, key="k")).status_code == status


def test_a_start_that_was_overwritten_by_another_process_is_a_conflict(client):
    """The engine took both starts and kept the other one: the look afterwards tells."""
    own_id = case_id.of_key("k")
    client._get_async_request.side_effect = [MISSING, MISSING, shown(own_id, '{"digest": "x"}', "Pending")]
    assert problem(ask(client, request(PROPOSAL, key="k")))["code"] == "idempotency-key-reused"


def test_an_id_that_is_taken_and_not_to_be_seen_is_answered_as_live(client):
    """The engine refuses the start and shows nothing: try again in a second."""
    client._get_async_request.side_effect = [MISSING] * 4
    client.stored[case_id.of_key("k")] = None
    body = problem(ask(client, request(key="k")))
    assert (body["status"], body["code"]) == (409, "instance-live")


@pytest.mark.parametrize("stored", [None, "not json", [1], {"schemaVersion": 1}])
def test_an_instance_that_somebody_else_started_under_our_id_is_a_conflict(client, stored):
    """Whatever its input is, it is not ours."""
    own_id = case_id.of_key("k")
    client._get_async_request.side_effect = [MISSING, shown(own_id, stored, "Completed")]
    assert problem(ask(client, request(key="k")))["runtimeStatus"] == "Completed"


@pytest.mark.parametrize("key", ["", "a b", "ü", "x" * 201])
def test_an_unusable_key_is_refused(client, key):
    """An empty one too: a client that sends the header means it."""
    assert problem(ask(client, request(key=key)))["code"] == "idempotency-key-invalid"


def test_a_look_that_fails_is_ours(client):
    """Without the look we cannot say whether it was started."""
    client._get_async_request.side_effect = None
    client._get_async_request.return_value = [503, None]
    assert problem(ask(client, request(key="k")))["code"] == "not-started"


@pytest.mark.parametrize("encoding", ["chunked", "Chunked", "CHUNKED", "gzip, Chunked"])
def test_a_body_in_chunks_is_refused_and_nothing_is_started(client, encoding):
    """411 in whichever case the header is written: the host has dropped the body."""
    answered = problem(ask(client, request(headers={"transfer-encoding": encoding})))
    assert (answered["status"], answered["code"]) == (411, "body-without-length")
    client.start_new.assert_not_awaited()
