"""Inline constraints of a route parameter, as ASP.NET Core knows them (contract 6.1).

Each gives a check of a route value. Numbers, dates and booleans are read as .NET's parsers read them in the invariant
culture, so white space around them and a sign are fine.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from dateutil.parser import ParserError, parse

Check = Callable[[str], bool]

_CALL: Final = re.compile(r"([^(]*)(?:\((.*)\))?", re.DOTALL)
_INTEGER: Final = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)
_DECIMAL: Final = re.compile(r"\s*[+-]?(\d[\d,]*(\.\d*)?|\.\d+)[+-]?\s*", re.ASCII)
_FLOAT: Final = re.compile(
    r"\s*[+-]?((\d[\d,]*(\.\d*)?|\.\d+)(e[+-]?\d+)?|infinity|nan|∞)\s*", re.ASCII | re.IGNORECASE
)
_ALPHA: Final = re.compile(r"[a-z]*", re.ASCII | re.IGNORECASE)
_HEX: Final = "[0-9a-f]"
_GUID: Final = re.compile(
    rf"{_HEX}{{32}}|{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}"
    rf"|\{{{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}\}}|\({_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}\)",
    re.IGNORECASE,
)


def constraint(text: str) -> Check:
    """The check for one constraint, such as ``int`` or ``length(2,5)``.

    Raises:
        ValueError: there is no such constraint, or its arguments do not fit.
    """
    match = _CALL.fullmatch(text)
    name, argument = (match[1], match[2]) if match else (text, None)
    if name.lower() == "regex" and argument is not None:
        return _regex(argument)
    if argument is None and name.lower() in _PLAIN:
        return _PLAIN[name.lower()]
    maker = _WITH_NUMBERS.get((name.lower(), 0 if argument is None else argument.count(",") + 1))
    if maker is None or argument is None:
        raise ValueError(f"The constraint reference '{text}' could not be resolved to a type.")
    try:
        return maker(*(int(number) for number in argument.split(",")))
    except ValueError as error:
        raise ValueError(f"The constraint '{text}' takes whole numbers.") from error


def _regex(pattern: str) -> Check:
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"The regular expression '{pattern}' cannot be compiled: {error}.") from error
    return lambda value: compiled.search(value) is not None


def _within(bits: int) -> Check:
    limit = 1 << (bits - 1)
    return lambda value: _INTEGER.fullmatch(value) is not None and -limit <= int(value) < limit


def _is_long(value: str) -> bool:
    return _within(64)(value)


def _is_date(value: str) -> bool:
    """A date in one of the spellings that .NET accepts; close to, not the same as, its parser."""
    try:
        parse(value, default=datetime(1, 1, 1))  # noqa: DTZ001 -- only whether it parses counts
    except (ParserError, OverflowError, ValueError):
        return False
    return re.search(r"\d", value) is not None


_PLAIN: Final[dict[str, Check]] = {
    "int": _within(32),
    "long": _is_long,
    "bool": lambda value: value.strip().lower() in ("true", "false"),
    "guid": lambda value: _GUID.fullmatch(value.strip()) is not None,
    "datetime": _is_date,
    "decimal": lambda value: _DECIMAL.fullmatch(value) is not None,
    "double": lambda value: _FLOAT.fullmatch(value) is not None,
    "float": lambda value: _FLOAT.fullmatch(value) is not None,
    "alpha": lambda value: _ALPHA.fullmatch(value) is not None,
    "required": bool,
}
_WITH_NUMBERS: Final[dict[tuple[str, int], Callable[..., Check]]] = {
    ("minlength", 1): lambda least: lambda value: len(value) >= least,
    ("maxlength", 1): lambda most: lambda value: len(value) <= most,
    ("length", 1): lambda exact: lambda value: len(value) == exact,
    ("length", 2): lambda least, most: lambda value: least <= len(value) <= most,
    ("min", 1): lambda least: lambda value: _is_long(value) and int(value) >= least,
    ("max", 1): lambda most: lambda value: _is_long(value) and int(value) <= most,
    ("range", 2): lambda least, most: lambda value: _is_long(value) and least <= int(value) <= most,
}
