"""Tables of a policy file, read key by key: each value is what it should be, or a mistake is noted.

1. Every mistake has its place, what is wrong and what would be right. Reading goes on after it.
2. An unknown key is a mistake, with the nearest known key. A key of a later version is refused by name.
3. Nothing is guessed: a number is no text, ``1`` is not ``true``. Blanks around texts are cut off.
"""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from approval.amount import MOST_DECIMALS
from approval.json_values import path
from approval.policy.fields import MOST_MONEY
from approval.policy.lines import Place
from approval.text import bare, cut, fault, is_visible, one_line

MOST_NAME = 200
_MOST_SHOWN = 60
_MOST_LISTED = 12
_DECIMAL = re.compile(r"[+-]?[0-9_]+(?:\.[0-9_]+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fraction:
    """A TOML number with a point or an exponent, as it is written."""

    written: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to put right in a policy file.

    Attributes:
        line: from 1.
        key: where it is, such as ``policy.scheme.level[2].within``; elements are counted from 1.
        what: what is wrong.
        instead: what would be right.
    """

    line: int
    key: str
    what: str
    instead: str

    def in_words(self, file: str) -> str:
        """``county.toml:41: policy.scheme.level[2].within: It is … Write …``, safe on a terminal."""
        return one_line(f"{file}:{self.line}: {self.key}: {self.what} {self.instead}")


class Report:
    """The mistakes found so far."""

    def __init__(self, lines: Mapping[Place, int]) -> None:
        self._lines = lines
        self._found: list[tuple[Place, Mistake]] = []

    def add(self, place: Place, what: str, instead: str = "") -> None:
        """Note a mistake; one in what is absent is on the line of what it is absent from."""
        known = next((place[:end] for end in range(len(place), 0, -1) if place[:end] in self._lines), None)
        line = self._lines[known] if known else 1
        key = path(*(part + 1 if isinstance(part, int) else part or '""' for part in place)) if place else "file"
        self._found.append((place, Mistake(line, key, what, instead)))

    def concerns(self, *parts: str) -> bool:
        """Whether a mistake is in one of these parts of the file."""
        return any(place[:1] in {(part,) for part in parts} for place, _ in self._found)

    def mistakes(self) -> tuple[Mistake, ...]:
        """All of them, by line; each once."""
        return tuple(sorted(dict.fromkeys(mistake for _, mistake in self._found), key=lambda each: each.line))


class Table:
    """A table of the file.

    A method that reads a key gives None where the key is absent or its value is a mistake.
    """

    def __init__(self, values: Mapping[str, object], place: Place, report: Report) -> None:
        self.values, self.place, self.report = values, place, report

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def wrong(self, key: str, what: str, instead: str = "") -> None:
        """Note a mistake at a key of this table; at the table itself, if the key is empty."""
        self.report.add((*self.place, key) if key else self.place, what, instead)

    def only(
        self, known: Collection[str], later: Collection[str] = (), elsewhere: Mapping[str, str] | None = None
    ) -> None:
        """Note every key that is none of the known ones; ``elsewhere`` gives the place where some of them belong."""
        for key in self.values:
            if key in known:
                continue
            if key in later:
                self.report.add(
                    (*self.place, key), f"{key} comes later; this version does not read it.", "Leave it out for now."
                )
            elif elsewhere and key in elsewhere:
                self.report.add((*self.place, key), elsewhere[key], "Leave it out.")
            else:
                near = difflib.get_close_matches(key, known, 1)
                advice = f"Did you mean {near[0]}?" if near else f"The keys here are: {', '.join(known)}."
                self.report.add((*self.place, key), "This key is unknown.", advice)

    def needed(self, key: str, example: str) -> bool:
        """Whether the key is there; a mistake is noted if it is not."""
        if key in self.values:
            return True
        self.wrong(key, "It is missing.", f"Write for example: {example}.")
        return False

    def line(self, key: str, example: str) -> str | None:
        """A text of one line that people read, at most 200 characters; needed."""
        if not self.needed(key, example):
            return None
        sent = self.values[key]
        if not isinstance(sent, str):
            self.wrong(key, f"It is {called(sent)}, and no text.", f"Write for example: {example}.")
            return None
        reason = line_fault(sent)
        if reason:
            self.wrong(key, reason, f"Write for example: {example}.")
            return None
        return bare(sent)[0]

    def flag(self, key: str, *, default: bool) -> bool:
        """``true`` or ``false``; the default also where it is a mistake."""
        value = self.values.get(key, default)
        if isinstance(value, bool):
            return value
        self.wrong(key, f"It is {called(value)}.", "Write true or false.")
        return default

    def one_of(self, key: str, known: Collection[str], later: Collection[str] = ()) -> str | None:
        """One of these words, if the key is there."""
        if key not in self.values:
            return None
        value = self.values[key]
        if isinstance(value, str) and value in known:
            return value
        if isinstance(value, str) and value in later:
            self.wrong(key, f'"{value}" comes later.', f"Write {choice(known)}.")
            return None
        self.wrong(key, f"It is {called(value)}.", nearest(value, known))
        return None

    def texts(self, key: str, example: str) -> list[tuple[int, str]]:
        """The texts of a list with their places in it; none twice, and at least one."""
        found: list[tuple[int, str]] = []
        given = self.values.get(key)
        if not isinstance(given, list):
            self.wrong(key, f"It is {called(given)}, and no list.", f"Write for example: {example}.")
            return found
        if not given:
            self.wrong(key, "It is empty.", f"Write for example: {example}.")
        for number, each in enumerate(given):
            if not isinstance(each, str):
                self.at(key, number, f"It is {called(each)}, and no text.", f"Write for example: {example}.")
            elif any(each == known for _, known in found):
                self.at(key, number, f'"{shown(each)}" is here twice.', "Write it once.")
            else:
                found.append((number, each))
        return found

    def at(self, key: str, number: int, what: str, instead: str) -> None:
        """Note a mistake at an element of a list."""
        self.report.add((*self.place, key, number), what, instead)

    def table(self, key: str) -> "Table | None":
        """The table at a key, if the key is there."""
        if key not in self.values:
            return None
        value = self.values[key]
        if not isinstance(value, dict):
            self.wrong(key, f"It is {called(value)}, and no table.", "Write it as a table: { key = value }.")
            return None
        return Table(value, (*self.place, key), self.report)

    def tables(self, key: str, example: str) -> "list[Table]":
        """The tables of a list; at least one."""
        given = self.values.get(key)
        if given is None or given == []:
            self.wrong(key, "It is missing." if given is None else "It is empty.", f"Write for example: {example}.")
            return []
        if not isinstance(given, list):
            self.wrong(key, f"It is {called(given)}, and no list of tables.", f"Write for example: {example}.")
            return []
        found = []
        for number, each in enumerate(given):
            if isinstance(each, dict):
                found.append(Table(each, (*self.place, key, number), self.report))
            else:
                self.at(key, number, f"It is {called(each)}, and no table.", f"Write for example: {example}.")
        return found

    def each(self, key: str) -> Iterator[tuple[str, "Table"]]:
        """The tables below a key, by name; a value that is no table is a mistake."""
        below = self.table(key)
        for name in below.values if below else ():
            assert below
            table = below.table(name)
            if table:
                yield name, table

    def reference(
        self, key: str, value: object, known: Collection[str], kind: str, number: int | None = None
    ) -> str | None:
        """A name of something else in the file."""
        if isinstance(value, str) and value in known:
            return value
        what = (
            f"There is no {kind} {shown(value)}."
            if isinstance(value, str)
            else f"It is {called(value)}, and no {kind}."
        )
        advice = nearest(value, known) if known else f"Describe the {kind} in this file first."
        if number is None:
            self.wrong(key, what, advice)
            return None
        self.at(key, number, what, advice)
        return None


def line_fault(sent: str) -> str | None:
    """Why a text is not one that people read on one line; None if it is."""
    text, before = bare(sent)
    if not text or not is_visible(text):
        return "It has nothing to see in it."
    if len(text) > MOST_NAME:
        return f"It has more than {MOST_NAME} characters."
    return fault(text, before)


def read_money(value: object) -> Decimal | str:
    """The exact amount that a TOML number gives, or a sentence why it gives none."""
    written = value.written if isinstance(value, Fraction) else str(value)
    if isinstance(value, bool) or not isinstance(value, int | Fraction) or not _DECIMAL.fullmatch(written):
        return f"It is {called(value)}, and no plain number."
    amount = Decimal(written)
    if amount < 0:
        return "It is below 0, and money is not."
    if amount > MOST_MONEY:
        return f"It is above {MOST_MONEY:,f}."
    if amount != amount.quantize(Decimal(1).scaleb(-MOST_DECIMALS)):
        return f"It has more than {MOST_DECIMALS} decimals."
    return amount


def is_day(value: object) -> bool:
    """Whether a TOML value is a date without a time."""
    return isinstance(value, date) and not isinstance(value, datetime)


def called(value: object) -> str:
    """How a value of a file is called in a sentence: ``the number 5``, ``"5 days"``, ``a list``."""
    match value:
        case None:
            return "missing"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{shown(value)}"'
        case int():
            return f"the number {shown(str(value))}"
        case Fraction():
            return f"the number {shown(value.written)}"
        case list():
            return "a list"
        case dict():
            return "a table"
    return f"the time {value}" if not is_day(value) else f"the date {value}"


def shown(value: object) -> str:
    """A text of the file as a sentence shows it: on one line, and not too long."""
    return cut(one_line(str(value)), _MOST_SHOWN)


def nearest(value: object, known: Collection[str]) -> str:
    """A sentence that names the nearest known word, or all of them."""
    near = difflib.get_close_matches(value, known, 1) if isinstance(value, str) else []
    return f"Did you mean {near[0]}?" if near else f"Write {choice(known)}."


def choice(known: Collection[str]) -> str:
    """``"a", "b" or "c"``; no more than a dozen."""
    words = [f'"{shown(word)}"' for word in list(known)[:_MOST_LISTED]]
    if len(known) > _MOST_LISTED:
        return f"one of {', '.join(words)}, …"
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
