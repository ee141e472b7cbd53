"""A long list in pages: the continuation token names the first id of the next page."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

from devhost.dotnet.query_values import whole
from devhost.web.management.replies import Reply, as_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from devhost.web.management.requests import Request

HEADER: Final = "x-ms-continuation-token"
LENGTH: Final = 100


def wanted_length(query: Mapping[str, str]) -> int:
    """How many entries the caller wants at most; the extension answers an error if it is below 0."""
    return whole(query.get("top"), LENGTH)


def first_id(request: Request) -> str:
    """The id that the request's token names, or ``""`` if it has none that can be read."""
    token = request.headers.get(HEADER) or ""
    try:
        return base64.b64decode(token.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def page(entries: Sequence[Any], next_id: str = "") -> Reply:
    """The answer with these entries; ``next_id`` is the first of the next page."""
    token = base64.b64encode(next_id.encode()).decode() + " " if next_id else ""
    return as_json(200, entries, {HEADER: token})
