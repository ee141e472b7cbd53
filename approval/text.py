"""Texts that people sent, made fit to be carried: on one line, without tricks, and no longer than there is room for.

The custom status of an instance may hold 8,000 characters of JSON, and an escaped letter costs six of them, so
room is counted in characters of JSON, not in letters.
"""

import json
import unicodedata

_CUT = "…"
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
# Marks that turn the reading direction can make "reject" read as something else in a list of cases.
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def json_cost(text: str) -> int:
    """How many characters the text takes inside a JSON string, with everything but ASCII escaped."""
    return len(json.dumps(text)) - 2


def clip(text: str, room: int) -> str:
    """The text, or as much of its beginning as takes ``room`` characters of JSON, with a mark that it was cut."""
    if json_cost(text) <= room:
        return text
    left, kept = room - json_cost(_CUT), 0
    for char in text:
        left -= json_cost(char)
        if left < 0:
            break
        kept += 1
    return text[:kept].rstrip() + _CUT if room >= json_cost(_CUT) else ""


def is_plain(char: str) -> bool:
    """Whether the character can stand in a line that people read: no control, no broken half, no direction mark."""
    return char not in _DIRECTION and unicodedata.category(char) not in _UNPRINTABLE


def one_line(text: str) -> str:
    """The text with every character that is not plain, and every run of white space, made a single blank."""
    return " ".join("".join(char if is_plain(char) else " " for char in text).split())


def harmless(text: str) -> str:
    """The text as it is if every character of it is plain, otherwise ``one_line`` of it.

    For texts that went past the starter, which refuses such characters, and that people read in an output or a status.
    """
    return text if all(is_plain(char) for char in text) else one_line(text)
