"""Answers of HTTP functions as the web server of the real host sends them, or refuses to (contract 6.3)."""

import json
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import quote

import pytest

from devhost.testing.process import HostProcess

APP = """
import json
import azure.functions as func
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
@app.route("said")
def said(req):
    status, headers = json.loads(req.params["as"])
    return func.HttpResponse("body", status_code=status, headers=headers)
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """A host with one function that answers what it is asked to."""
    folder = tmp_path_factory.mktemp("answers")
    (folder / "app").mkdir()
    (folder / "app/function_app.py").write_text(APP)
    (folder / "app/host.json").write_text('{"version": "2.0"}')
    process = HostProcess(folder / "app", folder / "state")
    process.start()
    yield process
    process.close()


def answered(host, status, headers):
    """What a caller gets: status, headers as they came, and the body."""
    with closing(HTTPConnection("127.0.0.1", host.port, timeout=10)) as connection:
        connection.request("GET", f"/api/said?as={quote(json.dumps([status, headers]))}")
        with connection.getresponse() as answer:
            return answer.status, [(name.lower(), value) for name, value in answer.getheaders()], answer.read()


NO_NAMES = ["", "X Y", " X", "X\t", "X:", "X,", "X/", "X@", "X(", "X{", 'X"', "é", "X\u2028", "X\n", "X\x1b", "X\x7f"]


@pytest.mark.parametrize("name", NO_NAMES, ids=ascii)
def test_a_header_that_has_no_name_is_a_bare_500(host, name):
    """A name is a token of HTTP; the caller sees nothing of an answer with another one."""
    status, headers, body = answered(host, 200, {name: "1", "X-Other": "1"})
    assert (status, body) == (500, b"")
    assert "x-other" not in dict(headers)


@pytest.mark.parametrize("value", ["\x1b[31m", "\x7f", "a\nb", "é"], ids=ascii)
def test_a_header_with_another_value_is_a_bare_500(host, value):
    """A value is printable ASCII and tabs."""
    assert answered(host, 200, {"X": value})[::2] == (500, b"")


@pytest.mark.parametrize("value", ["", "a\tb", "a b"], ids=ascii)
def test_other_headers_are_sent(host, value):
    """An empty value is one, and a tab may be in it."""
    status, headers, body = answered(host, 200, {"X": value})
    assert (status, body) == (200, b"body")
    assert ("x", value) in headers


@pytest.mark.parametrize(
    "wrong", [{"Content-Length": "99"}, {"content-length": "0"}, {"Transfer-Encoding": "chunked"}], ids=json.dumps
)
def test_the_host_says_itself_where_an_answer_ends(host, wrong):
    """A function's length and encoding are left out: the body comes whole."""
    status, headers, body = answered(host, 200, wrong)
    assert (status, body) == (200, b"body")
    assert [value for name, value in headers if name in ("content-length", "transfer-encoding")] == ["4"]


def test_a_date_and_a_server_of_the_function_stand_alone(host):
    """Each is there once."""
    _, headers, _ = answered(host, 200, {"Date": "yesterday", "Server": "mine"})
    assert [(name, value) for name, value in headers if name in ("date", "server")] == [
        ("date", "yesterday"),
        ("server", "mine"),
    ]


@pytest.mark.parametrize("status", [205, 2**31])
def test_a_status_that_cannot_be_sent_is_a_bare_500(host, status):
    """205 has no body, and a status has 32 bits."""
    assert answered(host, status, {})[::2] == (500, b"")


@pytest.mark.parametrize("status", [204, 304, 404, 600, 999])
def test_other_statuses_are_sent(host, status):
    """A status that means no body goes without one."""
    assert answered(host, status, {})[::2] == (status, b"" if status in (204, 304) else b"body")
