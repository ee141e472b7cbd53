"""A value that was sent for a field of the policy file: what it is, or why it is refused and what to send instead.

1. Nothing is guessed: a text is no number, ``1`` is not ``true``. Blanks around a text are cut off.
2. Money keeps the digits that were sent and is compared exactly; a text that could be two amounts is refused.
"""

import re
from datetime import date
from decimal import Decimal

from approval.amount import ambiguity, read_amount
from approval.json_values import JsonValue
from approval.link import MOST_URL, link_fault
from approval.policy.fields import MOST_TEXT, Field, FieldType, Value
from approval.policy.tables import choice
from approval.text import Fault, at, bare, clip, cut, fault, is_visible, plain

MOST_LINE = 200
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SHOWN = 60


def read_value(field: Field, sent: JsonValue) -> Value | Fault:
    """The value of a field that was sent, or why it is refused; ``hint`` says what to send instead."""
    match field.type:
        case FieldType.MONEY:
            return _money(field, sent)
        case FieldType.INTEGER:
            if type(sent) is not int:
                return Fault("not-a-whole-number", "It is no whole number.")
            return _within(field, sent)
        case FieldType.BOOLEAN:
            return sent if isinstance(sent, bool) else Fault("not-true-or-false", "It is neither true nor false.")
    if not isinstance(sent, str):
        return Fault("not-text", "It is not a text.")
    text, before = bare(sent)
    match field.type:
        case FieldType.CHOICE:
            return text if text in field.choices else Fault("not-a-choice", f"{quoted(text)} is none of the choices.")
        case FieldType.DATE:
            return _date(field, text)
        case FieldType.LINK:
            return link_fault(text, before) or text
    return _text(field, text, before)


def _money(field: Field, sent: JsonValue) -> Value | Fault:
    digits = read_amount(sent)
    if isinstance(digits, Fault):
        return digits
    return ambiguity(sent, field.currency or "") or _within(field, Decimal(digits))


def _date(field: Field, text: str) -> Value | Fault:
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    return Fault("not-a-date", f"{quoted(text)} is no date.") if day is None else _within(field, day)


def _within(field: Field, value: int | Decimal | date) -> Value | Fault:
    if field.least is not None and value < field.least:  # type: ignore[operator]  # both have the field's type
        return Fault("too-low", f"It is {_before(field)} {_said(field, field.least)}.")
    if field.greatest is not None and value > field.greatest:  # type: ignore[operator]
        return Fault("too-high", f"It is {_after(field)} {_said(field, field.greatest)}.")
    return value


def _before(field: Field) -> str:
    return "before" if field.type is FieldType.DATE else "below"


def _after(field: Field) -> str:
    return "after" if field.type is FieldType.DATE else "above"


def _text(field: Field, text: str, before: int) -> str | Fault:
    least, greatest = _lengths(field)
    if not text:
        return Fault("empty", "It is empty.")
    if len(text) > greatest:
        return Fault("too-long", f"It has more than {greatest:,} characters.")
    lines = not is_one_line(field)
    reason = fault(text, before, lines=lines)
    if reason:
        return Fault("not-plain" if lines else "not-one-line", reason)
    if not is_visible(text):
        return Fault("empty", f"It has no character that can be seen. {at(text, 0, before)}.")
    if len(text) < least:
        return Fault("too-short", f"It has fewer than {least:,} characters.")
    return text


def _lengths(field: Field) -> tuple[int, int]:
    least, greatest = field.least, field.greatest
    return (least if isinstance(least, int) else 1), (greatest if isinstance(greatest, int) else MOST_TEXT)


def is_one_line(field: Field) -> bool:
    """Whether a text has no line breaks: one of more than 200 characters may have some."""
    return _lengths(field)[1] <= MOST_LINE


def hint(field: Field) -> str:
    """What to send for a field, as ``Give an amount from 0 to 5,000,000 GBP, such as 1250.00.`` says it."""
    match field.type:
        case FieldType.MONEY:
            limits = f"from {_number(field.least)} to {_number(field.greatest)} {field.currency}"
            return f"Give an amount {limits}, such as 1250.00."
        case FieldType.INTEGER:
            return f"Give a whole number from {_number(field.least)} to {_number(field.greatest)}."
        case FieldType.BOOLEAN:
            return "Give true or false."
        case FieldType.CHOICE:
            return f"Give {choice(field.choices)}."
        case FieldType.DATE:
            first = "" if field.least in {None, date.min} else f" from {field.least}"
            last = "" if field.greatest in {None, date.max} else f" to {field.greatest}"
            return f"Give a date{first}{last}, such as 2027-01-31."
        case FieldType.LINK:
            return f"Give a link that begins with https:// and has no password, at most {MOST_URL:,} characters."
    least, greatest = _lengths(field)
    return f"Give a text of {least:,} to {greatest:,} characters{' on one line' * is_one_line(field)}."


def _said(field: Field, value: object) -> str:
    return f"{_number(value)} {field.currency}" if field.currency else _number(value)


def _number(value: object) -> str:
    return f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}" if isinstance(value, int) else f"{value}"


def quoted(text: str) -> str:
    """A text that was sent, as a sentence shows it: on one line, in quotes, and not too long."""
    return f'"{clip(cut(plain(text), _SHOWN), 6 * _SHOWN)}"'
