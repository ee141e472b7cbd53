"""The answer of a call as the orchestrator sees it: status, headers without those of the content, text.

1. Headers are in the order of their first lines; several values are a list, one is a text.
2. A header that .NET knows has its spelling, and its values are read as :mod:`devhost.dotnet.http_headers` says; what
   cannot be read stays as it came.
3. The text is decoded as :mod:`devhost.dotnet.charset` says.

All of it is pure. Recorded from the real extension: ``tests/http_activity/http_calls``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from devhost.dotnet import http_headers as netheaders
from devhost.dotnet.charset import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable


def response(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> dict[str, Any]:
    """What the orchestrator gets.

    Args:
        status: of the answer.
        headers: its lines in order; a character of a value is a byte.
        body: not unpacked.

    Raises:
        UnknownCharset: .NET cannot decode the text.
    """
    lines: dict[str, tuple[str, list[str]]] = {}
    for name, value in headers:
        lines.setdefault(name.lower(), (name, []))[1].append(value)
    kind = lines.get("content-type", ("", [""]))[1][0]
    shown: dict[str, str | list[str]] = {}
    for lower, (name, values) in lines.items():
        if lower not in netheaders.CONTENT_HEADERS:
            found = _values(name, values)
            shown[netheaders.spelled(name)] = found[0] if len(found) == 1 else found
    return {"statusCode": status, "headers": shown, "content": text_of(body, kind)}


def _values(name: str, values: list[str]) -> list[str]:
    known = netheaders.rule_of(name, answer=True)
    if known is None:
        return values
    if known == "Cache-Control":
        try:
            return [netheaders.directives(values)]
        except netheaders.UnreadableError:
            return values
    found: list[str] = []
    for value in values:
        try:
            many = netheaders.multiple(known)
            found += (netheaders.read(known, value) or [value]) if many or not found else [value]
        except netheaders.UnreadableError:
            found.append(value)
    return found
