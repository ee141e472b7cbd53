"""What arrives over HTTP, from bytes to plain JSON values that everything behind it can carry.

1. UTF-8 (a byte order mark is forgiven); nothing, blanks and ``null`` all mean: no body.
2. Strict JSON: no NaN, no infinite number, no key twice in one object, at most 32 levels deep.
3. No half characters (lone surrogates) and no NUL, in no text and no key: storage would change or refuse them.
4. A number with a fraction or an exponent is a float that keeps the digits it was written with; a whole one is exact.
5. No object with the three keys ``__class__``, ``__module__`` and ``__data__``: the Durable SDK treats such an object
   as one of its own and would build it or fail the instance.
"""

import json
import math
from collections.abc import Iterator
from typing import Never

from approval.errors import FieldError, InvalidFields
from approval.json_values import RESERVED, JsonValue, Number, path
from approval.text import at, clip
from service.errors import BodyTooLarge, UnreadableBody

MOST_BYTES = 65_536
MOST_LEVELS = 32


def read_body(raw: bytes) -> JsonValue:
    """The value of the bytes, or None if there is no body.

    Raises:
        BodyTooLarge: over 65,536 bytes.
        UnreadableBody: not UTF-8, not strict JSON, or nested too deep.
        InvalidFields: a text or a name that cannot be carried.
    """
    if len(raw) > MOST_BYTES:
        raise BodyTooLarge(len(raw), MOST_BYTES)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableBody(f"Byte {error.start + 1} is not UTF-8") from error
    if not text.strip(" \t\r\n"):
        return None
    try:
        value: JsonValue = json.loads(
            text, parse_float=_finite, parse_int=_whole, parse_constant=_no_constant, object_pairs_hook=_no_key_twice
        )
    except json.JSONDecodeError as error:
        raise UnreadableBody(f"{error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise UnreadableBody(f"It is nested deeper than {MOST_LEVELS} levels") from error
    except ValueError as error:  # Python refuses whole numbers of more than 4,300 digits
        raise UnreadableBody("A number has too many digits") from error
    entries = list(_faults(value))
    if entries:
        raise InvalidFields(entries)
    return value


def _whole(digits: str) -> int | float:
    return Number(digits) if digits == "-0" else int(digits)


def _finite(digits: str) -> float:
    number = Number(digits)
    if math.isinf(number):
        raise UnreadableBody(f"The number {clip(digits, 40)} is too large")
    return number


def _no_constant(name: str) -> Never:
    raise UnreadableBody(f"{name} is not a JSON number")


def _no_key_twice(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # add gives None
        raise UnreadableBody(f"The key {path(twice)!r} stands twice in one object")
    return made


def _faults(body: JsonValue) -> Iterator[FieldError]:
    """What the parser accepts and what comes after it cannot carry; a loop, so that no stack is used."""
    left: list[tuple[tuple[str | int, ...], JsonValue]] = [((), body)]
    while left:
        where, value = left.pop()
        if len(where) >= MOST_LEVELS and isinstance(value, dict | list):
            raise UnreadableBody(f"It is nested deeper than {MOST_LEVELS} levels")
        if isinstance(value, str):
            yield from _text_faults(where, value, "the text")
        elif isinstance(value, list):
            left += [((*where, place), item) for place, item in enumerate(value)]
        elif isinstance(value, dict):
            for key in value:
                yield from _text_faults(where, key, "a name in this object")
            if value.keys() >= RESERVED:
                yield FieldError(
                    path(*where),
                    "reserved-names",
                    "An object must not have all of the names __class__, __module__ and __data__. Rename one of them.",
                )
            left += [((*where, key), item) for key, item in value.items()]


def _text_faults(where: tuple[str | int, ...], text: str, what: str) -> Iterator[FieldError]:
    place = next((place for place, char in enumerate(text) if char == "\0" or "\ud800" <= char <= "\udfff"), None)
    if place is not None:
        yield FieldError(
            path(*where), "text-broken", f"{at(text, place)}, in {what}. It cannot be stored as it is; take it out."
        )
