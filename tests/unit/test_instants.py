"""Instants as text."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from approval import instants

T0 = datetime(2026, 11, 24, 20, tzinfo=UTC)
WEST = timezone(timedelta(hours=-5))


def test_an_instant_is_written_in_whole_seconds_of_utc():
    """Whatever zone it is in; a fraction is cut off, not rounded."""
    assert instants.written(T0.astimezone(WEST)) == "2026-11-24T20:00:00Z"
    assert instants.written(T0 + timedelta(seconds=0.999)) == "2026-11-24T20:00:00Z"


@pytest.mark.parametrize(
    "text", ["2026-11-24T20:00:00Z", "2026-11-24T15:00:00-05:00", "2026-11-24T20:00:00.000000+00:00"]
)
def test_an_instant_is_read_as_utc(text):
    """Whatever zone the text names."""
    assert (instants.read(text), instants.read(text).tzinfo) == (T0, UTC)


def test_what_names_no_instant_is_refused():
    """The caller learns that it is none."""
    with pytest.raises(ValueError, match="soon"):
        instants.read("soon")
