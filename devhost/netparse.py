"""Query values as .NET reads them: what it cannot read counts as absent (contract 1.1, 1.6)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from devhost.history import STATUS_NUMBERS
from devhost.ticks import MICROSECOND, SECOND

_FORMATS = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%Y/%m/%d")
_NAMES = {str(number): name for name, number in STATUS_NUMBERS.items()}


def boolean(text: str | None, *, default: bool = False) -> bool:
    """``true`` or ``false`` in any case; anything else is the default."""
    return {"true": True, "false": False}.get((text or "").strip().lower(), default)


def whole(text: str | None, default: int) -> int:
    """A whole number; anything else is the default."""
    try:
        return int(text or "")
    except ValueError:
        return default


def number(text: str | None) -> float | None:
    """A number of seconds, decimals allowed; None for anything else."""
    try:
        return float(text or "")
    except ValueError:
        return None


def moment(text: str | None) -> int | None:
    """A date and time in ticks, UTC where no zone is named; None for anything that is none."""
    if not text:
        return None
    at = _read_moment(text.strip())
    if at is None:
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * SECOND + at.microsecond * MICROSECOND


def _read_moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        pass
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the caller adds the zone
        except ValueError:
            continue
    return None


def statuses(text: str | None) -> frozenset[str]:
    """Names of states in a comma list, exact in case, or their numbers; unknown ones are left out."""
    words = [word.strip() for word in (text or "").split(",")]
    return frozenset(_NAMES.get(word, word) for word in words if word in STATUS_NUMBERS or word in _NAMES)
