"""Addresses as .NET's ``Uri`` reads them, and as it writes what it has read.

1. Blanks around an address are cut off; names and schemes become small letters; a port that goes without saying is left
   out.
2. What need not be escaped is not, and what has to be is: ``/%7Ea b`` becomes ``/~a%20b``. Other escapes stay as they
   are written, ``%2f`` too; those of a letter beyond ASCII get capitals.
3. ``.`` and ``..`` are resolved; an IPv4 address may be written as one number; user info is kept, and never sent.

Recorded from the real extension: ``tests/http_activity/http_calls``.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote_to_bytes, urljoin

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_ESCAPES: Final = re.compile("((?:%[0-9A-Fa-f]{2})+)")
_WHITE: Final = " \t\r\n\x0b\x0c"
_PLAIN: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_RESERVED: Final = frozenset(":/?#[]@!$&'()*+,;=")
PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21, "mailto": 25}
LARGEST_PORT: Final = 65535


class NotAnAddressError(ValueError):
    """A text that .NET does not make an address of."""


@dataclass(frozen=True, slots=True)
class Address:
    """An absolute address with a host.

    Attributes:
        scheme: small letters.
        host: a name in ASCII or an IP address; IPv6 in brackets.
        port: also where it goes without saying.
        path: escaped, begins with a slash.
        query: with its question mark, or empty.
        fragment: with its ``#``, or empty.
        user: the part before ``@``, or empty.
    """

    scheme: str
    host: str
    port: int
    path: str
    query: str = ""
    fragment: str = ""
    user: str = ""

    @property
    def authority(self) -> str:
        """Host and port, the port only where it does not go without saying."""
        return self.host if PORTS.get(self.scheme) == self.port else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        return f"{self.scheme}://{user}{self.authority}{self.path}{self.query}{self.fragment}"

    @property
    def target(self) -> str:
        """The address that is asked: neither user info nor fragment."""
        scheme = "https" if self.scheme in ("https", "wss") else "http"
        return f"{scheme}://{self.host}:{self.port}{self.path}{self.query}"


def scheme_of(text: str) -> str | None:
    """The scheme of an absolute address, or None for a relative one.

    Raises:
        NotAnAddressError: the text is neither.
    """
    text = text.strip(_WHITE)
    if re.match(r"[A-Za-z]:[\\/]|\\\\", text):
        return "file"
    found = _SCHEME.match(text)
    if found is None:
        return None
    scheme = found[1].lower()
    if scheme in ("http", "https", "ws", "wss", "ftp"):
        if not text[found.end() :].startswith(("//", "\\\\")):
            return None
        parse(text)
    return scheme


def parse(text: str) -> Address:
    """An absolute address.

    Raises:
        NotAnAddressError: it is none, or has no host.
    """
    text = text.strip(_WHITE)
    found = _SCHEME.match(text)
    if found is None or (not text[found.end() :].startswith("//") and found[1].lower() != "mailto"):
        raise NotAnAddressError(text)
    scheme, rest = found[1].lower(), text[found.end() :].removeprefix("//")
    end = re.search(r"[/?#\\]", rest)
    authority, tail = (rest, "") if end is None else (rest[: end.start()], rest[end.start() :])
    user, _, place = authority.rpartition("@")
    host, port = _place(place, PORTS.get(scheme, 0))
    tail, hash_, fragment = tail.partition("#")
    path, mark, query = tail.partition("?")
    path = _without_dots(escaped(path.replace("\\", "/")) or "/")
    return Address(scheme, host, port, path, mark + escaped(query), hash_ + escaped(fragment), escaped(user))


def reference(text: str) -> str:
    """An address, absolute or relative, as .NET writes it.

    Raises:
        NotAnAddressError: the text is neither.
    """
    if not text:
        raise NotAnAddressError(text)
    scheme = scheme_of(text)
    return str(parse(text)) if scheme in PORTS and scheme != "mailto" else escaped(text.strip(_WHITE))


def joined(base: Address, place: str) -> Address:
    """Where a redirect from an address leads; it keeps the fragment unless the place has its own.

    Raises:
        NotAnAddressError: nowhere.
    """
    if scheme_of(place) is not None:
        found = parse(place)
    else:
        found = parse(urljoin(f"http://x{base.path}{base.query}", escaped(place)))
        if not place.startswith("//"):
            found = replace(found, host=base.host, port=base.port)
        elif found.port == PORTS["http"]:
            found = replace(found, port=PORTS.get(base.scheme, found.port))
        found = replace(found, scheme=base.scheme)
    return found if found.fragment else replace(found, fragment=base.fragment)


def escaped(text: str) -> str:
    """Percent signs where they have to be, and nowhere else."""
    parts = []
    for number, part in enumerate(_ESCAPES.split(text)):
        if number % 2:
            parts.append(_kept(part))
        else:
            parts += [sign if sign in _PLAIN or sign in _RESERVED else _percent(sign) for sign in part]
    return "".join(parts)


def _kept(escapes: str) -> str:
    """What is written with percent signs, but for letters that need none and the case of letters beyond ASCII."""
    parts, at = [], 0
    for sign in unquote_to_bytes(escapes).decode("utf-8", "surrogateescape"):
        is_stray = "\udc80" <= sign <= "\udcff"
        end = at + 3 * (1 if is_stray else len(sign.encode()))
        written = escapes[at:end]
        if sign in _PLAIN:
            parts.append(sign)
        else:
            parts.append(written if sign.isascii() or is_stray or sign == "\ufffd" else written.upper())
        at = end
    return "".join(parts)


def _percent(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "replace"))


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:]
    for number, segment in enumerate(segments):
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
        if segment in (".", "..") and number == len(segments) - 1:
            kept.append("")
    return "/" + "/".join(kept)


def _place(text: str, standard: int) -> tuple[str, int]:
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::(\d{0,9}))?", text)
    if found is None:
        raise NotAnAddressError(text)
    port = int(found[2]) if found[2] else standard
    if port > LARGEST_PORT:
        raise NotAnAddressError(text)
    return _host(found[1]), port


def _four_numbers(text: str) -> str:
    """An IPv4 address of one to four numbers, decimal, octal or hexadecimal; the last fills what is left."""
    numbers = []
    for part in text.split("."):
        base = 16 if part[:2].lower() == "0x" else 8 if part.startswith("0") and len(part) > 1 else 10
        try:
            numbers.append(int(part, base))
        except ValueError:
            raise NotAnAddressError(text) from None
    *first, last = numbers
    if any(number > 255 for number in first) or last >= 256 ** (4 - len(first)):  # noqa: PLR2004 - a byte
        raise NotAnAddressError(text)
    whole = sum(number << 8 * (3 - at) for at, number in enumerate(first)) + last
    return str(ipaddress.IPv4Address(whole))


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(text[1:-1])}]"
        except ValueError:
            raise NotAnAddressError(text) from None
    if re.fullmatch(r"(0[xX][0-9A-Fa-f]+|\d+)(\.(0[xX][0-9A-Fa-f]+|\d+)){0,3}", text):
        return _four_numbers(text)
    try:
        name = text if text.isascii() else text.encode("idna").decode()
    except UnicodeError:
        raise NotAnAddressError(text) from None
    if not re.fullmatch(r"[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*\.?", name):
        raise NotAnAddressError(text)
    return name.lower()
