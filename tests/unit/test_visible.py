"""Who may see a case."""

from dataclasses import replace

import pytest
from companies import company, submission

from approval.policy.model import Visibility
from approval.visible import may_see, shown_parties

COUNTY = company("county")
STATUS = {
    "author": {"id": "dana", "name": "Dana Okafor"},
    "turn": {"with": ["pat", "sam"]},
    "closed": [{"level": 1, "by": "ruth"}, {"level": 2, "by": None}],
    "decided": None,
}
OPENING = {
    "groups": [{"asked": ["noor", "ruth"]}],
    "leftOut": [{"person": "eli"}],
    "target": {"id": "jo"},
}
RECORD = [{"what": "submitted", "by": {"id": "dana"}}, {"what": "escalated", "opening": OPENING}]


def case(visible_to):
    """A scheme of Dana's with Eli as contributor, seen by these."""
    made = submission(COUNTY, "dana", {"kind": "scheme", "amount": 60_000, "category": 0, "departure": False}, ["eli"])
    return replace(made, policy=replace(made.policy, visible_to=visible_to))


@pytest.mark.parametrize("person", ["dana", "eli", "pat", "sam", "ruth", "noor", "jo"])
@pytest.mark.parametrize("visible_to", Visibility)
def test_those_who_take_part_see_it(person, visible_to):
    """Author, contributor, who has the turn, who decided, who was asked before it was escalated, and to whom."""
    assert may_see(person, COUNTY.people, case(visible_to), STATUS, RECORD)


@pytest.mark.parametrize(("visible_to", "seen"), [("parties", False), ("parties and auditors", False), ("staff", True)])
def test_other_people_see_what_all_staff_may_see(visible_to, seen):
    """The policy says so."""
    assert may_see("kim", COUNTY.people, case(Visibility(visible_to)), STATUS, RECORD) is seen


@pytest.mark.parametrize("visible_to", Visibility)
def test_somebody_who_is_not_in_the_directory_sees_nothing(visible_to):
    """Staff are the people of the policy file."""
    assert not may_see("mallory", COUNTY.people, case(visible_to), STATUS, RECORD)


def test_before_its_first_turn_the_author_sees_it():
    """The status is empty, and so is the record."""
    assert may_see("dana", COUNTY.people, case(Visibility.PARTIES), {})
    assert not may_see("noor", COUNTY.people, case(Visibility.PARTIES), {})


def test_who_was_left_out_is_no_part_of_it():
    """Unless they are one of those who wrote it."""
    made = replace(case(Visibility.PARTIES), contributors=())
    assert not may_see("eli", COUNTY.people, made, STATUS, RECORD)


def test_the_custom_status_alone_shows_who_has_the_turn_and_who_decided():
    """The author, those of the turn, who closed a level, and who decided; nobody before the first turn."""
    decided = {**STATUS, "decided": {"outcome": "rejected", "by": "kim"}}
    assert shown_parties(decided) == {"dana", "pat", "sam", "ruth", "kim"}
    assert shown_parties(STATUS) == {"dana", "pat", "sam", "ruth"}
    assert shown_parties({**STATUS, "turn": None, "decided": {"by": None}}) == {"dana", "ruth"}
    assert shown_parties({}) == shown_parties({"turn": {}, "decided": {}, "closed": None}) == set()


def test_a_level_that_somebody_else_got_at_once_is_known_to_the_target_and_to_nobody_left_out():
    """Of an opening without groups, too."""
    for opening, seen in (({"target": {"id": "jo"}}, True), (None, False), ({}, False)):
        record = [{"what": "opened", "opening": opening}]
        assert may_see("jo", (), case("parties"), {}, record) is seen
