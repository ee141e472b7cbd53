"""JSON as the extension's reader (Newtonsoft) takes it: looser than the standard, and in its own words when it refuses.

Rules of this module (contract 1.8):

1. Only the first token of an event's body counts; a start's body may have nothing but blanks and comments behind it.
2. Single quotes, names without quotes, comments, octal and hexadecimal numbers, ``NaN`` and ``Infinity`` (written back
   as strings), missing values between commas (``undefined``) and a comma before a closing bracket are taken.
3. A leading comment *is* the token. ``undefined``, a comment and ``new Name(...)`` are written back as they are.
4. A refusal names the path and the place of the reader, counted as the reader counts them.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from devhost.history import compact

MAX_DEPTH = 64
END = ""  # what stands where the text has no further character
_STRICT = json.JSONDecoder()
_WORDS: dict[str, tuple[str, Any, str]] = {
    "t": ("true", True, "boolean"),
    "f": ("false", False, "boolean"),
    "n": ("null", None, "null"),
    "N": ("NaN", "NaN", "NaN"),
    "I": ("Infinity", "Infinity", "Infinity"),
    "-": ("-Infinity", "-Infinity", "-Infinity"),
    "u": ("undefined", None, "undefined"),
}
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "\\": "\\", '"': '"', "'": "'", "/": "/"}
_IN_NUMBERS = frozenset("-+.0123456789abcdefABCDEFxX")
_AFTER_NUMBERS = frozenset(",}])/\0")
_FLOAT = re.compile(r"-?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_QUOTED_IN_PATHS = re.compile(r"[ '/\"\[\]()\t\n\r\f\b\\\u0085\u2028\u2029.]")
_CLOSERS = {"}": "EndObject", "]": "EndArray", ")": "EndConstructor"}
_CLOSED_BY = {"Object": "}", "Array": "]", "Constructor": ")"}


class LooseJsonError(ValueError):
    """The text is refused, in the reader's own words."""


class UnfinishedError(LooseJsonError):
    """The text ends within an object or array.

    Attributes:
        root: what the outermost container is.
        at_start: nothing follows the bracket that opens it.
        after_value: it ends right after a value.
        outer: the path to the container that it ends in.
        place: the path and the position, as the words end.
    """

    def __init__(self, root: str, place: str, outer: str, *, at_start: bool, after_value: bool) -> None:
        self.root, self.place, self.outer, self.at_start, self.after_value = root, place, outer, at_start, after_value
        kind = f"J{root}"
        words = f"Error reading {kind} from JsonReader." if at_start else f"{_UNFINISHED} {kind}."
        super().__init__(f"{words} {place}")


_UNFINISHED = "Unexpected end of content while loading"


class Raw(str):
    """What is no JSON value and is written back as it stands: a comment, ``undefined``, a constructor."""

    __slots__ = ()


UNDEFINED = Raw("undefined")


def text_of(body: bytes) -> str:
    """The text of a request's body: UTF-8 unless a byte order mark says otherwise; what is bad becomes U+FFFD."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    return body.decode("utf-8", "replace")


def first_token(text: str) -> str:
    """The first token of the text, written back compactly.

    Raises:
        LooseJsonError: there is none.
    """
    return _written(first_value(text))


def first_value(text: str) -> Any:
    """The first token of the text as a Python value; what is no JSON value is a :class:`Raw`.

    Raises:
        LooseJsonError: there is none.
    """
    fast = _fast(text)
    if fast is not None and (isinstance(fast[0], (str, dict, list)) or _Reader(text, fast[1]).separated()):
        return fast[0]
    return _Reader(text).first()


def check_whole(text: str) -> None:
    """Makes sure that the text is one value with nothing behind it but blanks and comments: the body of a start.

    Raises:
        LooseJsonError: it is not.
    """
    fast = _fast(text)
    if fast is None or text[fast[1] :].strip(" \t\r\n"):
        _Reader(text).whole()


def _fast(text: str) -> tuple[Any, int] | None:
    """The value that a strict reader finds, and where it ends; None where the slow way has to be gone."""
    start = len(text) - len(text.lstrip(" \t\r\n"))
    if text[start : start + 1] not in tuple('{["tf123456789'):
        return None
    try:
        value, end = _STRICT.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    many = text.count("[", start, end) + text.count("{", start, end) > MAX_DEPTH
    return None if many and depth(value) > MAX_DEPTH else (value, end)


def depth(value: Any) -> int:
    """How deep arrays and objects are nested in the value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def _written(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{compact(key)}:{_written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    return compact(value)


@dataclass(slots=True)
class _Container:
    """Where the reader is within an object, an array or a constructor."""

    kind: str
    index: int = -1
    name: str | None = None

    @property
    def step(self) -> str:
        if self.kind != "Object":
            return f"[{self.index}]" if self.index >= 0 else ""
        if self.name is None:
            return ""
        if _QUOTED_IN_PATHS.search(self.name):
            escaped = self.name.replace("\\", "\\\\").replace("'", "\\'")
            return f"['{escaped}']"
        return f".{self.name}"


class _Reader:
    """The slow way, which finds the place and the words of a refusal."""

    def __init__(self, text: str, at: int = 0) -> None:
        self.text, self.at = text, at
        self.line, self.line_start = 1, 0
        self.fresh = True  # nothing was read yet
        self.within: list[_Container] = []
        self.just_opened = False

    # ---------------------------------------------------------------- the two ways to read

    def first(self) -> Any:
        here = self._blanks()
        if here == END:
            self._refuse("Error reading JToken from JsonReader.")
        if here == "/":
            return self._comment()
        return self._value(here)

    def whole(self) -> None:
        here = self._content()
        if here == END:
            return
        self._value(here)
        here = self._content()
        if here != END:
            self._refuse(f"Additional text encountered after finished reading JSON content: {here}.")

    def separated(self) -> bool:
        """Whether a word or a number may end here."""
        here = self._here()
        if here == "/":
            return self.text[self.at + 1 : self.at + 2] in ("/", "*")
        inside = bool(self.within) and self.within[-1].kind == "Constructor"
        return here == END or here in "}],\0" or _is_blank(here) or (here == ")" and inside)

    # ---------------------------------------------------------------- characters

    def _here(self) -> str:
        return self.text[self.at : self.at + 1]

    def _next_line(self) -> None:
        if self.text.startswith("\r\n", self.at):
            self.at += 1
        self.at += 1
        self.line, self.line_start = self.line + 1, self.at

    def _blanks(self) -> str:
        """Past blanks and NULs; the character that follows."""
        while True:
            here = self._here()
            if here in ("\r", "\n"):
                self._next_line()
            elif here == "\0" or _is_blank(here):
                self.at += 1
            else:
                return here

    def _content(self) -> str:
        """Past blanks and comments."""
        while (here := self._blanks()) == "/":
            self._comment()
        return here

    def _refuse(self, words: str) -> NoReturn:
        raise LooseJsonError(f"{words} {self._place()}")

    def _place(self) -> str:
        column = self.at - self.line_start
        line = 0 if self.fresh and not self.within and column == 0 else self.line
        return f"Path '{self._path()}', line {line}, position {column}."

    def _path(self) -> str:
        inner = self.within[:-1] if self.just_opened else self.within
        return "".join(one.step for one in inner).removeprefix(".")

    # ---------------------------------------------------------------- values

    def _counted(self) -> None:
        """A value begins in the container."""
        if self.within and self.within[-1].kind != "Object":
            self.within[-1].index += 1
        self.just_opened = False
        self.fresh = False

    def _value(self, here: str) -> Any:
        if here == "{":
            return self._object()
        if here == "[":
            self.at += 1
            return self._items("Array")
        if here in ("'", '"'):
            text = self._string(here)
            self._counted()
            return text
        if here == ",":  # a value is missing; the comma is read by whoever goes on
            self._counted()
            return UNDEFINED
        follows = self.text[self.at + 1 : self.at + 2]
        if here == "n" and follows == "e":
            return self._constructor()
        if here == "n" and follows == END:
            self.at += 1
            self._refuse("Unexpected end when reading JSON.")
        if here in _WORDS and (here != "-" or follows == "I") and (here != "n" or follows == "u"):
            return self._word(*_WORDS[here])
        if here in _CLOSERS and here != "}":
            self.at += 1
            self._close(here)
        if here.isnumeric() or here in ("-", "."):
            return self._number()
        return self._refuse(f"Unexpected character encountered while parsing value: {here}.")

    def _word(self, word: str, value: Any, what: str) -> Any:
        self._match(word, f"Error parsing {what} value.")
        self._counted()
        return UNDEFINED if word == "undefined" else value

    def _match(self, word: str, otherwise: str) -> None:
        if len(self.text) - self.at < len(word):
            self.at = len(self.text)
            self._refuse("Unexpected end when reading JSON.")
        for letter in word:
            if self._here() != letter:
                self._refuse(otherwise)
            self.at += 1
        if not self.separated():
            self._refuse(otherwise)

    def _number(self) -> int | float:
        start = self.at
        while (here := self._here()) in _IN_NUMBERS and here != END:
            self.at += 1
        if here != END and here not in _AFTER_NUMBERS and not _is_blank(here):
            self._refuse(f"Unexpected character encountered while parsing number: {here}.")
        text = self.text[start : self.at]
        self._counted()
        try:
            return _number_of(text)
        except ValueError:
            return self._refuse(f"Input string '{text}' is not a valid number.")

    def _string(self, quote: str) -> str:
        self.at += 1
        parts: list[str] = []
        while (here := self._here()) != quote:
            if here == END:
                self._refuse(f"Unterminated string. Expected delimiter: {quote}.")
            if here == "\\":
                self.at += 1
                parts.append(self._escape(quote))
                continue
            parts.append(here)
            if here in ("\r", "\n"):
                if self.text.startswith("\r\n", self.at):
                    parts.append("\n")
                self._next_line()
            else:
                self.at += 1
        self.at += 1
        # Halves of a pair that were escaped one by one belong together.
        return "".join(parts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _escape(self, quote: str) -> str:
        letter = self._here()
        if letter == END:
            self._refuse(f"Unterminated string. Expected delimiter: {quote}.")
        self.at += 1
        if letter != "u":
            if letter not in _ESCAPES:
                self._refuse(f"Bad JSON escape sequence: \\{letter}.")
            return _ESCAPES[letter]
        digits = self.text[self.at : self.at + 4]
        if len(self.text) - self.at <= 4:  # noqa: PLR2004 - four digits, and something behind them
            self._refuse("Unexpected end while parsing Unicode escape sequence.")
        if not re.fullmatch("[0-9a-fA-F]{4}", digits):
            self._refuse(f"Invalid Unicode escape sequence: \\u{digits}.")
        self.at += 4
        return chr(int(digits, 16))

    def _comment(self) -> Raw:
        self.at += 1
        if self.at + 1 >= len(self.text):
            self._refuse("Unexpected end while parsing comment.")
        mark = self._here()
        if mark not in ("*", "/"):
            self._refuse(f"Error parsing comment. Expected: *, got {mark}.")
        self.at += 1
        start = self.at
        while True:
            here = self._here()
            if here == END and mark == "*":
                self._refuse("Unexpected end while parsing comment.")
            if here == END or (mark == "/" and here in ("\r", "\n")):
                return Raw(f"/*{self.text[start : self.at]}*/")
            if mark == "*" and self.text.startswith("*/", self.at):
                self.at += 2
                return Raw(f"/*{self.text[start : self.at - 2]}*/")
            if here in ("\r", "\n"):
                self._next_line()
            else:
                self.at += 1

    # ---------------------------------------------------------------- containers

    def _open(self, kind: str) -> None:
        self._counted()
        self.within.append(_Container(kind))
        self.just_opened = True
        if len(self.within) > MAX_DEPTH:
            self._refuse(f"The reader's MaxDepth of {MAX_DEPTH} has been exceeded.")

    def _unfinished(self, *, at_start: bool = False, after_value: bool = False) -> NoReturn:
        at_start = at_start and len(self.within) == 1
        outer = "".join(one.step for one in self.within[:-1]).removeprefix(".")
        raise UnfinishedError(self.within[0].kind, self._place(), outer, at_start=at_start, after_value=after_value)

    def _close(self, bracket: str) -> None:
        """The bracket, which has been read, ends the innermost container, if it is its own."""
        kind = self.within.pop().kind if self.within else "None"
        self.just_opened = False
        if _CLOSED_BY.get(kind) != bracket:
            self._refuse(f"JsonToken {_CLOSERS[bracket]} is not valid for closing JsonType {kind}.")

    def _goes_on(self) -> bool:
        """After a value: whether another one may follow, or the container has ended."""
        here = self._content()
        if here == END:
            self._unfinished(after_value=True)
        self.at += 1
        if here in _CLOSERS:
            self._close(here)
            return False
        if here != ",":
            self.at -= 1
            self._refuse(f"After parsing a value an unexpected character was encountered: {here}.")
        return True

    def _member(self, *, untouched: bool) -> str:
        """The first letter of a member, or of what ends them all, behind blanks and comments."""
        while (here := self._blanks()) == "/":
            self._comment()
            untouched = self.just_opened = False
        if here == END:
            self._unfinished(at_start=untouched)
        return here

    def _object(self) -> dict[str, Any]:
        self.at += 1
        self._open("Object")
        found: dict[str, Any] = {}
        untouched = True
        while True:
            here = self._member(untouched=untouched)
            if here == "}":
                self.at += 1
                self._close("}")
                return found
            name = self._name(here)
            untouched = False
            here = self._content()
            if here == END:
                self._unfinished()
            found[name] = self._value(here)
            if not self._goes_on():
                return found

    def _name(self, here: str) -> str:
        if here in ("'", '"'):
            name = self._string(here)
        elif _in_names(here):
            start = self.at
            while (here := self._here()) != END and _in_names(here):
                self.at += 1
            name = self.text[start : self.at]
            if here == END:
                self._refuse("Unexpected end while parsing unquoted property name.")
            if here != ":" and not _is_blank(here):
                self._refuse(f"Invalid JavaScript property identifier character: {here}.")
        else:
            self._refuse(f"Invalid property identifier character: {here}.")
        here = self._blanks()
        if here != ":":
            # At the end the reader shows the NUL behind its buffer.
            shown = here or "\0"
            self._refuse(f"Invalid character after parsing property name. Expected ':' but got: {shown}.")
        self.at += 1
        self.within[-1].name = name
        self.just_opened = False
        return name

    def _items(self, kind: str) -> list[Any]:
        self._open(kind)
        found: list[Any] = []
        untouched = True
        while True:
            here = self._member(untouched=untouched)
            if here in ("]", ")"):
                self.at += 1
                self._close(here)
                return found
            untouched = False
            found.append(self._value(here))
            if not self._goes_on():
                return found

    def _constructor(self) -> Raw:
        self._match("new", "Unexpected content while parsing JSON.")
        self._blanks()
        start = self.at
        while self._here().isalnum():
            self.at += 1
        name = self.text[start : self.at]
        here = self._here()
        if here == END:
            self._refuse("Unexpected end while parsing constructor.")
        if here != "(" and not _is_blank(here):
            self._refuse(f"Unexpected character while parsing constructor: {here}.")
        if self._blanks() != "(":
            self._refuse(f"Unexpected character while parsing constructor: {self._here()}.")
        self.at += 1
        items = self._items("Constructor")
        return Raw(f"new {name}({','.join(map(_written, items))})")


def _is_blank(letter: str) -> bool:
    return letter.isspace() and letter not in "\x1c\x1d\x1e\x1f"  # these four are blanks to Python alone


def _in_names(letter: str) -> bool:
    return letter.isalpha() or letter.isdecimal() or letter in "_$"


def _number_of(text: str) -> int | float:
    """The number that the reader makes of such a text: octal and hexadecimal ones have 64 bits, and wrap.

    Raises:
        ValueError: it is none.
    """
    if len(text) > 1 and text[0] == "0" and text[1] not in ".eE":
        value = int(text, 0) if text[1] in "xX" else int(text, 8)
        if value >= 2**64:
            raise ValueError(text)
        return value - 2**64 if value >= 2**63 else value
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if not _FLOAT.fullmatch(text):
        raise ValueError(text)
    return float(text)
