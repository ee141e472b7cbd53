"""What is wrong with a field, a policy or a level is said at its key, with what to write instead."""

import pytest

from approval.policy.file import read
from approval.policy.model import PolicyFile
from approval.policy.read_policies import MOST_ASKED

HEAD = """\
schema = 1
name = "Works"
zone = "Europe/London"
"""
AMOUNT = """\
[[field]]
name = "amount"
type = "money"
label = "Cost"
currency = "EUR"
"""
PEOPLE = """\
[[route]]
policy = "works"
[people]
ann = { name = "Ann", email = "ann@works.example" }
[authority.spend]
currency = "GBP"
limits = { ann = 100 }
"""
WORKS = """\
[policy.works]
title = "Works"
"""
LEVEL = """\
[[policy.works.level]]
name = "Decision"
approvers = [{ people = ["ann"] }]
within = "5 days"
on_expiry = "reject"
"""
POUNDS = AMOUNT.replace("EUR", "GBP")
ASKED = '{ people = ["ann"] }'


def mistakes(text):
    """Each with its key, what it is and what to write."""
    found = read(text)
    return [] if isinstance(found, PolicyFile) else [(one.key, one.what, one.instead) for one in found]


def field(kind, *lines):
    """A file with one more field of this type, which has these lines too."""
    more = "\n".join(["[[field]]", 'name = "part"', f'type = "{kind}"', 'label = "Part"', *lines, ""])
    return HEAD + AMOUNT + more + PEOPLE + WORKS + LEVEL


def asking(asked, amount=AMOUNT):
    """A file whose level asks these."""
    return HEAD + amount + PEOPLE + WORKS + LEVEL.replace(ASKED, asked)


WHOLE = HEAD + AMOUNT + PEOPLE + WORKS + LEVEL
BASE = f"""\
[policy.base]
title = "Base"
different_people = true
{LEVEL.replace("works", "base")}
[policy.child]
extends = "base"
{LEVEL.replace("works", "child")}
"""
NEXT = '{ escalate_to = "next in line", then = "reject" }'
NOBODY_NEXT = (
    "policy.works.level[1].on_expiry.escalate_to",
    "More than one person may be asked at this level, so nobody is next in line.", "Name a person.",
)  # fmt: skip
NO_TABLE = ("It is the number 5, and no table.", "Write it as a table: { key = value }.")
APPROVERS = 'Write for example: approvers = [{ group = "finance", need = 1 }].'
BLANKS = ("It has blanks around it.", "Leave them out.")
NOTHING = ("It has nothing to see in it.", 'Write for example: choices = ["scheme", "structure"].')
TIME = ("It is the time 2026-01-01 10:00:00, and no date.", "Write for example: 2027-01-31, without quotes.")
MISSING = ("policy", "It is missing.", "Write for example: [policy.scheme].")
EMPTY = ("policy", "It is empty.", "Write for example: [policy.scheme].")
NO_WORKS = ("route[1].policy", "There is no policy works.", "Describe the policy in this file first.")
SPEND = '{ authority = "spend", of = "amount" }'
GROUP = "policy.works.level[1].approvers[1]"
KINDS = "Write one of people, group, manager and authority."


@pytest.mark.parametrize(
    ("kind", "lines", "said"),
    [
        ("choice", ['choices = ["a", " b", "c "]'], [("choices[2]", *BLANKS), ("choices[3]", *BLANKS)]),
        ("choice", ['choices = ["a", ""]'], [("choices[2]", *NOTHING)]),
        ("choice", ['choices = ["near", "far"]', 'default = "nera"'],
         [("default", 'It is "nera".', "Did you mean near?")]),
        ("choice", ['choices = ["a", "b"]', "default = 5"],
         [("default", "It is the number 5.", 'Write "a" or "b".')]),
        ("integer", ["min = 5", "max = 4"], [("min", "5 is above 4.", "Write min at most max.")]),
        ("integer", ["min = 5", "max = 5", "default = 5"], []),
        ("integer", ["default = true"], [("default", "It is true, and no integer.", "Write for example: 3.")]),
        ("integer", ["min = 2", "max = 3", "default = 4"],
         [("default", "It is 4, outside the field's limits.", "They are 2 to 3.")]),
        ("text", ["max = 3", 'default = "abcd"'],
         [("default", "It is abcd, outside the field's limits.", "They are 1 to 3.")]),
        ("text", ["max = 3", 'default = "abc"'], []),
        ("text", ["min = 1", "max = 4000"], []),
        ("text", ["min = 0"], [("min", "It is the number 0.", "Write a number from 1 to 4000.")]),
        ("text", ["max = 4001"], [("max", "It is the number 4001.", "Write a number from 1 to 4000.")]),
        ("date", ["min = 2026-01-01T10:00:00"], [("min", *TIME)]),
        ("date", ["default = 2026-01-01T10:00:00"], [("default", *TIME)]),
    ],
)  # fmt: skip
def test_a_field(kind, lines, said):
    """Every mistake of it, with its place in a list; limits may be equal."""
    assert mistakes(field(kind, *lines)) == [(f"field[2].{key}", *rest) for key, *rest in said]


@pytest.mark.parametrize(("lines", "default"), [([], None), (["default = 5"], 5)])
def test_a_field_may_be_optional_with_a_default_and_without(lines, default):
    """Both are kept, and its label."""
    found = read(field("integer", "optional = true", *lines))
    assert isinstance(found, PolicyFile)
    part = found.fields["part"]
    assert (part.label, part.optional, part.default) == ("Part", True, default)


def test_a_choice_may_be_the_default():
    """It is kept as it is written."""
    found = read(field("choice", 'choices = ["near", "far"]', 'default = "far"'))
    assert isinstance(found, PolicyFile)
    assert found.fields["part"].default == "far"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + AMOUNT + PEOPLE, [MISSING, NO_WORKS]),
        (HEAD + "policy = {}\n" + AMOUNT + PEOPLE, [EMPTY, NO_WORKS]),
        (HEAD + AMOUNT + PEOPLE + WORKS + LEVEL + LEVEL,
         [("policy.works.level[2].name", "Level 1 has the same name.", "Give each level a name of its own.")]),
        (asking(SPEND),
         [(f"{GROUP}.of", "amount is in EUR, and the limits of spend are in GBP.",
           "Name a field in the currency of the limits.")]),
        (asking(SPEND, POUNDS + "optional = true\n"),
         [(f"{GROUP}.of", "amount is optional and has no default, so it may be absent.", "Give the field a default.")]),
        (asking(SPEND.replace(" }", ", need = 1 }"), POUNDS), []),
        (asking('{ people = ["ann"], need = 1, group = "x" }'), [(GROUP, "It has people and group.", KINDS)]),
        (asking("{ need = 1 }"), [(GROUP, "It does not say who is asked.", KINDS)]),
        (asking("5"), [(GROUP, "It is the number 5, and no table.", APPROVERS)]),
        (WHOLE.replace(f"[{ASKED}]", ASKED),
         [("policy.works.level[1].approvers", "It is a table, and no list of tables.", APPROVERS)]),
        (WHOLE.replace('zone = "Europe/London"\n', ""),
         [("zone", "It is missing.", 'Write for example: zone = "Europe/London".')]),
        ("route = 5\n" + WHOLE.replace('[[route]]\npolicy = "works"\n', ""),
         [("route", "It is the number 5, and no list of tables.",
           'Write for example: [[route]], and below it policy = "scheme".')]),
        ("policy = 5\n" + HEAD + AMOUNT + PEOPLE, [("policy", *NO_TABLE), NO_WORKS]),
        (WHOLE + BASE.replace("[policy.child]", "[policy]\nx = 5\n[policy.child]").replace('"base"', '"x"'),
         [("policy.x", *NO_TABLE),
          ("policy.child.title", "It is missing.", 'Write for example: title = "Highway scheme".')]),
        (WHOLE + BASE.replace("different_people", 'extends = "child"\ndifferent_people'),
         [("policy.base.extends", "It extends itself: base → child → base.", "Let it end somewhere."),
          ("policy.child.extends", "It extends itself: child → base → child.", "Let it end somewhere.")]),
        (WHOLE + 'comment = ["rejct"]\n',
         [("policy.works.level[1].comment[1]", '"rejct" is no act.', "Did you mean reject?")]),
        (WHOLE + BASE.replace('"Base"', "5"),
         [("policy.base.title", "It is the number 5, and no text.", 'Write for example: title = "Highway scheme".')]),
        (asking('{ manager = "author" }, { manager = "author" }').replace('"reject"', NEXT), [NOBODY_NEXT]),
        (asking(f'{ASKED}, {{ manager = "author" }}').replace('"reject"', NEXT), [NOBODY_NEXT]),
    ],
)  # fmt: skip
def test_a_policy(text, said):
    """Where a policy, a level or a group of approvers is not as it has to be."""
    assert mistakes(text) == said


def test_a_policy_takes_from_what_it_extends_what_it_does_not_say():
    """A title, and that the levels ask different people."""
    found = read(WHOLE + BASE)
    assert isinstance(found, PolicyFile), found
    child = found.policies["child"]
    assert (child.title, child.different_people) == ("Base", True)
    assert not found.policies["works"].different_people


def crowd(count, group):
    """A file whose level asks so many by name, and a group of two."""
    names = [f"p{number}" for number in range(count)]
    people = "".join(f'{name} = {{ name = "{name}", email = "{name}@works.example" }}\n' for name in names)
    groups = '[groups]\nboth = ["p0", "p1"]\n'
    text = asking(f"{{ people = {names} }}, {group}").replace("[authority", f"{people}{groups}[authority")
    return text.replace("'", '"')


@pytest.mark.parametrize("group", ['{ manager = "author" }', '{ manager = "author" }, { group = "both" }'])
def test_a_level_asks_at_most_so_many(group):
    """Everybody counts once, and a manager as one more."""
    assert mistakes(crowd(MOST_ASKED - 1, group)) == []
    assert mistakes(crowd(MOST_ASKED, group)) == [
        ("policy.works.level[1].approvers", f"Up to {MOST_ASKED + 1} people are asked here.",
         f"Ask at most {MOST_ASKED} at a level."),
    ]  # fmt: skip
