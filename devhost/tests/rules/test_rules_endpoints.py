"""The endpoints of a running host: what the web server refuses, functions that are off, timers, the environment."""

import json
import re
import socket
from http.client import HTTPConnection

import pytest

from devhost.testing.process import HostProcess, until

APP = '''
import os

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
ticks = []


@app.route("told")
def told(req: func.HttpRequest) -> str:
    names = ("WEBSITE_HOSTNAME", "AZURE_FUNCTIONS_ENVIRONMENT", "OWN")
    return func.HttpResponse(repr((sorted(req.headers), ticks, [os.environ.get(name) for name in names])))


@app.route("body")
def body(req: func.HttpRequest) -> str:
    return f"{req.method} with {len(req.get_body())} bytes"


@app.route("off")
def off(req: func.HttpRequest) -> str:
    return "ran"


@app.route("keyed", auth_level=func.AuthLevel.FUNCTION)
def keyed(req: func.HttpRequest) -> str:
    return "ran"


@app.timer_trigger(arg_name="timer", schedule="%WHEN%", run_on_startup=True)
def tick(timer: func.TimerRequest) -> None:
    ticks.append(timer.past_due)


@app.timer_trigger(arg_name="timer", schedule="* * * * * *")
def silent(timer: func.TimerRequest) -> None:
    ticks.append("off")


@app.timer_trigger(arg_name="timer", schedule="now and then")
def wrong(timer: func.TimerRequest) -> None:
    """In error."""
'''
SETTINGS = {
    "IsEncrypted": False,
    "Values": {
        "WHEN": "0 0 0 1 1 *",
        "OWN": "from the file",
        "AzureWebJobs.off.Disabled": "true",
        "AzureWebJobs.keyed.Disabled": "1",
        "AzureWebJobs.silent.Disabled": "true",
    },
}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A host with keys, a timer and functions that are off."""
    folder = tmp_path_factory.mktemp("endpoints")
    (folder / "function_app.py").write_text(APP)
    (folder / "host.json").write_text('{"version": "2.0"}')
    (folder / "local.settings.json").write_text(json.dumps(SETTINGS))
    names = ("WEBSITE_HOSTNAME", "AZURE_FUNCTIONS_ENVIRONMENT", "OWN", "WHEN")
    host = HostProcess(folder, folder / "state", "--enable-auth", **dict.fromkeys(names))
    host.start()
    host.folder = folder
    yield host
    host.close()


def ask(host, path, headers=None, method="GET"):
    """Status and body."""
    connection = HTTPConnection("127.0.0.1", host.port, timeout=10)
    connection.request(method, path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def raw(host, request):
    """The head of the answer to these bytes."""
    with socket.create_connection(("127.0.0.1", host.port), 10) as connection:
        connection.sendall(request)
        got = b""
        while b"\r\n\r\n" not in got:
            more = connection.recv(65536)
            if not more:
                break
            got += more
    return re.sub(r"Date: [^\r]*\r\n", "", got.decode().partition("\r\n\r\n")[0])


def whole(host, request):
    """All bytes of the answer to a request after which the host closes the connection."""
    with socket.create_connection(("127.0.0.1", host.port), 10) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def get(path="/api/told", headers=b""):
    """The bytes of a GET."""
    return b"GET " + path.encode() + b" HTTP/1.1\r\nHost: localhost\r\n" + headers + b"\r\n"


LINE = len("GET  HTTP/1.1\r\n")
HEADS = len("Host: localhost\r\n") + len("X-A: \r\n")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (get("/" + "a" * (8192 - LINE - 1)), "404 Not Found"),
        (get("/" + "a" * (8193 - LINE - 1)), "414 URI Too Long"),
        (get("/" + "a" * 40_000), "414 URI Too Long"),
        (get(headers=b"X-A: " + b"b" * (32_768 - HEADS) + b"\r\n"), "200 OK"),
        (get(headers=b"X-A: " + b"b" * (32_769 - HEADS) + b"\r\n"), "431 Request Header Fields Too Large"),
        (get(headers=b"".join(b"X-%d: b\r\n" % n for n in range(99))), "200 OK"),
        (get(headers=b"".join(b"X-%d: b\r\n" % n for n in range(100))), "431 Request Header Fields Too Large"),
        (get("/api/told%00"), "400 Bad Request"),
        (get("/api/told?a=%00"), "200 OK"),
        (get(headers=b"X-A: \xe4\r\n"), "400 Bad Request"),
        (get(headers="X-A: \u00e4\r\n".encode()), "200 OK"),
        (get(headers=b"X-A\r\n"), "400 Bad Request"),
        (get("/api/\u00e4"), "400 Bad Request"),
        (b"nonsense\r\n\r\n", "400 Bad Request"),
    ],
)
def test_the_web_server_refuses_what_kestrel_refuses(running, request_, status):
    """8 KB of request line, 32 KB and 100 of headers, NULs, and what is not UTF-8; each as seen on Kestrel."""
    head = raw(running, request_)
    assert head.startswith(f"HTTP/1.1 {status}\r\n")
    if not status.startswith(("200", "404")):
        assert head.partition("\r\n")[2] == "Server: Kestrel\r\nContent-Length: 0\r\nConnection: close"


@pytest.mark.parametrize(
    ("path", "status"), [("/nothing", "404 Not Found"), ("/runtime/webhooks/durabletask/instances", "401 Unauthorized")]
)
def test_what_is_refused_by_its_head_is_refused_before_its_body(running, path, status):
    """Nobody reads a body that no function will see, as on the real host."""
    head = raw(running, f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n".encode())
    assert head.startswith(f"HTTP/1.1 {status}\r\n")


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b"Content-Length: 3\r\n\r\nabc", b"POST with 3 bytes"),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", b"POST with 0 bytes"),
    ],
)
def test_a_function_gets_a_body_only_if_its_length_was_announced(running, body, seen):
    """A body in chunks is read and dropped, as on the real host (contract 6.3)."""
    head = b"POST /api/body HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    assert whole(running, head + body).endswith(b"\r\n\r\n" + seen)


def test_a_function_that_is_off_is_not_found(running):
    """Unless an admin calls it; a missing key is refused first (contract 6.1)."""
    assert ask(running, "/admin/functions/silent", method="POST") == (401, "")
    master = json.loads((running.folder / "state" / "keys.json").read_text())["master"]
    assert ask(running, "/api/off") == (404, "")
    assert ask(running, "/api/keyed") == (401, "")
    assert ask(running, "/api/off", {"x-functions-key": master}) == (200, "ran")
    assert ask(running, "/api/keyed", {"x-functions-key": master}) == (200, "ran")
    assert ask(running, "/admin/functions/silent", {"x-functions-key": master}, "POST")[0] == 202


def test_a_timer_runs_on_startup_and_its_state_is_kept(running):
    """One that is off never does, and an unreadable schedule is reported as the function's error (contract 6.4)."""
    kept = running.folder / "state" / "timers.json"
    until(lambda: (kept.exists() and "last" in kept.read_text()) or None, "a timer's state in its file")
    assert json.loads(kept.read_text()).keys() == {"tick"}
    assert "[False" in ask(running, "/api/told")[1]
    told = "\n".join(running.lines)
    assert "The 'wrong' function is in error: Microsoft.Azure.WebJobs.Host: Error indexing method" in told
    assert "'now and then' was not recognized as a valid cron expression or timespan string." in told


def test_the_apps_environment_is_that_of_core_tools(running):
    """Host name and port, Development, and what local.settings.json says (contract 6.4)."""
    assert f"['localhost:{running.port}', 'Development', 'from the file']" in ask(running, "/api/told")[1]
