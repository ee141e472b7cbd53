"""What the health report looks at, and what it keeps to itself."""

import asyncio
import base64
import json
import pathlib
import tomllib
from types import SimpleNamespace

import azure.functions as func
import pytest
from companies import company

from adapters import cache, directory, sealing, settings
from adapters.cache import Cache
from adapters.engine import Engine
from functions import health, instances, policy_start
from functions.catalogue import find
from functions.start import CATALOGUE
from service import VERSION
from service.errors import NotStarted
from service.health import REFUSAL_COUNTS_S, Check, base_url_fault, public_url_fault, report, starts_fault

HANDLER = health.Health.build().get_user_function().client_function
LINK = "http://localhost:7071/runtime/webhooks/durabletask/instances/HealthProbe?code=canary-key"


SETTINGS = (
    "APPROVAL_TIMEOUT", "RETENTION_MODE", "RETENTION_DAYS", "WEBSITE_HOSTNAME", "IDENTITY", "SEAL_KEY",
    "SEAL_PUBLIC_KEYS", "ID_KEY", "SESSION_KEY", "PUBLIC_BASE_URL", "SMTP_HOST", "SMTP_USER", "SMTP_PASSWORD",
    "MAIL_FROM", "OUTBOX", "WEBSITE_INSTANCE_ID",
)  # fmt: skip
SEAL_KEY = f"2026-11:{base64.b64encode(bytes(32)).decode()}"


class Client:
    """An engine that answers, or does not."""

    def __init__(self, error=None, link=LINK):
        self.error, self.link, self.asked = error, link, 0
        self._orchestration_bindings = SimpleNamespace(rpc_base_url="http://127.0.0.1:17071/durabletask/")

    async def _get_async_request(self, url):
        """Nothing has the id that is asked for: that of the probe, or of a case to be started."""
        probed, _, case = url.removeprefix("http://127.0.0.1:17071/durabletask/instances/").partition("P-")
        assert case or probed == "HealthProbe"
        self.asked += not case
        if self.error is not None:
            raise self.error
        return [404, None]

    def create_http_management_payload(self, instance_id):
        """The links as the engine gives them out."""
        return {"id": instance_id, "statusQueryGetUri": self.link}


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Nobody has looked yet, and no setting of the machine reaches a test."""
    monkeypatch.setattr(health, "MORE_CHECKS", [policy_start.checks])
    monkeypatch.setattr(health, "_cache", Cache(health.KEPT_S))
    monkeypatch.setattr(instances.latest_start, "refused_at", None)
    monkeypatch.setattr(directory, "_read", [directory.InForce()])
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


def ask(*clients, method="GET"):
    """The answers to one request after another."""

    async def all_of_them():
        url = "http://localhost/api/health"
        return [await HANDLER(func.HttpRequest(method, url, body=b""), client) for client in clients]

    return asyncio.run(all_of_them())


def failing(answer):
    """Names of the checks that failed."""
    return [check["name"] for check in json.loads(answer.get_body())["checks"] if not check["ok"]]


def test_a_healthy_app_says_so_with_its_version():
    """200, each check by its name."""
    (answer,) = ask(Client())
    body = json.loads(answer.get_body())
    assert (answer.status_code, body["status"], body["version"]) == (200, "healthy", VERSION)
    assert [check["name"] for check in body["checks"]] == [
        "settings", "engine", "starts", "baseUrl", "policies", "publicUrl",
    ]  # fmt: skip


def test_the_version_is_that_of_the_project():
    """It is in the package, as pyproject.toml is not deployed."""
    project = tomllib.loads((pathlib.Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION


def test_an_unusable_setting_is_named_and_its_value_is_not(monkeypatch, caplog):
    """503; the log names the checks."""
    monkeypatch.setenv("APPROVAL_TIMEOUT", "canary")
    (answer,) = ask(Client())
    assert (answer.status_code, failing(answer)) == (503, ["settings"])
    assert b"APPROVAL_TIMEOUT" in answer.get_body()
    assert b"canary" not in answer.get_body()
    assert [json.loads(record.getMessage())["checks"] for record in caplog.records] == ["settings"]
    assert "canary" not in caplog.text


@pytest.mark.parametrize("error", [Exception("canary"), OSError("canary"), TimeoutError()])
def test_an_engine_that_does_not_answer_makes_it_unhealthy(error):
    """503 with what to look at; the engine's own text is not for everybody."""
    (answer,) = ask(Client(error))
    assert (answer.status_code, failing(answer)) == (503, ["engine"])
    assert b"canary" not in answer.get_body()


def test_an_engine_that_hangs_is_not_waited_for(monkeypatch):
    """The look is bounded in time."""
    monkeypatch.setattr(health, "ENGINE_S", 0.01)
    client = Client()

    async def hang(_url):
        await asyncio.Event().wait()

    client._get_async_request = hang
    (answer,) = ask(client)
    assert failing(answer) == ["engine"]


def test_the_answer_is_kept_for_five_seconds(monkeypatch):
    """However many ask, the engine is asked once; then it is asked again."""
    client, clock = Client(), SimpleNamespace(now=0.0)
    monkeypatch.setattr(cache, "time", SimpleNamespace(monotonic=lambda: clock.now))
    ask(client, client)
    clock.now = 4.9
    ask(client)
    assert client.asked == 1
    clock.now = 5.0
    ask(client)
    assert client.asked == 2


class Starter(Client):
    """An engine that can be read, and takes starts or not."""

    refuses = True

    async def start_new(self, *_):
        """An id, unless it refuses."""
        if self.refuses:
            raise OSError("database or disk is full: canary")
        return "new"


def start(client, key=None):
    """A start as the starter asks for it."""
    asyncio.run(instances.start(Engine(client), find(CATALOGUE, "OrchFunction"), None, key, settings.company_policy))


@pytest.mark.parametrize("key", [None, "k-1"])
def test_an_engine_that_can_be_read_and_takes_no_start_is_unhealthy(key):
    """From the refusal on, also within the five seconds, until a start is taken; the engine's text is kept back."""
    client = Starter()
    assert failing(*ask(client)) == []
    with pytest.raises(NotStarted):
        start(client, key)
    (answer,) = ask(client)
    assert (answer.status_code, failing(answer)) == (503, ["starts"])
    assert b"canary" not in answer.get_body()
    client.refuses = False
    start(client)
    (answer,) = ask(client)
    assert (answer.status_code, failing(answer)) == (200, [])


def test_an_old_refusal_does_not_count(monkeypatch):
    """Where nobody tries a start any more, nothing is known after a while: a balancer may send callers here again."""
    client = Starter()
    with pytest.raises(NotStarted):
        start(client)
    long_ago = instances.time.monotonic() - REFUSAL_COUNTS_S
    monkeypatch.setattr(instances.latest_start, "refused_at", long_ago)
    assert failing(*ask(client)) == []
    assert starts_fault(REFUSAL_COUNTS_S - 1) is not None


def test_refused_starts_do_not_make_it_look_more_often():
    """The engine is asked once, however many starts it refuses and however many ask for the report."""
    client = Starter()
    for _ in range(5):
        with pytest.raises(NotStarted):
            start(client)
        ask(client)
    assert client.asked == 1


def test_who_comes_while_it_looks_gets_the_same_answer():
    """Twenty at once cause one look."""
    client = Client()

    async def all_at_once():
        request = func.HttpRequest("GET", "http://localhost/api/health", body=b"")
        return await asyncio.gather(*[HANDLER(request, client) for _ in range(20)])

    assert len({answer.get_body() for answer in asyncio.run(all_at_once())}) == 1
    assert client.asked == 1


def test_head_gives_the_status_alone():
    """For probes that do not read."""
    (answer,) = ask(Client(), method="HEAD")
    assert (answer.status_code, answer.get_body()) == (200, b"")


def test_no_key_stands_in_the_answer():
    """The engine's links hold one."""
    (answer,) = ask(Client(link="ftp://x/?code=canary-key"))
    assert failing(answer) == ["baseUrl"]
    assert b"canary-key" not in answer.get_body()


@pytest.mark.parametrize(
    ("link", "hostname", "is_plausible"),
    [
        (LINK, None, True),
        (LINK, "localhost:7071", True),
        ("https://approval.azurewebsites.net/x", "approval.azurewebsites.net", True),
        ("https://approval.example.com/x", None, True),
        ("http://approval.azurewebsites.net/x", "approval.azurewebsites.net", False),
        ("https://other.azurewebsites.net/x", "approval.azurewebsites.net", False),
        (LINK, "approval.azurewebsites.net", False),
        ("/relative", None, False),
        ("http://[broken", None, False),
        ("", None, False),
    ],
)
def test_the_links_must_lead_here(link, hostname, is_plausible):
    """On Azure by its own name and with https; what a caller writes into Host is not asked."""
    assert (base_url_fault(link, hostname) is None) is is_plausible


def test_a_report_lists_every_check():
    """With what to do where one failed."""
    body = report([Check("one"), Check("two", "Mend it.")], "1", "2026-11-24T20:00:00Z")
    assert body["status"] == "unhealthy"
    assert body["checks"] == [
        {"name": "one", "ok": True, "whatToDo": None},
        {"name": "two", "ok": False, "whatToDo": "Mend it."},
    ]


def said(answer):
    """What to do, by check."""
    return {check["name"]: check["whatToDo"] for check in json.loads(answer.get_body())["checks"]}


def test_who_runs_the_built_in_policy_is_not_asked_for_keys():
    """Without a policy file and a sign-in nothing needs them."""
    (answer,) = ask(Client())
    assert failing(answer) == []


def test_what_is_missing_for_a_policy_file_is_named(monkeypatch):
    """All of it at once; the value of none."""
    monkeypatch.setattr(directory, "_read", [directory.InForce(company("county"), "sha256:f")])
    monkeypatch.setenv("ID_KEY", "canary")
    (answer,) = ask(Client())
    assert said(answer)["policies"] == (
        "Correct ID_KEY and set SEAL_KEY, PUBLIC_BASE_URL, SMTP_HOST in the app's settings; "
        "docs/reference/settings.md lists them."
    )
    assert b"canary" not in answer.get_body()


def test_an_app_with_all_that_a_policy_file_needs_is_healthy(monkeypatch):
    """Keys, address, and an outbox or a server."""
    monkeypatch.setattr(directory, "_read", [directory.InForce(company("county"), "sha256:f")])
    for name, value in {
        "SEAL_KEY": SEAL_KEY, "ID_KEY": "i" * 32, "PUBLIC_BASE_URL": "http://localhost:7071", "OUTBOX": "outbox",
        "IDENTITY": "local", "SESSION_KEY": "s" * 32,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    (answer,) = ask(Client())
    assert (answer.status_code, failing(answer)) == (200, [])


def test_two_keys_of_one_name_are_seen_where_they_seal(monkeypatch):
    """Before anybody submits."""
    monkeypatch.setenv("SEAL_KEY", SEAL_KEY)
    monkeypatch.setenv("SEAL_PUBLIC_KEYS", f"2026-11:{sealing.public_key_of(bytes(31) + b'1')}")
    monkeypatch.setattr(directory, "_read", [directory.InForce(company("county"), "sha256:f")])
    (answer,) = ask(Client())
    assert said(answer)["policies"].startswith("Correct SEAL_PUBLIC_KEYS and set ")


@pytest.mark.parametrize(
    ("public", "link", "is_on_platform", "is_plausible"),
    [
        ("http://localhost:7071", LINK, False, True),
        ("http://127.0.0.1:7071", LINK, False, True),
        ("https://approval.example", LINK, False, True),
        ("http://localhost:7072", LINK, False, False),
        ("https://localhost:7071", LINK, False, False),
        ("http://localhost:7071", "https://approval.azurewebsites.net/x", True, False),
        ("https://approval.example", "https://approval.azurewebsites.net/x", True, True),
    ],
)
def test_links_in_mails_must_lead_here(public, link, is_on_platform, is_plausible):
    """A gateway or a domain of the company's own may be in front; this machine is none to others."""
    assert (public_url_fault(public, link, is_on_platform=is_on_platform) is None) is is_plausible


def test_an_address_of_another_port_is_seen(monkeypatch):
    """The app on this machine answers elsewhere."""
    monkeypatch.setenv("PUBLIC_BASE_URL", "http://localhost:7072")
    (answer,) = ask(Client())
    assert failing(answer) == ["publicUrl"]
