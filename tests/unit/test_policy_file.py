"""A policy file is a model that holds together, or a list of everything that is wrong with it."""

import tomllib
import zoneinfo
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import ROOT
from wrong_values import ANSWERS, EVERY_KEY, answers

from approval.policy.fields import FieldType
from approval.policy.file import MOST_KEPT, read
from approval.policy.model import (
    Approvers,
    GroupOf,
    LineOfAuthority,
    ManagerOf,
    OnExpiry,
    People,
    PolicyFile,
    Rejection,
    Visibility,
)
from approval.policy.routing import cases, conditions_of, open_levels, route_of
from approval.policy.tables import Mistake
from approval.seals import MOST_TEXT

ZONES = zoneinfo.available_timezones()
COUNTY = (ROOT / "examples/policies/county.toml").read_text(encoding="utf-8")
SOFTWARE = (ROOT / "examples/policies/software.toml").read_text(encoding="utf-8")
SMALL = """\
schema = 1
name = "Small works"
zone = "Europe/London"
[[field]]
name = "amount"
type = "money"
currency = "GBP"
label = "Cost"
[[field]]
name = "urgent"
type = "boolean"
label = "Urgent"
[[field]]
name = "note"
type = "text"
label = "Note"
optional = true
[[route]]
policy = "works"
[people]
ann = { name = "Ann", email = "ann@small.example", manager = "bob" }
bob = { name = "Bob", email = "bob@small.example", manager = "cat" }
cat = { name = "Cat", email = "cat@small.example", submits = false }
[groups]
both = ["bob", "cat"]
[authority.spend]
currency = "GBP"
limits = { bob = 100, cat = 99_999.5 }
[policy.works]
title = "Works"
[[policy.works.level]]
name = "Decision"
approvers = [{ group = "both", need = 1 }]
within = "5 days"
on_expiry = { escalate_to = "ann", then = "reject" }
"""


def model(text):
    """The model of a text that has to be right."""
    read_ = read(text, ZONES)
    assert isinstance(read_, PolicyFile), [mistake.in_words("f") for mistake in read_]
    return read_


def mistakes(text):
    """The mistakes of a text that has to have some."""
    found = read(text, ZONES)
    assert not isinstance(found, PolicyFile)
    return found


def changed(old, new, text=SMALL):
    """The text with one part, which has to be there, replaced."""
    assert old in text, old
    return text.replace(old, new, 1)


def test_the_county_is_read_to_the_last_key():
    """Fields, routes, people, limits, and levels with groups side by side, as the example states them."""
    county = model(COUNTY)
    amount = county.fields["amount"]
    assert (amount.type, amount.currency, amount.least, amount.greatest) == (FieldType.MONEY, "GBP", 0, 5_000_000)
    assert county.fields["category"].default == 1
    assert county.people["dana"].manager == "eli"
    assert [each for each, person in county.people.items() if not person.submits] == ["kim"]
    assert county.authorities["spend"].limits["ruth"] == 100_000
    technical, line, finance = county.policies["structures"].levels
    group, person = technical.approvers
    assert group == Approvers(GroupOf("technical-approval"))
    assert (person.asked, person.when.text) == (People(("amir",)), "departure")
    assert (technical.within.length.days, technical.on_expiry) == (10, OnExpiry("jo"))
    assert [(span.before_due, span.longest) for span in technical.remind] == [(True, timedelta(days=3))]
    assert line.approvers == (Approvers(LineOfAuthority("spend", "amount")),)
    assert (line.on_expiry, line.rejection, line.comment) == (OnExpiry("next in line"), Rejection.ENDS, frozenset())
    assert finance.when.text == "amount > 50_000"


@pytest.mark.parametrize(
    ("values", "policy", "levels"),
    [
        ({"kind": "scheme", "category": 1, "amount": 60_000}, "scheme", ["Line of authority", "Finance"]),
        ({"kind": "scheme", "category": 1, "amount": 40_000}, "scheme", ["Line of authority"]),
        ({"kind": "structure", "category": 0, "amount": 50_000}, "scheme", ["Line of authority"]),
        ({"kind": "structure", "category": 1, "amount": 1}, "structures", ["Technical approval", "Line of authority"]),
    ],
)
def test_the_county_s_proposals_find_their_policy_and_levels(values, policy, levels):
    """The first route that fits, and the levels whose condition holds."""
    county = model(COUNTY)
    values |= {"amount": Decimal(values["amount"]), "departure": False}
    assert route_of(county.routes, values).policy == policy
    assert [level.name for level in open_levels(county.policies[policy], values)] == levels


def test_the_software_company_is_read_to_the_last_key():
    """Two of three, a rejection that counts, abstaining, and different people at each level."""
    software = model(SOFTWARE)
    policy = software.policies["architecture"]
    review, security = policy.levels
    assert (policy.different_people, policy.visible_to) == (True, Visibility.STAFF)
    assert review.approvers == (Approvers(GroupOf("architects"), 2),)
    assert (review.rejection, review.abstain, len(review.remind)) == (Rejection.COUNTS, True, 2)
    assert security.on_expiry == OnExpiry("uma")
    assert (software.people["bo"].zone, software.fields["record"].optional) == ("Europe/Stockholm", True)


def test_a_policy_that_extends_another_takes_all_but_the_levels():
    """Each setting that it does not state itself, through several steps."""
    text = (
        SMALL
        + """
different = 1
[policy.base]
title = "Base"
visible_to = "staff"
different_people = true
level = [{ name = "A", approvers = [{ people = ["bob"] }], within = "1 day", on_expiry = "reject" }]
[policy.middle]
extends = "base"
different_people = false
level = [{ name = "B", approvers = [{ people = ["bob"] }], within = "1 day", on_expiry = "reject" }]
[policy.top]
extends = "middle"
title = "Top"
level = [{ name = "C", approvers = [{ people = ["bob"] }], within = "1 day", on_expiry = "reject" }]
"""
    )
    policies = model(text.replace("different = 1\n", "")).policies
    assert (policies["middle"].title, policies["top"].title) == ("Base", "Top")
    assert policies["top"].visible_to is Visibility.STAFF
    assert (policies["base"].different_people, policies["top"].different_people) == (True, False)
    assert [level.name for level in policies["top"].levels] == ["C"]


def test_limits_keep_every_digit():
    """An amount of a file is exact, as an amount of a proposal is."""
    assert model(SMALL).authorities["spend"].limits == {"bob": Decimal(100), "cat": Decimal("99999.5")}


def test_a_visible_case_is_one_that_the_file_says():
    """By default only those who take part in a case see it."""
    assert model(SMALL).policies["works"].visible_to is Visibility.PARTIES


LEVEL = "[[policy.works.level]]\n"
GROUP = '{ group = "both", need = 1 }'
EXPIRY = '{ escalate_to = "ann", then = "reject" }'
MANY = "".join(f'p{number} = {{ name = "P", email = "p{number}@small.example" }}\n' for number in range(51))
WRONG = [
    # the file itself
    ("schema = 1", "schema = 2", 1, "schema", "It is the number 2, which this version does not read.", "Write 1."),
    ("schema = 1\n", "", 1, "schema", "It is missing.", "Write for example: schema = 1."),
    ('name = "Small works"', 'nam = "x"', 2, "nam", "This key is unknown.", "Did you mean name?"),
    ('name = "Small works"', 'name = " "', 2, "name", "It has nothing to see in it.",
     'Write for example: name = "Northshire highways".'),
    ('name = "Small works"', 'name = "a\u202eb"', 2, "name",
     ("Character 2 is U+202E RIGHT-TO-LEFT OVERRIDE, which turns the reading direction beyond this text; "
     "leave it out, or use U+2068 and U+2069."), 'Write for example: name = "Northshire highways".'),
    ('zone = "Europe/London"', 'zone = "London"', 3, "zone", 'It is "London", and no time zone.',
     'Write for example: "Europe/London".'),
    ("[groups]", '[calendar.x]\nzone = "UTC"\n[groups]', 24, "calendar",
     "calendar comes later; this version does not read it.", "Leave it out for now."),
    ("[groups]", "[absences]\nnoor = []\n[groups]", 24, "absences",
     "absences comes later; this version does not read it.", "Leave it out for now."),
    # fields
    ('type = "money"', 'type = "monney"', 6, "field[1].type", 'It is "monney".', "Did you mean money?"),
    ('currency = "GBP"\nlabel', 'currency = "gbp"\nlabel', 7, "field[1].currency", 'It is "gbp".',
     "Write the three capital letters of ISO 4217, such as EUR."),
    ('currency = "GBP"\nlabel', "label", 4, "field[1].currency", "It is missing.",
     'Write for example: currency = "EUR".'),
    ('label = "Cost"', "min = -1\nlabel = 'Cost'", 8, "field[1].min", "It is below 0, and money is not.",
     "Write for example: 50_000."),
    ('label = "Cost"', "max = 0.0001\nlabel = 'Cost'", 8, "field[1].max", "It has more than 3 decimals.",
     "Write for example: 50_000."),
    ('label = "Cost"', "min = 5\nmax = 4\nlabel = 'Cost'", 8, "field[1].min", "5 is above 4.",
     "Write min at most max."),
    ('label = "Cost"', "max = 4\ndefault = 5\nlabel = 'Cost'", 9, "field[1].default",
     "It is 5, outside the field's limits.", "They are 0 to 4."),
    ('label = "Cost"\n', "", 4, "field[1].label", "It is missing.", 'Write for example: label = "Whole cost".'),
    ('label = "Urgent"', "max = 1\nlabel = 'U'", 12, "field[2].max", "A field of type boolean has no max.",
     "Leave it out."),
    ('label = "Urgent"', "default = 1\nlabel = 'U'", 12, "field[2].default", "It is the number 1, and no boolean.",
     "Write true or false."),
    ('label = "Urgent"', "lable = 'U'", 12, "field[2].lable", "This key is unknown.", "Did you mean label?"),
    ('name = "urgent"', 'name = "amount"', 10, "field[2].name", "Another field is called amount.",
     "Give each field a name of its own."),
    ('name = "urgent"', 'name = "in"', 10, "field[2].name", "in has a meaning in conditions.", "Choose another name."),
    ('name = "urgent"', 'name = "Urgent!"', 10, "field[2].name", 'It is "Urgent!".',
     "Write 1 to 40 small letters, digits and _, beginning with a letter."),
    ('type = "text"', 'type = "choice"', 13, "field[3].choices", "It is missing.",
     'Write for example: choices = ["scheme", "structure"].'),
    ('type = "text"', 'type = "choice"\nchoices = ["a", "a"]', 16, "field[3].choices[2]", '"a" is here twice.',
     "Write it once."),
    ('type = "text"', 'type = "choice"\nchoices = ["a"]\ndefault = "b"', 17, "field[3].default", 'It is "b".',
     'Write "a".'),
    ('type = "text"', 'type = "link"\ndefault = "https://x"', 16, "field[3].default", "A link has no default.",
     "Leave it out, or write optional = true."),
    ('type = "text"', 'type = "date"\nmin = "2026-01-01"', 16, "field[3].min", 'It is "2026-01-01", and no date.',
     "Write for example: 2027-01-31, without quotes."),
    # routes
    ('policy = "works"', 'policy = "work"', 19, "route[1].policy", "There is no policy work.", "Did you mean works?"),
    ('policy = "works"', 'when = "urgent"\npolicy = "works"', 18, "route",
     "No route takes a proposal with urgent = false.", "Let the last route have no when."),
    ('policy = "works"', 'when = "amount > 5"\npolicy = "works"', 18, "route",
     "No route takes a proposal with amount = 4 GBP.", "Let the last route have no when."),
    ("[people]", '[[route]]\npolicy = "works"\n[people]', 20, "route[2]",
     "No proposal takes this route: those before it take all that fit.", "Put it before them, or leave it out."),
    ('policy = "works"', 'when = "urgnt"\npolicy = "works"', 19, "route[1].when", "Column 1: There is no field urgnt.",
     "Did you mean urgent?"),
    ('policy = "works"', 'when = "note == \'a\'"\npolicy = "works"', 19, "route[1].when",
     "Column 1: note is optional and has no default, so it may be absent.", "Give the field a default."),
    # people, groups, authority
    ('manager = "bob"', 'manager = "bo"', 21, "people.ann.manager", "There is no person bo.", "Did you mean bob?"),
    ('manager = "cat"', 'manager = "ann"', 21, "people.ann.manager",
     "The line of managers is a circle: ann → bob → ann.", "Let it end at the top."),
    ('email = "bob@small', 'email = "ANN@small', 22, "people.bob.email", "ann has the same address.",
     "Give each person an address of their own."),
    ('email = "bob@small.example"', 'email = "bob"', 22, "people.bob.email", 'It is "bob", and no e-mail address.',
     'Write for example: email = "dana@county.example".'),
    ("submits = false", "away = []", 23, "people.cat.away", "away comes later; this version does not read it.",
     "Leave it out for now."),
    ("submits = false", 'zone = "X"', 23, "people.cat.zone", 'It is "X", and no time zone.',
     'Write for example: "Europe/London".'),
    ("ann = {", "Ann_ = {", 21, "people.Ann_", "Ann_ is no id.", "Write 1 to 24 small letters, digits and hyphens."),
    ('both = ["bob", "cat"]', "both = []", 25, "groups.both", "It is empty.",
     'Write for example: both = ["pat", "sam"].'),
    ('both = ["bob", "cat"]', 'both = ["bob", "dan"]', 25, "groups.both[2]", "There is no person dan.",
     "Did you mean ann?"),
    ('currency = "GBP"\nlimits', 'currency = "£"\nlimits', 27, "authority.spend.currency", 'It is "£".',
     "Write the three capital letters of ISO 4217, such as EUR."),
    ("bob = 100", "bobo = 100", 28, "authority.spend.limits.bobo", "There is no person bobo.", "Did you mean bob?"),
    ("bob = 100", "bob = 1e2", 28, "authority.spend.limits.bob", "It is the number 1e2, and no plain number.",
     "Write for example: 50_000."),
    ("bob = 100", "bob = -1", 28, "authority.spend.limits.bob", "It is below 0, and money is not.",
     "Write for example: 50_000."),
    # policies
    ("[policy.works]", "[policy.works]\nextends = 'works'", 30, "policy.works.extends",
     "It extends itself: works → works.", "Let it end somewhere."),
    ("[policy.works]", "[policy.works]\nextends = 'x'", 30, "policy.works.extends", "There is no policy x.",
     'Write "works".'),
    ('title = "Works"\n', "", 29, "policy.works.title", "It is missing.",
     'Write for example: title = "Highway scheme".'),
    ("[policy.works]", "[policy.works]\nvisible_to = 'all'", 30, "policy.works.visible_to", 'It is "all".',
     'Write "parties", "parties and auditors" or "staff".'),
    ("[policy.works]", "[policy.works]\ncalendar = {}", 30, "policy.works.calendar",
     "calendar comes later; this version does not read it.", "Leave it out for now."),
    ("[policy.works]", "[policy.works]\non_revision = {}", 30, "policy.works.on_revision",
     "on_revision comes later; this version does not read it.", "Leave it out for now."),
    ("[policy.works]", "[policy.works]\nauthor = {}", 30, "policy.works.author",
     "author comes later; this version does not read it.", "Leave it out for now."),
    ("[policy.works]", "[policy.works]\nreassign = {}", 30, "policy.works.reassign",
     "reassign comes later; this version does not read it.", "Leave it out for now."),
    (SMALL[SMALL.index(LEVEL) :], "", 29, "policy.works.level", "It is missing.",
     'Write for example: [[policy.works.level]], and below it name = "Finance".'),
    ("[policy.works]", "[policy.Works]", 29, "policy.Works",
     "Works is no name. It has 1 to 40 small letters, digits and hyphens.", "Choose such a name."),
    # levels
    ('within = "5 days"', 'within = "5 days"\noutcomes = []', 35, "policy.works.level[1].outcomes",
     "outcomes comes later; this version does not read it.", "Leave it out for now."),
    ('within = "5 days"\n', "", 31, "policy.works.level[1].within", "It is missing.",
     'Write for example: within = "5 days".'),
    ('"5 days"', '"5 working days"', 34, "policy.works.level[1].within",
     '"5 working days": Working time comes later. Write elapsed time for now, such as "5 days".', ""),
    ('"5 days"', '"-5 days"', 34, "policy.works.level[1].within",
     ('"-5 days": It counts back, which only a reminder may do. Write for example "20 seconds", "4 hours", '
     '"5 days", or ISO 8601 such as "P1DT12H".'), ""),
    ('"5 days"', "5", 34, "policy.works.level[1].within", "It is the number 5, and no text.",
     'Write for example: "5 days".'),
    ('"5 days"', '"5 days"\nremind = ["5 days"]', 35, "policy.works.level[1].remind[1]",
     '"5 days" is when the time is over, or later.', 'Write less than "5 days".'),
    ('"5 days"', '"5 days"\nremind = ["-5 days"]', 35, "policy.works.level[1].remind[1]",
     '"-5 days" is when the level opens, or before.', 'Write less than "5 days".'),
    ('"5 days"', '"1 month"\nremind = ["-29 days"]', 35, "policy.works.level[1].remind[1]",
     '"-29 days" is when the level opens, or before.', 'Write less than "1 month".'),
    ('"5 days"', '"5 days"\ncomment = ["abstain"]', 35, "policy.works.level[1].comment[1]",
     "Nobody may abstain at this level.", "Write abstain = true, or leave it out."),
    ('"5 days"', '"5 days"\ncomment = ["request changes"]', 35, "policy.works.level[1].comment[1]",
     '"request changes" comes later.', 'Write "approve", "reject" or "abstain".'),
    ('"5 days"', '"5 days"\nrejection = "end"', 35, "policy.works.level[1].rejection", 'It is "end".',
     "Did you mean ends?"),
    ('"5 days"', '"5 days"\nabstain = 1', 35, "policy.works.level[1].abstain", "It is the number 1.",
     "Write true or false."),
    (f"on_expiry = {EXPIRY}\n", "", 31, "policy.works.level[1].on_expiry", "It is missing.",
     'Write for example: on_expiry = "reject", or { escalate_to = "next in line", then = "reject" }.'),
    (EXPIRY, '"approve"', 35, "policy.works.level[1].on_expiry", "Silence never approves.",
     'Write "reject", or { escalate_to = "next in line", then = "reject" }.'),
    (EXPIRY, '{ escalate_to = "ann", then = "approve" }', 35, "policy.works.level[1].on_expiry.then",
     "Silence never approves.", 'Write "reject".'),
    (EXPIRY, '{ escalate_to = "ann" }', 35, "policy.works.level[1].on_expiry.then", "It is missing.",
     'Write for example: then = "reject".'),
    (EXPIRY, '{ then = "reject" }', 35, "policy.works.level[1].on_expiry.escalate_to", "It is missing.",
     'Write for example: escalate_to = "next in line".'),
    (EXPIRY, '{ escalate_to = "dan", then = "reject" }', 35, "policy.works.level[1].on_expiry.escalate_to",
     "There is no person dan.", "Did you mean ann?"),
    (EXPIRY, '{ escalate_to = "next in line", then = "reject" }', 35, "policy.works.level[1].on_expiry.escalate_to",
     "More than one person may be asked at this level, so nobody is next in line.", "Name a person."),
    (GROUP, '{ people = ["ann"] }', 35, "policy.works.level[1].on_expiry.escalate_to",
     "ann is the only one asked at this level.", "Name somebody else."),
    (GROUP, '{ group = "all" }', 33, "policy.works.level[1].approvers[1].group", "There is no group all.",
     'Write "both".'),
    (GROUP, '{ people = ["bob", "dan"] }', 33, "policy.works.level[1].approvers[1].people[2]",
     "There is no person dan.", "Did you mean ann?"),
    (GROUP, "{ need = 1 }", 33, "policy.works.level[1].approvers[1]", "It does not say who is asked.",
     "Write one of people, group, manager and authority."),
    (GROUP, '{ group = "both", people = ["ann"] }', 33, "policy.works.level[1].approvers[1]",
     "It has people and group.", "Write one of people, group, manager and authority."),
    (GROUP, '{ group = "both", need = 3 }', 33, "policy.works.level[1].approvers[1].need",
     "It is 3, and 2 can be asked.", 'Write at most 2, or "all".'),
    (GROUP, '{ manager = "author", need = 2 }', 33, "policy.works.level[1].approvers[1].need",
     "It is 2, and 1 can be asked.", 'Write at most 1, or "all".'),
    (GROUP, '{ group = "both", need = 0 }', 33, "policy.works.level[1].approvers[1].need", "It is the number 0.",
     'Write how many have to approve, from 1, or "all".'),
    (GROUP, '{ group = "both", need = true }', 33, "policy.works.level[1].approvers[1].need", "It is true.",
     'Write how many have to approve, from 1, or "all".'),
    (GROUP, '{ manager = "last approver" }', 33, "policy.works.level[1].approvers[1].manager",
     "Nobody has approved before the first level.", 'Write "author".'),
    (GROUP, '{ manager = "boss" }', 33, "policy.works.level[1].approvers[1].manager", 'It is "boss".',
     'Write "author" or "last approver".'),
    (GROUP, '{ authority = "spend" }', 33, "policy.works.level[1].approvers[1].of", "It is missing.",
     'Write for example: of = "amount".'),
    (GROUP, '{ authority = "spend", of = "note" }', 33, "policy.works.level[1].approvers[1].of",
     "There is no field of type money note.", 'Write "amount".'),
    (GROUP, '{ authority = "spnd", of = "amount" }', 33, "policy.works.level[1].approvers[1].authority",
     "There is no authority spnd.", "Did you mean spend?"),
    (GROUP, '{ group = "both", of = "amount" }', 33, "policy.works.level[1].approvers[1].of", "This key is unknown.",
     "The keys here are: group, need, when."),
    (GROUP, '{ group = "both", when = "urgent" }', 29, "policy.works",
     "All levels are skipped for a proposal with urgent = false, and nothing is approved without a level.",
     "Let one level have no when."),
    ('name = "Decision"', 'name = "Decision"\nwhen = "not urgent"', 29, "policy.works",
     "All levels are skipped for a proposal with urgent = true, and nothing is approved without a level.",
     "Let one level have no when."),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "key", "what", "instead"), WRONG)
def test_what_is_wrong_is_said_with_its_key_and_what_would_be_right(old, new, line, key, what, instead):
    """On the line where it is."""
    assert Mistake(line, key, what, instead) in mistakes(changed(old, new))


def test_other_rules_of_levels_are_held():
    """Fifty people at most, one name for one level, limits in the field's currency, amounts that are there."""
    many = changed("[groups]", MANY + "[groups]\nmany = [" + ", ".join(f'"p{each}"' for each in range(51)) + "]")
    (mistake,) = mistakes(changed('group = "both"', 'group = "many"', many))
    assert "Up to 51 people are asked here." in mistake.what
    (mistake,) = mistakes(SMALL + SMALL[SMALL.index(LEVEL) :])
    assert "Level 1 has the same name." in mistake.what
    authority = changed(GROUP, '{ authority = "spend", of = "amount" }')
    assert model(authority)
    (mistake,) = mistakes(changed('currency = "GBP"\nlimits', 'currency = "EUR"\nlimits', authority))
    assert "amount is in GBP, and the limits of spend are in EUR." in mistake.what
    (mistake,) = mistakes(changed('label = "Cost"', 'label = "Cost"\noptional = true', authority))
    assert "amount is optional and has no default" in mistake.what


def test_a_level_of_last_approver_s_manager_needs_a_level_before_it_in_every_case():
    """A first level that may be skipped leaves it without anybody who has approved."""
    second = SMALL[SMALL.index(LEVEL) :].replace("Decision", "Second").replace(GROUP, '{ manager = "last approver" }')
    assert model(SMALL + second).policies["works"].levels[1].approvers[0].asked == ManagerOf("last approver")
    skipped = changed('name = "Decision"', 'name = "Decision"\nwhen = "urgent"')
    (mistake,) = mistakes(skipped + second)
    assert (mistake.key, "with urgent = false" in mistake.what) == ("policy.works.level[2]", True)


def test_next_in_line_climbs_from_one_person():
    """A manager, one with authority, or a group of one."""
    line = changed(EXPIRY, '{ escalate_to = "next in line", then = "reject" }')
    for one in ('{ manager = "author" }', '{ authority = "spend", of = "amount" }', '{ people = ["bob"] }'):
        assert model(changed(GROUP, one, line)).policies["works"].levels[0].on_expiry == OnExpiry("next in line")


def test_all_mistakes_are_found_at_once_in_the_order_of_their_lines():
    """In every part of the file, and none of them twice."""
    text = SMALL
    for old, new in (
        ('zone = "Europe/London"', "zone = 5"),
        ('label = "Urgent"', "lable = 'U'"),
        ('policy = "works"', 'when = "amount > "\npolicy = "works"'),
        ('manager = "cat"', 'manager = "kat"'),
        ('title = "Works"', "reassign = false"),
        ('"5 days"', '"5 working days"'),
    ):
        text = changed(old, new, text)
    found = mistakes(text)
    assert [(mistake.line, mistake.key) for mistake in found] == [
        (3, "zone"),
        (9, "field[2].label"),
        (12, "field[2].lable"),
        (19, "route[1].when"),
        (23, "people.bob.manager"),
        (30, "policy.works.title"),
        (31, "policy.works.reassign"),
        (35, "policy.works.level[1].within"),
    ]
    lines = text.split("\n")
    assert [lines[line - 1] for line in (12, 19, 31, 35)] == [
        "lable = 'U'",
        'when = "amount > "',
        "reassign = false",
        'within = "5 working days"',
    ]


def test_one_mistake_is_not_named_again_by_what_refers_to_it():
    """A field or person with a mistake of its own is still there for the rest of the file."""
    text = changed('policy = "works"', 'when = "urgent"\npolicy = "works"\n[[route]]\npolicy = "works"')
    (mistake,) = mistakes(changed('label = "Urgent"', "label = 5", text))
    assert mistake.key == "field[2].label"
    (mistake,) = mistakes(changed('name = "Bob"', "name = 5"))
    assert mistake.key == "people.bob.name"
    (mistake,) = mistakes(changed("bob = 100", 'bob = "100"', changed(GROUP, '{ authority = "spend", of = "amount" }')))
    assert mistake.key == "authority.spend.limits.bob"


@pytest.mark.parametrize(
    ("text", "line", "what", "instead"),
    [
        ("schema = ", 1, "It is no TOML: Invalid value.", "See https://toml.io for how it is written."),
        ("schema = 1\nname = 'a'\nname = 'b'\n", 3, "Column 11: It is no TOML: Cannot overwrite a value.",
         "See https://toml.io for how it is written."),
        ("a = " + "[" * 3_000, 1, "Its values lie too deep in each other.", "Make it simpler."),
        ("a = " + "9" * 5_000, 1, "It is no TOML: Exceeds the limit (4300 digits) for integer string conversi….",
         "See https://toml.io for how it is written."),
        ("# " + "x" * 500_000, 1, "It has more than 500,000 characters.", "Make it shorter."),
        ("\x1b[2J", 1, "Column 1: It is no TOML: Invalid statement.", "See https://toml.io for how it is written."),
        ('schema = 1\nname = "a', 2, "It is no TOML: Unterminated string.",
         "See https://toml.io for how it is written."),
    ],
)  # fmt: skip
def test_what_is_no_toml_is_refused_with_its_line(text, line, what, instead):
    """One mistake, where the reader of TOML stopped."""
    (mistake,) = mistakes(text)
    assert mistake == Mistake(line, "file", what, instead)
    assert mistake.in_words("f").isprintable()


def test_a_key_without_letters_has_its_line_too():
    """It is named by its quotes."""
    (mistake,) = mistakes(changed("schema = 1", 'schema = 1\n"" = 3'))
    assert (mistake.line, mistake.key) == (2, '""')


def test_an_empty_file_is_answered_with_all_that_it_needs():
    """Each key that has to be there, with an example."""
    assert [mistake.key for mistake in mistakes("")] == ["schema", "name", "zone", "people", "policy", "route"]


def test_the_names_of_zones_are_the_caller_s():
    """Where nobody can list them, only the form of a name is looked at."""
    elsewhere = changed("Europe/London", "Mars/Olympus")
    assert isinstance(read(elsewhere), PolicyFile)
    assert isinstance(read(elsewhere, {"Mars/Olympus"}), PolicyFile)
    assert not isinstance(read(elsewhere, ZONES), PolicyFile)


def test_conditions_with_too_many_cases_are_refused():
    """Since nobody could say what they do together."""
    flags = "".join(f'[[field]]\nname = "f{each}"\ntype = "boolean"\nlabel = "F"\n' for each in range(15))
    when = " and ".join(f"f{each}" for each in range(15))
    text = changed("[[route]]\n", f'{flags}[[route]]\nwhen = "{when}"\npolicy = "works"\n[[route]]\n')
    (mistake,) = mistakes(text)
    assert "32,768 cases apart" in mistake.what


# Whole files by chance. In a sound one every part is right by itself; what may be wrong is how they go together.
CONDITIONS = ["urgent", "not urgent", "amount > 50", "amount <= 50", "amount > 50 or urgent", "amount in [1, 2]"]
GROUPS = [
    GROUP,
    '{ people = ["bob"] }',
    '{ manager = "author" }',
    '{ authority = "spend", of = "amount" }',
    '{ group = "both", need = "all" }',
]
EXPIRIES = ['"reject"', EXPIRY]
WRONG_GROUPS = ['{ manager = "last approver" }', '{ group = "both", need = 9 }', "{}"]
WRONG_EXPIRIES = ['"approve"', '{ escalate_to = "next in line", then = "reject" }']
odd = st.sampled_from(["5", "true", '""', "[]", "{}", "1.5", "2026-01-01", "inf", '"\\u202e"', "[[1]]"])


def group_text(group, when):
    """One group of approvers, with a condition if there is one."""
    return (
        group
        if when is None
        else group.removesuffix("}").rstrip() + f'{", " if len(group) > 2 else ""}when = "{when}" }}'
    )


def file_text(chosen_routes, policies):
    """A file with these routes and levels."""
    head, rest = SMALL[: SMALL.index("[[route]]")], SMALL[SMALL.index("[people]") : SMALL.index("[policy.works]")]
    parts = [head]
    for when, policy in chosen_routes:
        parts += ["[[route]]", *([] if when is None else [f'when = "{when}"']), f'policy = "{policy}"']
    parts.append(rest)
    for name, chosen_levels in policies.items():
        parts += [f"[policy.{name}]", 'title = "T"']
        for number, (when, chosen_groups, expiry) in enumerate(chosen_levels):
            parts += [
                f"[[policy.{name}.level]]", f'name = "L{number}"', *([] if when is None else [f'when = "{when}"']),
                f"approvers = [{', '.join(group_text(*each) for each in chosen_groups)}]",
                'within = "5 days"', f"on_expiry = {expiry}",
            ]  # fmt: skip
    return "\n".join(parts)


def files_of(conditions, groups, expiries):
    """Files of such parts."""
    when = st.none() | st.sampled_from(conditions)
    asked = st.lists(st.tuples(st.sampled_from(groups), when), min_size=1, max_size=3)
    levels = st.lists(st.tuples(when, asked, st.sampled_from(expiries)), min_size=1, max_size=3)
    routes = st.lists(st.tuples(when, st.sampled_from(["works", "other"])), max_size=2)
    last = st.sampled_from([[], [(None, "works")], [(None, "works")], [(None, "other")]])
    return st.builds(
        file_text,
        st.tuples(routes, last).map(lambda made: made[0] + made[1]),
        st.fixed_dictionaries(dict.fromkeys(("works", "other"), levels)),
    )


sound_files = files_of(CONDITIONS, GROUPS, EXPIRIES)
any_files = files_of([*CONDITIONS, "nonsense >", ""], GROUPS + WRONG_GROUPS, EXPIRIES + WRONG_EXPIRIES)


def holds_together(file):
    """Every case of an accepted file takes a route to a policy that opens a level."""
    every = [route.when for route in file.routes if route.when]
    every += [condition for policy in file.policies.values() for condition in conditions_of(policy)]
    for values in cases(file.fields, every):
        route = route_of(file.routes, values)
        assert route is not None
        assert open_levels(file.policies[route.policy], values)


@given(sound_files | any_files, st.decimals(0, 60, places=3), st.booleans())
@settings(max_examples=300)
def test_a_file_that_is_accepted_opens_a_level_for_every_proposal(text, amount, urgent):
    """For each enumerated case and for any other proposal; a file that is not accepted has mistakes on lines of it."""
    found = read(text, ZONES)
    if isinstance(found, PolicyFile):
        holds_together(found)
        values = {"amount": amount, "urgent": urgent}
        assert open_levels(found.policies[route_of(found.routes, values).policy], values)
    else:
        assert all(1 <= mistake.line <= text.count("\n") + 1 and mistake.what for mistake in found)


@given(st.sampled_from([COUNTY, SOFTWARE, SMALL]), st.data())
@settings(max_examples=200)
def test_a_file_with_any_value_in_any_place_is_answered(text, data):
    """A value of another type, or a line that is gone or there twice: a model, or mistakes that can be shown."""
    lines = text.split("\n")
    number = data.draw(st.integers(0, len(lines) - 1))
    key, sign, _ = lines[number].partition("=")
    new = data.draw(st.sampled_from([[], [lines[number]] * 2]) | odd.map(lambda value: [f"{key}{sign}{value}"]))
    found = read("\n".join(lines[:number] + new + lines[number + 1 :]), ZONES)
    if isinstance(found, PolicyFile):
        holds_together(found)
    else:
        assert found
        assert all(mistake.in_words("f").isprintable() for mistake in found)


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda sent: sent.decode("latin-1")))
def test_any_text_is_answered_with_mistakes(text):
    """No text of chance is a policy file, and none makes it fail."""
    assert mistakes(text)


def test_the_examples_are_what_tomllib_reads():
    """They are plain TOML, in which every key is known."""
    for text in (COUNTY, SOFTWARE):
        assert tomllib.loads(text)["schema"] == 1
        assert model(text).name


def test_a_date_field_has_dates_as_limits():
    """A TOML date, without quotes."""
    text = changed('type = "text"', 'type = "date"\nmin = 2026-01-01\nmax = 2026-12-31')
    assert model(text).fields["note"].least == date(2026, 1, 1)


def test_a_policy_that_no_case_could_keep_is_refused():
    """A case keeps its levels and the fields; with the largest body they fit into what is sealed."""
    choices = ", ".join(f'"{number:0200}"' for number in range(600))
    field = f'[[field]]\nname = "part"\ntype = "choice"\nchoices = [{choices}]\nlabel = "Part"\n[[route]]'
    (mistake,) = read(SMALL.replace("[[route]]", field))
    assert mistake.key == "policy.works"
    assert "and at most 100,000" in mistake.what
    assert MOST_KEPT + 2 * 65_536 + 10_000 < MOST_TEXT


def test_any_value_of_any_key_is_answered_to_the_letter():
    """``every_key_wrong.txt`` has each line of ``every_key.toml`` with other values and without its key."""
    assert isinstance(read(EVERY_KEY.read_text(encoding="utf-8")), PolicyFile)
    assert list(answers()) == ANSWERS.read_text(encoding="utf-8").splitlines()
