"""The values that the standard library's parser reads as Newtonsoft does: strict JSON within Newtonsoft's limits."""

import json
import re
from json.scanner import make_scanner
from typing import Any, Final

MAX_DEPTH: Final = 64
_DECODER: Final = json.JSONDecoder()
_SCAN: Final = make_scanner(_DECODER)  # type: ignore[arg-type]  # wrong in typeshed
_LONG_INTEGER: Final = re.compile(r"(?<![0-9])(?:[0-9]{381}|-[0-9]{380})")


def first_value(text: str) -> tuple[Any, int] | None:
    """The text's first value and where it ends; None if the slow parser is needed."""
    start = len(text) - len(text.lstrip(" \t\r\n"))
    if text[start : start + 1] not in tuple('{["tf123456789'):
        return None
    try:
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return (value, end) if _is_allowed(text, start, value, end, MAX_DEPTH) else None


def value_at(text: str, at: int, deepest: int) -> tuple[Any, int] | None:
    """The value that begins here and where it ends; None if it is not strict JSON or is nested too deep."""
    try:
        value, end = _SCAN(text, at)
    except (ValueError, RecursionError, StopIteration):
        return None
    return (value, end) if _is_allowed(text, at, value, end, deepest) else None


def _is_allowed(text: str, start: int, value: Any, end: int, deepest: int) -> bool:
    """Whether Newtonsoft accepts it: not nested too deep, no whole number too long."""
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
