"""When a timer function runs next: NCRONTAB expressions and time spans, as the timer extension reads them.

Rules of this module:

1. Six fields with seconds, or five without; a field is read as NCrontab reads it: ``*``, values, ranges, steps, lists
   and English names. A range the wrong way round is turned, a value with a step goes on to the end, 7 is no day.
2. Day of month and day of week must both fit, unlike in cron, where either will do.
3. What is no such expression may be a time span: then the pause between two runs.
4. In a zone with summer time, a run at a fixed time happens once on the day the clock goes back, and one that is
   skipped in spring an hour later; what runs every so often goes on running (timer extension: CronSchedule).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from devhost.app.host_json import timespan
from devhost.timekeeping.ticks import MICROSECOND, SECOND, stamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

ZONE_SETTING: Final = "WEBSITE_TIME_ZONE"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE: Final = 60 * SECOND
_STEP: Final = re.compile(r"[-+]?[0-9]+")
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_DAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


class Schedule(Protocol):
    """When something runs again and again."""

    @property
    def adjusts_for_dst(self) -> bool:
        """The schedule as the function gets it."""
        ...

    @property
    def is_rapid(self) -> bool:
        """Whether it runs more than once a minute: then missed runs are not noticed."""
        ...

    def next_after(self, moment: int) -> int | None:
        """The first moment of the schedule after this one, in ticks; None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Every:
    """A run, and so much later the next."""

    pause: int
    adjusts_for_dst: bool = False

    @property
    def is_rapid(self) -> bool:
        """Less than a minute apart."""
        return self.pause < _MINUTE

    def next_after(self, moment: int) -> int | None:
        """That much later."""
        return moment + self.pause


@dataclass(frozen=True, slots=True)
class Cron:
    """An NCRONTAB expression in a time zone.

    Attributes:
        fields: the values of second, minute, hour, day, month and day of week, ascending.
        with_seconds: whether the expression has a field for seconds.
        zone: whose clock is meant.
    """

    fields: tuple[tuple[int, ...], ...]
    with_seconds: bool
    zone: tzinfo = UTC
    adjusts_for_dst: bool = True

    @property
    def is_rapid(self) -> bool:
        """More than one second of every minute."""
        full = (len(field.values()) for field in _FIELDS[1:])
        return len(self.fields[0]) > 1 and all(
            len(field) == most for field, most in zip(self.fields[1:], full, strict=True)
        )

    @property
    def _is_interval(self) -> bool:
        """Whether one of the fields that say the time of day is everything, or holds two values in a row."""
        start = 0 if self.with_seconds else 1
        return any(
            len(field) == len(kind.values()) or any(b - a == 1 for a, b in pairwise(field))
            for field, kind in list(zip(self.fields, _FIELDS, strict=True))[start:3]
        )

    def next_after(self, moment: int) -> int | None:
        """The first whole second after this moment that fits."""
        now = (_EPOCH + timedelta(seconds=moment // SECOND)).astimezone(self.zone)
        local = self._next_local(now.replace(tzinfo=None))
        if local is None:
            return None
        following = self._placed(local)
        offset, later_offset = _offset(now), _offset(following)
        if _is_ambiguous(following) and not self._is_interval and offset == later_offset:
            while local is not None and _is_ambiguous(self._placed(local)):
                local = self._next_local(local)
            return None if local is None else _ticks(self._placed(local))
        at = _ticks(following)
        doubtful = _is_ambiguous(following) or (self._is_interval and _is_ambiguous(now))
        if doubtful and offset != later_offset:
            at += (later_offset - offset) // timedelta(microseconds=1) * MICROSECOND
        return at

    def _placed(self, local: datetime) -> datetime:
        """This time on the zone's clock; of two such the later one, which is standard time."""
        placed = local.replace(tzinfo=self.zone)
        return placed.replace(fold=1) if _is_ambiguous(placed) else placed

    def _next_local(self, after: datetime) -> datetime | None:
        from cronsim import CronSim, CronSimError  # noqa: PLC0415 - an app without timers runs without it

        seconds_to_months = " ".join(",".join(map(str, field)) for field in self.fields[:5])
        while True:
            try:
                found = next(CronSim(f"{seconds_to_months} *", after))
            except (CronSimError, StopIteration, OverflowError):  # such as 30 February
                return None
            if found.isoweekday() % 7 in self.fields[5]:
                return found
            after = found.replace(hour=23, minute=59, second=59)


class NotASchedule(ValueError):
    """The expression is none; the text is the timer extension's."""

    def __init__(self, expression: str) -> None:
        super().__init__(
            f"The schedule expression '{expression}' was not recognized as a valid cron expression or timespan string."
        )


def read_schedule(expression: str, zone: tzinfo = UTC) -> Cron | Every:
    """What the expression says, ``%SETTING%`` already replaced.

    Raises:
        NotASchedule: it is neither an NCRONTAB expression nor a time span.
        ValueError: it is a time span of nothing or less, with which Azure runs the function without end; or the
            calendar's package is not installed.
    """
    texts = [text for text in expression.split(" ") if text]
    with_seconds = len(texts) != 5  # noqa: PLR2004 - five fields are those without seconds
    fields = _read_fields(texts if with_seconds else ["0", *texts])
    if fields is not None:
        if find_spec("cronsim") is None:
            raise ValueError("The schedules of timer functions need the package cronsim: pip install cronsim.")
        return Cron(fields, with_seconds, zone)
    pause = timespan(expression)
    if pause is None:
        raise NotASchedule(expression)
    if pause <= timedelta():
        raise ValueError(f"The schedule '{expression}' leaves no time between two runs; it would run without end.")
    return Every(pause // timedelta(microseconds=1) * MICROSECOND)


def read_zone(environ: Mapping[str, str]) -> tzinfo:
    """The zone that the setting WEBSITE_TIME_ZONE names; UTC without it, as in Azure.

    Raises:
        ValueError: there is no such zone here; the text says what can be done.
    """
    name = environ.get(ZONE_SETTING, "").strip()
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f"{ZONE_SETTING} is '{name}', which is no time zone known here: timers run by UTC. Give it a name such as "
            "Europe/Berlin, and install the package tzdata if this machine has no time zones."
        ) from error


def local_stamp(moment: int, zone: tzinfo) -> str:
    """The moment as a timer function gets it: by the zone's clock, with the offset behind it."""
    if moment <= FIRST_MOMENT:
        return "0001-01-01T00:00:00+00:00"
    offset = _offset((_EPOCH + timedelta(seconds=moment // SECOND)).astimezone(zone))
    minutes = offset // timedelta(minutes=1)
    suffix = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return stamp(moment + minutes * _MINUTE, suffix)


FIRST_MOMENT: Final = -62_135_596_800 * SECOND  # .NET's default: the year 1


@dataclass(frozen=True, slots=True)
class _Field:
    first: int
    last: int
    names: tuple[str, ...] = ()

    def values(self) -> range:
        return range(self.first, self.last + 1)

    def read(self, text: str) -> set[int]:
        """The values of a field; ValueError if it is none."""
        if text.find(",") > 0:
            return set().union(*(self.read(one) for one in text.split(",")))
        text, slash, step_text = text.partition("/") if text.find("/") > 0 else (text, "", "")
        if slash and not _STEP.fullmatch(step_text):
            raise ValueError(step_text)
        step = max(1, int(step_text)) if slash else 1
        if text == "*":
            return set(self.values()[::step])
        if text.find("-") > 0:
            begin, _, end = text.partition("-")
            first, last = sorted((self._value(begin), self._value(end)))
        else:
            first = self._value(text)
            first, last = sorted((first, self.last if slash else first))
        if first < self.first or last > self.last:
            raise ValueError(text)
        return set(range(first, last + 1, step))

    def _value(self, text: str) -> int:
        """A number, or the first name that begins so."""
        if text.isascii() and text.isdigit():
            return int(text)
        for number, name in enumerate(self.names, self.first):
            if text and name.startswith(text.lower()):
                return number
        raise ValueError(text)


_FIELDS: Final = (
    _Field(0, 59),
    _Field(0, 59),
    _Field(0, 23),
    _Field(1, 31),
    _Field(1, 12, _MONTHS),
    _Field(0, 6, _DAYS),
)


def _read_fields(texts: list[str]) -> tuple[tuple[int, ...], ...] | None:
    if len(texts) != len(_FIELDS):
        return None
    try:
        return tuple(tuple(sorted(field.read(text))) for field, text in zip(_FIELDS, texts, strict=True))
    except ValueError:
        return None


def _offset(moment: datetime) -> timedelta:
    offset = moment.utcoffset()
    assert offset is not None
    return offset


def _is_ambiguous(moment: datetime) -> bool:
    """Whether the zone's clock shows this time twice."""
    return _offset(moment.replace(fold=0)) > _offset(moment.replace(fold=1))


def _ticks(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(seconds=1) * SECOND
