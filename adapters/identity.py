"""Who sends a request: the local sign-in, its session, and the marks that a change comes from a page of our own.

1. It is for a machine of one's own and no protection: all who reach the app choose who they are. So it works only
   with ``IDENTITY=local``, never in Azure, and only for a ``Host`` that is this machine.
2. A person is known by the cookie ``session`` and by nothing else. No other header is believed: not
   ``X-MS-CLIENT-PRINCIPAL``, which anybody can send where Azure's own sign-in is not in front.
3. The cookie is signed with ``SESSION_KEY``, counts for twelve hours, and only for a person who is in the directory.
   Another key ends all sessions.
4. A change needs an ``Origin`` of our own, and a form the token of its session.
5. ``itsdangerous`` is imported inside the functions that use it: the app's start does not pay for it.

Source: docs/decisions/0021-sessions.md, docs/explanation/security.md
"""

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from adapters import directory, settings
from service.errors import (
    ForeignOrigin,
    FormOutOfDate,
    InvalidSetting,
    MissingSetting,
    NoSignIn,
    NotSignedIn,
    UnknownPerson,
)

if TYPE_CHECKING:
    from itsdangerous import Signer, URLSafeTimedSerializer

COOKIE = "session"
LASTS = timedelta(hours=12)
HOME = "/"
_MOST_COOKIE = 1_000
_PATH = re.compile(r"/(?!/)[!-\[\]-~]{0,1999}", re.ASCII)  # visible ASCII without a backslash
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?", re.IGNORECASE | re.ASCII)
_OPTIONS: Mapping[str, object] = {"key_derivation": "hmac", "digest_method": hashlib.sha256}


@dataclass(frozen=True, slots=True)
class Signed:
    """The person who sends a request.

    Attributes:
        person_id: somebody of the directory.
        how: they have signed in.
        at: when that was, in UTC.
        session: its random id, to which form tokens are bound.
    """

    person_id: str
    how: Literal["local", "entra"]
    at: datetime
    session: str = field(repr=False)


def sign_in_is_on(headers: Mapping[str, str]) -> bool:
    """Whether people can sign in locally with a request of these headers (rule 1)."""
    try:
        return settings.local_sign_in() and settings.is_loopback(_without_port(headers.get("host", "")))
    except InvalidSetting:
        return False


def person_of(headers: Mapping[str, str]) -> Signed | None:
    """Who sends a request of these headers; None if nobody is signed in.

    Args:
        headers: by name; as an ``HttpRequest`` has them, or with names in small letters.
    """
    if not sign_in_is_on(headers):
        return None
    found = (_read(given) for given in _cookies(headers.get("cookie", "")))
    return next((signed for signed in found if signed is not None), None)


def signed_in(headers: Mapping[str, str]) -> Signed:
    """Who sends a request of these headers.

    Raises:
        NotSignedIn: nobody is.
    """
    found = person_of(headers)
    if found is None:
        raise NotSignedIn
    return found


def begin(headers: Mapping[str, str], person_id: str) -> str:
    """The value of ``Set-Cookie`` that signs this person in.

    Raises:
        NoSignIn: the local sign-in is off here.
        ForeignOrigin: a page of somebody else wants it.
        UnknownPerson: nobody in the directory has this id.
        MissingSetting, InvalidSetting: there is no usable ``SESSION_KEY``.
    """
    if not sign_in_is_on(headers):
        raise NoSignIn
    check_origin(headers, may_be_absent=True)
    if person_id not in directory.people():
        raise UnknownPerson
    value = _sessions().dumps([person_id, secrets.token_hex(16)])
    assert isinstance(value, str)
    return _set_cookie(value, int(LASTS.total_seconds()), headers)


def end(headers: Mapping[str, str]) -> str:
    """The value of ``Set-Cookie`` that ends the session in this browser."""
    return _set_cookie("", 0, headers)


def form_token(signed: Signed) -> str:
    """What a form of this session carries in its hidden field ``token``."""
    return _forms().get_signature(signed.session).decode()


def check_form(signed: Signed, token: str | None) -> None:
    """Nothing, if the token is that of the person's session.

    Raises:
        FormOutOfDate: it is not.
    """
    if not token or not _forms().verify_signature(signed.session, token[:_MOST_COOKIE]):
        raise FormOutOfDate


def check_origin(headers: Mapping[str, str], *, may_be_absent: bool = False) -> None:
    """Nothing, if a change comes from a page of this service.

    Args:
        headers: of the request.
        may_be_absent: for JSON, which no page of somebody else can send unasked, and for the sign-in.

    Raises:
        ForeignOrigin: it comes from elsewhere, or ``Origin`` is missing where it may not be.
    """
    origin = headers.get("origin", "")
    if origin in _own_origins(headers) or (not origin and may_be_absent):
        return
    raise ForeignOrigin


def local_path(given: str | None) -> str:
    """Where to go after the sign-in: a path of this service, and the home page for all else."""
    return given if given and _PATH.fullmatch(given) else HOME


def _own_origins(headers: Mapping[str, str]) -> set[str]:
    """A ``Host`` that is this machine, and ``PUBLIC_BASE_URL``; another ``Host`` says nothing about who we are."""
    host = headers.get("host", "").lower()
    found = {f"http://{host}", f"https://{host}"} if settings.is_loopback(_without_port(host)) else set()
    try:
        found.add(settings.public_base_url())
    except (InvalidSetting, MissingSetting):
        return found
    return found


def _without_port(host: str) -> str:
    found = _HOST.fullmatch(host)
    return found["name"] if found else ""


def _cookies(header: str) -> Iterator[str]:
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE and 0 < len(value) <= _MOST_COOKIE:
            yield value


def _set_cookie(value: str, seconds: int, headers: Mapping[str, str]) -> str:
    secure = "" if settings.is_loopback(_without_port(headers.get("host", ""))) else "; Secure"
    return f"{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def _read(given: str) -> Signed | None:
    from itsdangerous import BadData  # noqa: PLC0415 - rule 5

    try:
        value, at = _sessions().loads(given, max_age=int(LASTS.total_seconds()), return_timestamp=True)
    except (BadData, InvalidSetting, MissingSetting):
        return None
    person_id, session = value
    if person_id not in directory.people():
        return None
    return Signed(person_id, "local", at.astimezone(UTC), session)


def _sessions() -> "URLSafeTimedSerializer":
    from itsdangerous import URLSafeTimedSerializer  # noqa: PLC0415 - rule 5

    return URLSafeTimedSerializer(settings.session_key(), salt="session", signer_kwargs=dict(_OPTIONS))


def _forms() -> "Signer":
    from itsdangerous import Signer  # noqa: PLC0415 - rule 5

    return Signer(settings.session_key(), salt="form", key_derivation="hmac", digest_method=hashlib.sha256)
