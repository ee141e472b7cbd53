"""Instants as text, as the app writes them everywhere: UTC, whole seconds, ``2026-11-24T20:00:20Z``.

Two texts of this form sort by time.
"""

from datetime import UTC, datetime


def written(at: datetime) -> str:
    """The text of an instant; a fraction of a second is cut off."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def read(text: str) -> datetime:
    """The instant that an ISO 8601 text names, aware UTC.

    Raises:
        ValueError: it names none.
    """
    return datetime.fromisoformat(text).astimezone(UTC)
