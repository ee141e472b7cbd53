"""The policy of a case that names none: time to decide, and who is asked."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from approval.errors import UnreadableInput
from approval.policy import one_level
from approval.policy.one_level import OneLevelPolicy
from approval.proposal import PolicyWish

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("PT20S", datetime(2026, 1, 31, 12, 0, 20, tzinfo=UTC)),
        ("PT90M", datetime(2026, 1, 31, 13, 30, tzinfo=UTC)),
        ("P3D", datetime(2026, 2, 3, 12, tzinfo=UTC)),
        ("P2W", datetime(2026, 2, 14, 12, tzinfo=UTC)),
        ("P1M", datetime(2026, 2, 28, 12, tzinfo=UTC)),
        ("P1Y", datetime(2027, 1, 31, 12, tzinfo=UTC)),
        ("P1DT12H", datetime(2026, 2, 2, 0, tzinfo=UTC)),
    ],
)
def test_a_deadline_is_reckoned_by_the_calendar(text, due):
    """A month is a calendar month, a day 24 hours of UTC."""
    assert OneLevelPolicy(timeout=text).due(NOON) == due


def test_a_deadline_is_in_utc_whatever_zone_the_clock_speaks():
    """The engine would send another zone's wall clock as if it were UTC."""
    east = NOON.astimezone(timezone(timedelta(hours=5)))
    due = OneLevelPolicy().due(east)
    assert (due, due.tzinfo) == (NOON + timedelta(seconds=20), UTC)


@pytest.fixture
def machine_in_new_york(monkeypatch):
    """The machine's own zone is not UTC."""
    with monkeypatch.context() as zone:
        zone.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("machine_in_new_york")
def test_a_deadline_is_in_utc_whatever_zone_the_machine_has():
    """A day is 24 hours also where the clocks change in it."""
    due = OneLevelPolicy(timeout="P1D").due(datetime(2026, 3, 8, 6, tzinfo=UTC))
    assert (due, due.tzinfo) == (datetime(2026, 3, 9, 6, tzinfo=UTC), UTC)


def test_the_policy_in_an_input_is_read_back_as_it_was():
    """What the starter writes is what the orchestrator reads."""
    policy = OneLevelPolicy("P3D", "Head of bridges", "Director")
    assert policy.to_input() == {"timeout": "P3D", "approver": "Head of bridges", "escalateTo": "Director"}
    assert OneLevelPolicy.from_input(policy.to_input()) == policy


@pytest.mark.parametrize(
    "given_",
    [None, [], {}, {**OneLevelPolicy().to_input(), "timeout": 5}, {**OneLevelPolicy().to_input(), "timeout": "5 days"}],
)
def test_a_policy_that_the_starter_has_not_written_is_refused(given_):
    """An input from elsewhere fails with a text that says how to start a case."""
    with pytest.raises(UnreadableInput, match="POST /api/orchestrators/OrchFunction"):
        OneLevelPolicy.from_input(given_)


def test_a_timeout_is_parsed_once(mocker):
    """When the policy is made, and not at each look at it."""
    parse = mocker.spy(one_level, "duration")
    made = OneLevelPolicy("P3D")
    assert made.due(NOON) == made.due(NOON) == NOON + timedelta(days=3)
    assert parse.call_count == 1


def test_a_proposal_may_wish_for_each_field_of_a_policy():
    """By the name that it has in the input of a case."""
    assert {name: field.alias for name, field in PolicyWish.model_fields.items()} == one_level.NAMES
    assert one_level.NAMES == {"timeout": "timeout", "approver": "approver", "escalate_to": "escalateTo"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"approver": None}, "The input's policy needs timeout, approver and escalateTo as texts."),
        ({"escalateTo": 5}, "The input's policy needs timeout, approver and escalateTo as texts."),
        ({"timeout": "soon"}, "The input's policy has an unusable timeout: "),
    ],
)
def test_an_unreadable_policy_says_what_is_wrong_with_it(changed, told):
    """Each key on its own is needed."""
    with pytest.raises(UnreadableInput) as refused:
        OneLevelPolicy.from_input(OneLevelPolicy().to_input() | changed)
    assert str(refused.value).startswith(told)
