"""Application settings."""

import base64
import os

import pytest

from adapters import settings
from approval.policy.one_level import OneLevelPolicy
from service.errors import InvalidSetting, MissingSetting


@pytest.mark.parametrize("value", [None, "", "  "])
def test_without_a_setting_the_original_tutorials_twenty_seconds_count(monkeypatch, value):
    """An empty setting is none."""
    monkeypatch.delenv("APPROVAL_TIMEOUT", raising=False)
    if value is not None:
        monkeypatch.setenv("APPROVAL_TIMEOUT", value)
    assert settings.company_policy() == OneLevelPolicy("PT20S", "Manager", "Head of department")


def test_a_changed_setting_counts_from_the_next_look_on(monkeypatch):
    """Nothing is remembered from the start of the process."""
    for value in ("P3D", "PT5S"):
        monkeypatch.setenv("APPROVAL_TIMEOUT", f" {value} ")
        assert settings.company_policy().timeout == value


def test_an_unusable_setting_is_refused_by_its_name(monkeypatch):
    """Anyone who runs the app learns which setting it is and what would be right."""
    monkeypatch.setenv("APPROVAL_TIMEOUT", "20 seconds")
    with pytest.raises(InvalidSetting, match=r"APPROVAL_TIMEOUT is not usable: .*Write for example PT20S"):
        settings.company_policy()


def test_the_sdk_is_told_to_build_no_objects(monkeypatch):
    """Whatever the setting said before."""
    name = "AZURE_FUNCTIONS_DURABLE_STRICT_TYPING"
    monkeypatch.delenv(name, raising=False)
    settings.insist_on_plain_json()
    assert os.environ[name] == "1"
    monkeypatch.setenv(name, "0")
    settings.insist_on_plain_json()
    assert os.environ[name] == "1"


KEY = f"2026-11:{base64.b64encode(bytes(32)).decode()}"
OURS = (
    "APPROVAL_POLICIES", "IDENTITY", "SEAL_KEY", "SEAL_PUBLIC_KEYS", "ID_KEY", "SESSION_KEY", "PUBLIC_BASE_URL",
    "SMTP_HOST", "SMTP_PORT", "SMTP_USER", "SMTP_PASSWORD", "SMTP_TLS", "MAIL_FROM", "OUTBOX",
    "WEBSITE_INSTANCE_ID", "WEBSITE_OWNER_NAME", "WEBSITE_POD_NAME",
)  # fmt: skip


@pytest.fixture
def said(monkeypatch):
    """The settings are these and no others."""

    def are(**values):
        for name in OURS:
            monkeypatch.delenv(name, raising=False)
        settings.insist_on_plain_json()
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    are()
    return are


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("https://approval.example", "https://approval.example"),
        (" https://Approval.Example:8443/ ", "https://approval.example:8443"),
        ("http://localhost:7071", "http://localhost:7071"),
        ("http://[::1]:7071", "http://[::1]:7071"),
    ],
)
def test_links_begin_with_the_public_address(said, given, found):
    """Scheme, host and port, without a slash at the end."""
    said(PUBLIC_BASE_URL=given)
    assert settings.public_base_url() == found


@pytest.mark.parametrize(
    "given",
    [
        "approval.example", "ftp://approval.example", "http://approval.example", "https://", "https://a b",
        "https://user@approval.example", "https://approval.example/app", "https://approval.example?x", "https://x:y",
        "https://approval.example#x", "https://[x", "https://äpp.example", "https://approval.example:",
    ],
)  # fmt: skip
def test_another_address_is_refused(said, given):
    """It is in every mail, so it must be right."""
    said(PUBLIC_BASE_URL=given)
    with pytest.raises(InvalidSetting, match="PUBLIC_BASE_URL"):
        settings.public_base_url()
    assert settings.policy_faults() == ["PUBLIC_BASE_URL"]


@pytest.mark.parametrize("read", [settings.seal_key, settings.id_key, settings.session_key, settings.public_base_url])
def test_a_setting_that_is_missing_is_named(said, read):
    """503, as whoever runs the app has to set it."""
    said()
    with pytest.raises(MissingSetting) as missing:
        read()
    assert (missing.value.status, missing.value.facts()) == (503, {"setting": missing.value.setting})
    assert missing.value.setting in str(missing.value)


def test_a_secret_that_key_vault_did_not_give_is_none(said):
    """The platform leaves the reference in its place, which everybody knows."""
    reference = "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/session-key)"
    said(SEAL_KEY=reference, ID_KEY=reference, SESSION_KEY=reference)
    for read in (settings.seal_key, settings.id_key, settings.session_key):
        with pytest.raises(InvalidSetting, match="Key Vault"):
            read()
    said(SMTP_HOST="mail.example", SMTP_USER="app", SMTP_PASSWORD=reference)
    with pytest.raises(InvalidSetting, match="Key Vault"):
        settings.mail_server()


def test_a_short_secret_is_refused(said):
    """It could be guessed."""
    said(ID_KEY="canary", SESSION_KEY="x" * 31)
    assert settings.policy_faults() == ["ID_KEY", "SESSION_KEY"]
    with pytest.raises(InvalidSetting, match="32 characters") as short:
        settings.id_key()
    assert "canary" not in str(short.value)


def test_former_keys_are_read_with_their_names(said):
    """Separated by commas, with blanks or without."""
    one, two = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
    said(SEAL_PUBLIC_KEYS=f" 2026-10:{one} ,2025-04:{two}:retired,")
    found = settings.seal_public_keys()
    assert {name: (key.key, key.is_retired) for name, key in found.items()} == {
        "2026-10": (one, False),
        "2025-04": (two, True),
    }


@pytest.mark.parametrize("given", [f"{KEY},{KEY}", "retired", ":retired", f"{KEY}:old", "2026-10:AAAA"])
def test_former_keys_of_another_form_are_refused(said, given):
    """None of them is left out silently."""
    said(SEAL_PUBLIC_KEYS=given)
    assert settings.policy_faults() == ["SEAL_PUBLIC_KEYS"]


@pytest.mark.parametrize(
    ("values", "port"),
    [({}, 587), ({"SMTP_TLS": "tls"}, 465), ({"SMTP_TLS": "none"}, 25), ({"SMTP_PORT": "2525"}, 2525)],
)
def test_the_mail_servers_port_follows_from_how_it_is_encrypted(said, values, port):
    """Unless the setting says another."""
    said(SMTP_HOST="mail.example", **values)
    server = settings.mail_server()
    assert (server.host, server.port, server.user) == ("mail.example", port, None)


@pytest.mark.parametrize(
    ("values", "setting"),
    [
        ({"SMTP_HOST": "mail.example:25"}, "SMTP_HOST"),
        ({"SMTP_HOST": "mail example"}, "SMTP_HOST"),
        ({"SMTP_PORT": "0"}, "SMTP_PORT"),
        ({"SMTP_PORT": "65536"}, "SMTP_PORT"),
        ({"SMTP_PORT": "x"}, "SMTP_PORT"),
        ({"SMTP_TLS": "ssl"}, "SMTP_TLS"),
        ({"SMTP_USER": "app"}, "SMTP_PASSWORD"),
        ({"SMTP_PASSWORD": "canary"}, "SMTP_USER"),
        ({"SMTP_USER": "app", "SMTP_PASSWORD": "canary", "SMTP_TLS": "none"}, "SMTP_TLS"),
        ({"MAIL_FROM": "approvals"}, "MAIL_FROM"),
        ({"MAIL_FROM": "Approvals <a@b.example>\r\nBcc: x@y.example"}, "MAIL_FROM"),
        ({"MAIL_FROM": "a@b.example, c@d.example"}, "MAIL_FROM"),
        ({"MAIL_FROM": '"x" <a@b.example>'}, "MAIL_FROM"),
    ],
)
def test_a_mail_setting_that_makes_no_sense_is_named(said, values, setting):
    """Before anybody waits for a mail; a password is never sent in the clear."""
    said(**({"SMTP_HOST": "mail.example"} | values))
    assert settings.policy_faults() == [setting]


def test_a_mail_server_on_this_machine_may_be_without_encryption(said):
    """Nothing goes over a network."""
    said(SMTP_HOST="127.0.0.1", SMTP_TLS="none", SMTP_USER="app", SMTP_PASSWORD="secret")  # noqa: S106
    assert settings.mail_server().tls == "none"
    assert "secret" not in repr(settings.mail_server())


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("approvals@county.example", ("", "approvals@county.example")),
        ("Approvals <approvals@county.example>", ("Approvals", "approvals@county.example")),
        ("Genehmigungen für Brücken <a@b.example>", ("Genehmigungen für Brücken", "a@b.example")),
    ],
)
def test_mails_come_from_an_address_with_or_without_a_name(said, given, found):
    """The name may be in any script."""
    said(MAIL_FROM=given)
    sender = settings.mail_from()
    assert (sender.name, sender.address) == found


def test_the_outbox_is_a_folder_of_this_machine(said):
    """From the app's folder; in Azure there is none."""
    said(OUTBOX="/tmp/outbox")  # noqa: S108 - nothing is written
    assert str(settings.outbox()) == "/tmp/outbox"  # noqa: S108
    said(OUTBOX="outbox")
    assert settings.outbox() == settings.APP_FOLDER / "outbox"
    said(OUTBOX="outbox", WEBSITE_INSTANCE_ID="x")
    assert settings.outbox() is None
    said()
    assert settings.outbox() is None


def test_the_built_in_policy_needs_no_setting(said):
    """Who runs it alone is not asked for keys."""
    said()
    assert settings.missing(has_policies=False) == []
    assert settings.policy_faults() == []


def test_what_the_app_is_set_up_for_says_what_it_needs(said):
    """The sign-in needs its key; a policy file needs the keys of cases, the address for links, and a way for mails."""
    said(IDENTITY="local")
    assert settings.missing(has_policies=False) == ["SESSION_KEY"]
    said()
    assert settings.missing(has_policies=True) == ["SEAL_KEY", "ID_KEY", "PUBLIC_BASE_URL", "SMTP_HOST"]
    said(SEAL_KEY=KEY, ID_KEY="i" * 32, PUBLIC_BASE_URL="https://approval.example", SMTP_HOST="mail.example")
    assert settings.missing(has_policies=True) == ["MAIL_FROM"]
    said(SEAL_KEY=KEY, ID_KEY="i" * 32, PUBLIC_BASE_URL="https://approval.example", OUTBOX="outbox")
    assert settings.missing(has_policies=True) == []


def test_identity_is_local_or_nothing(said):
    """Anything else is named, and turns nothing on."""
    said(IDENTITY="Local")
    assert settings.local_sign_in()
    said(IDENTITY="entra")
    assert settings.policy_faults() == ["IDENTITY"]
