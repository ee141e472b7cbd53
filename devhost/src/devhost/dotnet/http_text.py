"""Bytes as text, the way .NET's ``HttpContent.ReadAsStringAsync`` decodes an answer.

1. The charset of the content type counts; one that .NET does not have fails the call, unless the body is empty.
2. Without a charset a byte order mark counts, and without one the text is UTF-8.
3. The mark of the encoding is left out; what cannot be decoded becomes U+FFFD, and ``?`` in ASCII.
"""

from __future__ import annotations

from typing import Final

# The encodings of .NET without further packages, by the names that it accepts. Python's codec is on the left.
_NAMES: Final = {
    "utf-8": "utf-8 unicode-1-1-utf-8 unicode-2-0-utf-8 x-unicode-1-1-utf-8 x-unicode-2-0-utf-8",
    "utf-16-le": "utf-16 utf-16le ucs-2 unicode iso-10646-ucs-2",
    "utf-16-be": "utf-16be unicodefffe",
    "utf-32-le": "utf-32 utf-32le ucs-4 iso-10646-ucs-4",
    "utf-32-be": "utf-32be",
    "latin-1": "iso-8859-1 iso8859-1 iso_8859-1 iso_8859-1:1987 iso-ir-100 csisolatin1 latin1 l1 cp819 ibm819",
    "ascii": "us-ascii us ascii ansi_x3.4-1968 ansi_x3.4-1986 iso_646.irv:1991 iso646-us iso-ir-6 cp367 ibm367 csascii",
    "utf-7": "utf-7 csunicode11utf7 unicode-1-1-utf-7 unicode-2-0-utf-7 x-unicode-1-1-utf-7 x-unicode-2-0-utf-7",
}
CODECS: Final = {name: codec for codec, names in _NAMES.items() for name in names.split()}
_MARKS: Final = {
    "utf-8": b"\xef\xbb\xbf",
    "utf-32-le": b"\xff\xfe\x00\x00",
    "utf-16-le": b"\xff\xfe",
    "utf-16-be": b"\xfe\xff",
    "utf-32-be": b"\x00\x00\xfe\xff",
}
_DETECTED: Final = ("utf-8", "utf-32-le", "utf-16-le", "utf-16-be")
INVALID_CHARSET: Final = (
    "The character set provided in ContentType is invalid. Cannot read content as string using an invalid character "
    "set."
)
NO_UTF_7: Final = "Support for UTF-7 is disabled. See https://aka.ms/dotnet-warnings/SYSLIB0001 for more information."


class UnknownCharsetError(ValueError):
    """A charset that .NET does not have; ``args[0]`` is its name."""


class ForbiddenCharsetError(ValueError):
    """UTF-7, which .NET has switched off."""


def decoded(body: bytes, charset: str | None) -> str:
    """The text of an answer.

    Args:
        body: as it came, not unpacked.
        charset: of its content type as written there, quotes too; None where it names none.

    Raises:
        UnknownCharsetError: .NET has no such encoding.
        ForbiddenCharsetError: it is UTF-7.
    """
    if not body:
        return ""
    if charset:
        unquoted = charset[1:-1] if len(charset) > 2 and charset[0] == charset[-1] == '"' else charset  # noqa: PLR2004
        codec = CODECS.get(unquoted.lower())
        if codec is None:
            raise UnknownCharsetError(unquoted)
        if codec == "utf-7":
            raise ForbiddenCharsetError(unquoted)
    else:
        codec = next((name for name in _DETECTED if body.startswith(_MARKS[name])), "utf-8")
    body = body.removeprefix(_MARKS.get(codec, b""))
    if codec == "ascii":
        return "".join(chr(byte) if byte < 0x80 else "?" for byte in body)  # noqa: PLR2004 - seven bits
    return body.decode(codec, "replace")
