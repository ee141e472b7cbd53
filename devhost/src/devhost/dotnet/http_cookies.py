"""The cookies that .NET's HttpClient keeps from call to call: one jar for as long as the host runs, in memory.

1. A cookie goes back to its host and below its path; a secure one only over TLS; longer paths first, then in order.
2. Names are the same in any case. A cookie with an age, a date, a domain or a name that .NET refuses is dropped.
3. A host has at most 20 cookies, and all together 300: the oldest goes.
4. Commas separate cookies on one line, except within a date or quotes.

Recorded from the real extension: ``tests/http_activity/http_calls``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from devhost.dotnet.http_dates import http_moment

if TYPE_CHECKING:
    from devhost.dotnet.uri import Address

_MEMBERS: Final = re.compile(r'(?:expires\s*=\s*[A-Za-z]+,[^,;]*|"[^"]*"|[^,"]|")+', re.IGNORECASE)
_PARTS: Final = re.compile(r'(?:"[^"]*"|[^;"]|")+')
_NAME: Final = re.compile(r"[^$=;,\s\x00-\x1f][^=;,\s\x00-\x1f]*")
MOST_OF_A_HOST: Final = 20
MOST: Final = 300


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie.

    Attributes:
        name: as it came.
        value: as it came, quotes too.
        host: whom it belongs to; begins with a dot where its subdomains get it too.
        path: below which it is sent; as it came, so that a quoted one is another cookie's.
        secure: only over TLS.
        until: seconds since 1970; None for as long as the host runs.
        version: 1 for one of the kind before RFC 6265, which is sent with its version and its path.
        said: the path was named.
    """

    name: str
    value: str
    host: str
    path: str
    secure: bool = False
    until: float | None = None
    version: int = 0
    said: bool = False

    def __str__(self) -> str:
        if not self.version:
            return f"{self.name}={self.value}"
        path = f"; $Path={self.path}" if self.said else ""
        return f"$Version={self.version}; {self.name}={self.value}{path}"


class Jar:
    """Cookies by host."""

    def __init__(self) -> None:
        self._kept: list[Cookie] = []

    def take(self, lines: list[str], address: Address, now: float) -> None:
        """Keeps the cookies of an answer.

        Args:
            lines: of ``Set-Cookie``.
            address: that answered.
            now: seconds since 1970.
        """
        for line in lines:
            for member in _MEMBERS.findall(line):
                cookie = read(member, address, now)
                if cookie is not None:
                    self._keep(cookie, now)

    def _keep(self, cookie: Cookie, now: float) -> None:
        key = _key(cookie)
        keys = [_key(one) for one in self._kept]
        gone = cookie.until is not None and cookie.until <= now
        if key in keys:
            at = keys.index(key)
            self._kept[at : at + 1] = [] if gone else [cookie]
        elif not gone:
            self._kept.append(cookie)
            of_host = [one for one in self._kept if one.host == cookie.host]
            if len(of_host) > MOST_OF_A_HOST:
                self._kept.remove(of_host[0])
            if len(self._kept) > MOST:
                del self._kept[0]

    def line(self, address: Address, now: float) -> str:
        """The ``Cookie`` header for an address, or an empty text."""
        sent = [one for one in self._kept if _fits(one, address) and (one.until is None or one.until > now)]
        sent.sort(key=lambda one: -len(one.path.strip('"')))
        return "; ".join(map(str, sent))


def read(text: str, address: Address, now: float) -> Cookie | None:
    """One cookie of a ``Set-Cookie`` line; None for one that is not kept."""
    first, *parts = [part.strip() for part in _PARTS.findall(text)] or [""]
    name, _, value = first.partition("=")
    if not _NAME.fullmatch(name.strip()):
        return None
    path = address.path[: address.path.rfind("/")] or "/"
    cookie = Cookie(name.strip(), value.strip(), address.host, path, until=None)
    for part in parts:
        key, _, said = part.partition("=")
        found = _with(cookie, key.strip().lower(), said.strip(), address, now)
        if found is None:
            return None
        cookie = found
    return cookie


def _with(cookie: Cookie, key: str, said: str, address: Address, now: float) -> Cookie | None:
    if key == "path":
        return replace(cookie, path=said, said=True) if said.strip('"').startswith("/") else None
    if key == "version":
        return replace(cookie, version=int(said)) if said in ("0", "1") else None
    if key == "secure":
        return replace(cookie, secure=True)
    if key == "max-age":
        return replace(cookie, until=now + int(said)) if re.fullmatch(r'"?-?\d{1,9}"?', said) else None
    if key == "expires":
        until = http_moment(said.replace("-", " "))
        return None if until is None else replace(cookie, until=until)
    if key == "domain":
        domain = said.strip('"').removeprefix(".").lower()
        fits = address.host == domain or ("." in domain and address.host.endswith(f".{domain}"))
        return replace(cookie, host=f".{domain}") if fits else None
    return None if key == "port" else cookie


def _key(cookie: Cookie) -> tuple[str, str, str]:
    return cookie.name.lower(), cookie.host.removeprefix("."), cookie.path


def _fits(cookie: Cookie, address: Address) -> bool:
    if cookie.secure and address.scheme not in ("https", "wss"):
        return False
    host = cookie.host.removeprefix(".")
    if address.host != host and not (cookie.host.startswith(".") and address.host.endswith(f".{host}")):
        return False
    path = cookie.path.strip('"')
    rest = address.path[len(path) :]
    return address.path.startswith(path) and (not rest or path.endswith("/") or rest.startswith("/"))
