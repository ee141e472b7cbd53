"""The parts of ``call_http`` one by one: tokens, the time limit, cookies, and hostile texts."""

import asyncio
import contextlib
import json
import sys
from types import ModuleType, SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devhost.app.http_activity import LONGEST_CALL_S, HttpClient, _redirected, call_http
from devhost.app.http_token import NoTokenError, scope, token
from devhost.dotnet import http_answer as httpanswer
from devhost.dotnet import http_headers as netheaders
from devhost.dotnet import http_request as httprequest
from devhost.dotnet import uri as neturi
from devhost.dotnet.charset import UnknownCharset
from devhost.dotnet.http_cookies import Jar
from devhost.durabletask.failures import activity_details

HERE = neturi.parse("http://a.example/x/y")
TLS = neturi.parse("https://a.example/x/y")
TEXTS = st.text(max_size=60) | st.text("abc/=;,:\"'()[]{}<>@#?%\\ \t0123456789.-+*Ww", max_size=60)
NAMES = st.sampled_from([*netheaders.RULES, "X-A", "Cache-Control", "Content-Type", "Cookie", "Set-Cookie"])


def play(asked, answer=b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", client=None, **options):
    """Makes a call to a server that gives one answer; what came back, and the request's head."""

    async def run():
        heads, served = [], asyncio.Event()

        async def serve(reader, writer):
            heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            if answer is None:
                await reader.read()  # until the caller gives up
            else:
                writer.write(answer)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            served.set()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            made = HttpClient.opened(**options)
            if client is not None:
                made.token = client
            try:
                return await call_http(made, {"method": "GET", "uri": f"http://127.0.0.1:{port}/", **asked}), heads
            finally:
                await made.close()
                if heads:
                    await served.wait()

    return asyncio.run(run())


def test_a_token_is_asked_for_and_sent():
    """The credential's token is the call's Authorization, whatever the call said itself."""
    asked = []

    async def gives(resource):
        asked.append(resource)
        return "t0k3n"

    source = {"resource": "https://x.example", "kind": "AzureManagedIdentity"}
    result, (head,) = play({"tokenSource": source, "headers": {"authorization": "Basic x"}}, client=gives)
    assert json.loads(result)["statusCode"] == 200
    assert asked == ["https://x.example"]
    assert "Authorization: Bearer t0k3n\r\n" in head
    assert "Basic" not in head


def test_without_a_credential_nothing_is_sent(monkeypatch):
    """The call fails and says what is missing and what to do."""
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    failure, heads = play({"tokenSource": {"resource": "https://x.example", "kind": "AzureManagedIdentity"}})
    assert heads == []
    assert failure.message.startswith("DefaultAzureCredential failed to retrieve a token")
    assert "install it in the app's environment" in failure.message
    assert "Azure.Identity.CredentialUnavailableException: " in activity_details(failure)


def test_azure_identity_is_asked_where_the_app_has_it(monkeypatch):
    """Its DefaultAzureCredential gets the scope that the extension would ask for; its refusal is the call's."""
    scopes = []

    class Credential:
        """A credential for one scope."""

        def get_token(self, wanted):
            """Gives a token, or refuses."""
            scopes.append(wanted)
            if "graph" in wanted:
                raise RuntimeError("nobody has logged in")
            return SimpleNamespace(token="abc")  # noqa: S106 - no secret

    module = ModuleType("azure.identity")
    module.DefaultAzureCredential = Credential
    monkeypatch.setitem(sys.modules, "azure.identity", module)
    assert asyncio.run(token("https://management.core.windows.net/")) == "abc"
    with pytest.raises(NoTokenError, match="nobody has logged in"):
        asyncio.run(token("https://graph.microsoft.com"))
    assert scopes == ["https://management.core.windows.net/.default", "https://graph.microsoft.com/.default"]


def test_other_resources_are_scopes_as_they_are():
    """Only two resources are completed, as the extension does."""
    assert scope("api://mine") == "api://mine"


def test_a_call_that_takes_too_long_is_canceled():
    """The limit of 240 seconds, here a short one, ends the call in .NET's words."""
    assert LONGEST_CALL_S == 240
    failure, _ = play({}, None, timeout_s=0.05)
    assert failure.message == "The operation was canceled."
    assert activity_details(failure).startswith(
        "Unhandled exception while executing task: System.Threading.Tasks.TaskCanceledException: The operation was"
    )


@pytest.mark.parametrize(
    ("line", "asked", "sent"),
    [
        ("a=1; Secure; Path=/", HERE, ""),
        ("a=1; Secure; Path=/", TLS, "a=1"),
        ("a=1; Domain=example; Path=/", TLS, ""),
        ("a=1; Domain=.a.example; Path=/", neturi.parse("https://b.a.example/"), "a=1"),
        ("a=1; Path=/", neturi.parse("https://b.a.example/"), ""),
        ("a=1; Max-Age=10; Path=/", TLS, "a=1"),
        ("a=1; Max-Age=0; Path=/", TLS, ""),
    ],
)
def test_cookies_go_where_they_belong(line, asked, sent):
    """Secure ones over TLS, those of a domain to its subdomains, and none that is too old."""
    jar = Jar()
    jar.take([line], TLS, 1000)
    assert jar.line(asked, 1005) == sent


def test_an_old_cookie_is_forgotten():
    """Its age counts from when it came."""
    jar = Jar()
    jar.take(["a=1; Max-Age=10; Path=/"], HERE, 1000)
    assert jar.line(HERE, 1009) == "a=1"
    assert jar.line(HERE, 1010) == ""


@pytest.mark.parametrize("written", ["chunked", "Chunked", "CHUNKED"])
def test_a_body_goes_in_chunks_in_whichever_case_it_is_asked_for(written):
    """So it has no length; .NET leaves the case as it is (seen on the extension 3.19.0)."""
    asked = {"method": "POST", "headers": {"Transfer-Encoding": written}, "content": "abc"}
    _, (head,) = play(asked)
    names = [line.partition(":")[0].lower() for line in head.splitlines()]
    assert "transfer-encoding: chunked" in head.lower()
    assert "content-length" not in names
    with pytest.raises(httprequest.RefusedError, match=httprequest.SENDING):  # without a body there is nothing to cut
        httprequest.check(httprequest.OutgoingRequest("POST", HERE, {"Transfer-Encoding": f"gzip, {written}"}))


def test_a_host_has_twenty_cookies_and_all_have_three_hundred():
    """Whatever a server sets, the jar stays small: the oldest goes."""
    jar = Jar()
    jar.take([f"a{n}=1; Path=/" for n in range(30)], HERE, 1000)
    assert jar.line(HERE, 1000) == "; ".join(f"a{n}=1" for n in range(10, 30))
    for n in range(400):
        jar.take(["b=1; Path=/"], neturi.parse(f"http://{n}.example/"), 1000)
    assert jar.line(HERE, 1000) == ""
    assert jar.line(neturi.parse("http://399.example/"), 1000) == "b=1"


def test_from_https_no_redirect_leads_to_http():
    """The answer that wanted it is the result."""
    request = httprequest.OutgoingRequest("GET", TLS)
    assert not _redirected(request, 302, "http://a.example/")
    assert _redirected(request, 302, "//b.example/z")
    assert str(request.address) == "https://b.example/z"


@given(NAMES, TEXTS, TEXTS)
def test_no_request_breaks_the_shaping(name, value, uri):
    """Whatever an app gives is a request, a refusal, or an answer that cannot be read."""
    asked = {"method": "POST", "uri": uri, "content": value, "headers": {name: value}}
    if httprequest.unreadable(asked, "actions[0][0]") is None:
        with contextlib.suppress(httprequest.RefusedError):
            request = httprequest.shaped(asked)
            assert all("\n" not in line and "\r" not in line for line in request.headers.values())
            assert request.address.target.isascii()


@given(st.lists(st.tuples(NAMES, TEXTS), max_size=4), st.binary(max_size=20))
def test_no_answer_breaks_the_shaping(headers, body):
    """Whatever a server answers has a result, or a charset that .NET does not have."""
    Jar().take([value for _, value in headers], HERE, 0)
    try:
        told = httpanswer.response(200, headers, body)
    except UnknownCharset:
        return
    assert isinstance(told["content"], str)


@pytest.mark.parametrize("charset", ["ucs-4", "iso-10646-ucs-4"])
def test_a_charset_that_requests_may_not_have_fails_a_call_too(charset):
    """Seen on the extension: requests and answers are read with the same names of charsets."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Type: text/plain; charset={charset}\r\n\r\n"
    failure, _ = play({}, head.encode() + b"a\0\0\0")
    assert failure.message == (
        "The character set provided in ContentType is invalid. "
        "Cannot read content as string using an invalid character set."
    )  # fmt: skip


@given(TEXTS)
def test_no_place_breaks_a_redirect(place):
    """Whatever Location says leads somewhere, or is no address."""
    with contextlib.suppress(neturi.NotAnAddressError):
        assert neturi.joined(HERE, place).target.isascii()


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("/a%2fb%3c%3C", "/a%2fb%3c%3C"),
        ("/?sig=x%2fy%3d%3D", "/?sig=x%2fy%3d%3D"),
        ("/%7e%41%2d", "/~A-"),
        ("/%c3%a9%e2%80%ae", "/%C3%A9%E2%80%AE"),
        ("/%f0%9f%98%80?%c3%a9", "/%F0%9F%98%80?%C3%A9"),
        ("/%e9%c3%ed%a0%80%ef%bf%bd", "/%e9%c3%ed%a0%80%ef%bf%bd"),
        ("/a%2fé%c3%a9%0a%7f", "/a%2f%C3%A9%C3%A9%0a%7f"),
        ("/%u0041%4%", "/%25u0041%254%25"),
    ],
)
def test_an_escape_stays_as_it_is_written(written, sent):
    """Only a letter that needs none is read, and one beyond ASCII is written in capitals (seen on the real one)."""
    assert neturi.parse(f"http://a.example{written}").target == f"http://a.example:80{sent}"
