"""The typed fields of a proposal: which values each accepts, and the values that represent all others.

1. A field has least and greatest values, also where the file sets none: an amount has at most 12 digits and 3 decimals,
   a whole number stays exact in JSON.
2. A condition compares a field with constants. Between two neighbouring constants all values are alike to it, so the
   constants and one value from each gap represent every value: ``representatives``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from approval.amount import MOST_DECIMALS, MOST_WHOLE

Value = str | int | bool | Decimal | date
MOST_TEXT = 4_000
MOST_INTEGER = 2**53 - 1
SMALLEST = Decimal(1).scaleb(-MOST_DECIMALS)
MOST_MONEY = Decimal(10) ** MOST_WHOLE - SMALLEST
_DAY = 1


class FieldType(StrEnum):
    """What a field holds."""

    TEXT = "text"
    INTEGER = "integer"
    MONEY = "money"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    DATE = "date"
    LINK = "link"


ORDERED = frozenset({FieldType.INTEGER, FieldType.MONEY, FieldType.DATE})


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a proposal.

    Attributes:
        least, greatest: of an integer, money or date the value, of a text its length; None for the other types.
        default: what a proposal without the field has.
        optional: a proposal may leave the field out, though it has no default.
    """

    name: str
    type: FieldType
    label: str
    choices: tuple[str, ...] = ()
    currency: str | None = None
    least: int | Decimal | date | None = None
    greatest: int | Decimal | date | None = None
    default: Value | None = None
    optional: bool = False

    @property
    def may_be_absent(self) -> bool:
        """Whether a proposal may have no value here at all."""
        return self.optional and self.default is None


def representatives(field: Field, constants: Iterable[Value]) -> tuple[Value, ...]:
    """Values of the field that represent all of them, where conditions know only these constants."""
    known = set(constants)
    if field.type is FieldType.BOOLEAN:
        return (False, True)
    if field.type is FieldType.CHOICE:
        others = [choice for choice in field.choices if choice not in known]
        return (*(choice for choice in field.choices if choice in known), *others[:1])
    if field.type in ORDERED:
        return tuple(_ordered(field, known))
    return (*sorted(map(str, known)), *_other_text(field, known))


def _other_text(field: Field, known: set[Value]) -> Iterator[str]:
    length = max(field.least if isinstance(field.least, int) else 1, 1)
    candidates = (chr(ord("a") + number) * length for number in range(len(known) + 1))
    yield next(text for text in candidates if text not in known)


def _ordered(field: Field, known: set[Value]) -> Iterator[Value]:
    """The constants, and a value from each gap below, between and above them that holds one; in order."""
    least, greatest = _position(field.least), _position(field.greatest)
    unit, step = (Decimal(1), SMALLEST) if field.type is FieldType.MONEY else (Decimal(_DAY), Decimal(_DAY))
    marks = sorted(map(_position, known))
    if not marks:
        yield _value(field, least)
        return
    if least < marks[0]:
        yield _value(field, marks[0] - (unit if marks[0] - unit >= least else step))
    for mark, after in pairwise([*marks, greatest + step]):
        yield _value(field, mark)
        if mark + step < after:
            yield _value(field, mark + (unit if mark + unit < after else step))


def _position(value: object) -> Decimal:
    if isinstance(value, date):
        return Decimal(value.toordinal())
    assert isinstance(value, int | Decimal)
    return Decimal(value)


def _value(field: Field, position: Decimal) -> Value:
    if field.type is FieldType.DATE:
        return date.fromordinal(int(position))
    return position if field.type is FieldType.MONEY else int(position)
