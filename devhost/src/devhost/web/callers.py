"""Which requests are accepted, by the headers that say where they come from. Pure.

The threat is another site's page that is open in a browser on this machine. It cannot read answers of other sites, but
it can send requests, and by DNS rebinding it can make its own name resolve to 127.0.0.1. Rules of this module:

1. If the host listens on loopback, ``Host`` must be a loopback name or one that ``--allow-host`` gives. Headers of a
   proxy (``X-Forwarded-Host``) do not count.
2. A request is foreign if its ``Origin`` is not the host's own, or if ``Sec-Fetch-Site`` names another site as its
   sender. ``Origin: null`` is foreign. A caller that sends neither header is not a browser.
3. A GET by which a person follows a link is not foreign, except where only devhost's own pages and the SDK call.
4. An origin that a CORS setting allows is not foreign, with the same exception.

The Functions host accepts all of these. No honest caller on a laptop sends a request that is refused here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Final

from devhost.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ANY: Final = "*"
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?")
_PORTS: Final = {"http": ":80", "https": ":443"}
_FOLLOWED: Final = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1"}
_LONGEST_SHOWN: Final = 200


class Callers:
    """Who may call a host that listens on one address.

    Args:
        address: that the host listens on.
        names: further names that it has, in any case.
        origins: of the pages that a CORS setting allows, such as ``https://front.example``; ``*`` allows all.
    """

    def __init__(self, address: str, names: Collection[str] = (), origins: Collection[str] = ()) -> None:
        self._is_open = is_open(address)
        self._names = frozenset(_spelled(name) for name in names)
        self._origins = frozenset(origin.lower().rstrip("/") for origin in origins)

    def wrong_host(self, headers: Mapping[str, str], *, always: bool = False) -> str | None:
        """Why a request is not meant for this host, in a sentence, or None.

        Args:
            headers: found in any case.
            always: also if the host listens to the network, where it cannot know all of its names.
        """
        host = headers.get("Host", "")
        if (self._is_open and not always) or is_local_name(host) or _spelled(_without_port(host)) in self._names:
            return None
        return (
            f"devhost answers to localhost, and this request asked for '{host[:_LONGEST_SHOWN]}'. Nothing was done. "
            "Start devhost with --allow-host NAME if that name is yours."
        )

    def foreign(self, method: str, headers: Mapping[str, str], *, strict: bool = False) -> str | None:
        """Why a request counts as one of a foreign page, in a sentence, or None.

        Args:
            method: upper case.
            headers: found in any case.
            strict: neither a link nor a CORS setting makes it less foreign.
        """
        origin, site = headers.get("Origin"), headers.get("Sec-Fetch-Site", "none")
        if origin is None and site == "none":
            return None
        if not strict and (ANY in self._origins or (origin is not None and origin.lower() in self._origins)):
            return None
        is_elsewhere = site not in ("none", "same-origin")
        if origin is None and is_elsewhere and not strict and _is_followed(method, headers):
            return None
        if not is_elsewhere and (origin is None or self._is_own(origin, headers.get("Host", ""))):
            return None
        page = "a page of another site" if origin is None else f"a page of another site ({origin[:_LONGEST_SHOWN]})"
        way_out = "" if strict else " Host.CORS in local.settings.json names the pages that may send it."
        return f"The request came from {page}. Nothing was done.{way_out}"

    def _is_own(self, origin: str, host: str) -> bool:
        scheme, separator, authority = origin.partition("://")
        port = _PORTS.get(scheme.lower())
        if not separator or port is None:
            return False
        same = _authority(authority, port) == _authority(host, port)
        return same or _spelled(_without_port(authority)) in self._names


def bare_name(text: str) -> str:
    """A name that ``--allow-host`` may give; an address of the network is one too.

    Raises:
        BadSettings: it is none.
    """
    plain = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if _NAME.fullmatch(text) or _address(plain) is not None:
        return text
    raise BadSettings("--allow-host", f"'{text}' is no name of a host: give one such as box.example, without a port.")


def is_open(address: str) -> bool:
    """Whether a host that listens there is reached from elsewhere."""
    return not is_local_name(f"[{address}]" if ":" in address else address)


@lru_cache(maxsize=64)  # nearly every request names the same host
def is_local_name(host: str) -> bool:
    """Whether a ``Host`` header, with or without a port, names this machine by ``localhost`` or a loopback address."""
    name, colon, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if not colon:
        name = host
    elif not (port.isascii() and port.isdigit()):
        return False
    if name.startswith("["):
        return name.endswith("]") and ":" in name and is_loopback(name[1:-1])
    return name.lower().removesuffix(".") == "localhost" or (":" not in name and is_loopback(name))


def is_loopback(address: str) -> bool:
    """Whether it is an address of this machine alone, in either writing."""
    found = _address(address)
    return found is not None and found.is_loopback


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return found if mapped is None else mapped


def _is_followed(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a person followed a link, or wrote the address, in a window of its own."""
    return method in ("GET", "HEAD") and all(headers.get(name) == value for name, value in _FOLLOWED.items())


def _without_port(host: str) -> str:
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def _authority(text: str, port: str) -> str:
    """Host and port as they are compared: the port that goes without saying is left out."""
    text = text.lower()
    name = _without_port(text)
    return _spelled(name) + text[len(name) :].removesuffix(port)


def _spelled(name: str) -> str:
    return name.lower().removeprefix("[").removesuffix("]").removesuffix(".")
