"""Times, money and lists as people read them. English; nothing here depends on the machine's language.

1. Times are in the reader's zone. The zone is named only where its time differs from that of the house.
2. The year is named only where it is not the present one. Days are the days of the reader's calendar.
3. Money keeps its digits; thousands are parted by commas, and a whole amount gets the decimals of its currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from approval.amount import decimals_of
from approval.instants import day_in_words, written

_SIGNS = {"EUR": "€", "GBP": "£", "JPY": "¥", "USD": "$"}
_MINUTE, _HOUR = 60, 3_600


@dataclass(frozen=True, slots=True)
class Time:
    """An instant on a page: what people read, and what a program reads.

    Example: ``Time("Wed 25 Nov 10:02", "2026-11-25T10:02:00Z")``
    """

    words: str
    iso: str

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, as far as times depend on it.

    Attributes:
        now: aware UTC; when the page is made.
        zone: in which this person reads times.
        house_zone: that of the policy file.
    """

    now: datetime
    zone: tzinfo = UTC
    house_zone: tzinfo = UTC

    @property
    def label(self) -> str:
        """What is written behind a time, ``Berlin time``; empty where the house has the same time now."""
        if self.now.astimezone(self.zone).utcoffset() == self.now.astimezone(self.house_zone).utcoffset():
            return ""
        return f"{place_of(self.zone)} time"

    def time(self, at: datetime) -> Time:
        """``Wed 25 Nov 10:02``; elsewhere ``Wed 25 Nov 11:02 Berlin time``; another year ``Thu 1 Jan 2026 09:00``."""
        local = at.astimezone(self.zone)
        label = f" {self.label}" if self.label else ""
        return Time(f"{self._day(local)} {local:%H:%M}{label}", written(at))

    def day(self, at: datetime) -> str:
        """``Wed 25 Nov``."""
        return self._day(at.astimezone(self.zone))

    def due(self, at: datetime) -> Time:
        """``due in 20 minutes``, ``due today 16:40``, ``due tomorrow 10:02``, ``due Wed 9 Dec``, ``overdue since``."""
        left = (at - self.now).total_seconds()
        if left <= 0:
            return Time(f"overdue since {self.time(at)}", written(at))
        if left < _HOUR:
            count, unit = (int(left), "second") if left < _MINUTE else (int(left // _MINUTE), "minute")
            return Time(f"due in {counted(max(count, 1), unit)}", written(at))
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone).date()
        days = (local.date() - today).days
        if days <= 1:
            return Time(f"due {'tomorrow' if days else 'today'} {local:%H:%M}", written(at))
        return Time(f"due {self._day(local)}", written(at))

    def _day(self, local: datetime) -> str:
        year = "" if local.year == self.now.astimezone(local.tzinfo).year else f" {local.year}"
        return f"{day_in_words(local)}{year}"


def place_of(zone: tzinfo) -> str:
    """How a zone is called: ``London``, ``New York``, ``UTC``."""
    return str(zone).rpartition("/")[2].replace("_", " ")


def money(digits: str, currency: str) -> str:
    """``£80,000.00``, ``CHF 1,250.50``; digits as the case stores them, such as ``80000.00``."""
    whole, _, decimals = digits.partition(".")
    decimals = decimals.ljust(decimals_of(currency), "0")
    grouped = f"{int(whole):,}" if whole.isascii() and whole.isdigit() else whole
    return f"{_SIGNS.get(currency, f'{currency} ')}{grouped}{'.' if decimals else ''}{decimals}"


def money_of(text: str | None) -> str | None:
    """The amount of a custom status, such as ``80000.00 GBP``, as ``money`` writes it; None if there is none."""
    if not text:
        return None
    digits, _, currency = text.partition(" ")
    return money(digits, currency) if currency else digits


def counted(count: int, unit: str) -> str:
    """``1 day``, ``3 days``."""
    return f"{count:,} {unit}{'' if count == 1 else 's'}"


def joined(words: Sequence[str], by: str = "and") -> str:
    """``Noor, Ruth and Amir``; an empty text for nobody."""
    *first, last = words or ("",)
    return f"{', '.join(first)} {by} {last}" if first else last
