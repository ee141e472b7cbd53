"""The payload of an event as the history keeps it, a text; what of it may be decoded, and how.

A payload is readable if

1. it is JSON as Python reads it (``NaN`` and a duplicate name are no faults here),
2. no object in it has all of the names that the Durable SDK keeps for itself (``approval.json_values.RESERVED``),
3. it is nested at most 64 levels deep, which is the webhook's own limit.

The answer is the same at each replay: it follows from the text alone, not from a setting or the stack that is left.
"""

import json

from approval.json_values import RESERVED, JsonValue
from approval.text import clip, one_line

MOST_LEVELS = 64
_SHOWN = 60


class UnreadablePayload(ValueError):
    """The payload must not, or cannot, be decoded."""


def parsed(text: str) -> JsonValue:
    """The value of the text.

    Raises:
        UnreadablePayload: one of the three rules above is broken.
    """
    try:
        value: JsonValue = json.loads(text, object_hook=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise UnreadablePayload from error
    # A text with few brackets is not deep; counting them is much faster than looking.
    if text.count("[") + text.count("{") > MOST_LEVELS and _is_deep(value):
        raise UnreadablePayload
    return value


def readable(text: str) -> str:
    """JSON that anybody can decode: the text as it is, or a word about it that is no decision.

    Example: ``undefined`` becomes ``"unreadable: undefined"``, a JSON text.
    """
    try:
        parsed(text)
    except UnreadablePayload:
        return json.dumps(f"unreadable: {clip(one_line(str(text)[:_SHOWN]), _SHOWN)}")
    return text


def _plain(found: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if found.keys() >= RESERVED:
        raise UnreadablePayload
    return found


def _is_deep(value: JsonValue) -> bool:
    """Whether a list or an object lies below the deepest level that is allowed; a loop, so that no stack is used."""
    level = [value]
    for _ in range(MOST_LEVELS):
        level = [
            inner
            for outer in level
            if isinstance(outer, list | dict)
            for inner in (outer if isinstance(outer, list) else outer.values())
        ]
    return any(isinstance(inner, list | dict) for inner in level)
