"""Dates in headers as .NET reads them; it writes them in one form, ``Tue, 15 Nov 1994 08:12:31 GMT``.

It takes the three forms of HTTP, also without a weekday, with a year of two digits, without a zone (UTC) and with one
such as ``+0100``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATES: Final = (
    re.compile(
        r"(?:(?P<weekday>[a-z]{3}),\s*)?(?P<day>\d{1,2})\s+(?P<month>[a-z]{3})\s+(?P<year>\d{4}|\d{2})"
        r"\s+(?P<hour>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2})(?:\s+(?P<zone>gmt|utc|[-+]\d{1,2}:?\d{2}))?"
    ),
    re.compile(
        r"(?P<weekday>[a-z]{6,9}),\s*(?P<day>\d{1,2})-(?P<month>[a-z]{3})-(?P<year>\d{2})"
        r"\s+(?P<hour>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2})(?:\s+(?P<zone>gmt|utc|[-+]\d{1,2}:?\d{2}))?"
    ),
    re.compile(
        r"(?P<weekday>[a-z]{3})\s+(?P<month>[a-z]{3})\s+(?P<day>\d{1,2})"
        r"\s+(?P<hour>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2})\s+(?P<year>\d{4})(?P<zone>)"
    ),
)
_THIS_CENTURY: Final = 50  # two digits below it are of the years 2000


def http_date(text: str) -> str | None:
    """A date in HTTP's form, ``Tue, 15 Nov 1994 08:12:31 GMT``; None for what .NET cannot read."""
    moment = http_moment(text)
    if moment is None:
        return None
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=moment)
    day, month = _DAYS[at.weekday()].title(), _MONTHS[at.month - 1].title()
    return f"{day}, {at.day:02} {month} {at.year:04} {at:%H:%M:%S} GMT"


def http_moment(text: str) -> float | None:
    """A date of HTTP in seconds since 1970; None for what .NET cannot read."""
    said = text.strip(" \t").lower()
    found = next((match for form in _DATES if (match := form.fullmatch(said))), None)
    if found is None or found["month"] not in _MONTHS:
        return None
    year = int(found["year"])
    if len(found["year"]) == 2:  # noqa: PLR2004 - two digits
        year += 2000 if year < _THIS_CENTURY else 1900
    zone = (found["zone"] or "").replace(":", "")
    shift = timedelta()
    if zone[:1] in ("+", "-"):
        shift = timedelta(hours=int(zone[1:-2]), minutes=int(zone[-2:])) * (1 if zone[0] == "+" else -1)
    try:
        at = datetime(
            year, _MONTHS.index(found["month"]) + 1, int(found["day"]),
            int(found["hour"]), int(found["minute"]), int(found["second"]), tzinfo=timezone(shift),
        )  # fmt: skip
        moment = at.timestamp()
    except (ValueError, OverflowError):
        return None
    if found["weekday"] and not _is_weekday(found["weekday"], at.weekday()):
        return None
    return moment


def _is_weekday(said: str, weekday: int) -> bool:
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return said in (_DAYS[weekday], full[weekday])
