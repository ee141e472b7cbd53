"""The people, groups and limits of a policy file, and what is said of those that are wrong."""

from decimal import Decimal

import pytest
from companies import read_file

from approval.policy.file import read
from approval.policy.model import Authority, Person
from approval.policy.tables import Mistake

HEAD = """\
schema = 1
name = "Works"
zone = "Europe/London"
[[field]]
name = "amount"
type = "money"
currency = "GBP"
label = "Cost"
[[route]]
policy = "works"
"""
PEOPLE = """\
[people]
ann = { name = "Ann", email = "ann@works.example", manager = "bob", title = "Engineer", zone = "Europe/Berlin" }
bob = { name = "Bob", email = "bob@works.example", submits = false }
"""
REST = """\
[groups]
both = ["ann", "bob"]
[authority.spend]
currency = "GBP"
limits = { bob = 100.5 }
[policy.works]
title = "Works"
[[policy.works.level]]
name = "Decision"
approvers = [{ authority = "spend", of = "amount" }]
within = "5 days"
on_expiry = "reject"
"""
FILE = HEAD + PEOPLE + REST
NOBODY_SUBMITS = PEOPLE.replace(', zone = "Europe/Berlin"', ', zone = "Europe/Berlin", submits = false')
NAME = "It has 1 to 40 small letters, digits and hyphens."
DANA = 'dana = { name = "Dana Okafor", email = "dana@county.example" }'


def test_the_directory_is_what_the_file_says():
    """Each person, group and limit, to the last key."""
    file = read_file(FILE)
    assert file.people == {
        "ann": Person("ann", "Ann", "ann@works.example", "bob", "Engineer", "Europe/Berlin", submits=True),
        "bob": Person("bob", "Bob", "bob@works.example", None, None, None, submits=False),
    }
    assert file.groups == {"both": ("ann", "bob")}
    assert file.authorities == {"spend": Authority("spend", "GBP", {"bob": Decimal("100.5")})}


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "what", "instead"),
    [
        (PEOPLE, NOBODY_SUBMITS, 11, "people", "Nobody may submit a proposal.", "Take submits = false from somebody."),
        ("both = [", "Both = [", 15, "groups.Both", f"Both is no name. {NAME}", "Choose such a name."),
        ("[authority.spend]", '[authority.Spare]\ncurrency = "GBP"\nlimits = { bob = 5 }\n[authority.spend]', 16,
         "authority.Spare", f"Spare is no name. {NAME}", "Choose such a name."),
        ("limits = { bob = 100.5 }", "", 16, "authority.spend.limits", "It is missing.",
         "Write for example: limits = { eli = 25_000, ruth = 100_000 }."),
    ],
)  # fmt: skip
def test_a_mistake_in_the_directory_is_said_once(old, new, line, key, what, instead):
    """With what would be right."""
    assert old in FILE
    assert read(FILE.replace(old, new, 1)) == (Mistake(line, key, what, instead),)


@pytest.mark.parametrize(
    ("people", "line", "what", "instead"),
    [
        ("", 1, "It is missing.", f"Write for example: [people], and below it {DANA}."),
        ("[people]\n", 11, "Nobody is in it.", f"Write for example: {DANA}."),
    ],
)
def test_a_file_without_people_is_answered_with_an_example(people, line, what, instead):
    """The rest of the file is read all the same: who is named there is nobody."""
    found = read(HEAD + people + REST)
    assert found[0] == Mistake(line, "people", what, instead)
    assert {mistake.what for mistake in found[1:]} == {"There is no person ann.", "There is no person bob."}


def test_people_have_to_be_a_table():
    """Nobody is described in anything else."""
    found = read(HEAD.replace('name = "Works"', 'name = "Works"\npeople = 5') + REST)
    assert found[0] == Mistake(
        3, "people", "It is the number 5, and no table.", "Write it as a table: { key = value }."
    )
    assert {mistake.what for mistake in found[1:]} == {"There is no person ann.", "There is no person bob."}


@pytest.mark.parametrize(
    ("old", "new", "key", "what"),
    [
        ("bob = {", "Bob = {", "people.Bob", "Bob is no id."),
        ('name = "Bob", ', "", "people.bob.name", "It is missing."),
        (', email = "bob@works.example"', "", "people.bob.email", "It is missing."),
        ("bob@works.example", "bob", "people.bob.email", 'It is "bob", and no e-mail address.'),
    ],
)
def test_who_may_submit_is_asked_once_everybody_is_described(old, new, key, what):
    """One mistake in a person is not named again as nobody who may submit."""
    people = NOBODY_SUBMITS.replace('manager = "bob", ', "").replace(old, new)
    text = HEAD + people + REST.replace('"ann", "bob"', '"ann"').replace("bob = 100.5", "ann = 5")
    (mistake,) = read(text)
    assert (mistake.key, mistake.what) == (key, what)


@pytest.mark.parametrize(
    ("old", "new", "keys"),
    [
        ('currency = "GBP"\nlimits', "limits", ["authority.spend.currency"]),
        ('currency = "GBP"\nlimits = { bob = 100.5', 'currency = "EUR"\nlimits = { ann = 5, bob = -1',
         ["authority.spend.limits.bob"]),
        ("[authority.spend]", "[authority.Spend]", ["authority.Spend", "policy.works.level[1].approvers[1].authority"]),
    ],
)  # fmt: skip
def test_limits_with_a_mistake_are_not_compared_with_their_field(old, new, keys):
    """Their currency may be another one once the mistake is put right."""
    assert old in FILE
    assert [mistake.key for mistake in read(FILE.replace(old, new, 1))] == keys
