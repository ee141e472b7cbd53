"""Query values as .NET reads them: one that it cannot read counts as absent (contract 1.1, 1.6).

Dates are those that ``DateTime.TryParse`` reads in the invariant culture: the year first or last, the month before the
day. A time without a date is today, a day without a year is this year's. Unlike .NET this module reads no English
words: no names of months or weekdays, no AM or PM.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone

from devhost.timekeeping.ticks import SECOND

_NUMBER = re.compile(r"[-+]?(\d[\d,]*\.?\d*|\.\d+)([eE][-+]?\d+)?")
_DATES = (
    re.compile(r"(?P<year>\d{4})[-/.,](?P<month>\d{1,2})(?:[-/.,](?P<day>\d{1,2}))?"),
    re.compile(r"(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})[-/.](?P<year>\d{4}|\d{2})"),
    re.compile(r"(?P<month>\d{1,2})[-/](?P<day>\d{1,2})(?![-/\d])"),
)
_TIME = re.compile(
    r"(?:(?:[Tt]|[ ,]\s*)(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.(?P<part>\d+))?)?)?"
    r"\s*(?P<zone>[Zz]|GMT|[-+]\d{1,2}(?::?\d{2})?)?"
)
_LARGEST_SHIFT = timedelta(hours=14)
_THIS_CENTURY = 50  # two digits up to here are of the years 2000


def boolean(text: str | None, *, default: bool = False) -> bool:
    """``true`` or ``false`` in any case; anything else is the default."""
    return {"true": True, "false": False}.get((text or "").strip().lower(), default)


def whole(text: str | None, default: int) -> int:
    """A whole number of 32 bits; anything else is the default."""
    value = (text or "").strip()
    if not re.fullmatch(r"[-+]?\d+", value) or not -(2**31) <= int(value) < 2**31:
        return default
    return int(value)


def number(text: str | None) -> float | None:
    """A number of seconds, decimals, exponents and thousands' commas allowed; None for anything else."""
    value = (text or "").strip()
    return float(value.replace(",", "")) if _NUMBER.fullmatch(value) else None


def moment(text: str | None, now: int = 0) -> int | None:
    """A date and time in ticks, UTC where no zone is named; None for anything that is none.

    Args:
        text: the value.
        now: what time it is, for a text without a date or a year.
    """
    value = (text or "").strip()
    today = date(1970, 1, 1) + timedelta(seconds=now // SECOND)
    for form in _DATES:
        found = form.match(value)
        if found and (at := _moment(found, value[found.end() :], today.year)) is not None:
            return at
    return moment(f"{today.isoformat()} {value}") if ":" in value[1:3] else None


def _moment(found: re.Match[str], rest: str, this_year: int) -> int | None:
    parts, time = found.groupdict(), _TIME.fullmatch(rest)
    if time is None:
        return None
    year = int(parts.get("year") or this_year)
    if len(parts.get("year") or "") == 2:  # noqa: PLR2004 - two digits
        year += 2000 if year < _THIS_CENTURY else 1900
    try:
        zone = _zone(time["zone"])
        at = datetime(
            year,
            int(parts["month"]),
            int(parts.get("day") or 1),
            int(time["hour"] or 0),
            int(time["minute"] or 0),
            int(time["second"] or 0),
            tzinfo=zone,
        )
    except ValueError:
        return None
    ticks = int(((time["part"] or "") + "0000000")[:7])
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1) * SECOND + ticks


def _zone(text: str | None) -> timezone:
    if text is None or text in "Zz" or text == "GMT":
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))  # noqa: PLR2004
    shift = timedelta(hours=hours, minutes=minutes)
    if shift > _LARGEST_SHIFT:
        raise ValueError(text)
    return timezone(-shift if text[0] == "-" else shift)


def enum_values(text: str | None, known: Mapping[str, int]) -> frozenset[str]:
    """Names of an enumeration in a comma list, exact in case, or numbers; words that are neither are left out.

    Args:
        text: the value.
        known: the enumeration's names with their numbers.

    Raises:
        ValueError: one is ``Unknown``, which a list has but no instance.
    """
    names = {number: name for name, number in known.items()}
    found = set()
    for word in (text or "").split(","):
        value = word.strip()
        name = names.get(int(value), value) if re.fullmatch(r"[-+]?\d+", value) else value
        if name in ("Unknown", "-1"):
            raise ValueError("Requested value 'Unknown' was not found.")
        if name in known or name != value or value[:1].isdigit():
            found.add(name)
    return frozenset(found)
