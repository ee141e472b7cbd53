"""What a policy file does in the cases that its conditions tell apart, and how large a file may be."""

import re
from datetime import date
from decimal import Decimal

import pytest
from companies import read_file

from approval.policy.fields import Field, FieldType
from approval.policy.file import MOST_CHARACTERS, MOST_KEPT, in_words, read
from approval.policy.tables import Mistake

FIELDS = """\
schema = 1
name = "Works"
zone = "Europe/London"
[[field]]
name = "urgent"
type = "boolean"
label = "Urgent"
[[field]]
name = "large"
type = "boolean"
label = "Large"
"""
EVERY = """\
[[route]]
policy = "works"
"""
TWO = """\
[[route]]
when = "not urgent"
policy = "other"
[[route]]
policy = "works"
"""
PEOPLE = """\
[people]
ann = { name = "Ann", email = "ann@works.example" }
"""
POLICY = """\
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
WORKS = POLICY + LEVEL
OTHER = WORKS.replace("works", "other")
FILE = FIELDS + EVERY + PEOPLE + WORKS
FLAGS = [f"f{number}" for number in range(15)]
MANY = "".join(f'[[field]]\nname = "{flag}"\ntype = "boolean"\nlabel = "F"\n' for flag in FLAGS)
TOO_MANY = (
    "The conditions tell 32,768 cases apart, and at most 20,000 are checked.",
    "Use fewer fields and values in conditions.",
)


def only_if(condition, text=WORKS):
    """The text, whose first level or route has this condition."""
    return re.sub(r"(\[\[policy\.\w+\.level\]\]\n|\[\[route\]\]\n)", rf'\1when = "{condition}"\n', text, count=1)


@pytest.mark.parametrize(
    "text",
    [
        FILE,
        FIELDS + TWO + PEOPLE + only_if("urgent") + OTHER,
        FIELDS + TWO + PEOPLE + WORKS + only_if("not urgent", OTHER),
        FIELDS + EVERY + PEOPLE + only_if("urgent") + only_if("not urgent", LEVEL).replace("Decision", "Second"),
    ],
)
def test_a_level_has_to_open_in_the_cases_that_take_its_policy(text):
    """In the others nothing is asked of the policy."""
    assert read_file(text)


SECOND = LEVEL.replace("Decision", "Second").replace(
    '{ people = ["ann"] }', '{ people = ["ann"] }, { manager = "last approver", when = "large" }'
)
SKIPPED = "All levels are skipped for a proposal with {}, and nothing is approved without a level."


@pytest.mark.parametrize(
    ("text", "line", "key", "what", "instead"),
    [
        (FIELDS + EVERY + PEOPLE + only_if("large"), 16, "policy.works",
         SKIPPED.format("large = false"), "Let one level have no when."),
        (FIELDS + TWO + PEOPLE + only_if("large") + OTHER, 19, "policy.works",
         SKIPPED.format("urgent = true, large = false"), "Let one level have no when."),
        (FIELDS + only_if("urgent", EVERY) + EVERY + PEOPLE + WORKS + only_if("large", OTHER), 26, "policy.other",
         SKIPPED.format("large = false"), "Let one level have no when."),
        (FIELDS + EVERY + PEOPLE + only_if("urgent") + SECOND, 24, "policy.works.level[2]",
         ("Second is the first level for a proposal with urgent = false, large = true, "
          "so nobody has approved before it."), 'Ask the manager of the "author".'),
    ],
)  # fmt: skip
def test_a_case_without_a_level_to_open_is_shown(text, line, key, what, instead):
    """Also of a policy that no route names; only with the fields that make the case."""
    assert read(text) == (Mistake(line, key, what, instead),)


def test_more_cases_than_are_checked_are_said_of_the_routes():
    """The policies are not looked at then, as nobody can say who takes them."""
    condition = " and ".join(FLAGS)
    text = FIELDS + MANY + only_if(condition, EVERY) + EVERY + PEOPLE + only_if(condition)
    line = text[: text.index("[[route]]")].count("\n") + 1
    assert read(text) == (Mistake(line, "route", *TOO_MANY),)


def test_more_cases_than_are_checked_are_said_of_each_policy():
    """Each by itself."""
    condition = " and ".join(FLAGS)
    levels = (only_if(condition), only_if(condition, OTHER), LEVEL.replace("Decision", "Second"))
    text = FIELDS + MANY + EVERY + PEOPLE + "".join(levels)
    assert [(mistake.key, mistake.what, mistake.instead) for mistake in read(text)] == [
        ("policy.works", *TOO_MANY), ("policy.other", *TOO_MANY),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('label = "Urgent"', "label = 5", "field[1].label"),
        ('policy = "works"', 'policy = "wroks"', "route[1].policy"),
        ('within = "5 days"', 'within = "soon"', "policy.works.level[1].within"),
    ],
)
def test_cases_are_walked_once_fields_routes_and_policies_are_right(old, new, key):
    """One mistake is not named again as a proposal that nothing takes."""
    routes = only_if("urgent", EVERY) + only_if("not urgent", EVERY)
    text = FIELDS + routes + PEOPLE + WORKS
    assert read_file(text)
    assert [mistake.key for mistake in read(text.replace(old, new, 1))] == [key]


NINE = {f"n{number}": Field(f"n{number}", FieldType.INTEGER, "N") for number in range(9)}
TYPED = {
    "kind": (Field("kind", FieldType.CHOICE, "Kind"), "structure"),
    "amount": (Field("amount", FieldType.MONEY, "Cost", currency="GBP"), Decimal("50000.50")),
    "category": (Field("category", FieldType.INTEGER, "Category"), 1_000),
    "urgent": (Field("urgent", FieldType.BOOLEAN, "Urgent"), True),
    "large": (Field("large", FieldType.BOOLEAN, "Large"), False),
    "start": (Field("start", FieldType.DATE, "Start"), date(2027, 1, 31)),
    "site": (Field("site", FieldType.TEXT, "Site"), "a"),
}


@pytest.mark.parametrize(
    ("fields", "values", "words"),
    [
        (
            {name: field for name, (field, _) in TYPED.items()},
            {name: value for name, (_, value) in TYPED.items()},
            (
                'kind = "structure", amount = 50,000.50 GBP, category = 1000, urgent = true, large = false, '
                'start = "2027-01-31", site = "a"'
            ),
        ),
        (NINE, {"n8": 5}, "n8 = 5"),
        (NINE, dict.fromkeys(list(NINE)[:8], 0), "n0 = 0, n1 = 0, n2 = 0, n3 = 0, n4 = 0, n5 = 0, n6 = 0, n7 = 0"),
        (NINE, dict.fromkeys(NINE, 0), "n0 = 0, n1 = 0, n2 = 0, n3 = 0, n4 = 0, n5 = 0, n6 = 0, n7 = 0, …"),
    ],
)
def test_a_case_is_said_in_words(fields, values, words):
    """Each value as a condition has it, money with its currency; of many values the first eight."""
    assert in_words(fields, values) == words


def test_fields_are_a_list_of_tables():
    """Anything else is answered with how to write one."""
    text = FIELDS.replace("schema = 1", "schema = 1\nfield = 5").split("[[field]]")[0] + EVERY + PEOPLE + WORKS
    assert read(text) == (
        Mistake(
            2,
            "field",
            "It is the number 5, and no list of tables.",
            'Write for example: [[field]], and below it name = "amount".',
        ),
    )


def test_a_file_of_the_greatest_length_is_read():
    """One character more is too many."""
    longest = FILE.ljust(MOST_CHARACTERS, "#")
    assert read_file(longest)
    assert read(f"{longest}#") == (
        Mistake(1, "file", "It has more than 500,000 characters.", "Make it shorter."),
    )  # fmt: skip


def of_size(characters):
    """A file of whose fields a case keeps more or less, by this many characters in one choice."""
    choices = ", ".join(f'"{number:0190}"' for number in range(511))
    field = f'[[field]]\nname = "part"\ntype = "choice"\nchoices = [{choices}, "{"x" * characters}"]\nlabel = "Part"\n'
    return FIELDS + field + EVERY + PEOPLE + WORKS


def test_a_case_keeps_as_much_as_its_input_may_hold():
    """One character more is too many."""
    (mistake,) = read(of_size(200))
    kept = int(re.search(r"[\d,]+", mistake.what)[0].replace(",", ""))
    fitting = 200 - (kept - MOST_KEPT)
    assert read_file(of_size(fitting))
    (mistake,) = read(of_size(fitting + 1))
    assert (mistake.key, mistake.what, mistake.instead) == (
        "policy.works",
        "A case keeps 100,001 characters of it and of the fields, and at most 100,000.",
        "Use fewer or shorter levels, fields and choices.",
    )
