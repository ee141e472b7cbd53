"""Times in the reader's zone, due times, money and lists, as people read them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from web.words import Reader, counted, joined, money, money_of

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
AT_HOME = Reader(NOW, ZoneInfo("Europe/London"), ZoneInfo("Europe/London"))


def test_a_time_is_in_the_readers_zone_with_the_day_of_the_week():
    """In summer an hour later than UTC; a program reads UTC."""
    summer = AT_HOME.time(datetime(2026, 7, 1, 9, 2, tzinfo=UTC))
    assert (summer.words, summer.iso) == ("Wed 1 Jul 10:02", "2026-07-01T09:02:00Z")


def test_the_zone_is_named_only_where_its_time_differs_from_the_house():
    """Lisbon keeps London's time, Berlin does not."""
    assert str(Reader(NOW, ZoneInfo("Europe/Lisbon"), ZoneInfo("Europe/London")).time(NOW)) == "Wed 25 Nov 09:30"
    assert (
        str(Reader(NOW, ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/London")).time(NOW))
        == "Wed 25 Nov 10:30 Berlin time"
    )


def test_the_year_is_named_only_where_it_is_another_one():
    """Another year in the reader's zone, that is."""
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert str(AT_HOME.time(new_year)) == "Thu 31 Dec 23:30"
    assert (
        str(Reader(NOW, ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Berlin")).time(new_year)) == "Fri 1 Jan 2027 00:30"
    )


@pytest.mark.parametrize(
    ("left", "says"),
    [
        (timedelta(0), "overdue since Wed 25 Nov 09:30"),
        (timedelta(hours=-30), "overdue since Tue 24 Nov 03:30"),
        (timedelta(seconds=1), "due in 1 second"),
        (timedelta(seconds=20), "due in 20 seconds"),
        (timedelta(seconds=60), "due in 1 minute"),
        (timedelta(minutes=59, seconds=59), "due in 59 minutes"),
        (timedelta(hours=1), "due today 10:30"),
        (timedelta(hours=15), "due tomorrow 00:30"),
        (timedelta(hours=26), "due tomorrow 11:30"),
        (timedelta(days=2), "due Fri 27 Nov"),
        (timedelta(days=60), "due Sun 24 Jan 2027"),
    ],
)
def test_due_in_words(left, says):
    """Seconds and minutes near the end, then the days of the reader's calendar."""
    assert str(AT_HOME.due(NOW + left)) == says


@pytest.mark.parametrize(
    ("digits", "currency", "says"),
    [
        ("80000.00", "GBP", "£80,000.00"),
        ("80000", "GBP", "£80,000.00"),
        ("1250.5", "EUR", "€1,250.50"),
        ("0.005", "GBP", "£0.005"),
        ("1850000", "JPY", "¥1,850,000"),
        ("7", "KWD", "KWD 7.000"),
        ("999999999999.99", "CHF", "CHF 999,999,999,999.99"),
    ],
)
def test_money_keeps_its_digits(digits, currency, says):
    """Only commas come between, and zeros behind."""
    assert money(digits, currency) == says


def test_the_amount_of_a_custom_status():
    """With its currency behind it, or none at all."""
    assert money_of("80000.00 GBP") == "£80,000.00"
    assert money_of(None) is None
    assert money_of("many") == "many"


def test_lists_and_counts():
    """As they are said."""
    assert [joined(["a"]), joined(["a", "b"]), joined(["a", "b", "c"], "or"), joined([])] == [
        "a",
        "a and b",
        "a, b or c",
        "",
    ]
    assert [counted(1, "day"), counted(1200, "day")] == ["1 day", "1,200 days"]
