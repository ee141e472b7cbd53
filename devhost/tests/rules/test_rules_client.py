"""The Python client against this host: what its methods give, and what they raise (contract 2.1, 2.3)."""

import json
from datetime import timedelta

import azure.durable_functions as df
import azure.functions as func
import pytest

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
ALIVE = "{'Message': 'An Orchestration instance with the status Running already exists.'}"
NOT_FAILED = 'This orchestration has status Completed, but only orchestrations in the "Failed" state can be rewound.'
GONE = "Instance with ID {0} is gone: either completed or failed"


@app.orchestration_trigger(context_name="context")
def gives(context):
    """Gives its input back."""
    return context.get_input()


@app.orchestration_trigger(context_name="context")
def waits(context):
    """Gives what the event E brings, and its type."""
    got = yield context.wait_for_external_event("E")
    return [type(got).__name__, got]


@app.orchestration_trigger(context_name="context")
def fails(context):
    """Fails."""
    raise ValueError(context.get_input())


@app.entity_trigger(context_name="context")
def counter(context):
    """Adds; gone ends it."""
    if context.operation_name == "gone":
        context.destruct_on_exit()
    else:
        context.set_state(context.get_state(lambda: 0) + (context.get_input() or 0))


async def facts(asked):
    """Whether a status is true, its history, and whether it has the history's other name."""
    status = await asked
    return [bool(status), status.history, hasattr(status, "historyEvents")]


async def known(asked):
    """Whether an entity exists for the client, and its state."""
    found = await asked
    return [found.entity_exists, found.entity_state]


async def now(value):
    """A value that is awaited."""
    return value


@app.route("do", methods=["POST"])
@app.durable_client_input(client_name="client")
async def do(req: func.HttpRequest, client) -> func.HttpResponse:
    """Runs the expression of the body; answers what it gave, or what it raised."""
    names = {"client": client, "df": df, "req": req, "facts": facts, "known": known, "now": now}
    try:
        value = await eval(req.get_body().decode(), names)  # noqa: S307 - the test's own text
    except Exception as error:  # noqa: BLE001 - it is what is looked at
        return func.HttpResponse(json.dumps({"raised": f"{type(error).__name__}: {error}"}))
    if isinstance(value, func.HttpResponse):
        return value
    return func.HttpResponse(json.dumps({"gave": value}, default=str))


@pytest.fixture
def host(durable_host):
    """With a running, a completed and a failed instance: w, g and f."""
    made = durable_host(app)
    made.start("waits", instance_id="w")
    made.start("gives", {"a": 1}, "g")
    made.start("fails", "no", "f")
    return made


def run(host, expression):
    """What the client's call gave, or the text of what it raised."""
    answer = host.call("POST", "/api/do", expression.encode()).json()
    return answer.get("raised", answer.get("gave"))


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("client.start_new('gives', 'new')", "new"),
        ("client.start_new('waits', 'w')", f"Exception: {ALIVE}"),
        ("client.start_new('gives', 'a/b/c')", "Exception: None"),
        ("client.raise_event('w', 'E', 1)", None),
        ("client.raise_event('g', 'E', 1)", f"Exception: {GONE.format('g')}"),
        ("client.raise_event('none', 'E', 1)", "Exception: No instance with ID none found."),
        ("client.terminate('w', 'a & b')", None),
        ("client.terminate('g', 'x')", None),
        ("client.terminate('none', 'x')", "Exception: No instance with ID 'none' found."),
        ("client.suspend('w', 'x')", None),
        ("client.suspend('none', 'x')", "Exception: No instance with ID 'none' found."),
        ("client.resume('w', 'x')", "Exception: The operation failed with an unexpected status code 500"),
        ("client.rewind('f', 'x')", None),
        ("client.rewind('none', 'x')", "Exception: No instance with ID none found."),
        ("client.rewind('g', 'x')", f"Exception: {NOT_FAILED}"),
        ("client.restart('none')", "Exception: The operation failed with an unexpected status code 400"),
        ("client.signal_entity(df.EntityId('Counter', 'k'), 'add', 2)", None),
    ],
)  # fmt: skip
def test_what_a_method_gives_or_raises(host, expression, result):
    """The client's own texts, made of the answer's status code (contract 2.3)."""
    assert run(host, expression) == result


@pytest.mark.parametrize(
    ("data", "seen"),
    [("'Approved'", ["str", '"Approved"']), ("None", ["str", "null"]), ("True", ["str", "true"]),
     ("{'a': 1}", ["str", '{"a": 1}'])],
)  # fmt: skip
def test_an_event_of_the_clients_arrives_as_a_text_that_holds_json(host, data, seen):
    """It is encoded twice and decoded once (contract 2.3)."""
    run(host, f"client.raise_event('w', 'E', {data})")
    assert host.status("w").output == seen


def test_a_posted_event_arrives_as_it_was_meant(host):
    """Encoded once (contract 2.3, 4.11)."""
    host.raise_event("w", "E", "Approved")
    assert host.status("w").output == ["str", "Approved"]


def test_a_status_of_what_is_not_there_is_falsy(host):
    """And has no history; one that is there is truthy (contract 2.3)."""
    assert run(host, "facts(client.get_status('none'))") == [False, None, False]
    assert run(host, "facts(client.get_status('g', show_history=True))") == [True, None, True]


def test_lists_and_purges_by_the_client(host):
    """The first page of a list; how many a purge took (contract 2.3)."""
    assert run(host, "client.purge_instance_history('w')").endswith("unexpected status code 412")
    found = host.call("POST", "/api/do", b"client.get_status_all()").json()["gave"]
    assert len(found) == 3
    assert run(host, "client.purge_instance_history_by(None, None, None)").startswith("ValueError")


def test_restart_gives_the_whole_answer(host):
    """A dict, with links to the endpoint that received it (contract 2.3)."""
    given = run(host, "client.restart('g')")
    assert list(given)[:2] == ["id", "statusQueryGetUri"]
    assert "rewindPostUri" not in given
    assert host.status(given["id"]).output == {"a": 1}


def test_an_entity_that_has_ended_is_still_there(host):
    """To the client it exists, with an empty text as its state; one never called does not (contract 1.9, 2.3)."""
    host.signal("counter", "k", "add", 2)
    assert host.entity("counter", "k") == 2
    host.signal("counter", "k", "gone")
    assert host.manage("GET", "entities/counter/k").json() is None
    assert [
        run(host, f"known(client.read_entity_state(df.EntityId('counter', '{key}')))") for key in ("k", "other")
    ] == [
        [True, ""],
        [False, None],
    ]


def test_waiting_for_completion_in_the_client(host):
    """A completed one gives its output, a failed one 500 with its status, another one its links (contract 2.3)."""

    def waited(instance_id):
        text = f"client.wait_for_completion_or_create_check_status_response(req, '{instance_id}', 10, 5)"
        return host.call("POST", "/api/do", text.encode())

    assert (waited("g").status, waited("g").json()) == (200, {"a": 1})
    assert waited("f").status == 500
    assert waited("f").json()["runtimeStatus"] == "Failed"
    assert (waited("w").status, waited("w").json()["id"]) == (202, "w")
    assert waited("none").status == 202


def test_the_check_status_answer(host):
    """Nine links in order, Location and Retry-After 10 (contract 1.10, 2.3)."""
    answer = host.call("POST", "/api/do", b"now(client.create_check_status_response(req, 'w'))")
    assert list(answer.json()) == [
        "id", "statusQueryGetUri", "sendEventPostUri", "terminatePostUri", "rewindPostUri", "purgeHistoryDeleteUri",
        "restartPostUri", "suspendPostUri", "resumePostUri",
    ]  # fmt: skip
    assert (answer.status, answer.headers["retry-after"]) == (202, "10")
    assert answer.headers["location"] == answer.json()["statusQueryGetUri"]


def test_a_suspended_one_may_wait_long(host):
    """Time passes, and nothing happens (contract 4.9)."""
    run(host, "client.suspend('w', 'x')")
    host.advance(timedelta(days=400))
    assert host.status("w").runtime_status == "Suspended"


def test_the_client_encodes_what_is_encoded_already(host):
    """A start's input is stored as a text that holds JSON, and none as no input at all (contract 2.2, 4.11)."""
    run(host, "client.start_new('gives', 'one', {'a': [1, None]})")
    run(host, "client.start_new('gives', 'two', None)")
    assert (host.status("one").input, host.status("one").output) == ('{"a": [1, null]}', {"a": [1, None]})
    assert (host.status("two").input, host.status("two").output) == (None, None)
