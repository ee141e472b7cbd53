"""How much money a proposal is about: the digits that were sent, or the reason why they are refused.

1. Kept to the digit, as text. A JSON number is never read as a binary float; one with an exponent is written out.
2. Only the digits 0 to 9 and one point. Nothing is guessed: no separators, no sign, no other script's digits.
3. A text like ``"1.850"`` is one thousand eight hundred and fifty in half of Europe. It is refused, unless its currency
   has three decimals. A JSON number is not: JSON itself defines its point.
"""

import re
from decimal import Decimal

from approval.json_values import Number
from approval.text import Fault, at, bare, named, unknown_character

MOST_WHOLE = 12
MOST_DECIMALS = 3
_MOST_READ = 10**40
_MOST_ZEROS = 20
_DIGITS = frozenset("0123456789")
_SEPARATORS = frozenset(",.'_ \xa0\xb7\u066b\u066c\u2009\u2019\u202f")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?0*\d{1,3})?", re.ASCII)
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2}\.\d{3}", re.ASCII)
# Minor units of ISO 4217, where they are not two.
_WITHOUT_DECIMALS = frozenset({
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF",
    "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF",
})  # fmt: skip
_WITH_THREE = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def read_amount(value: object) -> str | Fault:
    """The digits of a JSON number or of a decimal text, such as ``1850000.00``, or why they are no amount."""
    if isinstance(value, str):
        digits, before = bare(value)
        reason = _unknown_character(digits, before) or _separators(digits, before)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        digits, before = _written_out(value), 0
        reason = None if digits else _too_far(value)
    else:
        return Fault("not-an-amount", "It is neither a number nor a text.")
    reason = reason or _form(digits, before)
    return Fault("not-an-amount", reason) if reason else digits


def ambiguity(value: object, currency: str) -> Fault | None:
    """Why a text could be two amounts in this currency, and what to write; None if it is one."""
    if not isinstance(value, str) or currency in _WITH_THREE:
        return None
    digits, before = bare(value)
    if not _AMBIGUOUS.fullmatch(digits):
        return None
    place = digits.index(".")
    return Fault(
        "ambiguous",
        f"{at(digits, place, before)}, and it could part thousands or begin decimals. {_write(digits, currency)}",
    )


def decimals_of(currency: str) -> int:
    """How many decimals amounts of this currency are written with."""
    return 0 if currency in _WITHOUT_DECIMALS else MOST_DECIMALS if currency in _WITH_THREE else 2


def _write(digits: str, currency: str) -> str:
    whole, short = digits.replace(".", ""), digits.rstrip("0").rstrip(".")
    said = f'Write "{whole}" if it parts thousands'
    if currency in _WITHOUT_DECIMALS:
        return f"{said}; {currency} has no decimals."
    other = f"the JSON number {digits}" if short == digits else f'"{short}"'
    return f"{said}, or {other} if it begins decimals."


def _written_out(number: float) -> str:
    """The digits of a number without an exponent; none if there are too many."""
    if isinstance(number, int):
        return str(number) if abs(number) < _MOST_READ else ""
    digits = number.digits if isinstance(number, Number) else repr(number)
    return format(Decimal(digits), "f") if _NUMBER.fullmatch(digits) else ""


def _too_far(number: float) -> str:
    return f"It has more than {MOST_WHOLE} digits." if isinstance(number, int) else "Its exponent is more than 999."


def _unknown_character(digits: str, before: int) -> str | None:
    if digits.startswith("-"):
        return None
    reason = unknown_character(digits, _DIGITS | _SEPARATORS, before)
    return reason and f"{reason} Only the digits 0 to 9 and one point can stand in an amount."


def _separators(digits: str, before: int) -> str | None:
    places: dict[str, list[int]] = {}
    for place, char in enumerate(digits):
        if char in _SEPARATORS:
            places.setdefault(char, []).append(place)
    if not places or (places.keys() == {"."} and len(places["."]) == 1):
        return None
    listed = ", ".join(
        f"{named(char)} at character{'s' * (len(found) > 1)} {' and '.join(str(before + place + 1) for place in found)}"
        for char, found in places.items()
    )
    return f"It has separators: {listed}. {_joined(digits, places)}"


def _joined(digits: str, places: dict[str, list[int]]) -> str:
    """What to write, where the separators leave no doubt; otherwise the rule."""
    rule = "Write the digits without anything between the thousands, and a point before the decimals."
    last = max(places, key=lambda char: places[char][-1])
    whole, _, decimals = digits.rpartition(last) if len(places) > 1 and len(places[last]) == 1 else (digits, "", "")
    groups = re.split("[^0-9]", whole)
    if len(groups) < 2 or not all(len(group) == 3 for group in groups[1:]) or not 1 <= len(groups[0]) <= 3:  # noqa: PLR2004
        return rule
    if len(groups) == 2 and not decimals and last in ",.":  # noqa: PLR2004
        return rule
    return f'Write "{"".join(groups)}{"." if decimals else ""}{decimals}", if that is meant.'


def _form(digits: str, before: int) -> str | None:
    whole, point, decimals = digits.partition(".")
    if digits.startswith("-"):
        return f"{at(digits, 0, before)}, and an amount has no sign."
    if not digits:
        return "It is empty."
    if not whole or (point and not decimals):
        return f"It has no digit {'behind' if whole else 'before'} the point."
    if len(whole) > 1 and whole.startswith("0"):
        return "It begins with a zero that says nothing."
    if len(whole) > MOST_WHOLE:
        return f"It has more than {MOST_WHOLE} digits before the point."
    if len(decimals.rstrip("0")) > MOST_DECIMALS or len(decimals) > _MOST_ZEROS:
        return f"It has more than {MOST_DECIMALS} decimals."
    return None
