"""Durations: which texts are one, and how long it is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.errors import InvalidDuration
from approval.policy.durations import TimeSpan, duration, read_span
from approval.text import Fault

EXAMPLES = 'Write for example "20 seconds", "4 hours", "5 days", or ISO 8601 such as "P1DT12H".'
NOT_ISO = "It is no ISO 8601 duration in whole units. Write for example PT20S, PT48H, P3D, P2W or P1M."
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
        ("P\u0663D", f"Character 2 is U+0663 ARABIC-INDIC DIGIT THREE. {NOT_ISO}"),
        ("PT\u200b5S", f"Character 3 is U+200B ZERO WIDTH SPACE. {NOT_ISO}"),
        ("20s", f"Character 3 is “s” (U+0073 LATIN SMALL LETTER S). {NOT_ISO}"),
    ],
)
def test_a_character_that_no_duration_has_is_named_with_its_place(text, told):
    """Digits of other scripts and what hides between letters cannot be seen to be wrong."""
    with pytest.raises(InvalidDuration) as refused:
        duration(text)
    assert refused.value.detail == told


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


@pytest.mark.parametrize(
    ("text", "length", "words"),
    [
        ("20 seconds", timedelta(seconds=20), "20 seconds"),
        ("90 minutes", timedelta(minutes=90), "1 hour 30 minutes"),
        ("1 hour", timedelta(hours=1), "1 hour"),
        ("  5 days ", timedelta(days=5), "5 days"),
        ("2 weeks", timedelta(days=14), "14 days"),
        ("P1DT12H", timedelta(hours=36), "1 day 12 hours"),
    ],
)
def test_a_policy_file_says_durations_in_words_or_iso(text, length, words):
    """One unit in words, or any ISO 8601 duration; it is said back in plain words."""
    span = read_span(text)
    assert isinstance(span, TimeSpan)
    assert (NOON + span.length, span.shortest, span.longest) == (NOON + length, length, length)
    assert (span.in_words(), span.before_due) == (words, False)


def test_a_month_is_as_long_as_the_shortest_and_the_longest_one():
    """So that a reminder is certainly before the time is over, whichever month it is."""
    span = read_span("1 month")
    assert isinstance(span, TimeSpan)
    assert (span.shortest, span.longest, span.in_words()) == (timedelta(days=28), timedelta(days=31), "1 month")
    year = read_span("1 year")
    assert (year.shortest, year.longest) == (timedelta(days=365), timedelta(days=366))


@pytest.mark.parametrize("text", ["-4 hours", "-PT4H"])
def test_only_a_reminder_counts_back(text):
    """A minus is refused where it would mean nothing."""
    back = read_span(text, negative=True)
    assert isinstance(back, TimeSpan)
    assert (back.before_due, back.longest, back.in_words()) == (True, timedelta(hours=4), "4 hours")
    assert read_span(text) == Fault(
        "not-a-duration",
        f"It counts back, which only a reminder may do. {EXAMPLES}",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("5 working days", 'Working time comes later. Write elapsed time for now, such as "5 days".'),
        ("-4 working  hours", 'Working time comes later. Write elapsed time for now, such as "-4 hours".'),
        ("1 working day", 'Working time comes later. Write elapsed time for now, such as "1 day".'),
    ],
)
def test_working_time_is_refused_by_name(text, reason):
    """With the elapsed time that can be written for now."""
    assert read_span(text, negative=True) == Fault("comes-later", reason)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", f"It is no duration. {EXAMPLES}"),
        ("5", f"It is no duration. {EXAMPLES}"),
        ("days", f"It is no duration. {EXAMPLES}"),
        ("5 dayss", f"It is no duration. {EXAMPLES}"),
        ("five days", f"It is no duration. {EXAMPLES}"),
        ("5days", f"It is no duration. {EXAMPLES}"),
        ("--5 days", f"It is no duration. {EXAMPLES}"),
        ("5 days 3 hours", f"It is no duration. {EXAMPLES}"),
        ("+5 days", f"It is no duration. {EXAMPLES}"),
        ("P0D", "It must be longer than nothing. Write for example PT20S for 20 seconds."),
        ("0 days", "It must be longer than nothing. Write for example PT20S for 20 seconds."),
        ("400 days", "It must be at most one year. Write for example P3D for three days."),
        ("-P2Y", "It must be at most one year. Write for example P3D for three days."),
        ("P5", NOT_ISO),
    ],
)
def test_other_words_are_no_duration(text, reason):
    """The answer shows what would be one."""
    assert read_span(text, negative=True) == Fault("not-a-duration", reason)


@given(st.text(alphabet="PTDHS019 -daysworking", max_size=16))
def test_no_words_make_it_fail_otherwise_than_by_refusing(text):
    """Every text is a positive span or a fault with a sentence."""
    span = read_span(text, negative=True)
    assert span.reason if isinstance(span, Fault) else NOON + span.length > NOON
