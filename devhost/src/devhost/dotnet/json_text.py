"""JSON text as Newtonsoft writes it, and what it keeps of a value (contract 4.11)."""

import json
import math
import re
from typing import Any

_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


_NUMBER_OF_ANOTHER_LOOK = re.compile(r"\de[+-]\d|NaN|Infinity")


_CHARACTER_OF_ANOTHER_LOOK = re.compile("[\u0085\u2028\u2029\ud800-\udfff]")


_NET_LARGEST_PLAIN = 1e17


def compact(value: Any) -> str:
    """JSON text as the extension writes it: no blanks, no escapes beyond the needed ones, numbers as .NET has them.

    ``1E+20``, ``1E-07``, ``10000000000000000.0``; ``NaN`` and the infinities are strings. Three line ends of Unicode
    are escaped, half of a surrogate pair is U+FFFD.
    """
    text = _ENCODER.encode(value)
    # Plain searches first: the pattern takes six times as long, and texts without any of these are the rule.
    may_look_different = "e-" in text or "e+" in text or "NaN" in text or "Infinity" in text
    if may_look_different and _NUMBER_OF_ANOTHER_LOOK.search(text):
        text = _written(value)
    return text if text.isascii() else _CHARACTER_OF_ANOTHER_LOOK.sub(_escaped, text)


def recoded(text: str) -> str:
    """A JSON text of Python's in the extension's writing, as a result: see :func:`plain`."""
    return compact(plain(json.loads(text)))


def whole(text: str) -> str:
    """The text as it can be stored: half of a surrogate pair is U+FFFD."""
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def plain(value: Any) -> Any:
    """The value without leading ``$id``, ``$type`` and ``$values``, which Newtonsoft treats as metadata.

    That is what happens to outputs, custom statuses and results of activities; of their outermost object only.

    """
    if not isinstance(value, dict):
        return value
    for number, key in enumerate(value):
        if key == "$values":
            return value[key]
        if key not in ("$id", "$type"):
            return dict(list(value.items())[number:]) if number else value
    return {}


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\u{code:04x}" if code < 0xD800 else "\ufffd"  # noqa: PLR2004 - where the surrogates begin


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_ENCODER.encode(str(key))}:{_written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_written, value)) + "]"
    if not isinstance(value, float):
        return _ENCODER.encode(value)
    if math.isnan(value):
        return '"NaN"'
    if math.isinf(value):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    text = repr(value)
    if "e" not in text:
        return text
    mantissa, _, exponent = text.partition("e")
    if 1 <= abs(value) < _NET_LARGEST_PLAIN:
        whole, _, decimals = mantissa.partition(".")
        return f"{whole}{decimals:0<16}.0"
    return f"{mantissa}E{exponent[0]}{exponent[1:].zfill(2)}"
