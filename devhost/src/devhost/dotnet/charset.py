"""The text of a body, as .NET reads it: by the charset of the content type, else by a byte order mark.

The management API reads requests so, and the HTTP activity the answers to its calls: both are .NET's ``HttpContent``.

Rules of this module (seen on the extension 3.19.0):

1. A content type that cannot be read is none, and so is its charset. A parameter may have no value, but not an empty
   one. The first ``charset`` counts; one pair of double quotes around it is removed. Between quotes any character is
   allowed; a backslash takes away the meaning of the next character, unless that is the header's last one or not ASCII.
2. .NET knows UTF-8, UTF-16, UTF-32, ISO-8859-1 and US-ASCII, each under several names, in any case. Every other
   charset is refused, also ``utf8`` and ``windows-1252``; UTF-7 is refused with its own message.
3. With a charset, only the mark of that encoding is removed. Without one, a mark names the encoding, and
   without a mark it is UTF-8.
4. A byte that means nothing becomes U+FFFD, and ``?`` in US-ASCII.
5. An empty body is an empty text in any charset.
"""

import codecs
import re
from dataclasses import dataclass
from typing import Final

_NAMES: Final = {
    "utf-8": "utf-8 unicode-1-1-utf-8 unicode-2-0-utf-8 x-unicode-1-1-utf-8 x-unicode-2-0-utf-8",
    "utf-16-le": "utf-16 utf-16le unicode ucs-2 iso-10646-ucs-2",
    "utf-16-be": "utf-16be unicodefffe",
    "utf-32-le": "utf-32 utf-32le",
    "utf-32-be": "utf-32be",
    "iso-8859-1": "iso-8859-1 iso8859-1 iso_8859-1 iso_8859-1:1987 iso-ir-100 latin1 l1 csisolatin1 cp819 ibm819",
    "ascii": "us-ascii ascii us ansi_x3.4-1968 ansi_x3.4-1986 cp367 csascii ibm367 iso-ir-6 iso646-us iso_646.irv:1991",
    "utf-7": "utf-7 csunicode11utf7 unicode-1-1-utf-7 unicode-2-0-utf-7 x-unicode-1-1-utf-7 x-unicode-2-0-utf-7",
}
_CODECS: Final = {name: codec for codec, names in _NAMES.items() for name in names.split()}
_MARKS: Final = {
    "utf-8": codecs.BOM_UTF8,
    "utf-32-le": codecs.BOM_UTF32_LE,  # before that of UTF-16, which it begins with
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
_FOUND_WITHOUT_CHARSET: Final = ("utf-8", "utf-32-le", "utf-16-le", "utf-16-be")
_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED: Final = r'"(?:[^"\\]|\\[\x00-\x7f](?=.)|\\(?![\x00-\x7f].))*"'
_TYPE: Final = re.compile(rf"[ \t]*({_WORD})[ \t]*/[ \t]*({_WORD})[ \t]*")
_PARAMETER: Final = re.compile(rf";[ \t]*({_WORD})[ \t]*(?:=[ \t]*({_WORD}|{_QUOTED})[ \t]*)?", re.DOTALL)
_INVALID: Final = (
    "The character set provided in ContentType is invalid. "
    "Cannot read content as string using an invalid character set."
)  # fmt: skip
_UTF_7: Final = "Support for UTF-7 is disabled. See https://aka.ms/dotnet-warnings/SYSLIB0001 for more information."


class UnknownCharset(ValueError):
    """The body cannot be read: .NET has no such encoding, or has switched it off.

    Attributes:
        kind: the name of .NET's exception.
        inner: the text of the exception within it; None where there is none.
    """

    def __init__(self, charset: str) -> None:
        is_utf_7 = _CODECS.get(charset.lower()) == "utf-7"
        self.inner = None if is_utf_7 else f"System.ArgumentException: '{charset}' is not a supported encoding name."
        self.kind = "System.NotSupportedException" if is_utf_7 else "System.InvalidOperationException"
        super().__init__(_UTF_7 if is_utf_7 else _INVALID)


@dataclass(frozen=True, slots=True)
class MediaType:
    """A content type that can be read.

    Attributes:
        name: such as ``application/json``, in lower case.
        charset: as it was written, with its quotes; None where none is given.
    """

    name: str
    charset: str | None = None


def media_type(header: str) -> MediaType | None:
    """What the header ``Content-Type`` says; None where .NET cannot read it, as in ``application/json;``."""
    found = _TYPE.match(header)
    if found is None:
        return None
    charset, at = None, found.end()
    while at < len(header):
        parameter = _PARAMETER.match(header, at)
        if parameter is None:
            return None
        if charset is None and parameter[1].lower() == "charset":
            charset = parameter[2]
        at = parameter.end()
    return MediaType(f"{found[1]}/{found[2]}".lower(), charset)


def text_of(body: bytes, content_type: str = "") -> str:
    """The text of a body.

    Args:
        body: as it came, not unpacked.
        content_type: the header's value; empty if there is none.

    Raises:
        UnknownCharset: the content type names one that .NET does not know.
    """
    if not body:
        return ""
    kind = media_type(content_type)
    if kind is not None and kind.charset is not None:
        codec = _codec(kind.charset)
    else:
        codec = next((name for name in _FOUND_WITHOUT_CHARSET if body.startswith(_MARKS[name])), "utf-8")
    if codec == "ascii":
        return body.translate(bytes(range(0x80)) + b"?" * 0x80).decode("ascii")
    return body.removeprefix(_MARKS.get(codec, b"")).decode(codec, "replace")


def _codec(charset: str) -> str:
    name = charset[1:-1] if len(charset) > 2 and charset[0] == charset[-1] == '"' else charset  # noqa: PLR2004 - quotes
    codec = _CODECS.get(name.lower())
    if codec is None or codec == "utf-7":
        raise UnknownCharset(name)
    return codec
