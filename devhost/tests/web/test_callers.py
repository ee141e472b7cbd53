"""Which requests are taken, by what they say of where they come from."""

import json
import socket
from urllib.parse import urlsplit

import pytest

from devhost.errors import BadSettings
from devhost.testing.process import HostProcess
from devhost.web.callers import Callers, bare_name

APP = """
import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route("plain")
def plain(req: func.HttpRequest) -> str:
    return "ran"


@app.route("start")
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client) -> func.HttpResponse:
    return client.create_check_status_response(req, await client.start_new("keeps"))


@app.route("rpc")
@app.durable_client_input(client_name="client")
async def rpc(req: func.HttpRequest, client) -> str:
    return client._orchestration_bindings.rpc_base_url


@app.orchestration_trigger(context_name="context")
def keeps(context):
    return context.get_input()
"""
EVIL = "http://evil.example"
HOOK = "/runtime/webhooks/durabletask"
CROSS = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
LINK = {
    "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1"
}  # fmt: skip
LOCAL = Callers("127.0.0.1")


@pytest.mark.parametrize(
    "name", ["localhost", "LOCALHOST:7071", "localhost.", "127.0.0.1:7071", "127.9.9.9", "[::1]", "[::1]:7071"]
)
def test_a_loopback_name_is_ours(name):
    """In any case, with or without a port, a final dot or brackets."""
    assert LOCAL.wrong_host({"Host": name}) is None


@pytest.mark.parametrize(
    "name",
    [
        "evil.example",
        "localhost.evil.example",
        "evil.localhost.",
        "0.0.0.0:7071",
        "192.168.0.7",
        "",
        "[::1",
        "[::2]",
        "a@localhost",
    ],
)
def test_any_other_name_is_refused_on_loopback(name):
    """A page whose name was made to resolve to 127.0.0.1 sends that name; another header does not help it."""
    assert f"'{name}'" in LOCAL.wrong_host({"Host": name, "X-Forwarded-Host": "localhost"})


def test_a_request_without_a_host_is_refused():
    """HTTP/1.0 may leave it out."""
    assert LOCAL.wrong_host({}) is not None


def test_further_names_are_taken_in_any_spelling():
    """--allow-host names them, without a port; the others are still refused."""
    named = Callers("::1", names=("Box.Example.",))
    assert named.wrong_host({"Host": "BOX.example:8080"}) is None
    assert named.wrong_host({"Host": "box.example."}) is None
    assert named.wrong_host({"Host": "a.box.example"}) is not None


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.0.7", "::", "box.example"])  # noqa: S104 - under test
def test_a_host_that_listens_to_the_network_takes_any_name(address):
    """It cannot know by which names others reach it; what is devhost's own still asks for a known name."""
    callers = Callers(address, names=("box",))
    assert callers.wrong_host({"Host": "any.example"}) is None
    assert callers.wrong_host({"Host": "any.example"}, always=True) is not None
    assert callers.wrong_host({"Host": "box:1"}, always=True) is None


@pytest.mark.parametrize("given", ["http://a", "a/b", "*", "", "a b", "[::1", "a@b"])
def test_a_name_that_is_none_is_refused_at_the_start(given):
    """The sentence says what a name looks like."""
    with pytest.raises(BadSettings, match="--allow-host"):
        bare_name(given)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost:7071"},
        {"Origin": "HTTP://LocalHost.:7071", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_curl_and_our_own_pages_are_not_foreign(method, headers):
    """What is no browser says nothing; a person may write the address."""
    assert LOCAL.foreign(method, {"Host": "localhost:7071", **headers}) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://localhost"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "http://localhost:7071.evil.example"},
        {"Origin": "http://localhost:7071@evil.example"},
        {"Origin": "file://localhost:7071"},
        {"Origin": "http://localhost:7071", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "SOMETHING-NEW"},
    ],
)
def test_a_page_of_another_site_is_foreign(headers):
    """Another port is another site too: whatever serves there is not this app."""
    assert LOCAL.foreign("POST", {"Host": "localhost:7071", **headers}) is not None


def test_the_ports_that_go_without_saying_are_equal():
    """A proxy with TLS before an allowed name, and port 80."""
    assert LOCAL.foreign("POST", {"Host": "localhost", "Origin": "http://localhost:80"}) is None
    assert LOCAL.foreign("POST", {"Host": "localhost:80", "Origin": "http://localhost"}) is None
    named = Callers("127.0.0.1", names=("box.example",))
    assert named.foreign("POST", {"Host": "box.example", "Origin": "https://box.example"}) is None
    assert named.foreign("POST", {"Host": "localhost:7071", "Origin": "https://box.example:8443"}) is None


def test_a_link_that_a_person_follows_is_taken_and_what_a_page_loads_is_not():
    """A GET by a top-level navigation that a person caused, and nothing else, may come from elsewhere."""
    host = {"Host": "localhost:7071"}
    assert LOCAL.foreign("GET", host | LINK) is None
    assert LOCAL.foreign("HEAD", host | LINK) is None
    assert LOCAL.foreign("POST", host | LINK) is not None
    assert LOCAL.foreign("GET", host | CROSS) is not None
    assert LOCAL.foreign("GET", host | LINK | {"Sec-Fetch-Dest": "iframe"}) is not None
    by_script = {name: value for name, value in LINK.items() if name != "Sec-Fetch-User"}
    assert LOCAL.foreign("GET", host | by_script) is not None
    assert LOCAL.foreign("GET", host | LINK, strict=True) is not None


def test_pages_that_cors_names_are_no_strangers():
    """But for what is devhost's own, whatever the setting says."""
    named = Callers("127.0.0.1", origins=("https://Front.example",))
    headers = {"Host": "localhost:7071", "Origin": "https://front.example", "Sec-Fetch-Site": "cross-site"}
    assert named.foreign("POST", headers) is None
    assert named.foreign("POST", headers, strict=True) is not None
    assert named.foreign("POST", headers | {"Origin": "http://front.example"}) is not None
    everyone = Callers("127.0.0.1", origins=("*",))
    for origin in (EVIL, "null"):
        assert everyone.foreign("POST", headers | {"Origin": origin}) is None
        assert everyone.foreign("POST", headers | {"Origin": origin}, strict=True) is not None
    assert everyone.foreign("GET", {"Host": "localhost:7071"} | CROSS) is None


# ---------------------------------------------------------------- a running host


class Running(HostProcess):
    """A host of the app above, in a folder of its own."""

    def __init__(self, folder, *options):
        (folder / "function_app.py").write_text(APP)
        (folder / "host.json").write_text('{"version": "2.0"}')
        self.folder = folder
        super().__init__(folder, folder / "state", *options)
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    @property
    def rpc_port(self):
        """Of the endpoint that only the SDK uses, as a durable client gets it."""
        return urlsplit(self.send("GET", "/api/rpc")[2]).port

    def send(self, method, path, headers=None, body=b"", port=None):
        """Status, headers and body of the answer to exactly these headers."""
        sent = {"Host": f"localhost:{self.port}", "Content-Type": "application/json", **(headers or {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        text = f"{method} {path} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port or self.port), 10) as connection:
            connection.sendall(text.encode() + body)
            got = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, content = got.partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]), head.decode(), content.decode()

    def instances(self, headers=None):
        """How many there are."""
        return len(json.loads(self.send("GET", f"{HOOK}/instances?top=1000", headers)[2]))


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """On loopback, in virtual time, without keys, with one more name."""
    running = Running(tmp_path_factory.mktemp("callers"), "--virtual-time", "--allow-host", "box.example")
    yield running
    running.close()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{HOOK}/orchestrators/keeps", b""),
        ("GET", f"{HOOK}/instances", b""),
        ("DELETE", f"{HOOK}/instances?createdTimeFrom=2000-01-01", b""),
        ("POST", "/admin/functions/plain", b""),
        ("POST", "/api/start", b""),
        ("GET", "/api/start", b""),
        ("POST", "/devhost/clock", b'{"advance": 1}'),
        ("POST", "/devhost/advance", b"by=1&unit=days"),
        ("POST", f"{HOOK.replace('r', '%72', 1)}/orchestrators/keeps", b""),
        ("POST", "/%61dmin/functions/plain", b""),
        ("POST", "/%64evhost/clock", b'{"advance": 1}'),
    ],
)
@pytest.mark.parametrize(
    "headers",
    [{"Origin": EVIL}, {"Origin": "null"}, CROSS, {"Host": "evil.example"}, {"Host": "evil.example", "Origin": EVIL}],
)
def test_what_changes_something_refuses_a_foreign_page(host, method, path, body, headers):
    """403 with a sentence, and nothing was done."""
    before = host.instances()
    status, _, content = host.send(method, path, headers, body)
    assert (status, host.instances()) == (403, before)
    assert content


@pytest.mark.parametrize("path", ["/", "/api/plain", "/nothing", f"{HOOK}/nothing", "/devhost"])
def test_a_foreign_name_gets_nothing_at_all(host, path):
    """On loopback: neither the app's functions nor the first page."""
    assert host.send("GET", path, {"Host": "evil.example:80"})[0] == 403
    assert host.send("GET", path, {"Host": "0.0.0.0"})[0] == 403  # noqa: S104 - under test


def test_the_refusal_says_what_to_do(host):
    """In the answer and on the console."""
    assert "--allow-host" in host.send("GET", "/api/plain", {"Host": "evil.example"})[2]
    assert "Host.CORS" in host.send("POST", "/api/start", {"Origin": EVIL})[2]
    assert "'evil.example'" in host.text
    assert EVIL in host.text


def test_a_function_without_a_durable_client_answers_any_page_as_in_azure(host):
    """A browser lets no page read the answer that no CORS setting allows."""
    status, head, content = host.send("POST", "/api/plain", {"Origin": EVIL})
    assert (status, content) == (200, "ran")
    assert "access-control" not in head.lower()


def test_honest_callers_are_served(host):
    """curl, the app's own pages, a link that is followed, and the further name."""
    assert host.send("POST", "/api/start")[0] == 202
    assert host.send("POST", "/api/start", {"Origin": f"http://localhost:{host.port}"})[0] == 202
    assert host.send("GET", "/api/start", LINK)[0] == 202
    assert host.send("GET", "/api/plain", {"Host": "box.example"})[0] == 200
    assert host.send("POST", "/devhost/clock", {"Host": "box.example"}, b'{"advance": 0}')[0] == 200


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Host": "box.example"}, {"Origin": EVIL}, {"Origin": "null"}, CROSS, LINK]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_endpoint_of_the_sdk_takes_nothing_from_a_browser(host, method, headers):
    """Only the durable client uses it, and says neither Origin nor another name."""
    path = "/durabletask/instances" if method == "GET" else "/durabletask/orchestrators/keeps"
    own = {"Host": f"127.0.0.1:{host.rpc_port}"}
    before = host.instances()
    assert host.send(method, path, own | headers, port=host.rpc_port)[0] == 403
    assert host.instances() == before
    assert host.send(method, path, own, port=host.rpc_port)[0] in (200, 202)


@pytest.mark.parametrize(
    "head",
    [
        "Host: localhost\r\nHost: localhost\r\n",
        "Host: localhost\r\nHost: evil.example\r\n",
        "",
        "Host: localhost:x\r\n",
        "Host: localhost, evil.example\r\n",
        "Host: a b\r\n",
        "Host: evil@localhost\r\n",
        "Host: [::1\r\n",
    ],
)  # fmt: skip
def test_a_host_that_cannot_be_read_in_one_way_is_a_bad_request(host, head):
    """None, two of them, and what is no name: 400, as Kestrel says."""
    with socket.create_connection(("127.0.0.1", host.port), 10) as connection:
        connection.sendall(f"GET /api/plain HTTP/1.1\r\n{head}\r\n".encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "target", ["http://evil.example/api/plain", "https://evil.example", "http://localhost@evil.example/"]
)
def test_a_target_with_another_host_is_a_bad_request(host, target):
    """As Kestrel says: the two may not differ."""
    assert host.send("GET", target)[0] == 400


@pytest.fixture(scope="module")
def keyed(tmp_path_factory):
    """A host that listens to the network and checks keys."""
    running = Running(tmp_path_factory.mktemp("keyed"), "--host", "0.0.0.0", "--enable-auth")  # noqa: S104 - under test
    running.keys = json.loads((running.folder / "state" / "keys.json").read_text())
    yield running
    running.close()


def test_no_answer_hands_a_key_to_who_showed_none(keyed):
    """Neither the endpoint of the SDK, nor the pages, nor the admin routes; a caller with the key gets its links."""
    system = keyed.keys["system"]["durabletask_extension"]
    status, _, content = keyed.send(
        "POST",
        f"{HOOK}/orchestrators/keeps?code={system}",
        body=json.dumps({"link": f"http://x/?code={system}"}).encode(),
    )
    assert status == 202
    assert system in content
    case = json.loads(content)["id"]
    page = keyed.send("GET", f"/devhost/instances/{case}")
    assert page[0] == 200
    assert "http://x/?code=***" in page[2]
    rpc = {"Host": f"127.0.0.1:{keyed.rpc_port}"}
    started = keyed.send("POST", "/durabletask/orchestrators/keeps", rpc, port=keyed.rpc_port)
    assert started[0] == 202
    asked = [
        page, started, keyed.send("GET", "/"), keyed.send("GET", "/devhost"), keyed.send("GET", "/devhost?q=code"),
        keyed.send("GET", "/admin/host/keys"), keyed.send("GET", "/admin/host/systemkeys/x"),
        keyed.send("GET", f"{HOOK}/instances/{case}"), keyed.send("POST", f"{HOOK}/orchestrators/keeps"),
        keyed.send("POST", f"/durabletask/instances/{json.loads(started[2])['id']}/restart", rpc, port=keyed.rpc_port),
    ]  # fmt: skip
    for answer in asked:
        assert system not in answer[1] + answer[2]


def test_an_anonymous_function_that_gives_links_away_is_told(keyed):
    """The SDK makes the links, here as in Azure; the console says what they open, once."""
    system = keyed.keys["system"]["durabletask_extension"]
    assert system in keyed.send("POST", "/api/start")[2]
    keyed.send("POST", "/api/start")
    told = [line for line in keyed.lines if "start" in line and "system key" in line]
    assert len(told) == 1


def test_a_host_that_listens_to_the_network_without_keys_says_so(tmp_path, keyed):
    """In one sentence; with keys it says nothing."""
    assert "asks for no key" not in keyed.text
    running = Running(tmp_path, "--host", "0.0.0.0")  # noqa: S104 - under test
    try:
        assert len([line for line in running.lines if "WARNING" in line and "asks for no key" in line]) == 1
        assert running.send("GET", "/api/plain", {"Host": "any.example"})[0] == 200
        assert running.send("POST", f"{HOOK}/orchestrators/keeps", {"Origin": EVIL})[0] == 403
        assert running.send("POST", "/devhost/clock", {"Host": "any.example"})[0] == 403
    finally:
        running.close()
