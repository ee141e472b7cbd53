"""How long something may take.

1. An ISO 8601 duration is one in whole units, longer than nothing and at most a year.
2. Months and years are calendar ones: a month from 31 January is the end of February.
"""

import re
from datetime import UTC, datetime

from dateutil.relativedelta import relativedelta

from approval.errors import InvalidDuration
from approval.text import unknown_character

_DURATION = re.compile(
    r"P(?=[\dT])(?:(?P<years>\d{1,9})Y)?(?:(?P<months>\d{1,9})M)?(?:(?P<weeks>\d{1,9})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.ASCII,
)
_LETTERS = frozenset("PYMWDTHS0123456789")
# A leap year, so that both P1Y and P366D are within the limit, whenever they are asked for.
_YEAR_BEGINS, _YEAR_ENDS = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)


def duration(text: str, before: int = 0) -> relativedelta:
    """The time span that an ISO 8601 duration such as ``PT20S``, ``P3D``, ``P2W``, ``P1M`` or ``P1DT12H`` stands for.

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
