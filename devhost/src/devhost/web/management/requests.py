"""A request to the management API, and how its body is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from devhost.dotnet.charset import media_type, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Request:
    """A request to the API, from either endpoint.

    Attributes:
        method: upper case.
        path: as the web server passes it on (see :func:`devhost.dotnet.paths.decoded`), without the endpoint's base.
        query: decoded; keys in lower case, several values joined by commas.
        headers: keys in lower case.
        body: as received.
        url: the whole URL, as the caller sent it.
        origin: scheme and host of that URL.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    url: str
    origin: str

    @property
    def text(self) -> str:
        """The body as text.

        Raises:
            UnknownCharset: .NET does not know the charset that the content type names.
        """
        return text_of(self.body, self.headers.get("content-type", ""))

    @property
    def is_json(self) -> bool:
        """Whether the content type is ``application/json``."""
        kind = media_type(self.headers.get("content-type", ""))
        return kind is not None and kind.name == "application/json"
