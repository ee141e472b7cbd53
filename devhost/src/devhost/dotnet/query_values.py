"""Query values as .NET reads them: what it cannot read counts as absent (contract 1.1, 1.6).

Dates are those that ``DateTime.TryParse`` takes in the invariant culture: the year first or last, the month before the
day where both are numbers, names of months in English. A name of a weekday has to be right. A time without a date is
today, a day without a year is this year's.
"""

import calendar
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone

from devhost.timekeeping.ticks import SECOND

_NUMBER = re.compile(r"[-+]?(\d[\d,]*\.?\d*|\.\d+)([eE][-+]?\d+)?")
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = [{long.lower(), short.lower()} for long, short in zip(calendar.day_name, calendar.day_abbr, strict=True)]
_DATES = (
    re.compile(r"(?P<year>\d{4})[-/.,](?P<month>\d{1,2})(?:[-/.,](?P<day>\d{1,2}))?"),
    re.compile(r"(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})[-/.](?P<year>\d{4}|\d{2})"),
    re.compile(r"(?P<day>\d{1,2})[ -](?P<name>[A-Za-z]+),?[ -](?P<year>\d{4})"),
    re.compile(r"(?P<name>[A-Za-z]+)[ /](?P<day>\d{1,2})(?:,? |/)(?P<year>\d{4})"),
    re.compile(r"(?P<name>[A-Za-z]+),? (?P<year>\d{4})"),
    re.compile(r"(?P<month>\d{1,2})[-/](?P<day>\d{1,2})(?![-/\d])"),
    re.compile(r"(?P<name>[A-Za-z]+) (?P<day>\d{1,2})(?![:\d])"),
    re.compile(r"(?P<day>\d{1,2}) (?P<name>[A-Za-z]{3,})"),
)
_HOUR_ALONE = re.compile(r"(\d{1,2})\s*([AaPp][Mm])")
_TIME = re.compile(
    r"(?:(?:[Tt]|[ ,]\s*)(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.(?P<part>\d+))?)?"
    r"(?:\s*(?P<half>[AaPp])[Mm])?)?\s*(?P<zone>[Zz]|GMT|[-+]\d{1,2}(?::?\d{2})?)?"
)
_WEEKDAY = re.compile(r"(?P<weekday>[A-Za-z]+),? +")
_LARGEST_SHIFT = timedelta(hours=14)
_THIS_CENTURY = 50  # two digits up to here are of the years 2000


def boolean(text: str | None, *, default: bool = False) -> bool:
    """``true`` or ``false`` in any case; anything else is the default."""
    return {"true": True, "false": False}.get((text or "").strip().lower(), default)


def whole(text: str | None, default: int) -> int:
    """A whole number of 32 bits; anything else is the default."""
    said = (text or "").strip()
    if not re.fullmatch(r"[-+]?\d+", said) or not -(2**31) <= int(said) < 2**31:
        return default
    return int(said)


def number(text: str | None) -> float | None:
    """A number of seconds, decimals, exponents and thousands' commas allowed; None for anything else."""
    said = (text or "").strip()
    return float(said.replace(",", "")) if _NUMBER.fullmatch(said) else None


def moment(text: str | None, now: int = 0) -> int | None:
    """A date and time in ticks, UTC where no zone is named; None for anything that is none.

    Args:
        text: the value.
        now: what time it is, for a text without a date or a year.
    """
    said = (text or "").strip()
    today = date(1970, 1, 1) + timedelta(seconds=now // SECOND)
    for form in _DATES:
        found = form.match(said)
        if found and (at := _moment(found, said[found.end() :], today.year)) is not None:
            return at
    if said[:1].isdigit() and not said[:3].isdigit():
        clock = _HOUR_ALONE.sub(r"\1:00 \2", said)
        return moment(f"{today.isoformat()} {clock}") if ":" in clock[:3] else None
    told = _WEEKDAY.match(said)
    if told is None:
        return None
    at = moment(said[told.end() :], now)
    if at is None:
        return None
    day = date(1970, 1, 1) + timedelta(seconds=at // SECOND)
    return at if told["weekday"].lower() in _DAYS[day.weekday()] else None


def _moment(found: re.Match[str], rest: str, this_year: int) -> int | None:
    parts, time = found.groupdict(), _TIME.fullmatch(rest)
    month = _MONTHS.get(parts["name"].lower()) if parts.get("name") else int(parts["month"])
    if time is None or month is None:
        return None
    year = int(parts.get("year") or this_year)
    if len(parts.get("year") or "") == 2:  # noqa: PLR2004 - two digits
        year += 2000 if year < _THIS_CENTURY else 1900
    hour = int(time["hour"] or 0)
    if time["half"]:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - a clock's hours
            return None
        hour = hour % 12 + (12 if time["half"] in "pP" else 0)
    try:
        zone = _zone(time["zone"])
        at = datetime(
            year,
            month,
            int(parts.get("day") or 1),
            hour,
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
        said = word.strip()
        name = names.get(int(said), said) if re.fullmatch(r"[-+]?\d+", said) else said
        if name in ("Unknown", "-1"):
            raise ValueError("Requested value 'Unknown' was not found.")
        if name in known or name != said or said[:1].isdigit():
            found.add(name)
    return frozenset(found)
