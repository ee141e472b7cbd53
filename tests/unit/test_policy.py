"""Time to decide, and who is asked."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval import policy
from approval.errors import InvalidDuration, UnreadableInput
from approval.policy import Policy, duration
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
    assert Policy(timeout=text).due(NOON) == due


def test_a_deadline_is_in_utc_whatever_zone_the_clock_speaks():
    """The engine would send another zone's wall clock as if it were UTC."""
    east = NOON.astimezone(timezone(timedelta(hours=5)))
    due = Policy().due(east)
    assert (due, due.tzinfo) == (NOON + timedelta(seconds=20), UTC)


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


def test_the_policy_in_an_input_is_read_back_as_it_was():
    """What the starter writes is what the orchestrator reads."""
    policy = Policy("P3D", "Head of bridges", "Director")
    assert policy.to_input() == {"timeout": "P3D", "approver": "Head of bridges", "escalateTo": "Director"}
    assert Policy.from_input(policy.to_input()) == policy


@pytest.mark.parametrize(
    "given_", [None, [], {}, {**Policy().to_input(), "timeout": 5}, {**Policy().to_input(), "timeout": "5 days"}]
)
def test_a_policy_that_the_starter_has_not_written_is_refused(given_):
    """An input from elsewhere fails with a text that says how to start a case."""
    with pytest.raises(UnreadableInput, match="POST /api/orchestrators/OrchFunction"):
        Policy.from_input(given_)


def test_a_timeout_is_parsed_once(mocker):
    """When the policy is made, and not at each look at it."""
    parse = mocker.spy(policy, "duration")
    made = Policy("P3D")
    assert made.due(NOON) == made.due(NOON) == NOON + timedelta(days=3)
    assert parse.call_count == 1


def test_a_proposal_may_wish_for_each_field_of_a_policy():
    """By the name that it has in the input of a case."""
    assert {name: field.alias for name, field in PolicyWish.model_fields.items()} == policy.NAMES
    assert policy.NAMES == {"timeout": "timeout", "approver": "approver", "escalate_to": "escalateTo"}


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
        Policy.from_input(Policy().to_input() | changed)
    assert str(refused.value).startswith(told)
