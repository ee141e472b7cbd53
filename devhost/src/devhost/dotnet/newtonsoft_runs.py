"""Runs of simple items or members of loose JSON, read in one stride.

A run is up to 1,000 values, each with its comma: strict JSON, or with single quotes and names without quotes. The
rest of a longer run is the next run.
"""

import json
import re
from typing import Any, Final

_B: Final = r"[ \t\r\n]*+"
_PLAIN: Final = r"-?(?:0|[1-9][0-9]{0,300})(?:\.[0-9]{1,300})?(?:[eE][-+]?[0-9]{1,9})?|true|false|null"


def _patterns(text: str, name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns for items and for members; an item may be an array or object of simple values.

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
_ITEMS, _MEMBERS = _patterns(_TEXT, _TEXT)
_LOOSE_ITEMS, _LOOSE_MEMBERS = _patterns(_IN_QUOTES, f"[A-Za-z_$][0-9A-Za-z_$]*+|{_IN_QUOTES}")
_NAME: Final = re.compile(r"[A-Za-z_$][0-9A-Za-z_$]*+(?=[ \t\r\n]*:)")


def items_at(text: str, at: int) -> tuple[list[Any], int] | None:
    """The items of the run that begins here, and where it ends; None if none begins here."""
    return _run(text, at, _ITEMS, _LOOSE_ITEMS, "[]")


def members_at(text: str, at: int) -> tuple[list[tuple[str, Any]], int] | None:
    """The same for members: their names and values."""
    return _run(text, at, _MEMBERS, _LOOSE_MEMBERS, "{}", object_pairs_hook=list)


def _run(
    text: str, at: int, strict: re.Pattern[str], loose: re.Pattern[str], brackets: str, **options: Any
) -> tuple[list[Any], int] | None:
    """Single quotes become double ones, and names get quotes: no text of a loose run holds a quote or a colon."""
    run = strict.match(text, at)
    if run is not None:
        content = run[0]
    else:
        run = loose.match(text, at)
        if run is None:
            return None
        content = _NAME.sub(r'"\g<0>"', run[0].replace("'", '"'))
    return json.loads(f"{brackets[0]}{content[:-1]}{brackets[1]}", **options), run.end()
