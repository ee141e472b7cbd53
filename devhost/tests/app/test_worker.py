"""Running functions, and what goes in and out of them."""

import asyncio
import json
import sys
import textwrap
import threading

import azure.functions as func
import pytest

from devhost.app.bindings.http import http_answer, http_request
from devhost.app.indexer import load
from devhost.app.modules import unload
from devhost.app.worker import (
    EMPTY,
    RUNNING,
    TraceContext,
    Worker,
    activity_argument,
    activity_result,
    client_binding,
    failure,
    timer_request,
)

HEAD = """\
import threading
import azure.functions as func
import azure.durable_functions as df
app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
"""


@pytest.fixture
def worker(tmp_path):
    """A worker for an app of this text."""
    workers = []

    def make(text, threads=None, warn=lambda _: None):
        (tmp_path / "host.json").write_text('{"version": "2.0"}')
        (tmp_path / "function_app.py").write_text(HEAD + textwrap.dedent(text))
        workers.append(Worker(load(tmp_path), threads, warn))
        return workers[-1]

    yield make
    for one in workers:
        one.close()
    unload()


def call(worker, name, how="call", **arguments):
    """Call a function of the worker's app."""
    return asyncio.run(getattr(worker, how)(worker.app.function(name), arguments, "id-1"))


def test_where_functions_run(worker):
    """A def runs in the pool, an async def on the loop's own thread (contract 6.4)."""
    made = worker("""
        @app.activity_trigger(input_name="x")
        def sync(x): return threading.current_thread().name
        @app.activity_trigger(input_name="x")
        async def loop(x): return threading.current_thread().name
    """)
    assert call(made, "sync", x=1).startswith("devhost-function")
    assert call(made, "loop", x=1) == threading.current_thread().name
    assert made.call_here(made.app.function("sync"), {"x": 1}) == threading.current_thread().name


@pytest.mark.parametrize(
    ("said", "threads", "warned"), [(None, None, False), ("3", 3, False), ("x", None, True), ("0", None, True)]
)
def test_size_of_the_pool(worker, monkeypatch, said, threads, warned):
    """PYTHON_THREADPOOL_THREAD_COUNT sizes the pool; what is no such number is passed over with a warning."""
    if said is None:
        monkeypatch.delenv("PYTHON_THREADPOOL_THREAD_COUNT", raising=False)
    else:
        monkeypatch.setenv("PYTHON_THREADPOOL_THREAD_COUNT", said)
    warnings = []
    made = worker('@app.activity_trigger(input_name="x")\ndef a(x): ...\n', warn=warnings.append)
    assert bool(warnings) is warned
    assert threads is None or made._pool._max_workers == threads


def test_context(worker):
    """A function that asks for context gets its invocation's data, also in threads of its own."""
    made = worker("""
        @app.activity_trigger(input_name="x")
        def told(x, context: func.Context):
            return [context.invocation_id, context.function_name, context.function_directory,
                    context.thread_local_storage.invocation_id, context.trace_context.trace_parent,
                    context.retry_context.retry_count]
    """)
    function = made.app.function("told")
    said = asyncio.run(made.call(function, {"x": 1}, "id-1", TraceContext("00-a-b-01")))
    assert said == ["id-1", "told", str(made.app.folder), "id-1", "00-a-b-01", 0]


def test_running_function_is_known(worker):
    """While a function runs, its context tells whose log lines are coming; afterwards it does not."""
    made = worker("""
        from devhost.app.worker import RUNNING
        @app.activity_trigger(input_name="x")
        def sync(x): return RUNNING.get().function_name
        @app.activity_trigger(input_name="x")
        async def loop(x): return RUNNING.get().function_name
    """)
    assert [call(made, name, x=1) for name in ("sync", "loop")] == ["sync", "loop"]
    assert RUNNING.get() is None


def test_value_without_a_place(worker):
    """A function without a place for a value may only return None (contract 6.4)."""
    made = worker("""
        @app.timer_trigger(arg_name="t", schedule="0 * * * * *")
        def tick(t): return t.past_due or None
    """)
    assert call(made, "tick", t=timer_request()) is None
    with pytest.raises(RuntimeError, match="function 'tick' without a \\$return binding returned a non-None value"):
        call(made, "tick", t=timer_request(past_due=True))


def test_http_function(worker):
    """An HTTP function's value becomes an answer; what cannot be one fails the invocation (contract 6.3)."""
    made = worker("""
        @app.route(route="h")
        def h(req): return {"text": "x", "none": None, "dict": {}}[req]
    """)
    assert call(made, "h", "answer", req="text").body == b"x"
    for kind in ("NoneType", "dict"):
        with pytest.raises(TypeError, match=f'unsupported type "http" for Python type "{kind}"'):
            call(made, "h", "answer", req="none" if kind == "NoneType" else "dict")


def test_http_output_parameter(worker):
    """An HTTP function with a named output answers with what was set; with nothing set 200 and nothing."""
    made = worker("""
        @app.route(route="h", binding_arg_name="res")
        def h(req, res: func.Out[str]):
            if req: res.set(req)
    """)
    assert call(made, "h", "answer", req="hello").body == b"hello"
    assert call(made, "h", "answer", req="") == EMPTY


def test_durable_client(worker):
    """A function with a durable client gets a working one from the binding's text (contract 2.1)."""
    made = worker("""
        @app.route(route="h")
        @app.durable_client_input(client_name="client")
        async def h(req, client):
            return client.create_check_status_response(req, "abc")
    """)
    text = client_binding("http://localhost:7071", "HubA", "Storage", "K", 17071)
    request = http_request("GET", "http://elsewhere:80/api/h", headers=[], query=[], route_params={}, body=b"")
    answer = call(made, "h", "answer", req=request, client=text)
    assert answer.status == 202
    assert dict(answer.headers)["Location"] == (
        "http://elsewhere:80/runtime/webhooks/durabletask/instances/abc?taskHub=HubA&connection=Storage&code=K"
    )


def test_client_binding_text():
    """The client's text has the extension's keys in the extension's order (contract 1.10, 2.1)."""
    text = client_binding("http://localhost:7071", "HubA", "Storage", "K", 17071)
    binding = json.loads(text)
    assert list(binding) == [
        "taskHubName", "connectionName", "creationUrls", "managementUrls", "baseUrl",
        "requiredQueryStringParameters", "rpcBaseUrl", "httpBaseUrl",
    ]  # fmt: skip
    assert list(binding["managementUrls"]) == [
        "id", "statusQueryGetUri", "sendEventPostUri", "terminatePostUri", "rewindPostUri", "purgeHistoryDeleteUri",
        "restartPostUri", "suspendPostUri", "resumePostUri",
    ]  # fmt: skip
    base = "http://localhost:7071/runtime/webhooks/durabletask"
    assert binding["baseUrl"] == base
    assert binding["rpcBaseUrl"] == "http://127.0.0.1:17071/durabletask/"
    assert binding["managementUrls"]["terminatePostUri"] == (
        f"{base}/instances/INSTANCEID/terminate?reason={{text}}&taskHub=HubA&connection=Storage&code=K"
    )
    assert binding["creationUrls"]["createNewInstancePostUri"] == (
        f"{base}/orchestrators/{{functionName}}[/{{instanceId}}]?code=K"
    )
    assert text.startswith('{"taskHubName":"HubA","connectionName":null,')


def test_request():
    """Header names arrive in lower case, values joined; blank parameters do not arrive (contract 6.3)."""
    request = http_request(
        "post",
        "http://localhost/api/x?a=1&A=2&b=&code=K",
        headers=[("X-One", "1"), ("x-one", "2"), ("Content-Type", "application/json")],
        query=[("a", "1"), ("A", "2"), ("b", ""), ("code", "K")],
        route_params={"id": "5"},
        body=b'{"n": 1}',
    )
    assert (request.method, request.url) == ("POST", "http://localhost/api/x?a=1&A=2&b=&code=K")
    assert dict(request.headers) == {"x-one": "1,2", "content-type": "application/json"}
    assert request.headers["X-ONE"] == "1,2"
    assert dict(request.params) == {"a": "1,2", "code": "K"}
    assert dict(request.route_params) == {"id": "5"}
    assert request.get_json() == {"n": 1}


@pytest.mark.parametrize("body", [b"", b"{"])
def test_request_without_json(body):
    """get_json on an empty or broken body is a ValueError (contract 6.3)."""
    request = http_request("GET", "http://localhost/", headers=[], query=[], route_params={}, body=body)
    with pytest.raises(ValueError, match="does not contain valid JSON"):
        request.get_json()


def test_response():
    """A response goes out as it is, with the SDK's content type (contract 6.3)."""
    answer = http_answer(func.HttpResponse("hällo", status_code=201, headers={"X-One": "1"}))
    assert (answer.status, answer.body.decode()) == (201, "hällo")
    assert answer.headers == (("X-One", "1"), ("content-type", "text/plain; charset=utf-8"))
    answer = http_answer(func.HttpResponse(b"\0", mimetype="application/json"))
    assert (answer.headers, answer.body) == ((("content-type", "application/json"),), b"\0")
    answer = http_answer(func.HttpResponse(headers={"Content-Type": "text/html"}))
    assert (answer.status, answer.headers, answer.body) == (200, (("Content-Type", "text/html"),), b"")


def test_cookies():
    """Several cookies go out as several headers, written as ASP.NET Core writes them."""
    response = func.HttpResponse("x")
    response.headers.add("Set-Cookie", "a=1; Path=/; HttpOnly; Max-Age=20; SameSite=Lax")
    response.headers.add("Set-Cookie", "b=2; Secure")
    cookies = [value for name, value in http_answer(response).headers if name == "Set-Cookie"]
    assert cookies == ["a=1; max-age=20; path=/; samesite=lax; httponly", "b=2; secure"]


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("hello", "hello"),
        ("", ""),
        ('{"a":1,"b":[]}', '{\n  "a": 1,\n  "b": []\n}'),
        ("[1,2]", "[\n  1,\n  2\n]"),
        ('"quoted"', "quoted"),
        ("true", "True"),
        ("null", ""),
        ("5", "5"),
        ("1.0", "1"),
        ('{"body":"inner"}', "inner"),
        ('{"Body":{"a": 1}}', '{"a":1}'),
        ('{"body":[1]}', "System.Collections.Generic.List`1[System.Object]"),
        ('{"body":null}', ""),
        ("{broken", "{broken"),
    ],
)
def test_text_that_is_json(text, body):
    """A str is tried as JSON first, and then written as .NET writes it (contract 6.3)."""
    answer = http_answer(text)
    assert (answer.status, answer.body.decode()) == (200, body)
    assert answer.headers == (("Content-Type", "text/plain; charset=utf-8"),)


@pytest.mark.parametrize(
    ("status", "code"), [('"status": 404', 404), ('"statusCode": "410"', 410), ('"status": "x"', 200)]
)
def test_text_that_is_a_response(status, code):
    """A str that holds an object with a body is a whole response (contract 6.3)."""
    answer = http_answer(f'{{"body": "x", {status}, "headers": {{"X-One": 1, "content-type": "application/json"}}}}')
    assert (answer.status, answer.body) == (code, b"x")
    assert answer.headers == (("X-One", "1"), ("content-type", "application/json; charset=utf-8"))


@pytest.mark.parametrize(
    ("text", "value"), [('{"a": 1}', {"a": 1}), ('"x"', "x"), ("5", 5), ("null", None), ("plain", "plain"), ("", "")]
)
def test_activity_argument(text, value):
    """An activity gets the JSON value, or the raw text if it is no JSON (contract 5.1)."""
    assert activity_argument(text) == value


def test_activity_argument_of_an_unknown_class():
    """An object whose class is not there fails the activity (contract 4.11, 5.1)."""
    with pytest.raises(ValueError, match="activity trigger input must be a string or a valid json"):
        activity_argument('{"__class__": "Nope", "__module__": "nowhere", "__data__": "x"}')


@pytest.mark.parametrize(("value", "text"), [({"a": [1]}, '{"a": [1]}'), ("ä", '"\\u00e4"'), (None, None), (0, "0")])
def test_activity_result(value, text):
    """An activity's value is plain JSON; None is no result (contract 5.1)."""
    assert activity_result(value) == text


def test_activity_result_that_is_no_json():
    """A value that is no JSON fails the activity with the SDK's words (contract 5.1)."""
    with pytest.raises(ValueError, match=r"activity trigger output must be json serializable \(\{1\}\)"):
        activity_result({1})


def _raise(error):
    raise error


def test_failure():
    """A failure is the exception's class and text, and Python's stack (contract 3.3, 4.5)."""
    with pytest.raises(ValueError, match="boom x") as caught:
        _raise(ValueError("boom x"))
    told = failure(caught.value)
    assert told.message == "ValueError: boom x"
    assert told.text == f"Result: Failure\nException: ValueError: boom x\nStack: {told.stack}"
    assert ", in _raise\n    raise error\n" in told.stack
    first = told.stack.splitlines()[0]
    if sys.version_info >= (3, 13):
        assert first == "Traceback (most recent call last):"
        assert told.stack.endswith("ValueError: boom x\n")
    else:
        assert first.startswith('  File "')
        assert told.stack.endswith("raise error\n")


def test_failure_without_a_text():
    """An exception whose own text fails is reported all the same."""

    class BrokenError(Exception):
        def __str__(self):
            raise RuntimeError

    assert "Could not serialize" in failure(BrokenError()).message


def test_timer_request():
    """A timer function is passed whether it is late, and its schedule."""
    request = timer_request(past_due=True, last="2026-01-01T00:00:00Z")
    assert request.past_due
    assert request.schedule_status["Last"] == "2026-01-01T00:00:00Z"
    assert request.schedule == {"AdjustForDST": True}


def test_closed_worker(worker):
    """A worker that was closed starts no further call."""
    made = worker('@app.activity_trigger(input_name="x")\ndef a(x): ...\n')
    made.close()
    with pytest.raises(RuntimeError, match="shutdown"):
        call(made, "a", x=1)
