"""Durations: which texts are one, and how long it is."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.errors import InvalidDuration
from approval.policy.durations import duration

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "20", "20S", "pt20s", "PT1.5H", "-PT20S", "P1DT", "PT20S ", "PT5M\n", "P1H", "P٣D", "PT20S20S"],
)
def test_what_is_no_duration_is_refused_with_examples(text):
    """Fractions, signs, other letters and other digits are no durations here."""
    with pytest.raises(InvalidDuration, match="Write for example PT20S"):
        duration(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("P\u0663D", "Character 2 is U+0663 ARABIC-INDIC DIGIT THREE."),
        ("PT\u200b5S", "Character 3 is U+200B"),
        ("20s", "“s”"),
    ],
)
def test_a_character_that_no_duration_has_is_named_with_its_place(text, told):
    """Digits of other scripts and what hides between letters cannot be seen to be wrong."""
    with pytest.raises(InvalidDuration) as refused:
        duration(text)
    assert told in refused.value.detail


@pytest.mark.parametrize("text", ["PT0S", "P0D", "P0Y0M0DT0H0M0S"])
def test_no_time_at_all_is_refused(text):
    """Nobody can decide in no time."""
    with pytest.raises(InvalidDuration, match="longer than nothing"):
        duration(text)


@pytest.mark.parametrize("text", ["P367D", "P13M", "P1Y1D", "PT999999999S", "P999999999Y", "P999999999W", "P53W"])
def test_more_than_a_year_is_refused(text):
    """A forgotten case must come to an end."""
    with pytest.raises(InvalidDuration, match="at most one year"):
        duration(text)


@pytest.mark.parametrize("text", ["P1Y", "P12M", "P366D", "P52W", "PT31622400S"])
def test_a_year_is_not_too_long(text):
    """The limit itself is allowed, in every way to say it."""
    assert duration(text)


@given(st.text(alphabet="PTYMWDHS0123456789.-", max_size=12))
def test_no_text_makes_it_fail_otherwise_than_by_refusing(text):
    """Every text is a positive span or refused."""
    try:
        assert NOON + duration(text) > NOON
    except InvalidDuration as refused:
        assert refused.detail  # noqa: PT017 - either way is right
