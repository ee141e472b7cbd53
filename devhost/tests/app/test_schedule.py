"""When a timer runs: NCRONTAB and time spans, as the timer extension and NCrontab read them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devhost.app.schedule import Cron, Every, NotASchedule, local_stamp, read_schedule, read_zone
from devhost.timekeeping.ticks import SECOND, parse, stamp

WEST = ZoneInfo("America/Los_Angeles")


def runs(expression, after, count, zone=UTC):
    """The next moments, by the zone's clock."""
    schedule, moment, found = read_schedule(expression, zone), parse(after), []
    for _ in range(count):
        moment = schedule.next_after(moment)
        found.append(local_stamp(moment, zone))
    return found


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("0 */5 * * * *", "2026-11-24T22:59:58.5Z", ["23:00:00", "23:05:00", "23:10:00"]),
        ("*/5 * * * *", "2026-11-24T22:59:58Z", ["23:00:00", "23:05:00", "23:10:00"]),
        ("5/15 * * * * *", "2026-11-24T10:00:00Z", ["10:00:05", "10:00:20", "10:00:35"]),
        ("10,5 59 23 * * *", "2026-11-24T00:00:00Z", ["23:59:05", "23:59:10"]),
        ("0 0 5-1 * * *", "2026-11-24T03:30:00Z", ["04:00:00", "05:00:00"]),
        ("0 0 9-17/4 * * *", "2026-11-24T00:00:00Z", ["09:00:00", "13:00:00", "17:00:00"]),
        ("*/0 * * * * *", "2026-11-24T00:00:00Z", ["00:00:01", "00:00:02"]),
        ("0 0  12  * * *", "2026-11-24T12:00:00Z", ["12:00:00"]),
    ],
)
def test_fields_are_read_as_ncrontab_reads_them(expression, after, expected):
    """Steps, lists, ranges the wrong way round, five fields or six; the moment itself is not the next one."""
    assert [text[11:19] for text in runs(expression, after, len(expected))] == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 0 0 13 * 5", ["2027-08-13", "2028-10-13"]),
        ("0 0 0 * 2 mon", ["2027-02-01", "2027-02-08"]),
        ("0 0 0 1 J,apr *", ["2027-01-01", "2027-04-01"]),
        ("0 0 0 29 2 *", ["2028-02-29", "2032-02-29"]),
        ("0 0 0 15,31 * *", ["2026-12-15", "2026-12-31"]),
        ("0 0 0 * * fri-SUN", ["2026-11-25", "2026-11-26"]),
    ],
)
def test_day_of_month_and_day_of_week_must_both_fit(expression, expected):
    """Friday the 13th, not each Friday and each 13th; names may be cut short, and Sunday is 0 (so fri-sun is 0-5)."""
    assert [text[:10] for text in runs(expression, "2026-11-24T12:00:00Z", 2)] == expected


@pytest.mark.parametrize(
    "expression",
    [
        "", "* * * *", "* * * * * * *", "60 * * * * *", "0 0 24 * * *", "0 0 0 0 * *", "0 0 0 * 13 *", "0 0 0 * * 7",
        "MON * * * *", "0 0 0 L * *", "0 0 0 ? * *", "1,,2 * * * * *", ",1 * * * * *", "-5 * * * * *",
        "1-2-3 * * * * *",
        "*/ * * * * *", "*/x * * * * *", "a b c d e f", "0\t0\t0\t*\t*\t*", "@daily", "every minute", "25:00",
    ],
)  # fmt: skip
def test_what_is_no_schedule_is_refused_in_the_extensions_words(expression):
    """Neither an NCRONTAB expression nor a time span."""
    with pytest.raises(NotASchedule) as refused:
        read_schedule(expression)
    text = f"'{expression}' was not recognized as a valid cron expression or timespan string."
    assert str(refused.value) == f"The schedule expression {text}"


def test_a_time_span_is_the_pause_between_two_runs():
    """Three numbers of which the first is no hour are days, hours and minutes."""
    assert read_schedule("00:00:30") == Every(30 * SECOND)
    assert read_schedule("25:00:00") == Every(25 * 24 * 3600 * SECOND)
    assert runs("00:00:30", "2026-11-24T10:00:00.5Z", 2) == [
        "2026-11-24T10:00:30.5+00:00",
        "2026-11-24T10:01:00.5+00:00",
    ]


def test_a_time_span_of_nothing_is_refused():
    """Azure would run it without end."""
    with pytest.raises(ValueError, match="run without end"):
        read_schedule("00:00:00")


def test_a_day_that_never_comes_has_no_next_moment():
    """30 February is an expression, but no day."""
    assert read_schedule("0 0 0 30 2 *").next_after(parse("2026-11-24T00:00:00Z")) is None


@pytest.mark.parametrize(
    ("expression", "is_rapid"),
    [("*/10 * * * * *", True), ("0 * * * * *", False), ("* * * * *", False), ("*/10 0 * * * *", False),
     ("00:00:59", True), ("00:01:00", False)],
)  # fmt: skip
def test_more_than_once_a_minute_is_rapid(expression, is_rapid):
    """Such a timer has no monitor."""
    assert read_schedule(expression).is_rapid is is_rapid


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        # The day on which 1:00 to 2:00 comes twice: a fixed time runs once, in summer time.
        ("0 30 1 * * *", "2018-11-04T07:00:00Z", ["2018-11-04T01:30:00-07:00", "2018-11-05T01:30:00-08:00"]),
        ("0 30 1 * * *", "2018-11-04T09:29:00Z", ["2018-11-05T01:30:00-08:00", "2018-11-06T01:30:00-08:00"]),
        # What runs every half hour runs in both.
        (
            "0 */30 * * * *",
            "2018-11-04T07:30:00Z",
            [
                "2018-11-04T01:00:00-07:00",
                "2018-11-04T01:30:00-07:00",
                "2018-11-04T01:00:00-08:00",
                "2018-11-04T01:30:00-08:00",
                "2018-11-04T02:00:00-08:00",
            ],
        ),
        # The day on which 2:00 to 3:00 does not come.
        ("0 30 2 * * *", "2018-03-11T08:00:00Z", ["2018-03-11T03:30:00-07:00", "2018-03-12T02:30:00-07:00"]),
    ],
)
def test_summer_time(expression, after, expected):
    """The examples of the extension's own source, in Pacific time."""
    assert runs(expression, after, len(expected), WEST) == expected


def test_the_zone_is_a_setting():
    """UTC without it; an unknown name is reported with the way out."""
    assert read_zone({}) is UTC
    assert read_zone({"WEBSITE_TIME_ZONE": "America/Los_Angeles"}) == WEST
    with pytest.raises(ValueError, match=r"timers run by UTC.*Europe/Berlin"):
        read_zone({"WEBSITE_TIME_ZONE": "Pacific Standard Time"})


@given(
    st.tuples(*(st.sets(st.integers(low, high), min_size=1) for low, high in ((0, 59), (0, 59), (0, 23)))),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(parse("2020-01-01T00:00:00Z"), parse("2035-01-01T00:00:00Z")),
)
def test_the_next_moment_is_the_first_that_fits(times, days, after):
    """It fits, lies later than the start, and within a week and a day."""
    fields = (*(tuple(sorted(one)) for one in times), tuple(range(1, 32)), tuple(range(1, 13)), tuple(sorted(days)))
    moment = Cron(fields, with_seconds=True).next_after(after)
    assert after < moment <= after + 8 * 24 * 3600 * SECOND
    at = datetime.fromisoformat(stamp(moment))
    assert all(value in allowed for value, allowed in zip((at.second, at.minute, at.hour), times, strict=True))
    assert at.isoweekday() % 7 in days


def test_without_the_calendars_package_a_timer_is_refused_with_what_to_install(monkeypatch):
    """An app without timers runs without it; one with a timer is reported."""
    monkeypatch.setattr("devhost.app.schedule.find_spec", lambda _: None)
    with pytest.raises(ValueError, match="pip install cronsim"):
        read_schedule("0 */5 * * * *")
