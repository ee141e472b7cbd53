"""``Host`` in local.settings.json: the port, and pages of other origins, as Core Tools has them."""

import json
from http.client import HTTPConnection

import pytest

from devhost.app.local_host import LocalHost, read_local_host
from devhost.dotnet.cors import Cors, allows, answer_headers, is_preflight, read, unmatched
from devhost.errors import BadSettings
from devhost.testing.process import HostProcess, quiet_port

APP = """
import azure.functions as func
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
@app.route("v")
def v(req): return func.HttpResponse("v", headers={"Vary": "Accept", "Access-Control-Allow-Origin": "own"})
"""
PAGE = "http://localhost:3000"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type, x-one"}


@pytest.mark.parametrize(
    ("setting", "origin", "allowed"),
    [
        (PAGE, PAGE, True),
        (PAGE, "http://localhost:3001", False),
        (PAGE, "https://localhost:3000", False),
        (PAGE, "HTTP://LOCALHOST:3000", False),
        ("HTTP://LocalHost:3000", PAGE, True),
        (f"https://a.example,{PAGE}", PAGE, True),
        (f"https://a.example, {PAGE}", PAGE, False),
        (f"{PAGE}/", PAGE, False),
        (f",,{PAGE},", PAGE, True),
        ("http://bücher.example:80", "http://xn--bcher-kva.example", True),
        ("http://bücher.example:8080", "http://xn--bcher-kva.example:8080", True),
        ("https://*.example", "https://a.example", False),
        ("*", "https://anything.example", True),
        ("*", "null", True),
        ("*", "", False),
        (f"*,{PAGE}", "https://anything.example", False),
        ("null", "null", True),
        ("", PAGE, False),
        (None, PAGE, False),
    ],
)
def test_which_origins_are_allowed(setting, origin, allowed):
    """An origin is allowed as it is listed, in lower case; the star allows all if it is alone."""
    assert allows(read(setting), origin) is allowed


def test_star_and_credentials_are_refused():
    """Every origin with cookies is what ASP.NET Core does not start with."""
    with pytest.raises(ValueError, match="cannot go together"):
        read("*", credentials=True)
    assert read("", credentials=True) == Cors((), credentials=True)


def test_what_no_browser_sends_is_told():
    """A path, a blank, or no scheme: such an entry matches nothing."""
    listed = f"{PAGE},{PAGE}/, {PAGE},localhost:3000,null,https://a.example/x,*"
    assert unmatched(read(listed)) == [f"{PAGE}/", f" {PAGE}", "localhost:3000", "https://a.example/x", "*"]
    assert unmatched(read("*")) == []


def test_headers_of_an_answer():
    """The origin as it was sent, credentials if allowed, and Vary where there are several."""
    one, several = read(PAGE, credentials=True), read(f"{PAGE},https://a.example")
    assert answer_headers(one, "GET", {"Origin": PAGE}) == {
        "Access-Control-Allow-Origin": PAGE,
        "Access-Control-Allow-Credentials": "true",
    }
    assert answer_headers(several, "GET", {"Origin": PAGE}) == {"Access-Control-Allow-Origin": PAGE, "Vary": "Origin"}
    assert answer_headers(read("*"), "GET", {"Origin": PAGE}) == {"Access-Control-Allow-Origin": "*"}
    for headers in ({"Origin": "http://other.example"}, {}):
        assert answer_headers(one, "GET", headers) == {}


def test_headers_of_a_preflight():
    """Method and headers that were asked for are allowed."""
    asked = {"Origin": PAGE, **PREFLIGHT}
    assert is_preflight(read(PAGE), "OPTIONS", asked)
    assert answer_headers(read(PAGE), "OPTIONS", asked) == {
        "Access-Control-Allow-Origin": PAGE,
        "Access-Control-Allow-Headers": "content-type,x-one",
        "Access-Control-Allow-Methods": "POST",
    }
    assert not is_preflight(read(None), "OPTIONS", asked)
    assert not is_preflight(read(PAGE), "GET", asked)
    assert not is_preflight(read(PAGE), "OPTIONS", {"Origin": PAGE})
    assert not is_preflight(read(PAGE), "OPTIONS", PREFLIGHT)


def written(folder, host):
    """A folder whose local.settings.json says this of the host."""
    (folder / "local.settings.json").write_text(json.dumps({"IsEncrypted": False, "Host": host}))
    return folder


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ({}, LocalHost()),
        (None, LocalHost()),
        ({"LocalHttpPort": 7097}, LocalHost(port=7097)),
        ({"localhttpport": "7097"}, LocalHost(port=7097)),
        ({"LocalHttpPort": 0, "CORS": "", "CORSCredentials": False, "LocalHttpAddress": " "}, LocalHost()),
        ({"LocalHttpAddress": "::1"}, LocalHost(address="::1")),
        ({"CORS": PAGE, "CORSCredentials": "True"}, LocalHost(cors=Cors((PAGE,), credentials=True))),
    ],
)
def test_the_hosts_own_settings(tmp_path, host, wanted):
    """Numbers and booleans may be texts, keys may be in any case."""
    assert read_local_host(written(tmp_path, host)) == wanted


@pytest.mark.parametrize(
    "host",
    [
        {"LocalHttpPort": "x"},
        {"LocalHttpPort": -1},
        {"LocalHttpPort": True},
        {"LocalHttpPort": 70000},
        {"CORS": [PAGE]},
        {"CORSCredentials": "yes"},
        {"CORS": "*", "CORSCredentials": True},
        "text",
    ],
)
def test_values_that_are_refused(tmp_path, host):
    """What Core Tools cannot read stops the host with a sentence."""
    with pytest.raises(BadSettings, match="Host"):
        read_local_host(written(tmp_path, host))


def test_what_does_nothing_is_told(tmp_path):
    """An origin that no browser sends, and credentials without origins."""
    said = []
    read_local_host(written(tmp_path, {"CORS": f"{PAGE}/"}), said.append)
    read_local_host(written(tmp_path, {"CORSCredentials": True}), said.append)
    assert [f"{PAGE}/" in said[0], "does nothing" in said[1]] == [True, True]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A host whose settings allow one origin, and name another port than the command line."""
    folder = tmp_path_factory.mktemp("cors")
    (folder / "function_app.py").write_text(APP)
    (folder / "host.json").write_text('{"version": "2.0"}')
    written(folder, {"CORS": f"{PAGE},https://a.example", "CORSCredentials": True, "LocalHttpPort": quiet_port()})
    host = HostProcess(folder, folder / "state", "--enable-auth")
    host.start()
    yield host
    host.close()


def ask(port, method, path, **headers):
    """Status and headers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers


def test_an_answer_may_be_read_by_an_allowed_page(running):
    """The host's header wins over the function's; Vary is added to its own."""
    status, headers = ask(running.port, "GET", "/api/v", Origin=PAGE)
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, PAGE)
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert headers.get_all("Vary") == ["Accept", "Origin"]


@pytest.mark.parametrize("path", ["/api/v", "/api/nothing", "/runtime/webhooks/durabletask/instances"])
def test_a_preflight_needs_no_key_and_no_route(running, path):
    """It is answered before anything else looks at it."""
    status, headers = ask(running.port, "OPTIONS", path, Origin=PAGE, **PREFLIGHT)
    assert (status, headers["Access-Control-Allow-Methods"]) == (204, "POST")
    status, headers = ask(running.port, "OPTIONS", path, Origin="http://other.example", **PREFLIGHT)
    assert (status, [name for name in headers if name.startswith("Access")]) == (204, [])


def test_a_refusal_may_be_read_too(running):
    """A page sees the status of what it may not do."""
    status, headers = ask(running.port, "GET", "/runtime/webhooks/durabletask/instances", Origin=PAGE)
    assert (status, headers["Access-Control-Allow-Origin"]) == (401, PAGE)


def test_the_hosts_own_pages_are_for_nobody_else(running):
    """What lies under /devhost gives no page of another origin anything to read."""
    for method in ("GET", "OPTIONS"):
        status, headers = ask(running.port, method, "/devhost", Origin=PAGE, **PREFLIGHT)
        assert headers["Access-Control-Allow-Origin"] is None
        assert status != 204


def test_the_port_of_the_settings(tmp_path):
    """It is listened on where the command line names none."""
    (tmp_path / "function_app.py").write_text(APP)
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    port = quiet_port()
    written(tmp_path, {"LocalHttpPort": port})
    host = HostProcess(tmp_path, tmp_path / "state")
    at = host._command.index("--port")
    del host._command[at : at + 2]
    host.start()
    try:
        assert ask(port, "GET", "/api/v")[0] == 200
        assert f"http://localhost:{port}" in host.text
    finally:
        host.close()
