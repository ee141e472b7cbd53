"""Application settings, read when they are needed, so that a changed one counts from the next request on.

One long file: the table and what reads its settings stay together.

| setting | what it is | default |
|---|---|---|
| ``APPROVAL_TIMEOUT`` | time to decide, an ISO 8601 duration of at most a year | ``PT20S`` |
| ``PATTERNS`` | ``off`` leaves the pattern gallery out, from the next start of the app on | ``on`` |
| ``RETENTION_MODE`` | what happens to finished cases: ``off``, ``dry`` or ``purge`` | ``off`` |
| ``RETENTION_DAYS`` | for how many days a finished case is kept, 1 to 36500 | ``90`` |
| ``RETENTION_SCHEDULE`` | when that happens, NCRONTAB in UTC, from the next start on | ``0 30 2 * * *`` |
| ``HEARTBEAT`` | ``on`` logs a heartbeat every 15 minutes, from the next start of the app on | ``off`` |
| ``APPROVAL_POLICIES`` | the policy file, from the app's folder, from the next start of the app on | none |
| ``IDENTITY`` | ``local`` lets people sign in by name, on loopback only | none |
| ``SEAL_KEY`` | signs acts and inputs: a name, a colon, 32 bytes in Base64 | none |
| ``SEAL_PUBLIC_KEYS`` | former and retired public keys, separated by commas | none |
| ``ID_KEY`` | makes the ids of cases, a text of 32 characters or more | none |
| ``SESSION_KEY`` | signs the sessions of people, a text of 32 characters or more | none |
| ``PUBLIC_BASE_URL`` | where people reach the app, for links | none |
| ``SMTP_HOST`` | the mail server | none |
| ``SMTP_PORT`` | its port | by ``SMTP_TLS``: 587, 465 or 25 |
| ``SMTP_USER``, ``SMTP_PASSWORD`` | how to sign in there | no sign-in |
| ``SMTP_TLS`` | ``starttls``, ``tls`` or ``none`` | ``starttls`` |
| ``MAIL_FROM`` | the address that notices come from | none |
| ``OUTBOX`` | a folder for mails that are not sent, for a local run | none |

What is secret is never part of a message: an error names the setting and the form that it should have.
"""

import base64
import binascii
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit

from approval.errors import InvalidDuration
from approval.policy.one_level import OneLevelPolicy
from service.errors import InvalidSetting, MissingSetting
from service.retention import DEFAULT_DAYS, LONGEST_DAYS, Mode

APPROVAL_TIMEOUT = "APPROVAL_TIMEOUT"
PATTERNS = "PATTERNS"
RETENTION_MODE = "RETENTION_MODE"
RETENTION_DAYS = "RETENTION_DAYS"
RETENTION_SCHEDULE = "RETENTION_SCHEDULE"
HEARTBEAT = "HEARTBEAT"
APPROVAL_POLICIES = "APPROVAL_POLICIES"
IDENTITY = "IDENTITY"
SEAL_KEY = "SEAL_KEY"
SEAL_PUBLIC_KEYS = "SEAL_PUBLIC_KEYS"
ID_KEY = "ID_KEY"
SESSION_KEY = "SESSION_KEY"
PUBLIC_BASE_URL = "PUBLIC_BASE_URL"
SMTP_HOST = "SMTP_HOST"
SMTP_PORT = "SMTP_PORT"
SMTP_USER = "SMTP_USER"
SMTP_PASSWORD = "SMTP_PASSWORD"  # noqa: S105 - a setting's name
SMTP_TLS = "SMTP_TLS"
MAIL_FROM = "MAIL_FROM"
OUTBOX = "OUTBOX"
APP_FOLDER = Path(__file__).parents[1]
DEFAULT_SCHEDULE = "0 30 2 * * *"
WEBSITE_HOSTNAME = "WEBSITE_HOSTNAME"
STRICT_TYPING = "AZURE_FUNCTIONS_DURABLE_STRICT_TYPING"


# Azure sets at least one of them for each app.
PLATFORM = ("WEBSITE_INSTANCE_ID", "WEBSITE_OWNER_NAME", "WEBSITE_POD_NAME")
SHORTEST_KEY = 32
SEED_BYTES = 32
_KEY_NAME = re.compile(r"[A-Za-z0-9._-]{1,40}", re.ASCII)
_RETIRED = "retired"
# What the platform leaves in the place of a secret that it could not read: no secret at all, as everybody knows it.
_UNRESOLVED = "@Microsoft.KeyVault("
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*|\[[0-9A-Fa-f:.]{2,45}\]", re.ASCII)
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*", re.ASCII)
_SENDER = re.compile(r"(?P<name>[^<>\"\\\x00-\x1f\x7f-\x9f\u2028\u2029]{0,100})<(?P<address>[^<>]{3,254})>")
_LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|\[?::1\]?", re.ASCII)
_PORTS: Mapping[str, int] = {"starttls": 587, "tls": 465, "none": 25}
Tls = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class SealKey:
    """The private key that signs now.

    Attributes:
        name: such as ``2026-11``.
        seed: 32 bytes of Ed25519; secret.
    """

    name: str
    seed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that signed formerly.

    Attributes:
        key: 32 bytes of Ed25519, in Base64.
        is_retired: it verifies inputs only, and no act counts by it.
    """

    key: str
    is_retired: bool = False


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are given to, and as whom.

    Attributes:
        user: None where the server asks nobody to sign in.
        password: secret.
    """

    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom mails come from."""

    name: str
    address: str


def _text(name: str) -> str:
    return os.environ.get(name, "").strip()


def company_policy() -> OneLevelPolicy:
    """The policy for every proposal that does not ask for another one.

    Raises:
        InvalidSetting: ``APPROVAL_TIMEOUT`` is no usable duration. An empty one counts as none.
    """
    timeout = os.environ.get(APPROVAL_TIMEOUT, "").strip()
    try:
        return OneLevelPolicy(timeout=timeout) if timeout else OneLevelPolicy()
    except InvalidDuration as error:
        raise InvalidSetting(APPROVAL_TIMEOUT, error.detail) from error


def patterns_are_on() -> bool:
    """Whether the pattern gallery is part of the app: unless the setting is ``off``, in any case of letters."""
    return os.environ.get(PATTERNS, "").strip().casefold() != "off"


def heartbeat_is_on() -> bool:
    """Whether the app logs a heartbeat: only if the setting is ``on``, in any case of letters."""
    return os.environ.get(HEARTBEAT, "").strip().casefold() == "on"


def retention_plan() -> tuple[Mode, int]:
    """What happens to finished cases, and after how many days. An empty setting counts as none.

    Raises:
        InvalidSetting: one of the two does not make sense.
    """
    said = os.environ.get(RETENTION_MODE, "").strip().casefold() or Mode.OFF
    if said not in {mode.value for mode in Mode}:
        raise InvalidSetting(RETENTION_MODE, "It must be off, dry or purge.")
    days = os.environ.get(RETENTION_DAYS, "").strip() or str(DEFAULT_DAYS)
    if not (days.isascii() and days.isdigit() and 1 <= int(days[:9]) <= LONGEST_DAYS):
        raise InvalidSetting(RETENTION_DAYS, f"It must be a whole number from 1 to {LONGEST_DAYS}.")
    return Mode(said), int(days)


def retention_schedule() -> str:
    """When finished cases are exported and purged. A setting that the host cannot read costs that one function only."""
    return os.environ.get(RETENTION_SCHEDULE, "").strip() or DEFAULT_SCHEDULE


def is_on_platform() -> bool:
    """Whether the app runs in Azure, where nothing that is for a local run counts."""
    return any(os.environ.get(name) for name in PLATFORM)


def policies_path() -> Path | None:
    """Where the policy file is; None where there is none, and only the built-in policy."""
    given = _text(APPROVAL_POLICIES)
    return APP_FOLDER / given if given else None


def local_sign_in() -> bool:
    """Whether people sign in by choosing who they are: only if ``IDENTITY`` says so, and never in Azure.

    Raises:
        InvalidSetting: ``IDENTITY`` is something else.
    """
    given = _text(IDENTITY).casefold()
    if given not in ("", "local", "none"):
        raise InvalidSetting(IDENTITY, "It must be local, or empty.")
    return given == "local" and not is_on_platform()


def seal_key() -> SealKey:
    """The key that signs acts and inputs.

    Raises:
        MissingSetting: there is none.
        InvalidSetting: it has another form.
    """
    name, seed = _named_key(SEAL_KEY, _secret(SEAL_KEY))
    return SealKey(name, base64.b64decode(seed))


def seal_public_keys() -> Mapping[str, PublicKey]:
    """The former and retired public keys, by name; the present one is not among them.

    Example: ``2026-10:<Base64>,2025-04:<Base64>:retired``

    Raises:
        InvalidSetting: one has another form, or two have the same name.
    """
    found: dict[str, PublicKey] = {}
    for given in filter(None, (part.strip() for part in _text(SEAL_PUBLIC_KEYS).split(","))):
        kept, colon, word = given.rpartition(":")
        is_retired = bool(colon) and word.strip() == _RETIRED
        name, key = _named_key(SEAL_PUBLIC_KEYS, kept if is_retired else given)
        if name in found:
            raise InvalidSetting(SEAL_PUBLIC_KEYS, f"The name {name} is used for two keys.")
        found[name] = PublicKey(key, is_retired)
    return MappingProxyType(found)


def id_key() -> str:
    """The secret that ids of cases are made with; it is never rotated.

    Raises:
        MissingSetting: there is none.
        InvalidSetting: it is too short.
    """
    return _long_secret(ID_KEY)


def session_key() -> str:
    """The secret that signs sessions.

    Raises:
        MissingSetting: there is none.
        InvalidSetting: it is too short.
    """
    return _long_secret(SESSION_KEY)


def public_base_url() -> str:
    """Where people reach the app, without a slash at its end: ``https://approval.county.example``.

    Raises:
        MissingSetting: there is none.
        InvalidSetting: it is no such address, or not https although the host is not this machine.
    """
    given = _text(PUBLIC_BASE_URL)
    if not given:
        raise MissingSetting(PUBLIC_BASE_URL)
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError as error:
        raise InvalidSetting(PUBLIC_BASE_URL, "It is no web address.") from error
    own = parts.netloc.rpartition(":")[0] if port is not None else parts.netloc
    rest = f"{parts.path.removeprefix('/')}{parts.query}{parts.fragment}"
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(own) or rest:
        reason = "It must be scheme and host and nothing else, such as https://approval.county.example."
        raise InvalidSetting(PUBLIC_BASE_URL, reason)
    if parts.scheme == "http" and not is_loopback(own):
        raise InvalidSetting(PUBLIC_BASE_URL, "It must begin with https://, as it is not on this machine.")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def is_loopback(host: str) -> bool:
    """Whether a host name or address, without its port, is this machine itself."""
    return _LOOPBACK.fullmatch(host.lower()) is not None


def mail_server() -> MailServer | None:
    """The server that mails go to; None where ``SMTP_HOST`` names none.

    Raises:
        InvalidSetting: one of its settings does not make sense.
        MissingSetting: one of two settings that belong together is missing.
    """
    host, user, password = _text(SMTP_HOST), _text(SMTP_USER), os.environ.get(SMTP_PASSWORD, "")
    if not host:
        return None
    if not _HOST.fullmatch(host):
        raise InvalidSetting(SMTP_HOST, "It must be a host name without a port; SMTP_PORT has that.")
    tls = _tls()
    port = _text(SMTP_PORT) or str(_PORTS[tls])
    if not (port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65_535):  # noqa: PLR2004 - the last port
        raise InvalidSetting(SMTP_PORT, "It must be a whole number from 1 to 65535.")
    if bool(user) != bool(password):
        raise MissingSetting(SMTP_PASSWORD if user else SMTP_USER)
    if password.startswith(_UNRESOLVED):
        raise InvalidSetting(SMTP_PASSWORD, _UNREAD)
    if user and tls == "none" and not is_loopback(host):
        raise InvalidSetting(SMTP_TLS, "With none the password would be readable on its way. Use starttls or tls.")
    return MailServer(host.strip("[]"), int(port), tls, user or None, password)


def mail_from() -> Sender:
    """Whom mails come from: ``MAIL_FROM``, an address alone or ``Approvals <approvals@county.example>``.

    Raises:
        MissingSetting: there is none.
        InvalidSetting: it is no address.
    """
    given = _text(MAIL_FROM)
    if not given:
        raise MissingSetting(MAIL_FROM)
    named = _SENDER.fullmatch(given)
    name, address = (named["name"].strip(), named["address"]) if named else ("", given)
    if not _ADDRESS.fullmatch(address):
        raise InvalidSetting(MAIL_FROM, "It must be an address, such as Approvals <approvals@county.example>.")
    return Sender(name, address)


def outbox() -> Path | None:
    """The folder for mails that are not sent; None in Azure, and where there is none."""
    given = _text(OUTBOX)
    return APP_FOLDER / given if given and not is_on_platform() else None


def missing(*, has_policies: bool) -> list[str]:
    """Names of the settings that the app needs for what it is set up to do, and does not have.

    Without a policy file and without ``IDENTITY`` it runs the built-in policy, and needs none.

    Args:
        has_policies: whether a policy file is in force.
    """
    needed = [SEAL_KEY, ID_KEY, PUBLIC_BASE_URL] if has_policies else []
    needed += [SESSION_KEY] if _text(IDENTITY).casefold() == "local" else []
    found = [name for name in needed if not _text(name)]
    if has_policies and not _text(SMTP_HOST) and outbox() is None:
        found.append(SMTP_HOST)
    if has_policies and _text(SMTP_HOST) and not _text(MAIL_FROM):
        found.append(MAIL_FROM)
    return found


def policy_faults() -> list[str]:
    """Names of the settings for policies and people that are there and are not usable, each once."""
    found = []
    reads: list[Callable[[], object]] = [local_sign_in, seal_public_keys, mail_server]
    reads += [partial(_if_there, name, read) for name, read in _READS.items()]
    for read in reads:
        try:
            read()
        except (InvalidSetting, MissingSetting) as error:
            found.append(error.setting)
    return found


def faults() -> list[str]:
    """Names of the settings that every app reads and that are not usable, each once."""
    found = []
    for read in (company_policy, retention_plan):
        try:
            read()
        except InvalidSetting as error:
            found.append(error.setting)
    if os.environ.get(STRICT_TYPING) != "1":
        found.append(STRICT_TYPING)
    return found


def hostname() -> str | None:
    """The app's own host name, as the platform sets it; None where there is no platform."""
    return os.environ.get(WEBSITE_HOSTNAME) or None


def insist_on_plain_json() -> None:
    """Keep the Durable SDK from building objects out of what it reads.

    Without this switch the SDK (1.7.0) calls ``from_json`` of any loaded class that an input names, if the instance was
    not started through our starter. Nothing in the app needs that, so another value does not count. Events are checked
    by ``functions.orchestrators``, with or without the switch.

    Source: docs/decisions/0012-no-event-ends-a-case.md
    """
    os.environ[STRICT_TYPING] = "1"


_UNREAD = "The platform could not read it from Key Vault."
_READS: Mapping[str, Callable[[], object]] = {
    SEAL_KEY: seal_key,
    ID_KEY: id_key,
    SESSION_KEY: session_key,
    PUBLIC_BASE_URL: public_base_url,
    MAIL_FROM: mail_from,
}


def _if_there(name: str, read: Callable[[], object]) -> None:
    if _text(name):
        read()


def _tls() -> Tls:
    given = _text(SMTP_TLS).casefold() or "starttls"
    for tls in ("starttls", "tls", "none"):
        if given == tls:
            return tls
    raise InvalidSetting(SMTP_TLS, "It must be starttls, tls or none.")


def _secret(name: str) -> str:
    given = _text(name)
    if not given:
        raise MissingSetting(name)
    if given.startswith(_UNRESOLVED):
        raise InvalidSetting(name, _UNREAD)
    return given


def _long_secret(name: str) -> str:
    given = _secret(name)
    if len(given) < SHORTEST_KEY:
        raise InvalidSetting(name, f"It must have {SHORTEST_KEY} characters or more.")
    return given


def _named_key(setting: str, given: str) -> tuple[str, str]:
    """The name of a key and its 32 bytes in Base64, from ``2026-11:<Base64>``."""
    name, _, key = given.partition(":")
    try:
        is_key = len(base64.b64decode(key, validate=True)) == SEED_BYTES
    except (binascii.Error, ValueError):
        is_key = False
    if not is_key or not _KEY_NAME.fullmatch(name):
        shape = "2026-11:<32 bytes in Base64>"
        raise InvalidSetting(setting, f"A key must be a name, a colon and a key, such as {shape}.")
    return name, key
