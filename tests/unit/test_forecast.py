"""The way of a case through its levels, as preview, page and REST show it."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from companies import CASE, company, read_file, submission
from hypothesis import given, settings
from hypothesis import strategies as st
from random_policies import AT, IDS, VALUES, policy_files

from approval.acts import Name
from approval.forecast import LevelIs, LevelOnPath, path
from approval.instants import written
from approval.open_level import open_level
from approval.opening import OpenedAs, Request

COUNTY, SOFTWARE = company("county"), company("software")
SCHEME = {"kind": "scheme", "amount": Decimal(60_000), "category": 1, "departure": False}
STRUCTURE = {**SCHEME, "kind": "structure"}
DAY = timedelta(days=1)


def shown(levels):
    """Number, place, who has the turn."""
    return [(one.number, str(one.is_at), [person.id for person in one.turn]) for one in levels]


def opening(file, given, level, at=AT, **more):
    """A level as it opens."""
    return open_level(Request(CASE, None, level, at, **more), given, file, "", {}, "9f" * 16).opening


def entry(what, **more):
    """An entry of the record."""
    return {"n": 1, "move": 1, "at": written(AT + DAY), "what": what, **more}


def vote(level, person, act="approve", verdict="counts"):
    """An act in the record."""
    return entry("act", act={"act": act, "level": level, "by": {"id": person, "name": person}}, verdict=verdict)


def test_a_preview_names_ruth_and_then_finance():
    """Dana's 60,000: all levels are ahead, and each due time is the latest one without an escalation."""
    found = path(submission(COUNTY, "dana", SCHEME), COUNTY, AT)
    assert shown(found) == [(1, "ahead", ["ruth"]), (2, "ahead", ["pat", "sam"])]
    assert [one.opening.due for one in found] == [AT + 5 * DAY, AT + 8 * DAY]
    assert json.loads(json.dumps(found[0].to_json())) == {
        "level": "Line of authority",
        "number": 1,
        "is": "ahead",
        "with": [{"id": "ruth", "name": "Ruth Pemberton"}],
        "because": ["authority spend, limit 100,000 GBP"],
        "due": "2026-11-30T16:40:00Z",
        "left_out": [],
        "why": None,
        "depends": False,
        "outcome": None,
        "by": None,
        "at": None,
    }


def test_a_preview_of_40000_skips_finance():
    """With the reason."""
    found = path(submission(COUNTY, "dana", {**SCHEME, "amount": Decimal(40_000)}), COUNTY, AT)
    assert shown(found) == [(1, "ahead", ["ruth"]), (2, "skipped", [])]
    assert found[1].why == "amount is at most 50,000 GBP"
    assert found[1].to_json() == {
        "level": "Finance", "number": 2, "is": "skipped", "with": [], "because": [], "due": None, "left_out": [],
        "why": "amount is at most 50,000 GBP", "depends": False, "outcome": None, "by": None, "at": None,
    }  # fmt: skip


def test_a_preview_says_who_is_left_out():
    """Noor, of her own structure."""
    found = path(submission(COUNTY, "noor", STRUCTURE), COUNTY, AT)
    assert found[0].to_json()["left_out"] == [{"person": "noor", "name": "Noor Haddad", "why": "wrote it"}]
    assert shown(found) == [(1, "ahead", ["ruth"]), (2, "ahead", ["ruth"]), (3, "ahead", ["pat", "sam"])]


def test_a_running_case_has_done_here_and_ahead():
    """From the record: what was decided by whom and when, who has the turn, and what is still to come."""
    given = submission(COUNTY, "dana", STRUCTURE)
    first, second = opening(COUNTY, given, 1), opening(COUNTY, given, 2, AT + DAY)
    record = [
        entry("submitted"),
        entry("opened", opening=first.to_json()),
        vote(1, "sam", verdict="not yours"),
        vote(1, "ruth"),
        entry(
            "levelClosed",
            level=1,
            name="Technical approval",
            by={"id": "ruth", "name": "Ruth P."},
            **{"is": "approved"},
        ),
        entry("opened", opening=second.to_json()),
        entry("reminded", level=2, to=["ruth"]),
    ]
    found = path(given, COUNTY, AT + 2 * DAY, record)
    assert shown(found) == [(1, "done", []), (2, "here", ["ruth"]), (3, "ahead", ["pat", "sam"])]
    assert found[0] == LevelOnPath(
        1, "Technical approval", LevelIs.DONE, first, outcome="approved", by=Name("ruth", "Ruth P."), at=AT + DAY
    )
    assert found[1] == LevelOnPath(2, "Line of authority", LevelIs.HERE, second, turn=(Name("ruth", "Ruth Pemberton"),))
    assert json.loads(json.dumps(found[0].to_json())) == {
        "level": "Technical approval",
        "number": 1,
        "is": "done",
        "with": [],
        "because": ["group technical-approval"],
        "due": "2026-12-05T16:40:00Z",
        "left_out": [],
        "why": None,
        "depends": False,
        "outcome": "approved",
        "by": {"id": "ruth", "name": "Ruth P."},
        "at": "2026-11-26T16:40:00Z",
    }
    assert found[2].opening.due == second.due + 3 * DAY


def test_who_has_voted_has_no_turn_any_more():
    """Two of three architects: after Ana's approval Bo or Chi decides."""
    given = submission(SOFTWARE, "dev", {"risk": "low", "personal_data": False})
    record = [entry("opened", opening=opening(SOFTWARE, given, 1).to_json()), vote(1, "ana")]
    assert shown(path(given, SOFTWARE, AT, record))[0] == (1, "here", ["bo", "chi"])
    record.append(vote(1, "bo", "abstain"))
    assert shown(path(given, SOFTWARE, AT, record))[0] == (1, "here", ["chi"])


def test_an_escalated_level_is_with_its_target():
    """And says why."""
    given = submission(COUNTY, "dana", STRUCTURE)
    first = opening(COUNTY, given, 1)
    later = opening(COUNTY, given, 1, AT + 10 * DAY, escalation=1, asked=("noor", "ruth"), present=first)
    record = [
        entry("opened", opening=first.to_json()),
        entry("escalated", level=1, why="time is over", opening=later.to_json()),
    ]
    found = path(given, COUNTY, AT + 11 * DAY, record)
    assert shown(found)[0] == (1, "here", ["jo"])
    assert (found[0].why, found[1].opening.opened_at) == ("time is over", AT + 20 * DAY)
    assert shown(path(given, COUNTY, AT, [*record, vote(1, "jo", "abstain")]))[0] == (1, "here", [])
    record.append(entry("levelClosed", level=1, name="Technical approval", by=None, **{"is": "expired"}))
    (done, *_) = path(given, COUNTY, AT, record)
    assert (done.name, done.opening, done.why, done.outcome, done.by) == (
        "Technical approval", later, "time is over", "expired", None,
    )  # fmt: skip


def test_between_two_levels_the_next_one_opens_now():
    """A level is closed, and the answer about the next one is not there yet. A closed level is known by its entry."""
    given = submission(COUNTY, "dana", STRUCTURE)
    close = entry("levelClosed", level=1, name="As it was called", by=None, **{"is": "approved"})
    found = path(given, COUNTY, AT + 3 * DAY, [close])
    assert shown(found) == [(1, "done", []), (2, "ahead", ["ruth"]), (3, "ahead", ["pat", "sam"])]
    assert (found[0].name, found[1].opening.opened_at) == ("As it was called", AT + 3 * DAY)


def test_votes_of_closed_levels_count_for_the_levels_ahead():
    """Who has approved last, at which level; an act that withdraws or does not count says nothing."""
    file = two_levels(different="true")
    given = submission(file, "w", {"flag": True})
    close = entry("levelClosed", level=1, name="First", by=None, **{"is": "approved"})
    first = entry("opened", opening=opening(file, given, 1).to_json())
    for person, manager in (("x", "m"), ("y", "n")):
        record = [first, vote(1, person), vote(1, "y", verdict="late"), vote(1, "w", "withdraw"), close]
        assert shown(path(given, file, AT, record))[1] == (2, "ahead", [manager])


@pytest.mark.parametrize("state", ["withdrawn", "expired", "fault"])
def test_a_case_that_has_ended_has_nothing_ahead(state):
    """What was open is done, as the case ended."""
    given = submission(COUNTY, "dana", SCHEME)
    end = entry("fault", why="x") if state == "fault" else entry("ended", state=state, by=None, why=None)
    found = path(given, COUNTY, AT, [entry("opened", opening=opening(COUNTY, given, 1).to_json()), end])
    assert shown(found) == [(1, "done", [])]
    assert found[0].outcome == state


def test_a_level_that_was_skipped_stays_so():
    """As the record says, whatever the file says today."""
    given = submission(COUNTY, "dana", SCHEME)
    record = [entry("skipped", level=1, name="Line of authority", why="it was so")]
    found = path(given, COUNTY, AT, record)
    assert shown(found) == [(1, "skipped", []), (2, "ahead", ["pat", "sam"])]
    assert (found[0].name, found[0].why) == ("Line of authority", "it was so")


def test_a_level_without_people_ends_the_path():
    """If nobody gets it, no later level is reached."""
    found = path(submission(COUNTY, "kim", SCHEME), COUNTY, AT)
    assert shown(found) == [(1, "ahead", [])]
    assert found[0].why == "Nobody above Kim Adeyemi who may vote has a limit in spend of 60,000 GBP."


def test_a_level_that_goes_elsewhere_at_once_is_with_the_target():
    """Tom decides alone where one architect is left."""
    given = submission(SOFTWARE, "ana", {"risk": "low", "personal_data": False}, ["bo"])
    found = path(given, SOFTWARE, AT)
    assert shown(found)[0] == (1, "ahead", ["tom"])
    assert found[0].why == "Only 1 is left, and 2 are needed (group architects)."


def test_a_file_that_has_changed_shows_the_fault_of_a_level_ahead():
    """The page still opens; the case waits there."""
    given = submission(COUNTY, "dana", SCHEME)
    record = [entry("opened", opening=opening(COUNTY, given, 1).to_json())]
    found = path(given, replace(COUNTY, groups={}), AT, record)
    assert shown(found) == [(1, "here", ["ruth"]), (2, "ahead", [])]
    assert found[1].name == "Finance"
    assert found[1].why == (
        "The level Finance cannot go on. There is no group finance any more. "
        "The case waits until the policy file is put right."
    )


DEPENDING = """
    schema = 1
    name = "Small"
    zone = "UTC"
    [[field]]
    name = "flag"
    type = "boolean"
    label = "Flag"
    [[route]]
    policy = "only"
    [people]
    x = {{ name = "Xi", email = "x@s.example", manager = "m" }}
    y = {{ name = "Yo", email = "y@s.example", manager = "{above}" }}
    m = {{ name = "Mo", email = "m@s.example" }}
    n = {{ name = "Ny", email = "n@s.example" }}
    w = {{ name = "Wim", email = "w@s.example" }}
    {people}
    [groups]
    b = ["x", "y"]
    [policy.only]
    title = "Only"
    different_people = {different}
    [[policy.only.level]]
    name = "First"
    approvers = [{first}]
    within = "1 day"
    on_expiry = "reject"
    [[policy.only.level]]
    name = "Second"
    approvers = [{second}]
    within = "1 day"
    {then}
"""
LAST = '{ manager = "last approver" }'
REJECT = 'on_expiry = "reject"'


def two_levels(second=LAST, first='{ group = "b" }', **more):
    """A small company whose policy has two levels with these approvers; Xi and Yo are its group b."""
    more = {"above": "n", "different": "false", "people": "", "then": REJECT, **more}
    return read_file(DEPENDING.format(first=first, second=second, **more))


def depending(second=LAST, **more):
    """A preview in which the second level depends on who decides the first."""
    file = two_levels(second, **more)
    return path(submission(file, "w", {"flag": True}), file, AT)[1]


def told(level):
    """Who has the turn, and whether that depends on who decides before."""
    return [one.id for one in level.turn], level.depends


def test_the_manager_of_the_last_approver_depends_on_who_that_is():
    """Both managers are listed; where it is the same one, nothing depends."""
    second = depending()
    assert ([one.id for one in second.turn], second.depends) == (["m", "n"], True)
    assert second.opening.groups[0].because == "manager of the last approver"
    second = depending(above="m")
    assert ([one.id for one in second.turn], second.depends) == (["m"], False)
    assert second.opening.groups[0].because == "manager of the last approver"
    second = depending('{ people = ["n"] }', above="m")
    assert ([one.id for one in second.turn], second.depends) == (["n"], False)


def test_different_people_depends_on_who_decides_before():
    """Whoever decides the first level is not asked at the second; nobody is left out for sure."""
    second = depending('{ people = ["x", "y", "n"] }', different="true")
    assert ([one.id for one in second.turn], second.depends) == (["y", "n", "x"], True)
    assert second.opening.left_out == ()


def test_a_level_depends_if_more_could_approve_before_than_are_looked_at():
    """Eight are; the ninth, who is asked at the second level too, would be left out there after approving."""
    people = [f"p{number}" for number in range(1, 10)]
    table = "\n".join(f'{one} = {{ name = "{one}", email = "{one}@s.example" }}' for one in people)
    for asked, depends in ((people, True), (people[:8], False)):
        second = depending('{ people = ["n", "p9"] }', first=f"{{ people = {asked} }}", people=table, different="true")
        assert told(second) == (["n", "p9"], depends)


@pytest.mark.parametrize(
    ("first", "second", "turn", "out"),
    [
        ('{ people = ["x"] }, { people = ["y"] }', '{ people = ["x", "y", "n"] }', ["n"], ["x", "y"]),
        ('{ group = "b" }, { people = ["n"] }', '{ people = ["n", "m"] }', ["m"], ["n"]),
    ],
)
def test_whoever_approves_before_in_any_case_is_left_out_for_sure(first, second, turn, out):
    """With the only one of each group, whoever of another group approves last."""
    level = depending(second, first=first, different="true")
    assert told(level) == (turn, False)
    assert [(one.who.id, one.why) for one in level.opening.left_out] == [(each, "decided at First") for each in out]


def test_a_level_that_could_be_left_without_people_depends():
    """If Xi approves the first level, nobody is left for the second one; if Yo does, Xi is asked."""
    level = depending('{ people = ["x"] }', different="true")
    assert told(level) == ([], True)
    assert level.why == "Nobody is left to ask (named by the policy)."
    assert [one.why for one in level.opening.left_out] == ["decided at First"]


def test_to_whom_a_level_would_go_is_nothing_it_depends_on():
    """Xi cannot get the second level after approving the first, but Ny is asked either way."""
    then = 'on_expiry = { escalate_to = "x", then = "reject" }'
    assert told(depending('{ people = ["n"] }', different="true", then=then)) == (["n"], False)


def test_a_level_that_ends_the_case_as_it_opens_asks_nobody():
    """One of its two groups is without people, and it goes to nobody."""
    file = two_levels(first='{ group = "b" }, { people = ["w"] }')
    (level,) = path(submission(file, "w", {"flag": True}), file, AT)
    assert (told(level), level.why) == (([], False), "Nobody is left to ask (named by the policy).")


def with_votes(file, *people):
    """The path of a case whose first level is open, with these approvals."""
    given = submission(file, "w", {"flag": True})
    record = [entry("opened", opening=opening(file, given, 1).to_json()), *(vote(1, one) for one in people)]
    return path(given, file, AT, record)


def test_votes_of_the_open_level_count_for_the_levels_ahead():
    """Xi has approved, so Yo comes last; where two of three are needed, nobody of the other two is sure to approve."""
    here, ahead = with_votes(two_levels(first='{ group = "b", need = 2 }'), "x")
    assert (told(here), told(ahead)) == ((["y"], False), (["n"], False))
    first, second = '{ people = ["x", "y", "m"], need = 2 }', '{ people = ["x", "y", "n"] }'
    here, ahead = with_votes(two_levels(second, first, different="true"), "m")
    assert (told(here), told(ahead)) == ((["x", "y"], False), (["y", "n", "x"], True))


def test_a_group_of_the_open_level_that_is_done_has_no_turn_any_more():
    """Yo need not decide once Xi has."""
    here, _ = with_votes(two_levels(first='{ group = "b" }, { people = ["n"] }'), "x")
    assert told(here) == (["n"], False)


def test_who_is_needed_in_any_case_is_assumed_to_approve():
    """Of a level with one person, so the manager of the last approver is known."""
    file = two_levels('{ people = ["y", "n"] }', different="true")
    found = path(submission(file, "x", {"flag": True}), file, AT)
    assert shown(found) == [(1, "ahead", ["y"]), (2, "ahead", ["n"])]
    assert found[1].opening.left_out[0].why == "decided at First"
    assert not found[1].depends


@settings(max_examples=150)
@given(policy_files(), VALUES, st.sampled_from(IDS))
def test_a_path_begins_as_the_case_will(file, values, author):
    """The first level of a preview is what OpenLevel answers at that moment; levels come once each, in order."""
    given = submission(file, author, values)
    found = path(given, file, AT)
    answered = open_level(Request(CASE, None, 1, AT), given, file, "", {}, "")
    ahead = [one for one in found if one.is_at is LevelIs.AHEAD]
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert [one.name for one in found] == [level.name for level in given.policy.levels()][: len(found)]
    assert (ahead[0].opening if ahead else None) == answered.opening
    if answered.outcome is OpenedAs.EXPIRED:
        assert len(ahead) == 1
    assert all(one.opening.opened_at <= after.opening.opened_at for one, after in pairwise(ahead))
    json.dumps([one.to_json() for one in found])
