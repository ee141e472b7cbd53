"""Who is asked at a level, by when, and who gets it if they do not decide."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import opening_oracle as oracle
import pytest
from companies import CASE, company, read_file, submission
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_policies import AT, IDS, VALUES, policy_files

from approval.acts import Kind, Name
from approval.errors import UnfitPolicyFile
from approval.open_level import answer, open_level
from approval.opening import Opened, OpenedAs, Request, Skipped, Voted
from approval.seals import Purpose, Sealed, signed_bytes
from approval.submission import stored_input

COUNTY, SOFTWARE = company("county"), company("software")
KEYS = {"2026-11": "cHVibGlj"}
NEW = "9f2c" * 8
SCHEME = {"kind": "scheme", "amount": Decimal(60_000), "category": 1, "departure": False}
STRUCTURE = {**SCHEME, "kind": "structure"}
DESIGN = {"risk": "low", "personal_data": False}


def opened(file, author, values, level=1, voted=(), contributors=(), **more):
    """The answer to a request to open a level, or to escalate one."""
    given = submission(file, author, values, contributors)
    votes = tuple(Voted(*vote[:2], Kind(vote[2])) for vote in voted)
    request = Request(CASE, None, level, AT, voted=votes, **more)
    answered = open_level(request, given, file, "sha256:d", KEYS, NEW)
    assert (answered.directory, answered.keys) == ("sha256:d", KEYS)
    assert Opened.from_json(json.loads(json.dumps(answered.to_json()))) == answered
    return answered


def asked(answered):
    """The ids of those who are asked, group by group."""
    return [list(group.asked) for group in answered.opening.groups]


def left_out(answered):
    """Who is left out, and why."""
    return {one.who.id: one.why for one in answered.opening.left_out}


def changed(file, **parts):
    """The file as somebody has changed it since."""
    return replace(file, **parts)


def one_level(level, people="", groups="a = ['x']\nb = ['y', 'z']", more="", policy=""):
    """A file with a policy of one level, and people x below y below z, and w with nobody above."""
    return read_file(f"""
        schema = 1
        name = "Small"
        zone = "Europe/London"
        [[field]]
        name = "amount"
        type = "money"
        currency = "GBP"
        label = "Cost"
        [[field]]
        name = "flag"
        type = "boolean"
        default = false
        label = "Flag"
        [[route]]
        policy = "only"
        [people]
        x = {{ name = "Xi", email = "x@s.example", manager = "y" }}
        y = {{ name = "Yo", email = "y@s.example", manager = "z" }}
        z = {{ name = "Zoe", email = "z@s.example" }}
        w = {{ name = "Wim", email = "w@s.example" }}
        {people}
        [groups]
        {groups}
        {more}
        [policy.only]
        title = "Only"
        {policy}
        [[policy.only.level]]
        name = "First"
        within = "5 days"
        {level}
    """)


AMOUNT = {"amount": Decimal(10), "flag": False}


# The county and the software company.


def test_dana_writes_a_scheme_of_60000_and_ruth_is_asked():
    """Eli's limit of 25,000 is passed over and not listed; nobody is left out."""
    first = opened(COUNTY, "dana", SCHEME)
    assert first.outcome is OpenedAs.OPENED
    assert first.opening.to_json() == {
        "level": 1,
        "name": "Line of authority",
        "opening": NEW,
        "escalation": 0,
        "openedAt": "2026-11-25T16:40:00Z",
        "due": "2026-11-30T16:40:00Z",
        "reminders": ["2026-11-28T16:40:00Z", "2026-11-30T12:40:00Z"],
        "groups": [{"because": "authority spend, limit 100,000 GBP", "asked": ["ruth"], "need": 1}],
        "leftOut": [],
        "names": {"ruth": "Ruth Pemberton"},
        "target": None,
        "rejection": "ends",
        "abstain": False,
        "comment": ["reject"],
        "then": {"to": {"id": "amir", "name": "Amir Shah"}},
    }
    assert (first.keys, first.directory, first.skipped, first.why) == (KEYS, "sha256:d", (), None)
    second = opened(COUNTY, "dana", SCHEME, 2, [(1, "ruth", "approve")])
    assert asked(second) == [["pat", "sam"]]
    assert second.opening.then == Name("jo", "Jo Lindqvist")


def test_a_scheme_of_40000_needs_no_finance():
    """The level is skipped with the reason, and none is left."""
    answered = opened(COUNTY, "dana", {**SCHEME, "amount": Decimal(40_000)}, 2, [(1, "ruth", "approve")])
    assert answered.outcome is OpenedAs.OVER
    assert answered.skipped == (Skipped(2, "Finance", "amount is at most 50,000 GBP"),)
    assert answered.opening is None


def test_noor_writes_a_structure_and_is_left_out():
    """Ruth alone is asked, and the answer says why."""
    answered = opened(COUNTY, "noor", STRUCTURE)
    assert asked(answered) == [["ruth"]]
    assert answered.opening.left_out[0].to_json() == {"person": "noor", "name": "Noor Haddad", "why": "wrote it"}


def test_ruth_writes_a_scheme_of_60000_and_amir_is_asked():
    """Her own limit would cover it; the line begins above her."""
    assert asked(opened(COUNTY, "ruth", SCHEME)) == [["amir"]]
    assert left_out(opened(COUNTY, "ruth", SCHEME)) == {}
    assert asked(opened(COUNTY, "dana", {**SCHEME, "amount": Decimal(100_000)})) == [["ruth"]]
    assert asked(opened(COUNTY, "dana", {**SCHEME, "amount": Decimal("100000.01")})) == [["amir"]]


def test_two_of_three_architects_and_two_of_two_if_one_is_the_author():
    """The need stays, the author is left out."""
    answered = opened(SOFTWARE, "dev", DESIGN)
    assert asked(answered) == [["ana", "bo", "chi"]]
    assert (answered.opening.groups[0].need, answered.opening.rejection, answered.opening.abstain) == (
        2,
        "counts",
        True,
    )
    answered = opened(SOFTWARE, "ana", DESIGN)
    assert asked(answered) == [["bo", "chi"]]
    assert answered.opening.groups[0].need == 2


# Without people.


def test_a_group_with_fewer_left_than_it_needs_is_without_people():
    """The level goes at once where on_expiry says, and says so: to Tom, who is asked alone."""
    answered = opened(SOFTWARE, "ana", DESIGN, contributors=["bo"])
    assert answered.outcome is OpenedAs.OPENED
    assert answered.why == "Only 1 is left, and 2 are needed (group architects)."
    assert (answered.opening.escalation, answered.opening.target) == (1, Name("tom", "Tom Albrecht"))
    assert asked(answered) == [["chi"]]
    assert answered.opening.names == {"chi": "Chi Nguyen", "tom": "Tom Albrecht"}
    assert answered.opening.then is None
    assert answered.opening.due == AT + timedelta(days=3)


def test_a_group_of_nobody_is_without_people_also_where_all_are_needed():
    """All of nobody would approve everything."""
    file = one_level("approvers = [{ group = 'a', need = 'all' }]\non_expiry = { escalate_to = 'z', then = 'reject' }")
    answered = opened(file, "x", AMOUNT)
    assert answered.why == "Nobody is left to ask (group a)."
    assert answered.opening.target == Name("z", "Zoe")


def test_an_author_without_a_manager_makes_a_level_without_people():
    """Nobody is asked, so nobody is next in line: the case expires as it opens, and the opening is there to read."""
    level = "approvers = [{ manager = 'author' }]\non_expiry = { escalate_to = 'next in line', then = 'reject' }"
    answered = opened(one_level(level), "w", AMOUNT)
    assert (answered.outcome, answered.why) == (OpenedAs.EXPIRED, "Wim has no manager.")
    assert (answered.opening.target, answered.opening.then, asked(answered)) == (None, None, [[]])
    assert asked(opened(one_level(level), "x", AMOUNT)) == [["y"]]


def test_a_line_without_a_limit_that_covers_is_without_people():
    """Nobody may commit more than five million."""
    answered = opened(COUNTY, "dana", {**SCHEME, "amount": Decimal("5000000.01")})
    assert answered.outcome is OpenedAs.EXPIRED
    assert answered.why == "Nobody above Dana Okafor who may vote has a limit in spend of 5,000,000.01 GBP."


def test_one_group_without_people_moves_the_whole_level():
    """Those of the other group are not asked either; the target alone decides every group."""
    level = """approvers = [{ group = 'a' }, { group = 'b', need = 2 }]
        on_expiry = { escalate_to = 'w', then = 'reject' }"""
    answered = opened(one_level(level), "z", AMOUNT)
    assert asked(answered) == [["x"], ["y"]]
    assert answered.opening.target == Name("w", "Wim")


def test_each_group_without_people_says_how_many_are_left():
    """In one sentence each."""
    level = """approvers = [{ group = 'b', need = 2 }, { people = ['x', 'y', 'z'], need = 3 }, { people = ['y'] }]
        on_expiry = { escalate_to = 'w', then = 'reject' }"""
    answered = opened(one_level(level), "y", AMOUNT)
    assert answered.why == (
        "Only 1 is left, and 2 are needed (group b). Only 2 are left, and 3 are needed (named by the policy). "
        "Nobody is left to ask (named by the policy)."
    )


def test_a_level_without_people_expires_where_on_expiry_rejects():
    """At once, and not after its time."""
    answered = opened(one_level("approvers = [{ group = 'a' }]\non_expiry = 'reject'"), "x", AMOUNT)
    assert (answered.outcome, answered.why) == (OpenedAs.EXPIRED, "Nobody is left to ask (group a).")
    assert answered.opening.due == AT + timedelta(days=5)


def test_without_anybody_who_approved_before_there_is_no_last_approver():
    """A checked file does not come to this; a level without people is the answer all the same."""
    file = one_level(
        """approvers = [{ group = 'a' }]
        on_expiry = 'reject'
        [[policy.only.level]]
        name = 'Second'
        approvers = [{ manager = 'last approver' }]
        within = '1 day'
        on_expiry = 'reject'"""
    )
    assert asked(opened(file, "w", AMOUNT, 2, [(1, "x", "approve")])) == [["y"]]
    assert opened(file, "w", AMOUNT, 2, [(1, "z", "approve")]).why == "Zoe has no manager."
    answered = opened(file, "w", AMOUNT, 2, [(1, "x", "abstain")])
    assert answered.why == "Nobody has approved at an earlier level."
    assert answered.opening.groups[0].because == "manager of the last approver"
    assert opened(file, "w", AMOUNT, 2, [(2, "x", "approve")]).why == "Nobody has approved at an earlier level."


# Conditions.


def test_a_group_whose_when_is_false_vanishes():
    """Amir is asked beside the others for a departure only."""
    assert asked(opened(COUNTY, "dana", STRUCTURE)) == [["noor", "ruth"]]
    assert asked(opened(COUNTY, "dana", {**STRUCTURE, "departure": True})) == [["noor", "ruth"], ["amir"]]


def test_a_level_whose_groups_all_vanish_is_skipped():
    """With the reason of each."""
    level = """approvers = [{ group = 'a', when = 'flag' }, { group = 'b', when = 'amount > 50 and not flag' }]
        on_expiry = 'reject'
        [[policy.only.level]]
        name = 'Second'
        approvers = [{ group = 'b' }]
        within = '1 day'
        on_expiry = 'reject'"""
    answered = opened(one_level(level), "w", AMOUNT)
    assert answered.skipped == (Skipped(1, "First", "flag is false and amount is at most 50 GBP"),)
    assert (answered.opening.level, answered.opening.name) == (2, "Second")
    assert opened(one_level(level), "w", {**AMOUNT, "flag": True}).opening.level == 1


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"risk": "low", "personal_data": False}, 'personal_data is false and risk is not "high"'),
        ({"risk": "high", "personal_data": False}, None),
    ],
)
def test_a_level_whose_when_is_false_is_skipped_with_a_reason_in_words(values, why):
    """What makes the condition false, of this proposal."""
    answered = opened(SOFTWARE, "dev", values, 2, [(1, "ana", "approve"), (1, "bo", "approve")])
    assert answered.skipped == ((Skipped(2, "Security", why),) if why else ())


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("amount > 50", "amount is at most 50 GBP"),
        ("amount == 50", "amount is not 50 GBP"),
        ("amount in [50, 60]", "amount is not 50 GBP or 60 GBP"),
        ("not amount in [10, 60]", "amount is 10 GBP or 60 GBP"),
        ("amount < 20 and flag", "flag is false"),
        ("not (amount < 20 or flag)", "amount is below 20 GBP"),
        ("not not flag", "flag is false"),
        ("amount >= 50 or amount != 10", "amount is below 50 GBP and amount is 10 GBP"),
    ],
)
def test_the_reason_names_only_what_made_it_so(when, why):
    """No reader has to work out which part was false."""
    level = f"""when = '{when}'
        approvers = [{{ group = 'a' }}]
        on_expiry = 'reject'
        [[policy.only.level]]
        name = 'Second'
        approvers = [{{ group = 'b' }}]
        within = '1 day'
        on_expiry = 'reject'"""
    assert opened(one_level(level), "w", AMOUNT).skipped == (Skipped(1, "First", why),)


# Left out.


def test_the_author_and_the_contributors_are_left_out_at_every_level():
    """In each group that would ask them, with the reason; nobody else is listed."""
    answered = opened(COUNTY, "noor", {**STRUCTURE, "departure": True}, contributors=["amir", "sam"])
    assert asked(answered) == [["ruth"], []]
    assert left_out(answered) == {"noor": "wrote it", "amir": "contributed to it"}
    finance = opened(COUNTY, "noor", STRUCTURE, 3, [(1, "ruth", "approve")], contributors=["amir", "sam"])
    assert asked(finance) == [["pat"]]
    assert left_out(finance) == {"sam": "contributed to it"}


def test_a_contributor_in_the_line_is_passed_over_and_listed():
    """The next above whose limit covers the amount is asked."""
    answered = opened(COUNTY, "dana", SCHEME, contributors=["ruth", "eli"])
    assert asked(answered) == [["amir"]]
    assert left_out(answered) == {"ruth": "contributed to it"}


def test_people_with_too_small_a_limit_are_passed_over_and_not_listed():
    """Also where they contributed: their limit alone decides."""
    assert left_out(opened(COUNTY, "dana", SCHEME, contributors=["eli"])) == {}


def test_different_people_leaves_out_who_decided_before():
    """At an earlier level, either way; an abstention does not count."""
    file = changed(SOFTWARE, groups={**SOFTWARE.groups, "security": ("ana", "bo", "sec")})
    votes = [(1, "ana", "approve"), (1, "bo", "abstain"), (1, "chi", "reject"), (2, "sec", "approve")]
    answered = opened(file, "dev", {**DESIGN, "risk": "high"}, 2, votes)
    assert asked(answered) == [["bo", "sec"]]
    assert left_out(answered) == {"ana": "decided at Review"}


def test_without_different_people_somebody_is_asked_again():
    """Ruth, at both levels of a structure."""
    assert asked(opened(COUNTY, "dana", STRUCTURE, 2, [(1, "ruth", "approve")])) == [["ruth"]]


def test_one_person_in_two_groups_is_asked_in_both():
    """One vote counts in both, says the review; the names have each person once."""
    level = "approvers = [{ group = 'b' }, { people = ['y'] }]\non_expiry = 'reject'"
    answered = opened(one_level(level), "w", AMOUNT)
    assert asked(answered) == [["y", "z"], ["y"]]
    assert answered.opening.names == {"y": "Yo", "z": "Zoe"}
    assert answered.opening.groups[1].because == "named by the policy"


# Escalation.


def escalated(file, author, values, escalation, turn, voted=(), level=1, **more):
    """The answer to an escalation of a level that is open."""
    present = opened(file, author, values, level, **more).opening
    return opened(
        file, author, values, level, voted, escalation=escalation, opening=present.opening, asked=tuple(turn),
        present=present, **more,
    )  # fmt: skip


def test_a_named_target_is_asked_once():
    """Jo, and then the case expires. The opening stays; the time starts again."""
    answered = escalated(COUNTY, "dana", STRUCTURE, 1, ["noor", "ruth"])
    assert answered.outcome is OpenedAs.ESCALATED
    assert (answered.opening.opening, answered.opening.escalation) == (NEW, 1)
    assert answered.opening.target == Name("jo", "Jo Lindqvist")
    assert answered.opening.names == {"noor": "Noor Haddad", "ruth": "Ruth Pemberton", "jo": "Jo Lindqvist"}
    assert asked(answered) == [["noor", "ruth"]]
    assert (answered.opening.due, answered.opening.reminders) == (AT + timedelta(days=10), (AT + timedelta(days=7),))
    assert answered.opening.then is None
    again = escalated(COUNTY, "dana", STRUCTURE, 2, ["jo"])
    assert (again.outcome, again.opening) == (OpenedAs.EXPIRED, None)
    assert again.why == "Nobody else may decide at this level."
    assert escalated(COUNTY, "dana", STRUCTURE, 2, ["noor", "ruth"]).outcome is OpenedAs.EXPIRED


def test_next_in_line_goes_on_up_the_managers_to_the_top():
    """Ruth, Amir, Jo, Kim; nobody is above Kim."""
    line = ["ruth", "amir", "jo", "kim"]
    for number, (person, above) in enumerate(zip(line, [*line[1:], None], strict=True), 1):
        answered = escalated(COUNTY, "dana", SCHEME, number, [person])
        assert (answered.opening and answered.opening.target.id) == above
    assert answered.outcome is OpenedAs.EXPIRED


def test_then_names_who_gets_it_at_the_next_expiry():
    """At each step, so that a page can say so."""
    assert escalated(COUNTY, "dana", SCHEME, 1, ["ruth"]).opening.then == Name("jo", "Jo Lindqvist")
    assert escalated(COUNTY, "dana", SCHEME, 3, ["jo"]).opening.then is None
    assert opened(COUNTY, "jo", {**STRUCTURE, "amount": Decimal(5)}).opening.then is None


def test_a_target_who_is_the_author_or_left_out_is_passed_over():
    """A named one: then applies. In the line: the next above."""
    assert escalated(COUNTY, "jo", STRUCTURE, 1, ["noor", "ruth"]).outcome is OpenedAs.EXPIRED
    assert escalated(COUNTY, "dana", STRUCTURE, 1, ["noor"], contributors=["jo"]).outcome is OpenedAs.EXPIRED
    answered = escalated(COUNTY, "dana", SCHEME, 1, ["ruth"], contributors=["amir"])
    assert answered.opening.target == Name("jo", "Jo Lindqvist")


def test_a_target_who_has_voted_at_this_level_is_passed_over():
    """One person, one vote; his vote stands."""
    level = (
        "approvers = [{ group = 'b', need = 2 }]\nabstain = true\non_expiry = { escalate_to = 'z', then = 'reject' }"
    )
    file = one_level(level)
    assert escalated(file, "w", AMOUNT, 1, ["y"], [(1, "z", "approve")]).outcome is OpenedAs.EXPIRED
    assert escalated(file, "w", AMOUNT, 1, ["z"], [(1, "y", "approve")]).outcome is OpenedAs.EXPIRED
    assert escalated(file, "w", AMOUNT, 1, ["y", "z"]).opening.target == Name("z", "Zoe")


def test_a_target_who_is_the_only_one_asked_is_passed_over():
    """It would change nothing."""
    level = "approvers = [{ group = 'b' }]\non_expiry = { escalate_to = 'z', then = 'reject' }"
    answered = opened(one_level(level), "y", AMOUNT)
    assert asked(answered) == [["z"]]
    assert answered.opening.then is None
    assert escalated(one_level(level), "y", AMOUNT, 1, ["z"]).outcome is OpenedAs.EXPIRED


def test_a_target_who_is_asked_beside_others_gets_it_alone():
    """If she has not voted."""
    level = "approvers = [{ group = 'b', need = 2 }]\non_expiry = { escalate_to = 'z', then = 'reject' }"
    assert opened(one_level(level), "w", AMOUNT).opening.then == Name("z", "Zoe")


def test_who_abstained_alone_is_followed_by_the_next_in_line():
    """The line goes on from the last who had the turn."""
    level = """approvers = [{ manager = 'author' }]
        abstain = true
        on_expiry = { escalate_to = 'next in line', then = 'reject' }"""
    answered = escalated(one_level(level), "x", AMOUNT, 1, [], [(1, "y", "abstain")])
    assert answered.opening.target == Name("z", "Zoe")
    file = one_level(level)
    longer = changed(file, people={**file.people, "z": replace(file.people["z"], manager="w")})
    answered = escalated(longer, "x", AMOUNT, 2, [], [(1, "y", "abstain"), (1, "z", "abstain")])
    assert answered.opening.target == Name("w", "Wim")


def test_nobody_is_next_in_line_where_several_are_asked():
    """A group that has grown since the file was checked: then applies."""
    level = "approvers = [{ group = 'a' }]\non_expiry = { escalate_to = 'next in line', then = 'reject' }"
    file = one_level(level)
    grown = changed(file, groups={"a": ("x", "y")})
    assert opened(file, "w", AMOUNT).opening.then == Name("y", "Yo")
    assert opened(grown, "w", AMOUNT).opening.then is None
    assert escalated(grown, "w", AMOUNT, 1, ["x", "y"]).outcome is OpenedAs.EXPIRED


def test_an_escalation_without_the_present_level_reads_the_groups_again():
    """A request of another version of the app."""
    answered = opened(COUNTY, "dana", STRUCTURE, escalation=1, opening=NEW, asked=("noor", "ruth"))
    assert asked(answered) == [["noor", "ruth"]]
    assert (answered.opening.target, answered.opening.opening) == (Name("jo", "Jo Lindqvist"), NEW)
    without = opened(COUNTY, "dana", STRUCTURE, escalation=1, asked=("noor", "ruth"))
    assert without.opening.opening == ""


def test_an_escalation_keeps_the_groups_that_were_asked():
    """Votes and finished groups stay, whatever has become of the groups in the file."""
    present = opened(COUNTY, "dana", STRUCTURE).opening
    later = changed(COUNTY, groups={**COUNTY.groups, "technical-approval": ("eli",)})
    answered = opened(later, "dana", STRUCTURE, escalation=1, opening=NEW, asked=("noor", "ruth"), present=present)
    assert answered.opening.groups == present.groups


# Times.


def test_times_are_elapsed_and_reminders_lie_strictly_between():
    """A negative one counts back from the due time; two at the same moment are one."""
    level = """approvers = [{ group = 'a' }]
        remind = ['1 day', '-4 days', '-1 hour', 'P1DT12H']
        on_expiry = 'reject'"""
    opening = opened(one_level(level), "w", AMOUNT).opening
    assert opening.due == AT + timedelta(days=5)
    assert opening.reminders == (
        AT + timedelta(days=1),
        AT + timedelta(days=1, hours=12),
        AT + timedelta(days=4, hours=23),
    )


# The file has changed.


@pytest.mark.parametrize(
    ("file", "missing"),
    [
        (changed(COUNTY, groups={}), "no group technical-approval"),
        (changed(COUNTY, groups={"technical-approval": ("gone",)}), "no person gone"),
        (changed(COUNTY, people={**COUNTY.people} | {"jo": COUNTY.people["kim"]}), None),
        (changed(COUNTY, people={k: v for k, v in COUNTY.people.items() if k != "jo"}), "no person jo"),
        (changed(COUNTY, people={k: v for k, v in COUNTY.people.items() if k != "dana"}), None),
    ],
)
def test_what_has_vanished_is_a_fault_and_never_an_expiry(file, missing):
    """Named with the level; who is not needed may have left."""
    given = submission(COUNTY, "dana", STRUCTURE)
    request = Request(CASE, None, 1, AT)
    if missing is None:
        assert open_level(request, given, file, "", {}, NEW).outcome is OpenedAs.OPENED
        return
    with pytest.raises(UnfitPolicyFile, match=f"Technical approval cannot go on. There is {missing} any more"):
        open_level(request, given, file, "", {}, NEW)


@pytest.mark.parametrize(
    "file",
    [
        changed(COUNTY, authorities={}),
        changed(COUNTY, authorities={"spend": replace(COUNTY.authorities["spend"], currency="EUR")}),
        changed(COUNTY, people={k: v for k, v in COUNTY.people.items() if k != "dana"}),
        changed(COUNTY, people={k: v for k, v in COUNTY.people.items() if k != "eli"}),
    ],
)
def test_a_line_that_cannot_be_followed_is_a_fault(file):
    """No authority, one in another currency, an author or a manager who has left the file."""
    given = submission(COUNTY, "dana", SCHEME)
    with pytest.raises(UnfitPolicyFile, match="There is no"):
        open_level(Request(CASE, None, 1, AT), given, file, "", {}, NEW)


def test_more_than_fifty_people_are_a_fault():
    """A group that has grown since; the status could not hold them."""
    crowd = {f"c{number}": replace(COUNTY.people["pat"], id=f"c{number}") for number in range(51)}
    file = changed(
        COUNTY, people={**COUNTY.people, **crowd}, groups={**COUNTY.groups, "technical-approval": tuple(crowd)}
    )
    with pytest.raises(UnfitPolicyFile, match="51 people would be asked, and at most 50 are"):
        opened(file, "dana", STRUCTURE)
    fifty = changed(file, groups={**COUNTY.groups, "technical-approval": tuple(crowd)[:50]})
    assert len(asked(opened(fifty, "dana", STRUCTURE))[0]) == 50


def test_a_later_file_changes_no_level_of_a_running_case():
    """Only who is asked. The policy may even be gone."""
    given = submission(COUNTY, "dana", STRUCTURE)
    later = changed(
        COUNTY, policies={}, routes=(), fields={}, groups={**COUNTY.groups, "technical-approval": ("eli", "noor")}
    )
    answered = open_level(Request(CASE, None, 1, AT), given, later, "sha256:later", {}, NEW)
    assert asked(answered) == [["eli", "noor"]]
    assert answered.directory == "sha256:later"


def test_an_input_that_is_not_ours_is_refused():
    """Whatever it says; nothing is opened and no key is named."""
    request = Request(CASE, {"schemaVersion": 2, "input": "x", "key": "2026-11", "seal": "x"}, 1, AT)
    refused = answer(request, COUNTY, "sha256:d", KEYS, KEYS, NEW)
    assert (refused.outcome, refused.opening, refused.keys) == (OpenedAs.REFUSED, None, {})
    assert refused.directory == "sha256:d"
    assert refused.why == "The input was not sealed by this app, or not for this instance."


def test_an_input_of_ours_is_answered():
    """Its seal is verified with the keys for inputs; the answer names those for acts."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    retired = {"2025-01": base64.b64encode(private.public_key().public_bytes_raw()).decode()}
    text = submission(COUNTY, "dana", SCHEME).to_text()
    seal = base64.b64encode(private.sign(signed_bytes(text, Purpose.INPUT))).decode()
    request = Request(CASE, stored_input(Sealed(text, "2025-01", seal)), 1, AT)
    answered = answer(request, COUNTY, "sha256:d", KEYS, retired, NEW)
    assert asked(answered) == [["ruth"]]
    assert answered.keys == KEYS
    assert answer(replace(request, instance="P-7K3M9QXW"), COUNTY, "", KEYS, retired, NEW).outcome is OpenedAs.REFUSED


# Against the oracle.

VOTES = st.lists(
    st.tuples(st.integers(1, 3), st.sampled_from(IDS), st.sampled_from(["approve", "reject", "abstain"])), max_size=4
)


@settings(max_examples=100)
@given(policy_files(), VALUES, st.sampled_from(IDS), st.lists(st.sampled_from(IDS), max_size=2), VOTES, st.data())
def test_the_oracle_agrees(file, values, author, contributors, voted, data):
    """On who is asked, who is left out, what is skipped, and who gets it next; for random files, people and votes."""
    policy = file.policies["only"]
    contributors = list(dict.fromkeys(one for one in contributors if one != author))
    start = data.draw(st.integers(1, len(policy.levels)))
    case = oracle.Case(author, tuple(contributors), values, tuple(voted), policy.different_people)
    assume(all(level <= len(policy.levels) for level, _, _ in voted))
    answered = opened(file, author, values, start, voted, contributors)

    found = None
    for number in range(start, len(policy.levels) + 1):
        found = oracle.groups(file, policy.levels[number - 1], case, number)
        if found:
            break
        assert number in {one.level for one in answered.skipped}
    if not found:
        assert answered.outcome is OpenedAs.OVER
        return
    level, opening = policy.levels[number - 1], answered.opening
    assert (opening.level, opening.opened_at) == (number, AT)
    assert [(list(group.asked), group.need) for group in opening.groups] == [(left, need) for left, need, _ in found]
    assert {one.who.id for one in opening.left_out} == {one for _, _, out in found for one in out}
    turn = list({one for left, _, _ in found for one in left})
    target = oracle.next_one(file, level, case, number, 1, turn)
    if not oracle.too_few(found):
        assert (answered.outcome, opening.escalation, opening.target) == (OpenedAs.OPENED, 0, None)
        assert (opening.then and opening.then.id) == target
        return
    assert answered.why
    assert (opening.target and opening.target.id) == target
    assert answered.outcome is (OpenedAs.OPENED if target else OpenedAs.EXPIRED)
    after = oracle.next_one(file, level, case, number, 2, [target]) if target else None
    assert (opening.then and opening.then.id) == after


@settings(max_examples=60)
@given(policy_files(most_levels=1), VALUES, st.sampled_from(IDS), VOTES)
def test_an_escalation_ends_and_asks_nobody_who_may_not_vote(file, values, author, voted):
    """Step by step to the end: a target is never barred, never twice the same, and at most one for each person."""
    policy = file.policies["only"]
    voted = [vote for vote in voted if vote[0] == 1]
    case = oracle.Case(author, (), values, tuple(voted), policy.different_people)
    first = opened(file, author, values, 1, voted)
    assume(first.outcome is OpenedAs.OPENED)
    present, seen = first.opening, []
    turn = [present.target.id] if present.target else list({one for group in asked(first) for one in group})
    turn = [one for one in turn if one not in {person for _, person, _ in voted}]
    for number in range(present.escalation + 1, 12):
        expected = oracle.next_one(file, policy.levels[0], case, 1, number, turn)
        answered = opened(
            file, author, values, 1, voted, escalation=number, opening=NEW, asked=tuple(turn), present=present
        )
        assert (answered.opening and answered.opening.target.id) == expected
        if expected is None:
            assert answered.outcome is OpenedAs.EXPIRED
            return
        assert expected not in seen
        assert expected != author
        seen.append(expected)
        present, turn = answered.opening, [expected]
        assert all(present.opened_at < at < present.due for at in present.reminders)
    pytest.fail("it does not end")
