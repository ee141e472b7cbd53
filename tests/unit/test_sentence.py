"""What is said about a case, in one or a few sentences."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from levels import DAY, NAMES, T0, Led, answer, group

from approval.level_status import describe_levels
from approval.opening import OpenedAs
from approval.sentence import joined_names, sentence, time_in_words

LONDON, KOLKATA = ZoneInfo("Europe/London"), ZoneInfo("Asia/Kolkata")


def said(case, zone=LONDON, label=""):
    """The sentence about this case."""
    return sentence(describe_levels(case.review), NAMES, zone, label)


def test_whose_turn_it_is_since_when_and_what_happens_then():
    """The design's own example, but for its working days."""
    case = Led().opened(reminders=(T0 + 7 * DAY,))
    assert said(case) == (
        "With Noor Haddad or Ruth Pemberton since Wed 25 Nov 16:40. Reminder Wed 2 Dec 16:40. "
        "If nobody decides by Sat 5 Dec 16:40 it goes to Jo Lindqvist, then it is rejected."
    )


def test_a_level_that_goes_to_nobody():
    """It is rejected then."""
    case = Led().opened(1, group("noor"), then=None)
    assert said(case) == (
        "With Noor Haddad since Wed 25 Nov 16:40. If nobody decides by Sat 5 Dec 16:40 it is rejected."
    )


def test_a_level_that_goes_up_the_line():
    """The next one is named; there may be others after that."""
    case = Led(to="next in line").opened(1, group("ruth"), then="amir")
    assert said(case).endswith("it goes to Amir Shah, then up the line, and is rejected at its end.")


def test_where_all_of_them_are_needed():
    """And instead of or."""
    case = Led().opened(1, group("noor", "ruth", need="all"))
    assert said(case).startswith("With Noor Haddad and Ruth Pemberton since")


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (["noor"], "Noor Haddad"), (["noor", "ruth"], "Noor Haddad or Ruth Pemberton"),
        (["noor", "ruth", "jo"], "Noor Haddad, Ruth Pemberton or Jo Lindqvist"),
        (["noor", "ruth", "jo", "pat"], "Noor Haddad, Ruth Pemberton, Jo Lindqvist and 1 other"),
        (["noor", "ruth", "jo", "pat", "sam", "kim", "eli"], "Noor Haddad, Ruth Pemberton, Jo Lindqvist and 4 others"),
        (["noor", "left-us"], "Noor Haddad or left-us"),
    ],
)  # fmt: skip
def test_at_most_three_names(ids, names):
    """Then how many others; who has no name is called by the id."""
    assert joined_names(ids, NAMES) == names


def test_times_are_in_the_readers_zone():
    """Half past ten in the evening in Kolkata; labelled where the zone is not the reader's own."""
    case = Led().opened()
    assert "since Wed 25 Nov 22:10." in said(case, KOLKATA)
    assert "since Wed 25 Nov 16:40 UTC." in said(case, UTC, "UTC")


def test_a_day_has_its_english_name_in_every_locale():
    """Each of the week, each of the year."""
    days = [time_in_words(datetime(2026, 6, 1, 8, 5, tzinfo=UTC) + day * timedelta(days=1), UTC) for day in range(7)]
    assert days[0] == "Mon 1 Jun 08:05"
    assert [day[:3] for day in days] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    months = [time_in_words(datetime(2026, month, 1, tzinfo=UTC), UTC).split()[2] for month in range(1, 13)]
    assert months == ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def test_how_a_case_ended():
    """By whom and when, or why nobody did."""
    approved, rejected, withdrawn = Led().opened(), Led().opened(), Led().opened()
    approved.hear("ruth")
    rejected.hear("noor", "reject")
    withdrawn.hear("dana", "withdraw")
    expired = Led().opened().woke().woke().answered(answer(outcome=OpenedAs.EXPIRED))
    refused, fault = Led().answered(answer(outcome=OpenedAs.REFUSED)), Led().answered(answer())
    assert [said(case) for case in (approved, rejected, withdrawn, expired, refused, fault)] == [
        "Approved by Ruth Pemberton on Wed 25 Nov 16:40.", "Rejected by Noor Haddad on Wed 25 Nov 16:40.",
        "Withdrawn by Dana Okafor on Wed 25 Nov 16:40.",
        "Rejected on Sat 5 Dec 16:40, since nobody has decided: time is over.",
        "This is nobody's case: its input was not written by this service.",
        ("The case ended on Wed 25 Nov 16:40 without an outcome: every level of its policy was skipped. "
        "Put that right, and submit the proposal again."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "changes", "told"),
    [
        ("approved", {"decided": None}, "Approved on Wed 25 Nov 16:40."),
        ("approved", {"decided": {"byName": None}, "endedAt": None}, "Approved."),
        ("rejected", {"decided": {"byName": "Ruth Pemberton"}, "endedAt": None}, "Rejected by Ruth Pemberton."),
        ("expired", {"why": None}, "Rejected on Wed 25 Nov 16:40, since nobody has decided."),
        ("withdrawn", {"endedAt": None}, "Withdrawn by Dana Okafor."),
    ],
)
def test_what_a_status_does_not_have_is_left_out(state, changes, told):
    """A person, a time or a reason."""
    case = Led().opened()
    case.hear("ruth")
    status = {**describe_levels(case.review), "state": state, **changes}
    assert sentence(status, NAMES, LONDON) == told


def test_a_level_that_nobody_can_decide_any_more():
    """Too few are asked, and it has gone to nobody."""
    assert said(Led().opened(1, group("noor", need=2), then=None)) == (
        "With nobody since Wed 25 Nov 16:40. If nobody decides by Sat 5 Dec 16:40 it is rejected."
    )


def test_while_a_level_is_being_opened():
    """Nobody has the turn; a step that fails is named."""
    case = Led()
    assert said(case) == "The next people are being asked."
    assert said(case.failed("open:1")) == (
        "The next people are being asked. The step OpenLevel failed once and is tried again on Wed 25 Nov 16:40."
    )
    assert said(case.woke().failed("open:1")).startswith(
        "The next people are being asked. The step OpenLevel failed 2 times and is"
    )
    assert said(case.woke()).endswith("failed 2 times and is not tried again now.")
