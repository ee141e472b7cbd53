"""Links to documents: accepted unchanged, to the character, or refused. None is rewritten.

1. A link is plain ASCII as RFC 3986 has it, so that what people read is where they go. The answer says how to write
   another character: percent-encoded, and in a host name as its ``xn--`` form.
2. The scheme is https in any case of letters, two slashes and a host follow, and no user name comes before the host.
"""

import re
from functools import cache
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from approval.text import Fault, at, clip, is_visible, unknown_character

if TYPE_CHECKING:
    from pydantic import AnyUrl, TypeAdapter

MOST_URL = 2_048
_HOST_LIMIT = 80
_WRITTEN = frozenset({chr(code) for code in range(0x21, 0x7F)} - set('"<>\\^`{|}'))
_SCHEME = re.compile(r"https://", re.IGNORECASE | re.ASCII)
_HOST_ENDS = re.compile(r"[/?#\\]")
_HOST = re.compile(r"([A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?", re.ASCII)


def link_fault(url: str, before: int = 0) -> Fault | None:
    """Why the link is refused; None if it is not.

    Args:
        url: without the blanks around it.
        before: how many blanks were cut off before it.
    """
    if len(url) > MOST_URL:
        return Fault("too-long", f"It has more than {MOST_URL:,} characters.")
    scheme = _SCHEME.match(url)
    if scheme is None:
        return _none("It does not begin with https://.")
    end = _HOST_ENDS.search(url, scheme.end())
    host = url[scheme.end() : end.start() if end else None]
    if "@" in host:
        where = at(url, scheme.end() + host.rindex("@"), before)
        return Fault("link-with-password", f"It holds a user name or a password; everybody would see it. {where}.")
    reason = unknown_character(url, _WRITTEN, before)
    if reason:
        char = next(char for char in url if char not in _WRITTEN)
        return _none(f"{reason} {_ascii_host(host) if char in host else _percent(char)}".rstrip())
    if not _HOST.fullmatch(host) or not _is_valid(url):
        return _none(f"“{clip(host, _HOST_LIMIT)}” is no host." if host else "It has no host after https://.")
    return None


def _none(reason: str) -> Fault:
    return Fault("not-an-https-link", reason)


def _is_valid(url: str) -> bool:
    try:
        _https_url().validate_python(url)
    except ValueError:
        return False
    return True


@cache
def _https_url() -> "TypeAdapter[AnyUrl]":
    from pydantic import AnyUrl, TypeAdapter, UrlConstraints  # noqa: PLC0415 - the app's start does not pay for it

    return TypeAdapter(Annotated[AnyUrl, UrlConstraints(allowed_schemes=["https"], host_required=True)])


def _percent(char: str) -> str:
    return f"Write it as {quote(char, safe='')}." if char == " " or is_visible(char) else "Take it out."


def _ascii_host(host: str) -> str:
    """What to write for a host in letters of another script."""
    try:
        written = _https_url().validate_python(f"https://{host}").host or ""
    except ValueError:
        return ""
    return f"Write the host as {written}." if "xn--" in written and _HOST.fullmatch(written) else ""
