"""Which pages of other origins may call the app: ``Host.CORS`` of local.settings.json, as Core Tools has it. Pure.

1. ``CORS`` is a list of origins with commas; ``*`` alone allows every origin. ``CORSCredentials`` lets browsers send
   cookies along. Both together are refused at the start (Core Tools: Startup; ASP.NET Core: ``CorsPolicyBuilder``).
2. An origin is compared as written in the header, with the listed one in lower case: a blank or a slash at its end
   is part of it, so it matches nothing.
3. A preflight is answered 204 before anything else handles it, for any path, and whether the origin is allowed
   or not: then the answer has none of the headers (ASP.NET Core: ``CorsMiddleware``, ``CorsService``).
4. Any method and any header is allowed; nothing states how long a browser may keep that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

ANY = "*"


@dataclass(frozen=True, slots=True)
class Cors:
    """The setting.

    Attributes:
        origins: in lower case, in their order; empty if there is no setting.
        credentials: whether cookies may come along.
    """

    origins: tuple[str, ...] = ()
    credentials: bool = False

    @property
    def any_origin(self) -> bool:
        """Whether every origin is allowed."""
        return self.origins == (ANY,)


def read(text: str | None, *, credentials: bool = False) -> Cors:
    """The setting as Core Tools splits it: empty parts are dropped, blanks stay.

    Raises:
        ValueError: every origin is allowed, with credentials.
    """
    cors = Cors(tuple(_normal(part) for part in (text or "").split(",") if part), credentials)
    if cors.any_origin and credentials:
        raise ValueError('"*" and CORSCredentials cannot go together; name the origins')
    return cors


def allows(cors: Cors, origin: str) -> bool:
    """Whether a page of this origin, as its ``Origin`` header says it, may call."""
    return bool(origin) and (cors.any_origin or origin in cors.origins)


def is_preflight(cors: Cors, method: str, headers: Mapping[str, str]) -> bool:
    """Whether this request is a browser's question that the setting answers.

    Args:
        cors: the setting.
        method: as sent.
        headers: found in any case.
    """
    if not cors.origins or method.upper() != "OPTIONS":
        return False
    return "Origin" in headers and "Access-Control-Request-Method" in headers


def answer_headers(cors: Cors, method: str, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that the answer to this request gets, in ASP.NET Core's order; ``Vary`` is to be added, not set."""
    origin = headers.get("Origin") if cors.origins else None
    if origin is None or not allows(cors, origin):
        return {}
    found = {"Access-Control-Allow-Origin": ANY if cors.any_origin else origin}
    if cors.credentials:
        found["Access-Control-Allow-Credentials"] = "true"
    if is_preflight(cors, method, headers):
        wanted = [part.strip() for part in headers.get("Access-Control-Request-Headers", "").split(",")]
        if any(wanted):
            found["Access-Control-Allow-Headers"] = ",".join(part for part in wanted if part)
        found["Access-Control-Allow-Methods"] = headers["Access-Control-Request-Method"]
    if len(cors.origins) > 1:
        found["Vary"] = "Origin"
    return found


def unmatched(cors: Cors) -> list[str]:
    """What is listed and can be no browser's ``Origin``: with a path, a blank, or without a scheme."""
    return [origin for origin in cors.origins if not cors.any_origin and not _is_origin(origin)]


def _normal(origin: str) -> str:
    """In lower case, names beyond ASCII as a browser sends them."""
    if origin.isascii():
        return origin.lower()
    parts = urlsplit(origin)
    try:
        name = (parts.hostname or "").encode("idna").decode()
        port = f":{parts.port}" if parts.port and parts.port != {"http": 80, "https": 443}.get(parts.scheme) else ""
    except ValueError:
        return origin.lower()
    return f"{parts.scheme}://{name}{port}" if parts.scheme in ("http", "https") and name else origin.lower()


def _is_origin(text: str) -> bool:
    if text == "null":
        return True
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc) and text == f"{parts.scheme}://{parts.netloc}" and " " not in text
