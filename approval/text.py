"""Texts that people sent, made fit to be stored: on one line, without tricks, and no longer than a limit allows.

1. Blanks are what Unicode calls white space. They are cut off around a text, and nothing else is.
2. A text that people read holds no control character, no half of a character, and no mark that turns the reading
   direction beyond the text's own end: of these marks only isolates are plain (U+2066, U+2067, U+2068), each with the
   U+2069 that closes it in the same paragraph. They keep a right-to-left name apart from the text around it.
3. What is refused or taken out is named: by its code, ``U+200B``, and by its place, counted in code points from 1.

The custom status of an instance may hold 8,000 characters of JSON, and an escaped letter costs six of them, so
limits are counted in characters of JSON, not in letters.
"""

import json
import re
import unicodedata
from collections.abc import Container
from typing import NamedTuple

BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_RUN_OF_BLANKS = re.compile(f"[{BLANKS}]+")
_CUT = "…"
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BREAKS = frozenset("\t\n\v\f\r\x85\u2028\u2029")
# Marks that turn the reading direction can make "reject" read as something else in a list of cases.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e")
_ISOLATES, _POP = frozenset("\u2066\u2067\u2068"), "\u2069"
# Where a paragraph ends, so do its isolates: UAX #9, characters of type B.
_PARAGRAPH_ENDS = frozenset("\n\r\x1c\x1d\x1e\x85\u2029")
# All but white space, controls, halves, Unicode's Default_Ignorable_Code_Point, and what shows nothing by its design:
# U+2800, U+16FE4, U+1D159 and the annotation marks U+FFF9 to U+FFFB.
_VISIBLE = re.compile(
    "[^\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u2800\u3000\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00016fe4"
    "\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_CONTROLS = {
    "\0": "NULL",
    "\t": "TAB",
    "\n": "LINE FEED",
    "\v": "VERTICAL TAB",
    "\f": "FORM FEED",
    "\r": "CARRIAGE RETURN",
    "\x1b": "ESCAPE",
    "\x7f": "DELETE",
    "\x85": "NEXT LINE",
}
_VISIBLE_ASCII = range(0x21, 0x7F)


class Fault(NamedTuple):
    """Why a value is refused.

    Attributes:
        code: as in an entry of ``errors``.
        reason: sentences; where a character is at fault, they name it and its place.
    """

    code: str
    reason: str


def json_cost(text: str) -> int:
    """How many characters the text takes inside a JSON string, with everything but ASCII escaped."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:  # nearly every text
        return len(text)
    return len(json.dumps(text)) - 2


def clip(text: str, limit: int) -> str:
    """The text, or as much of its beginning as takes ``limit`` characters of JSON, with a mark that it was cut."""
    if json_cost(text) <= limit:
        return text
    left, kept = limit - json_cost(_CUT), 0
    for char in text:
        left -= json_cost(char)
        if left < 0:
            break
        kept += 1
    return _paired(text[:kept]).rstrip() + _CUT if limit >= json_cost(_CUT) else ""


def cut(text: str, most: int) -> str:
    """The text, or its first ``most - 1`` characters with a mark that it was cut."""
    return text if len(text) <= most else _paired(text[: most - 1]) + _CUT


def bare(text: str) -> tuple[str, int]:
    """The text without the blanks around it, and how many of them were before it."""
    kept = text.lstrip(BLANKS)
    return kept.rstrip(BLANKS), len(text) - len(kept)


def is_visible(text: str) -> bool:
    """Whether a reader sees anything of the text at all."""
    return _VISIBLE.search(text) is not None


def named(char: str) -> str:
    """How a character is called in answers: ``U+200B ZERO WIDTH SPACE``, ``“,” (U+002C COMMA)``."""
    if "\ud800" <= char <= "\udfff":
        return f"{_code(char)}, half a character (a lone surrogate)"
    called = f"{_code(char)} {_CONTROLS.get(char) or unicodedata.name(char, '')}".rstrip()
    return f"“{char}” ({called})" if ord(char) in _VISIBLE_ASCII else called


def at(text: str, place: int, before: int = 0) -> str:
    """Which character is there: ``Character 5 is U+200B ZERO WIDTH SPACE``.

    Args:
        text: without its blanks.
        place: 0-based.
        before: how many blanks were cut off before it.
    """
    return f"Character {before + place + 1} is {named(text[place])}"


def unknown_character(text: str, known: Container[str], before: int = 0) -> str | None:
    """A sentence that names the first character that is none of the known ones; None if there is none."""
    place = next((place for place, char in enumerate(text) if char not in known), None)
    return None if place is None else f"{at(text, place, before)}."


def fault(text: str, before: int = 0, *, lines: bool = False) -> str | None:
    """A sentence on the first character that is not allowed in a text that people read; None if all can.

    Args:
        text: without its blanks.
        before: how many blanks were cut off before it.
        lines: whether it may hold line breaks and tabs.
    """
    alone = frozenset(_unpaired(text))
    for place, char in enumerate(text):
        if (_is_plain(char) or (lines and char in _BREAKS)) and place not in alone:
            continue
        reason = at(text, place, before)
        if char in _TURNS:
            return (
                f"{reason}, which turns the reading direction beyond this text; leave it out, or use U+2068 and U+2069."
            )
        if place in alone:
            return f"{reason} without {'a mark that it closes' if char == _POP else 'the U+2069 that closes it'}."
        return f"{reason}, which cannot {'stand in a text of one line' if char in _BREAKS else 'be shown'}."
    return None


def plain(text: str) -> str:
    """The text with the code of each character that cannot be shown in its place: ``[U+202E]``."""
    if text.isascii() and text.isprintable():  # nearly every text, and much faster
        return text
    alone = frozenset(_unpaired(text))
    return "".join(
        char if _is_plain(char) and place not in alone else f"[{_code(char)}]" for place, char in enumerate(text)
    )


def one_line(text: str) -> str:
    """The text with every run of white space made a single blank, and otherwise as ``plain`` makes it."""
    return plain(_RUN_OF_BLANKS.sub(" ", text).strip(" "))


def harmless(text: str) -> str:
    """The text as it is if every character of it is plain, otherwise ``one_line`` of it.

    For texts that did not come through the starter, which refuses such characters, and that people read in an output or
    a status.
    """
    return text if all(map(_is_plain, text)) and not _unpaired(text) else one_line(text)


def _is_plain(char: str) -> bool:
    return char not in _TURNS and unicodedata.category(char) not in _UNPRINTABLE


def _code(char: str) -> str:
    return f"U+{ord(char):04X}"


def _unpaired(text: str) -> list[int]:
    """Where marks of isolates are that have no partner."""
    opened: list[int] = []
    alone: list[int] = []
    for place, char in enumerate(text):
        if char in _ISOLATES:
            opened.append(place)
        elif char == _POP:
            if opened:
                opened.pop()
            else:
                alone.append(place)
        elif char in _PARAGRAPH_ENDS:
            alone += opened
            opened.clear()
    return alone + opened


def _paired(text: str) -> str:
    """The text without isolates that a cut has left open."""
    alone = frozenset(_unpaired(text))
    return "".join(char for place, char in enumerate(text) if place not in alone) if alone else text
