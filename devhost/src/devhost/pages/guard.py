"""Who may see the pages, and which POST is one of their own. Pure.

1. Only this machine: the caller's address and the ``Host`` header are both loopback, and there is no proxy. With the
   header alone, any caller could write ``localhost`` there; with the address alone, a page of another site could call
   if its name resolves to 127.0.0.1 (DNS rebinding).
2. A POST comes from a form of these pages: from the same origin if the browser sends one, and with the token that only
   these pages can read.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final

from devhost.web.callers import Callers, is_local_name, is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host")
FORM = "application/x-www-form-urlencoded"
_CALLERS: Final = Callers("127.0.0.1")


def refusal(peer: str | None, headers: Mapping[str, str]) -> str | None:
    """Why this caller does not see the pages, or None.

    Args:
        peer: the address that the connection comes from.
        headers: found in any case.
    """
    if not is_loopback(peer or ""):
        return (
            f"These pages are for the machine that devhost runs on, and this request came from {peer or 'elsewhere'}."
        )
    if any(name in headers for name in FORWARDED):
        return "These pages are for the machine that devhost runs on, and this request came through a proxy."
    host = headers.get("Host", "")
    if not is_local_name(host):
        return f"These pages answer to localhost only, and this request asked for '{host}'."
    return None


def post_refusal(headers: Mapping[str, str]) -> str | None:
    """Why a POST is not from these pages, or None; the token is checked elsewhere."""
    foreign = _CALLERS.foreign("POST", headers, strict=True)
    if foreign is not None:
        return foreign
    if headers.get("Content-Type", "").partition(";")[0].strip().lower() != FORM:
        return f"The forms of these pages send {FORM}, and this is something else. Nothing was done."
    return None


def is_token(given: str, token: str) -> bool:
    """Whether it is this one; compared in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())
