"""How long something may take.

1. An ISO 8601 duration is one in whole units, longer than nothing and at most a year.
2. Months and years are calendar ones: a month from 31 January is the end of February.
3. In a policy file one unit may be in words: ``5 days``. All of it is elapsed time; working time comes later.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from dateutil.relativedelta import relativedelta

from approval.errors import InvalidDuration
from approval.text import Fault, bare, unknown_character

_DURATION = re.compile(
    r"P(?=[\dT])(?:(?P<years>\d{1,9})Y)?(?:(?P<months>\d{1,9})M)?(?:(?P<weeks>\d{1,9})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.ASCII,
)
_LETTERS = frozenset("PYMWDTHS0123456789")
_WORDS = re.compile(r"(?P<count>\d{1,9}) +(?P<unit>[a-z]+)", re.ASCII)
_WORKING = re.compile(r"\d{1,9} +working +(?:minute|hour|day|week)s?", re.ASCII)
_UNITS = {
    "second": "PT{}S",
    "minute": "PT{}M",
    "hour": "PT{}H",
    "day": "P{}D",
    "week": "P{}W",
    "month": "P{}M",
    "year": "P{}Y",
}
_EXAMPLES = 'Write for example "20 seconds", "4 hours", "5 days", or ISO 8601 such as "P1DT12H".'
# A leap year, so that both P1Y and P366D are within the limit, whenever they are asked for.
_YEAR_BEGINS, _YEAR_ENDS = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=256)  # a case reads the same few at each turn
def duration(text: str, before: int = 0) -> relativedelta:
    """The time span of an ISO 8601 duration such as ``PT20S``, ``P3D``, ``P2W``, ``P1M`` or ``P1DT12H``.

    ``before`` is how many blanks were cut off before the text; the places of characters in a refusal count them.

    Raises:
        InvalidDuration: not of that form, a fraction or a sign in it, not longer than nothing, or over a year.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        what = "It is no ISO 8601 duration in whole units. Write for example PT20S, PT48H, P3D, P2W or P1M."
        reason = unknown_character(text, _LETTERS, before)
        raise InvalidDuration(f"{reason} {what}" if reason else what)
    parts = {unit: int(digits) for unit, digits in match.groupdict().items() if digits}
    span = relativedelta(**parts)  # type: ignore[arg-type]  # the stub wants every unit spelled out
    try:
        end = _YEAR_BEGINS + span
    except (OverflowError, ValueError):
        end = datetime.max.replace(tzinfo=UTC)
    if end <= _YEAR_BEGINS:
        raise InvalidDuration("It must be longer than nothing. Write for example PT20S for 20 seconds.")
    if end > _YEAR_ENDS:
        raise InvalidDuration("It must be at most one year. Write for example P3D for three days.")
    return span


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A time span of a policy file.

    Attributes:
        text: as written in the file, without the blanks around it.
        length: longer than nothing, at most a year.
        before_due: it counts back from the due time; the text begins with a minus.
    """

    text: str
    length: relativedelta
    before_due: bool = False

    @property
    def shortest(self) -> timedelta:
        """How long it is at least, over all months and years."""
        return self._with_days(28, 365)

    @property
    def longest(self) -> timedelta:
        """How long it is at most."""
        return self._with_days(31, 366)

    def _with_days(self, month: int, year: int) -> timedelta:
        span = self.length
        days = span.days + month * span.months + year * span.years
        return timedelta(days=days, hours=span.hours, minutes=span.minutes, seconds=span.seconds)

    def in_words(self) -> str:
        """``3 days``, ``1 day 12 hours``; without the minus."""
        units = ("years", "months", "days", "hours", "minutes", "seconds")
        counts = ((int(getattr(self.length, unit)), unit) for unit in units)
        return " ".join(f"{count} {unit.removesuffix('s') if count == 1 else unit}" for count, unit in counts if count)


def read_span(text: str, *, negative: bool = False) -> TimeSpan | Fault:
    """The time span that a text of a policy file gives, in words or in ISO 8601, or why it gives none.

    Args:
        text: ``5 days``, ``20 seconds``, ``-4 hours``, ``P1DT12H``, ``-PT30M``.
        negative: whether it may count back from the due time.
    """
    kept = bare(text)[0]
    before_due = kept.startswith("-")
    if before_due and not negative:
        return Fault("not-a-duration", f"It counts back, which only a reminder may do. {_EXAMPLES}")
    digits = kept.removeprefix("-")
    if _WORKING.fullmatch(digits):
        return Fault(
            "comes-later", f'Working time comes later. Write elapsed time for now, such as "{_elapsed(kept)}".'
        )
    words = _WORDS.fullmatch(digits)
    unit = words and _UNITS.get(words["unit"].removesuffix("s"))
    if words and unit:
        digits = unit.format(words["count"])
    elif not digits.startswith("P"):
        return Fault("not-a-duration", f"It is no duration. {_EXAMPLES}")
    try:
        return TimeSpan(kept, duration(digits), before_due)
    except InvalidDuration as error:
        return Fault("not-a-duration", error.detail)


def _elapsed(text: str) -> str:
    return re.sub(r"working\s+", "", text)
