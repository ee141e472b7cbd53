"""What a path of the management API names: three decodings, one after another, as the real host does them.

Rules of this module (seen on the extension 3.19.0):

1. The web server decodes the path once and removes dot segments. ``%2F`` stays as it is, and so does what is no
   UTF-8; ``/`` alone parts segments here.
2. The URL is put together again, and dot segments are removed a second time: ``%252E`` is a dot here.
3. The extension decodes the path as a form: ``+`` is a blank, ``%2F`` a slash, and bytes that are no UTF-8 are U+FFFD.
   It cuts off as many characters as the API's base has, and all slashes around the rest.
4. ASP.NET's router decodes the rest as the web server does. An encoded NUL is an error here.

So ``%41``, ``%2541`` and ``%252541`` all name ``A``, and ``%25252541`` names ``%41``.
"""

import re
from typing import Final
from urllib.parse import quote, unquote_plus, unquote_to_bytes

_ESCAPES: Final = re.compile("(?:%(?!2[fF])[0-9a-fA-F]{2})+")
# What .NET's PathString escapes when it writes a path: all but the letters of a path, and escapes that are there.
_UNWRITTEN: Final = re.compile(r"(?:%(?![0-9a-fA-F]{2})|[^%A-Za-z0-9\-._~!$&'()*+,;=:@/])+")
_SECOND_DOTS: Final = re.compile("%2[eE]")
NUL: Final = "The path contains null characters."
SHORT: Final = "startIndex cannot be larger than length of string. (Parameter 'startIndex')"


class NulInPathError(ValueError):
    """A NUL that was encoded more than twice."""

    def __init__(self) -> None:
        super().__init__(NUL)


class PathTooShortError(ValueError):
    """Dot segments that were encoded twice lead out of the API's base."""

    def __init__(self) -> None:
        super().__init__(SHORT)


def decoded(path: str) -> str:
    """The path as the web server passes it on: decoded once, without dot segments.

    Args:
        path: as in the request line, without the query.
    """
    return _without_dots(_once(path)) if "%" in path or "/." in path else path


def written(path: str) -> str:
    """The path of a request as a function finds it in ``req.url``: decoded, then escaped where it must be.

    Args:
        path: as in the request line, without the query.
    """
    return _UNWRITTEN.sub(lambda found: quote(found[0], safe=""), decoded(path))


def parts(path: str, base: str) -> list[str]:
    """The segments that the extension's router sees; none where no route can match.

    Args:
        path: whole, as :func:`decoded` gives it.
        base: of the API at this endpoint.

    Raises:
        NulInPathError: the router refuses it.
        PathTooShortError: nothing is left to cut the base from.
    """
    path = _without_dots(_SECOND_DOTS.sub(".", path)) if "%2" in path or "/." in path else path
    form = unquote_plus(path)
    if len(form) < len(base):
        raise PathTooShortError
    rest = form[len(base) :].strip("/")
    if "%00" in rest:
        raise NulInPathError
    found = _once(rest).split("/") if rest else []
    return [] if "" in found else found


def encoded(segment: str, times: int = 3) -> str:
    """The segment as a URL must hold it to be read unchanged; a slash cannot be expressed.

    Args:
        segment: an id, a name or a key.
        times: as often as it will be decoded: 3 in a request line, 2 in what :func:`decoded` gives.
    """
    is_dots = segment in (".", "..")
    for _ in range(times):
        segment = segment.replace(".", "%2E") if is_dots and "%" not in segment else quote(segment, safe="")
    return segment


def _once(text: str) -> str:
    return _ESCAPES.sub(_read, text) if "%" in text else text


def _read(escapes: re.Match[str]) -> str:
    """What the escapes say; those of bytes that are no UTF-8 stay as they are written."""
    written, said, at = escapes[0], [], 0
    for letter in unquote_to_bytes(written).decode("utf-8", "surrogateescape"):
        is_stray = "\udc80" <= letter <= "\udcff"
        end = at + 3 * (1 if is_stray else len(letter.encode()))
        said.append(written[at:end] if is_stray else letter)
        at = end
    return "".join(said)


def _without_dots(path: str) -> str:
    segments = path.split("/")
    if "." not in segments and ".." not in segments:
        return path
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            kept = kept[:-1] if len(kept) > 1 else kept
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)
