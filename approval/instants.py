"""Instants as text, as the app writes them everywhere: UTC, whole seconds, ``2026-11-24T20:00:20Z``.

Two texts of this form sort by time.
"""

from datetime import UTC, datetime

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def written(at: datetime) -> str:
    """The text of an instant; a fraction of a second is cut off."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def read(text: str) -> datetime:
    """The instant that an ISO 8601 text names, aware UTC.

    Raises:
        ValueError: it names none.
    """
    return datetime.fromisoformat(text).astimezone(UTC)


def day_in_words(local: datetime) -> str:
    """``Wed 25 Nov``, the day of a time in its own zone; the same in every locale."""
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"
