"""JSON as the extension's reader (Newtonsoft) takes it: looser than the standard, and in its own words when it refuses.

Rules of this module (contract 1.8):

1. Only the first token of an event's body counts; a start's body may have nothing but blanks and comments behind it.
2. Single quotes, names without quotes, comments, octal and hexadecimal numbers, ``NaN`` and ``Infinity`` (written back
   as strings), missing values between commas (``undefined``) and a comma before a closing bracket are taken.
3. A leading comment *is* the token. ``undefined``, a comment and ``new Name(...)`` are written back as they are.
4. A refusal names the path and the place of the reader, counted as the reader counts them.
5. A whole number has 380 digits at most.
6. The time is proportional to the length. The standard library's reader goes first; the exact one goes only where that
   refuses, hands it whole values and whole runs of simple items as well, and asks it for a bounded number of times.
"""

import json
import re
from itertools import groupby
from json.scanner import make_scanner
from operator import itemgetter
from typing import Any, Final, NoReturn

from devhost.dotnet.json_text import compact
from devhost.dotnet.newtonsoft_text import (
    END,
    UNDEFINED,
    Container,
    Cursor,
    LooseJsonError,
    Raw,
    in_names,
    is_blank,
    number_of,
)

__all__ = ["MAX_DEPTH", "LooseJsonError", "UnfinishedError", "check_whole", "depth", "first_token", "first_value"]

MAX_DEPTH = 64
_STRICT: Final = json.JSONDecoder()
_SCAN: Final = make_scanner(_STRICT)  # type: ignore[arg-type]  # wrong in typeshed
_WORDS: dict[str, tuple[str, Any, str]] = {
    "t": ("true", True, "boolean"),
    "f": ("false", False, "boolean"),
    "n": ("null", None, "null"),
    "N": ("NaN", "NaN", "NaN"),
    "I": ("Infinity", "Infinity", "Infinity"),
    "-": ("-Infinity", "-Infinity", "-Infinity"),
    "u": ("undefined", None, "undefined"),
}
_LONG_INTEGER: Final = re.compile(r"(?<![0-9])(?:[0-9]{381}|-[0-9]{380})")
_B: Final = r"[ \t\r\n]*+"
_PLAIN: Final = r"-?(?:0|[1-9][0-9]{0,300})(?:\.[0-9]{1,300})?(?:[eE][-+]?[0-9]{1,9})?|true|false|null"


def _runs(text: str, name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Runs of items and of members with their commas; an item may be an array or object of simple values.

    Args:
        text: the pattern of a text.
        name: that of a member's name.
    """
    value = f"(?:{_PLAIN}|{text})"
    member = f"(?:{name}){_B}:{_B}{value}"
    array = rf"\[{_B}(?:{value}{_B}(?:,{_B}{value}{_B})*+)?\]"
    object_ = rf"\{{{_B}(?:{member}{_B}(?:,{_B}{member}{_B})*+)?\}}"
    return (
        re.compile(f"(?:{_B}(?:{value}|{array}|{object_}){_B},){{1,1000}}+"),
        re.compile(f"(?:{_B}{member}{_B},){{1,1000}}+"),
    )


_TEXT: Final = r'"[^"\\\x00-\x1f]*+"'
_IN_QUOTES: Final = r"""'[^'"\\:\x00-\x1f]*+'"""
_ITEMS, _MEMBERS = _runs(_TEXT, _TEXT)
_LOOSE_ITEMS, _LOOSE_MEMBERS = _runs(_IN_QUOTES, f"[A-Za-z_$][0-9A-Za-z_$]*+|{_IN_QUOTES}")
_NAME: Final = re.compile(r"[A-Za-z_$][0-9A-Za-z_$]*+(?=[ \t\r\n]*:)")
_COMMAS: Final = re.compile(",+")
_KINDS: Final[dict[type, str]] = {Raw: "raw", dict: "nested", list: "nested"}
_CLOSERS = {"}": "EndObject", "]": "EndArray", ")": "EndConstructor"}
_CLOSED_BY = {"Object": "}", "Array": "]", "Constructor": ")"}


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


def first_token(text: str) -> str:
    """The first token of the text, written back compactly.

    Raises:
        LooseJsonError: there is none.
    """
    value = _strict_value(text)
    return _written(_Reader(text).first()) if value is None else compact(value[0])


def first_value(text: str) -> Any:
    """The first token of the text as a Python value; what is no JSON value is a :class:`Raw`.

    Raises:
        LooseJsonError: there is none.
    """
    value = _strict_value(text)
    return _Reader(text).first() if value is None else value[0]


def check_whole(text: str) -> None:
    """Makes sure that the text is one value with nothing behind it but blanks and comments: the body of a start.

    Raises:
        LooseJsonError: it is not.
    """
    fast = _fast(text)
    if fast is None or text[fast[1] :].strip(" \t\r\n"):
        _Reader(text).whole()


def _strict_value(text: str) -> tuple[Any] | None:
    fast = _fast(text)
    if fast is None or not (isinstance(fast[0], (str, dict, list)) or _Reader(text, fast[1]).separated()):
        return None
    return (fast[0],)


def _fast(text: str) -> tuple[Any, int] | None:
    """The value that a strict reader finds, and where it ends; None where the slow way has to be gone."""
    start = len(text) - len(text.lstrip(" \t\r\n"))
    if text[start : start + 1] not in tuple('{["tf123456789'):
        return None
    try:
        value, end = _STRICT.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return (value, end) if _is_allowed(text, start, value, end, MAX_DEPTH) else None


def _is_allowed(text: str, start: int, value: Any, end: int, deepest: int) -> bool:
    """Whether the exact reader would take what the strict one has taken: not too deep, no whole number too long."""
    if text.count("[", start, end) + text.count("{", start, end) > deepest and depth(value) > deepest:
        return False
    return _LONG_INTEGER.search(text, start, end) is None


def depth(value: Any) -> int:
    """How deep arrays and objects are nested in the value."""
    level, count = [value] if isinstance(value, (dict, list)) else [], 0
    while level:
        count += 1
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, (dict, list))
        ]
    return count


def _written(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{compact(key)}:{_written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        parts: list[str] = []
        for kind, pairs in groupby(zip(map(_KINDS.get, map(type, value)), value, strict=True), itemgetter(0)):
            run = [one for _, one in pairs]
            parts += run if kind == "raw" else map(_written, run) if kind == "nested" else [compact(run)[1:-1]]
        return "[" + ",".join(parts) + "]"
    return compact(value)


class _Reader(Cursor):
    """The exact way, which finds the place and the words of a refusal."""

    # ---------------------------------------------------------------- the two ways to read

    def first(self) -> Any:
        here = self.blanks()
        if here == END:
            self.refuse("Error reading JToken from JsonReader.")
        if here == "/":
            return self.comment()
        return self._value(here)

    def whole(self) -> None:
        here = self.content()
        if here == END:
            return
        self._value(here)
        here = self.content()
        if here != END:
            self.refuse(f"Additional text encountered after finished reading JSON content: {here}.")

    # ---------------------------------------------------------------- values

    def _counted(self) -> None:
        """A value begins in the container."""
        if self.within and self.within[-1].kind != "Object":
            self.within[-1].index += 1
        self.just_opened = False
        self.fresh = False

    def _value(self, here: str) -> Any:
        if here in ("{", "["):
            return self._nested(here)
        if here in ("'", '"'):
            text = self.string(here)
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
            self.refuse("Unexpected end when reading JSON.")
        if here in _WORDS and (here != "-" or follows == "I") and (here != "n" or follows == "u"):
            return self._word(*_WORDS[here])
        if here in _CLOSERS and here != "}":
            self.at += 1
            self._close(here)
        if here.isnumeric() or here in ("-", "."):
            return self._number()
        return self.refuse(f"Unexpected character encountered while parsing value: {here}.")

    def _word(self, word: str, value: Any, what: str) -> Any:
        self._match(word, f"Error parsing {what} value.")
        self._counted()
        return UNDEFINED if word == "undefined" else value

    def _match(self, word: str, otherwise: str) -> None:
        if len(self.text) - self.at < len(word):
            self.at = len(self.text)
            self.refuse("Unexpected end when reading JSON.")
        for letter in word:
            if self.here() != letter:
                self.refuse(otherwise)
            self.at += 1
        if not self.separated():
            self.refuse(otherwise)

    def _number(self) -> int | float:
        text = self.number()
        self._counted()
        try:
            return number_of(text)
        except OverflowError:
            return self.refuse(f"JSON integer {text} is too large to parse.")
        except ValueError:
            return self.refuse(f"Input string '{text}' is not a valid number.")

    def _nested(self, here: str) -> Any:
        strict = self._strict()
        if strict is not None:
            return strict[0]
        if here == "{":
            return self._object()
        self.at += 1
        return self._items("Array")

    def _strict(self) -> tuple[Any] | None:
        """The object or array that begins here, if it is strict JSON; not asked for where too often it was not."""
        if not self.tries:
            return None
        start = self.at
        try:
            value, end = _SCAN(self.text, start)
        except (ValueError, RecursionError, StopIteration):
            self.tries -= 1
            return None
        if not _is_allowed(self.text, start, value, end, MAX_DEPTH - len(self.within)):
            self.tries -= 1
            return None
        self._counted()
        self.skip(end)
        return (value,)

    # ---------------------------------------------------------------- containers

    def _open(self, kind: str) -> None:
        self._counted()
        self.within.append(Container(kind))
        self.just_opened = True
        if len(self.within) > MAX_DEPTH:
            self.refuse(f"The reader's MaxDepth of {MAX_DEPTH} has been exceeded.")

    def _unfinished(self, *, at_start: bool = False, after_value: bool = False) -> NoReturn:
        at_start = at_start and len(self.within) == 1
        outer = "".join(one.step for one in self.within[:-1]).removeprefix(".")
        raise UnfinishedError(self.within[0].kind, self.place(), outer, at_start=at_start, after_value=after_value)

    def _close(self, bracket: str) -> None:
        """The bracket, which has been read, ends the innermost container, if it is its own."""
        kind = self.within.pop().kind if self.within else "None"
        self.just_opened = False
        if _CLOSED_BY.get(kind) != bracket:
            self.refuse(f"JsonToken {_CLOSERS[bracket]} is not valid for closing JsonType {kind}.")

    def _goes_on(self) -> bool:
        """After a value: whether another one may follow, or the container has ended."""
        here = self.content()
        if here == END:
            self._unfinished(after_value=True)
        self.at += 1
        if here in _CLOSERS:
            self._close(here)
            return False
        if here != ",":
            self.at -= 1
            self.refuse(f"After parsing a value an unexpected character was encountered: {here}.")
        return True

    def _member(self, *, untouched: bool) -> str:
        """The first letter of a member, or of what ends them all, behind blanks and comments."""
        while (here := self.blanks()) == "/":
            self.comment()
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
            untouched = False
            if self._members(found):
                continue
            name = self._name(here)
            here = self.content()
            if here == END:
                self._unfinished()
            found[name] = self._value(here)
            if not self._goes_on():
                return found

    def _name(self, here: str) -> str:
        if here in ("'", '"'):
            name = self.string(here)
        elif in_names(here):
            name = self.letters(of_names=True)
            here = self.here()
            if here == END:
                self.refuse("Unexpected end while parsing unquoted property name.")
            if here != ":" and not is_blank(here):
                self.refuse(f"Invalid JavaScript property identifier character: {here}.")
        else:
            self.refuse(f"Invalid property identifier character: {here}.")
        here = self.blanks()
        if here != ":":
            # At the end the reader shows the NUL behind its buffer.
            shown = here or "\0"
            self.refuse(f"Invalid character after parsing property name. Expected ':' but got: {shown}.")
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
            if self._simple_items(here, found):
                continue
            found.append(self._value(here))
            if not self._goes_on():
                return found

    def _run(self, strict: re.Pattern[str], loose: re.Pattern[str], brackets: str, **options: Any) -> list[Any]:
        """What a run of items or members holds, and past it; empty if none begins here.

        Single quotes become double ones, and names get theirs: no text of a loose run has a quote or a colon within.
        """
        text, start = self.text, self.at
        run = strict.match(text, start) if len(self.within) < MAX_DEPTH else None
        content = run[0] if run is not None else ""
        if run is None and len(self.within) < MAX_DEPTH:
            run = loose.match(text, start)
            content = _NAME.sub(r'"\g<0>"', run[0].replace("'", '"')) if run is not None else ""
        if run is None:
            return []
        found: list[Any] = json.loads(f"{brackets[0]}{content[:-1]}{brackets[1]}", **options)
        self._counted()
        self.skip(run.end())
        return found

    def _simple_items(self, here: str, found: list[Any]) -> bool:
        """Reads a run of simple items and their commas at once, or of commas with nothing between them."""
        commas = _COMMAS.match(self.text, self.at) if here == "," else None
        if commas is not None:
            values: list[Any] = [UNDEFINED] * len(commas[0])
            self._counted()
            self.skip(commas.end())
        else:
            values = self._run(_ITEMS, _LOOSE_ITEMS, "[]")
        if values:
            self.within[-1].index += len(values) - 1
            found += values
        return bool(values)

    def _members(self, found: dict[str, Any]) -> bool:
        """Reads a run of simple members and their commas at once."""
        members: list[tuple[str, Any]] = self._run(_MEMBERS, _LOOSE_MEMBERS, "{}", object_pairs_hook=list)
        if members:
            self.within[-1].name = members[-1][0]
            found.update(members)
        return bool(members)

    def _constructor(self) -> Raw:
        self._match("new", "Unexpected content while parsing JSON.")
        self.blanks()
        name = self.letters(of_names=False)
        here = self.here()
        if here == END:
            self.refuse("Unexpected end while parsing constructor.")
        if here != "(" and not is_blank(here):
            self.refuse(f"Unexpected character while parsing constructor: {here}.")
        if self.blanks() != "(":
            self.refuse(f"Unexpected character while parsing constructor: {self.here()}.")
        self.at += 1
        items = self._items("Constructor")
        return Raw(f"new {name}({_written(items)[1:-1]})")
