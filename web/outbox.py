"""The mails of a local run on a page: their text as it is, with the links that lead into the app."""

import re
from collections.abc import Iterator

from web.views import TextPart

_LINK = re.compile(r"https?://[^\s<>\"]+")


def text_parts(text: str, base_url: str) -> tuple[TextPart, ...]:
    """A mail's text in pieces; an address below ``base_url`` is a link without its host.

    Example: ``"Decide: http://localhost:7071/inbox"`` gives ``TextPart("Decide: ")`` and
    ``TextPart("http://localhost:7071/inbox", "/inbox")``.
    """
    return tuple(_parts(text, base_url.rstrip("/")))


def _parts(text: str, base_url: str) -> Iterator[TextPart]:
    place = 0
    for hit in _LINK.finditer(text):
        address = hit[0]
        path = address.removeprefix(base_url)
        if not base_url or path == address or not re.fullmatch(r"/(?!/)[!-\[\]-~]*", path):
            continue
        if hit.start() > place:
            yield TextPart(text[place : hit.start()])
        yield TextPart(address, path)
        place = hit.end()
    if place < len(text):
        yield TextPart(text[place:])
