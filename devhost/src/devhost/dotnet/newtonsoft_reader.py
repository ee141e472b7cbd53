"""Loose JSON value by value, which finds the words and the place of a refusal.

It passes strict values and runs of simple items to the faster readers. One that failed too often is not tried again, so
that the time stays proportional to the length.
"""

import re
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NoReturn

from devhost.dotnet.json_text import compact
from devhost.dotnet.newtonsoft_runs import items_at, members_at
from devhost.dotnet.newtonsoft_strict import MAX_DEPTH, value_at
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

_WORDS: dict[str, tuple[str, Any, str]] = {
    "t": ("true", True, "boolean"),
    "f": ("false", False, "boolean"),
    "n": ("null", None, "null"),
    "N": ("NaN", "NaN", "NaN"),
    "I": ("Infinity", "Infinity", "Infinity"),
    "-": ("-Infinity", "-Infinity", "-Infinity"),
    "u": ("undefined", None, "undefined"),
}
_COMMAS: Final = re.compile(",+")
_KINDS: Final[dict[type, str]] = {Raw: "raw", dict: "nested", list: "nested"}
_CLOSERS = {"}": "EndObject", "]": "EndArray", ")": "EndConstructor"}
_CLOSED_BY = {"Object": "}", "Array": "]", "Constructor": ")"}
_UNFINISHED = "Unexpected end of content while loading"


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


def written(value: Any) -> str:
    """The value as JSON text, without blanks."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{compact(key)}:{written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        parts: list[str] = []
        for kind, pairs in groupby(zip(map(_KINDS.get, map(type, value)), value, strict=True), itemgetter(0)):
            run = [one for _, one in pairs]
            parts += run if kind == "raw" else map(written, run) if kind == "nested" else [compact(run)[1:-1]]
        return "[" + ",".join(parts) + "]"
    return compact(value)


class Reader(Cursor):
    """Reads one text.

    Args:
        text: all of it.
        at: where to begin.
    """

    def first(self) -> Any:
        """The first token, as a Python value.

        Raises:
            LooseJsonError: there is none.
        """
        here = self.blanks()
        if here == END:
            self.refuse("Error reading JToken from JsonReader.")
        if here == "/":
            return self.comment()
        return self._value(here)

    def whole(self) -> None:
        """Reads the text to its end.

        Raises:
            LooseJsonError: it is more, or less, than one value.
        """
        here = self.content()
        if here == END:
            return
        self._value(here)
        here = self.content()
        if here != END:
            self.refuse(f"Additional text encountered after finished reading JSON content: {here}.")

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
        if here == ",":  # a value is missing; the caller reads the comma
            self._counted()
            return UNDEFINED
        follows = self.text[self.at + 1 : self.at + 2]
        if here == "n" and follows == "e":
            return self._constructor()
        if here == "n" and follows == END:
            self.at += 1
            self.refuse("Unexpected end when reading JSON.")
        if here in _WORDS and (here != "-" or follows == "I") and (here != "n" or follows == "u"):
            return self._literal(*_WORDS[here])
        if here in _CLOSERS and here != "}":
            self.at += 1
            self._close(here)
        if here.isnumeric() or here in ("-", "."):
            return self._number()
        return self.refuse(f"Unexpected character encountered while parsing value: {here}.")

    def _literal(self, word: str, value: Any, what: str) -> Any:
        self.word(word, f"Error parsing {what} value.")
        self._counted()
        return UNDEFINED if word == "undefined" else value

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
        """The object or array that begins here if it is strict JSON; not tried again after it failed too often."""
        if not self.tries:
            return None
        found = value_at(self.text, self.at, MAX_DEPTH - len(self.within))
        if found is None:
            self.tries -= 1
            return None
        self._counted()
        self.skip(found[1])
        return (found[0],)

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

    def _simple_items(self, here: str, found: list[Any]) -> bool:
        """Reads a run of simple items and their commas at once, or of commas with nothing between them."""
        commas = _COMMAS.match(self.text, self.at) if here == "," else None
        run: tuple[list[Any], int] | None
        if commas is not None:
            run = [UNDEFINED] * len(commas[0]), commas.end()
        else:
            run = items_at(self.text, self.at) if len(self.within) < MAX_DEPTH else None
        if run is None:
            return False
        self._counted()
        self.skip(run[1])
        self.within[-1].index += len(run[0]) - 1
        found += run[0]
        return True

    def _members(self, found: dict[str, Any]) -> bool:
        """Reads a run of simple members and their commas at once."""
        run = members_at(self.text, self.at) if len(self.within) < MAX_DEPTH else None
        if run is None:
            return False
        self._counted()
        self.skip(run[1])
        self.within[-1].name = run[0][-1][0]
        found.update(run[0])
        return True

    def _constructor(self) -> Raw:
        self.word("new", "Unexpected content while parsing JSON.")
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
        return Raw(f"new {name}({written(items)[1:-1]})")
