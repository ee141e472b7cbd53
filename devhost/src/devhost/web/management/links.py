"""The URLs that the management API gives out (contract 1.10), and the 202 that holds them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus, unquote_to_bytes

from devhost.web.management.replies import Reply, as_json

if TYPE_CHECKING:
    from devhost.web.management.requests import Request

PUBLIC: Final = "/runtime/webhooks/durabletask"
_ESCAPE: Final = re.compile("%[0-9a-fA-F]{2}")
_ESCAPES: Final = re.compile("(?:%[0-9a-fA-F]{2})+|%")
_PLAIN: Final = "!$&'()*+,-./:;=@_~"  # needs no escape in a path


@dataclass(frozen=True, slots=True)
class Names:
    """The names in the URLs: the task hub, the connection and the system key."""

    hub: str
    connection: str
    key: str

    @property
    def query(self) -> str:
        """The query of a URL."""
        return f"taskHub={self.hub}&connection={self.connection}" + (f"&code={self.key}" if self.key else "")


def management_urls(origin: str, names: Names, instance_id: str, *, rewind: bool) -> dict[str, str]:
    """The check-status payload; the extension's own answers leave out the rewind URL (contract 1.10)."""
    base, query = f"{origin}{PUBLIC}/instances/{instance_id}", names.query
    urls = {
        "id": instance_id,
        "statusQueryGetUri": f"{base}?{query}",
        "sendEventPostUri": f"{base}/raiseEvent/{{eventName}}?{query}",
        "terminatePostUri": f"{base}/terminate?reason={{text}}&{query}",
    }
    if rewind:
        urls["rewindPostUri"] = f"{base}/rewind?reason={{text}}&{query}"
    return urls | {
        "purgeHistoryDeleteUri": f"{base}?{query}",
        "restartPostUri": f"{base}/restart?{query}",
        "suspendPostUri": f"{base}/suspend?reason={{text}}&{query}",
        "resumePostUri": f"{base}/resume?reason={{text}}&{query}",
    }


def check_status(request: Request, names: Names, instance_id: str) -> Reply:
    """The 202 that says where to ask for the instance; task hub and connection as the request named them."""
    hub, connection = request.query.get("taskhub"), request.query.get("connection")
    names = Names(hub or names.hub, connection or names.connection, names.key)
    urls = management_urls(request.origin, names, _form_encoded(instance_id), rewind=False)
    urls["id"] = instance_id
    location = _ESCAPE.sub(_unescaped, urls["statusQueryGetUri"])
    return as_json(202, urls, {"Location": location, "Retry-After": "10"})


def tidy(url: str) -> str:
    """The URL as .NET's Uri prints it: it removes needless escapes and adds missing ones (contract 1.4)."""
    path, mark, query = url.partition("?")
    scheme, slashes, rest = path.partition("://")
    host, slash, path = rest.partition("/")
    path = _ESCAPES.sub(_escapes_of_uri, quote(path, safe=f"%{_PLAIN}"))
    query = _ESCAPE.sub(_unescaped, query)
    return f"{scheme}{slashes}{host}{slash}{path}{mark}{query}"


def _form_encoded(text: str) -> str:
    return quote_plus(text, safe="()!*-._").replace("~", "%7E")


def _escapes_of_uri(escapes: re.Match[str]) -> str:
    """The escapes of a path as .NET's Uri writes them; a byte that is part of no character keeps its escape."""
    written, result, place = escapes[0], "", 0
    if written == "%":
        return "%25"
    for letter in unquote_to_bytes(written).decode("utf-8", "surrogateescape"):
        is_stray = "\udc80" <= letter <= "\udcff"
        end = place + 3 * (1 if is_stray else len(letter.encode()))
        result += written[place:end] if is_stray else quote(letter, safe=_PLAIN)
        place = end
    return result


def _unescaped(escape: re.Match[str]) -> str:
    letter = chr(int(escape.group()[1:], 16))
    return letter if letter.isascii() and (letter.isalnum() or letter in "-._~") else escape.group().upper()
