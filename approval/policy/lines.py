"""On which line of a TOML text each key is, which Python's reader of TOML does not report.

1. The text is one that ``tomllib`` has read. So this only follows its outline, and checks nothing.
2. A place is the way to a value from the top: ``("policy", "scheme", "level", 1, "within")``, lists counted from 0.
3. A table, or an element of a list of tables, is on the line of its header; an element of an array is where it begins.
"""

import re
import tomllib
from bisect import bisect_right

Place = tuple[str | int, ...]
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")'
    r"|'''.*?'{3,5}(?!')"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]*")


def lines_of(text: str) -> dict[Place, int]:
    """The line, from 1, of each key, table and element of a list."""
    return _Outline(text).lines


class _Outline:
    def __init__(self, text: str) -> None:
        self.lines: dict[Place, int] = {}
        self._text = text
        self._place = 0
        self._breaks = [match.start() for match in re.finditer("\n", text)]
        self._tables: dict[Place, int] = {}  # lists of tables, with how many of them there are so far
        self._read()

    def _read(self) -> None:
        table: Place = ()
        while self._skip(_BLANK) < len(self._text):
            if self._text.startswith("[", self._place):
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Place:
        line = self._line()
        several = self._text.startswith("[[", self._place)
        self._place += 1 + several
        table = self._resolved(self._key(), several=several)
        self._place += 1 + several
        self._note(table, line)
        return table

    def _resolved(self, key: Place, *, several: bool) -> Place:
        """The place of a table: a list of tables on the way means its last element so far."""
        place: Place = ()
        for number, part in enumerate(key):
            place = (*place, part)
            if several and number == len(key) - 1:
                self._tables[place] = self._tables.get(place, 0) + 1
            if place in self._tables:
                place = (*place, self._tables[place] - 1)
        return place

    def _pair(self, table: Place) -> None:
        line = self._line()
        place = (*table, *self._key())
        self._place += 1  # the sign =
        self._note(place, line)
        self._value(place)

    def _key(self) -> Place:
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            quoted = _STRING.match(self._text, self._place)
            found = quoted or _BARE.match(self._text, self._place)
            assert found
            self._place = found.end()
            parts.append(str(tomllib.loads(f"key = {found[0]}")["key"]) if quoted else found[0])
            self._skip(_SPACE)
            if not self._text.startswith(".", self._place):
                return tuple(parts)
            self._place += 1

    def _value(self, place: Place) -> None:
        self._skip(_SPACE)
        first = self._text[self._place]
        if first == "[":
            self._array(place)
        elif first == "{":
            self._inline_table(place)
        else:
            found = _STRING.match(self._text, self._place) or _SCALAR.match(self._text, self._place)
            assert found
            self._place = found.end()

    def _array(self, place: Place) -> None:
        self._place += 1
        number = 0
        while not self._at("]"):
            self._note((*place, number), self._line())
            self._value((*place, number))
            number += 1
            if self._at(","):
                self._place += 1
        self._place += 1

    def _inline_table(self, place: Place) -> None:
        self._place += 1
        while not self._at("}"):
            self._pair(place)
            if self._at(","):
                self._place += 1
        self._place += 1

    def _at(self, char: str) -> bool:
        self._skip(_BLANK)
        return self._text[self._place] == char

    def _note(self, place: Place, line: int) -> None:
        """Keep the first line of a place, and of the tables that a header or a dotted key makes on its way."""
        for end in range(1, len(place) + 1):
            self.lines.setdefault(place[:end], line)

    def _line(self) -> int:
        return bisect_right(self._breaks, self._place - 1) + 1

    def _skip(self, what: re.Pattern[str]) -> int:
        found = what.match(self._text, self._place)
        assert found
        self._place = found.end()
        return self._place
