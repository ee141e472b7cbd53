"""JSON as the extension's reader (Newtonsoft) takes it: looser than the standard, and only the first token.

Contract 1.8. What is known of its looseness: single quotes, unquoted names, comments, ``NaN`` and ``Infinity`` (written
back as strings), a comma before a closing bracket, anything behind the first token. A leading comment *is* the token.
"""

import json
import math
import re
from typing import Any

from devhost.history import compact

_BLANKS = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"[-+]?[0-9.][0-9A-Za-z.+-]*|-")
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_WORDS: dict[str, Any] = {
    "true": True, "false": False, "null": None, "undefined": None,
    "NaN": "NaN", "Infinity": "Infinity", "-Infinity": "-Infinity",
}  # fmt: skip
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "\\": "\\", '"': '"', "'": "'", "/": "/"}
_STRICT = json.JSONDecoder()


class LooseJsonError(ValueError):
    """The text does not begin with a JSON token, in the reader's own words."""


class Comment(str):
    """A comment in the place of a value; it is written back as ``/*text*/``."""

    __slots__ = ()


def first_token(text: str) -> str:
    """The first token of the text, written back compactly.

    Raises:
        LooseJsonError: there is none.
    """
    value = first_value(text)
    return f"/*{value}*/" if isinstance(value, Comment) else written(value)


def first_value(text: str) -> Any:
    """The first token of the text as a Python value, or a :class:`Comment`.

    Raises:
        LooseJsonError: there is none.
    """
    start = _blanks(text, 0)
    if text[start : start + 1] not in ("", "'", "/"):
        try:
            value, end = _STRICT.raw_decode(text, start)
        except (ValueError, RecursionError):
            pass
        else:
            if isinstance(value, (str, dict, list)) or _ends(text, end):
                return value
    return _Reader(text).read()


def written(value: Any) -> str:
    """JSON text as the extension writes it: floats as .NET does, and no such number as NaN."""
    if not _has_float(value):
        return compact(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{compact(str(key))}:{written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    if math.isnan(value):
        return '"NaN"'
    if math.isinf(value):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    return _net_float(value)


def _has_float(value: Any) -> bool:
    if isinstance(value, float):
        return True
    if isinstance(value, dict):
        return any(map(_has_float, value.values()))
    return isinstance(value, list) and any(map(_has_float, value))


def _net_float(value: float) -> str:
    """.NET's shortest round-trip text: ``1E+16``, ``1E-05``, otherwise as Python."""
    text = repr(float(value))
    if "e" not in text and abs(value) >= 1e15:  # noqa: PLR2004 - where .NET turns to exponents
        digits = text.removesuffix(".0").lstrip("-")
        mantissa = digits.rstrip("0")
        mantissa = mantissa[0] + ("." + mantissa[1:] if len(mantissa) > 1 else "")
        return f"{'-' if value < 0 else ''}{mantissa}E+{len(digits) - 1}"
    if "e" in text:
        mantissa, _, exponent = text.partition("e")
        return f"{mantissa}E{exponent[0]}{exponent[1:].zfill(2)}"
    return text


def _blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _ends(text: str, at: int) -> bool:
    return at >= len(text) or text[at] in " \t\r\n,]}/:"


class _Reader:
    """The slow way, for what the strict reader refuses, and for the words of a refusal."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def read(self) -> Any:
        self.at = _blanks(self.text, 0)
        if self.at >= len(self.text):
            raise self._error("Error reading JToken from JsonReader.")
        if self.text.startswith(("//", "/*"), self.at):
            return Comment(self._comment())
        return self._value()

    def _error(self, words: str, at: int | None = None) -> LooseJsonError:
        at = self.at if at is None else at
        before = self.text[:at]
        row = before.count("\n") + 1 if at else 0  # the reader knows no line before it has read something
        column = at - (before.rfind("\n") + 1)
        return LooseJsonError(f"{words} Path '', line {row}, position {column}.")

    def _comment(self) -> str:
        start = self.at + 2
        if self.text[self.at + 1] == "*":
            end = self.text.find("*/", start)
            if end < 0:
                raise self._error("Unexpected end while parsing comment.", at=len(self.text))
            self.at = end + 2
        else:
            end = self.text.find("\n", start)
            end = len(self.text) if end < 0 else end
            self.at = end
        return self.text[start:end].rstrip("\r")

    def _skip(self) -> str:
        """Past blanks and comments; the character that follows, empty at the end."""
        while True:
            self.at = _blanks(self.text, self.at)
            if not self.text.startswith(("//", "/*"), self.at):
                return self.text[self.at : self.at + 1]
            self._comment()

    def _value(self) -> Any:
        here = self.text[self.at]
        if here == "{":
            return self._object()
        if here == "[":
            return self._array()
        if here in "\"'":
            return self._string(here)
        for word, value in _WORDS.items():
            if self.text.startswith(word, self.at) and _ends(self.text, self.at + len(word)):
                self.at += len(word)
                return value
        if here in "-+.0123456789":
            return self._number()
        for word in _WORDS:
            if word[0] == here:
                rest = self.text[self.at :]
                if word.startswith(rest):
                    raise self._error("Unexpected end when reading JSON.", at=len(self.text))
        raise self._error(f"Unexpected character encountered while parsing value: {here}.")

    def _number(self) -> Any:
        found = _NUMBER.match(self.text, self.at)
        assert found is not None
        text, self.at = found.group(), found.end()
        try:
            if re.fullmatch(r"[-+]?\d+", text):
                return int(text)
            if re.fullmatch(r"[-+]?0[xX][0-9a-fA-F]+", text):
                return int(text, 16)
            return float(text)
        except ValueError:
            raise self._error(f"Input string '{text}' is not a valid number.") from None

    def _string(self, quote: str) -> str:
        self.at += 1
        parts: list[str] = []
        while True:
            if self.at >= len(self.text):
                raise self._error(f"Unterminated string. Expected delimiter: {quote}.")
            here = self.text[self.at]
            self.at += 1
            if here == quote:
                return "".join(parts)
            if here != "\\":
                parts.append(here)
                continue
            escape = self.text[self.at : self.at + 1]
            self.at += 1
            if escape == "u":
                try:
                    parts.append(chr(int(self.text[self.at : self.at + 4], 16)))
                except ValueError:
                    raise self._error("Unexpected end while parsing Unicode escape sequence.") from None
                self.at += 4
            elif escape in _ESCAPES:
                parts.append(_ESCAPES[escape])
            else:
                raise self._error(f"Bad JSON escape sequence: \\{escape}.")

    def _object(self) -> dict[str, Any]:
        start = self.at + 1
        found: dict[str, Any] = {}
        self.at += 1
        while True:
            here = self._skip()
            if here == "":
                whole = "Error reading JObject from JsonReader."
                raise self._error(
                    whole if not found and self.at == start else "Unexpected end of content while loading JObject."
                )
            if here == "}":
                self.at += 1
                return found
            if here in "\"'":
                name = self._string(here)
            else:
                bare = _NAME.match(self.text, self.at)
                if bare is None:
                    raise self._error(f"Invalid property identifier character: {here}.")
                name, self.at = bare.group(), bare.end()
            here = self._skip()
            if here != ":":
                raise self._error(f"Invalid character after parsing property name. Expected ':' but got: {here}.")
            self.at += 1
            if self._skip() == "":
                raise self._error("Unexpected end of content while loading JObject.")
            found[name] = self._value()
            here = self._skip()
            if here == ",":
                self.at += 1
            elif here not in ("}", ""):
                raise self._error(f"After parsing a value an unexpected character was encountered: {here}.")

    def _array(self) -> list[Any]:
        start = self.at + 1
        found: list[Any] = []
        self.at += 1
        while True:
            here = self._skip()
            if here == "":
                whole = "Error reading JArray from JsonReader."
                raise self._error(
                    whole if not found and self.at == start else "Unexpected end of content while loading JArray."
                )
            if here == "]":
                self.at += 1
                return found
            if here == ",":
                raise self._error("Unexpected character encountered while parsing value: ,.")
            found.append(self._value())
            here = self._skip()
            if here == ",":
                self.at += 1
            elif here not in ("]", ""):
                raise self._error(f"After parsing a value an unexpected character was encountered: {here}.")
