"""The fields of a policy file: ``[[field]]``."""

import re
from datetime import date
from decimal import Decimal
from keyword import iskeyword
from typing import NamedTuple

from approval.policy.fields import MOST_INTEGER, MOST_MONEY, MOST_TEXT, Field, FieldType, Value
from approval.policy.tables import Table, called, is_day, line_fault, nearest, read_money, shown
from approval.text import bare

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_RESERVED = frozenset({"true", "false"})
_COMMON = ("name", "type", "label", "default", "optional")
_KEYS = {
    FieldType.TEXT: ("min", "max"),
    FieldType.INTEGER: ("min", "max"),
    FieldType.MONEY: ("currency", "min", "max"),
    FieldType.BOOLEAN: (),
    FieldType.CHOICE: ("choices",),
    FieldType.DATE: ("min", "max"),
    FieldType.LINK: (),
}
_BOUNDS: dict[FieldType, tuple[int | Decimal | date, int | Decimal | date]] = {
    FieldType.TEXT: (1, MOST_TEXT),
    FieldType.INTEGER: (-MOST_INTEGER, MOST_INTEGER),
    FieldType.MONEY: (Decimal(0), MOST_MONEY),
    FieldType.DATE: (date.min, date.max),
}
_EXAMPLES = {
    FieldType.TEXT: 'Write for example: "none".',
    FieldType.INTEGER: "Write for example: 3.",
    FieldType.MONEY: "Write for example: 50_000.",
    FieldType.BOOLEAN: "Write true or false.",
    FieldType.CHOICE: "Write one of the choices.",
    FieldType.DATE: "Write for example: 2027-01-31, without quotes.",
    FieldType.LINK: "Leave it out.",
}
Bound = int | Decimal | date


def read_field(table: Table) -> tuple[str | None, Field | None]:
    """The name of a field, if it has one that can be, and the field, if nothing in it is a mistake."""
    name, label = _name(table), table.line("label", 'label = "Whole cost"')
    kind = table.one_of("type", list(FieldType)) if table.needed("type", 'type = "text"') else None
    if kind is None:
        return name, None
    of = FieldType(kind)
    every = dict.fromkeys(key for keys in _KEYS.values() for key in keys)
    table.only(
        (*_COMMON, *_KEYS[of]),
        elsewhere={key: f"A field of type {of} has no {key}." for key in every if key not in _KEYS[of]},
    )
    choices = _choices(table) if of is FieldType.CHOICE else ()
    currency = read_currency(table) if of is FieldType.MONEY else None
    bounds = _bounds(table, of)
    optional = table.flag("optional", default=False)
    if name is None or label is None or bounds is None or choices is None or (of is FieldType.MONEY and not currency):
        return name, None
    field = Field(name, of, label, choices, currency, *bounds, optional=optional)
    if "default" not in table:
        return name, field
    default = _default(table, field)
    if default is None:
        return name, None
    return name, Field(name, of, label, choices, currency, *bounds, default=default, optional=optional)


def read_currency(table: Table) -> str | None:
    """The code of a currency; needed."""
    if not table.needed("currency", 'currency = "EUR"'):
        return None
    value = table.values["currency"]
    if isinstance(value, str) and _CURRENCY.fullmatch(value):
        return value
    table.wrong("currency", f"It is {called(value)}.", "Write the three capital letters of ISO 4217, such as EUR.")
    return None


def _name(table: Table) -> str | None:
    if not table.needed("name", 'name = "amount"'):
        return None
    value = table.values["name"]
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        table.wrong(
            "name", f"It is {called(value)}.", "Write 1 to 40 small letters, digits and _, beginning with a letter."
        )
        return None
    if iskeyword(value) or value in _RESERVED:
        table.wrong("name", f"{value} has a meaning in conditions.", "Choose another name.")
        return None
    return value


def _choices(table: Table) -> tuple[str, ...] | None:
    example = 'choices = ["scheme", "structure"]'
    if not table.needed("choices", example):
        return None
    given = table.values["choices"]
    found = table.texts("choices", example)
    reasons = [(number, line_fault(each)) for number, each in found]
    for number, reason in reasons:
        if reason:
            table.at("choices", number, reason, f"Write for example: {example}.")
    padded = [(number, each) for number, each in found if not line_fault(each) and bare(each)[0] != each]
    for number, _ in padded:
        table.at("choices", number, "It has blanks around it.", "Leave them out.")
    bad = padded or any(reason for _, reason in reasons) or not isinstance(given, list) or len(found) != len(given)
    return None if bad or not found else tuple(each for _, each in found)


def _bounds(table: Table, of: FieldType) -> tuple[Bound | None, Bound | None] | None:
    """The least and the greatest value, or length; None if one of them is a mistake."""
    if of not in _BOUNDS:
        return None, None
    least, greatest = _BOUNDS[of]
    low, high = _bound(table, "min", of, least), _bound(table, "max", of, greatest)
    if low is None or high is None:
        return None
    if low > high:  # type: ignore[operator]  # both have the field's type
        table.wrong("min", f"{low} is above {high}.", "Write min at most max.")
        return None
    return low, high


def _bound(table: Table, key: str, of: FieldType, usual: Bound) -> Bound | None:
    if key not in table:
        return usual
    value, (least, greatest) = table.values[key], _BOUNDS[of]
    if of is FieldType.MONEY:
        money = read_money(value)
        if not isinstance(money, str):
            return money
        table.wrong(key, money, "Write for example: 50_000.")
        return None
    if of is FieldType.DATE:
        if isinstance(value, date) and is_day(value):
            return value
        table.wrong(key, f"It is {called(value)}, and no date.", "Write for example: 2027-01-31, without quotes.")
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        table.wrong(key, f"It is {called(value)}, and no whole number.", "Write for example: 3.")
        return None
    if not least <= value <= greatest:  # type: ignore[operator]
        table.wrong(key, f"It is {called(value)}.", f"Write a number from {least} to {greatest}.")
        return None
    return value


def _default(table: Table, field: Field) -> Value | None:
    found = _typed(table.values["default"], field)
    if isinstance(found, _Unfit):
        table.wrong("default", found.what, found.instead)
        return None
    if field.type in _BOUNDS:
        size = len(found) if isinstance(found, str) else found
        if not field.least <= size <= field.greatest:  # type: ignore[operator]  # all have the field's type
            limits = f"They are {field.least} to {field.greatest}."
            table.wrong("default", f"It is {shown(found)}, outside the field's limits.", limits)
            return None
    return found


class _Unfit(NamedTuple):
    what: str
    instead: str


def _typed(value: object, field: Field) -> Value | _Unfit:
    """The value as the field's type has it."""
    unfit = _Unfit(f"It is {called(value)}, and no {field.type}.", _EXAMPLES[field.type])
    match field.type:
        case FieldType.LINK:
            return _Unfit("A link has no default.", "Leave it out, or write optional = true.")
        case FieldType.MONEY:
            money = read_money(value)
            return _Unfit(money, unfit.instead) if isinstance(money, str) else money
        case FieldType.CHOICE:
            fits = value in field.choices if isinstance(value, str) else False
            return str(value) if fits else _Unfit(f"It is {called(value)}.", nearest(value, field.choices))
        case FieldType.TEXT:
            reason = line_fault(value) if isinstance(value, str) else unfit.what
            return _Unfit(reason, unfit.instead) if reason else bare(str(value))[0]
        case FieldType.DATE:
            return value if isinstance(value, date) and is_day(value) else unfit
        case FieldType.BOOLEAN:
            return value if isinstance(value, bool) else unfit
    return value if isinstance(value, int) and not isinstance(value, bool) else unfit
