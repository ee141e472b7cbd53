"""The sealed input of a case under a policy file, from our functions to every reader."""

import base64
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from companies import AT, CASE, company, submission
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from approval.acts import Name
from approval.case import Case, new_input, read_input
from approval.errors import UnreadableInput
from approval.policy.fields import Field, FieldType
from approval.policy.frozen import FrozenPolicy, value_from_json, value_to_json
from approval.policy.model import Visibility
from approval.policy.one_level import OneLevelPolicy
from approval.seals import MOST_TEXT, Purpose, Sealed, signed_bytes
from approval.submission import Document, Submission, genuine, sealed_input, stored_input

COUNTY, SOFTWARE = company("county"), company("software")
VALUES = {"kind": "structure", "amount": Decimal("80000.00"), "category": 2, "departure": False}
PAPER = Document("drawings.pdf", "https://files.example.com/drawings.pdf", "9f" * 32)
MILL_LANE = replace(submission(COUNTY, "dana", VALUES, ["eli"]), summary="Deck.\nRailings.", attachments=(PAPER,))
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEYS = {"2026-11": base64.b64encode(PRIVATE.public_key().public_bytes_raw()).decode()}


def sealed(text, purpose=Purpose.INPUT):
    """The input of an instance with this text, sealed."""
    return stored_input(Sealed(text, "2026-11", base64.b64encode(PRIVATE.sign(signed_bytes(text, purpose))).decode()))


def changed(change):
    """The text of a submission in which something was changed."""
    given = json.loads(MILL_LANE.to_text())
    change(given)
    return json.dumps(given)


def test_a_sealed_text_looks_as_documented():
    """The members of the example in the docstring, money to the digit, people by id and name."""
    given = json.loads(MILL_LANE.to_text())
    policy = given.pop("policy")
    assert given == {
        "case": "P-7K3M9QXV",
        "title": "Mill Lane bridge",
        "summary": "Deck.\nRailings.",
        "fields": {"kind": "structure", "amount": "80000.00", "category": 2, "departure": False},
        "attachments": [{"name": PAPER.name, "url": PAPER.url, "sha256": PAPER.sha256}],
        "author": {"id": "dana", "name": "Dana Okafor"},
        "contributors": [{"id": "eli", "name": "Eli Marsh"}],
        "submitted": {"how": "local", "at": "2026-11-25T16:40:00Z"},
        "digest": "sha256:b",
        "keyHash": None,
    }
    levels, fields = policy.pop("levels"), policy.pop("fields")
    assert policy == {
        "name": "structures",
        "title": "Structure, category 1 to 3",
        "file": "Northshire highways",
        "zone": "Europe/London",
        "digest": "sha256:f",
        "visibleTo": "staff",
        "differentPeople": False,
    }
    assert levels[0] == {
        "name": "Technical approval",
        "when": None,
        "approvers": [
            {"group": "technical-approval", "need": 1, "when": None},
            {"people": ["amir"], "need": 1, "when": "departure"},
        ],
        "rejection": "ends",
        "abstain": False,
        "within": "10 days",
        "remind": ["-3 days"],
        "escalateTo": "jo",
        "comment": ["reject"],
    }
    assert fields[1] == {
        "name": "amount",
        "type": "money",
        "label": "Whole cost",
        "choices": [],
        "currency": "GBP",
        "min": "0",
        "max": "5000000",
        "default": None,
        "optional": False,
    }


@pytest.mark.parametrize(
    ("file", "name"), [(file, name) for file in (COUNTY, SOFTWARE) for name in file.policies], ids=str
)
def test_levels_are_read_back_as_they_were_frozen(file, name):
    """Conditions, durations, approvers and targets of every policy of the examples."""
    frozen = FrozenPolicy.of(file, file.policies[name], "sha256:f")
    again = FrozenPolicy.from_json(json.loads(json.dumps(frozen.to_json())))
    assert again == frozen
    assert again.levels() == file.policies[name].levels
    assert again.level_names == tuple(level.name for level in file.policies[name].levels)
    assert again.fields == file.fields


def test_fields_of_every_type_are_read_back():
    """A text has lengths, a date and money have values, a choice has none."""
    fields = (
        Field("note", FieldType.TEXT, "Note", least=1, greatest=4_000, optional=True),
        Field("start", FieldType.DATE, "Start", least=date.min, greatest=date.max, default=date(2027, 1, 31)),
        Field("cost", FieldType.MONEY, "Cost", currency="EUR", least=Decimal(0), greatest=Decimal("9.5")),
        Field("kind", FieldType.CHOICE, "Kind", ("a", "b"), default="a"),
    )
    frozen = replace(MILL_LANE.policy, fields={field.name: field for field in fields})
    given = json.loads(json.dumps(frozen.to_json()))
    assert FrozenPolicy.from_json(given) == frozen
    given["fields"][0]["min"] = "1"
    with pytest.raises(ValueError, match="note has no length"):
        FrozenPolicy.from_json(given)


def test_a_submission_is_read_back():
    """The orchestrator and every page read the value that was sealed."""
    assert Submission.from_text(MILL_LANE.to_text()) == MILL_LANE
    assert MILL_LANE.amount == "80000.00 GBP"
    assert replace(MILL_LANE, values={}).amount is None


def test_a_sealed_text_is_short():
    """No blanks between its members, and no letter escaped, so its length is the length of what people wrote."""
    text = replace(MILL_LANE, title="Brücke über die Mühle").to_text()
    assert text.startswith(
        '{"case":"P-7K3M9QXV","title":"Brücke über die Mühle","summary":"Deck.\\nRailings.","fields":{'
    )


def test_a_text_of_the_greatest_length_is_read():
    """One character more is refused."""
    text = MILL_LANE.to_text()
    assert Submission.from_text(text.ljust(MOST_TEXT)) == MILL_LANE
    with pytest.raises(UnreadableInput, match=r"^The input's text is too long\. Start it through"):
        Submission.from_text(text.ljust(MOST_TEXT + 1))


def test_people_groups_and_limits_are_not_frozen():
    """They are read when a level opens, so nothing of them is in the text."""
    text = MILL_LANE.to_text()
    assert not any(word in text for word in ("county.example", "noor", "limits", "100000", "manager"))


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        (Field("a", FieldType.MONEY, "A"), Decimal("1850000.00"), "1850000.00"),
        (Field("a", FieldType.MONEY, "A"), Decimal("1E+3"), "1000"),
        (Field("a", FieldType.DATE, "A"), date(2027, 1, 31), "2027-01-31"),
        (Field("a", FieldType.INTEGER, "A"), 3, 3),
        (Field("a", FieldType.BOOLEAN, "A"), True, True),
        (Field("a", FieldType.LINK, "A"), "https://x.example", "https://x.example"),
    ],
)
def test_a_value_is_stored_by_its_type(field, value, stored):
    """Money to the digit as a text, a date as ISO 8601 has it; and read back as what it was."""
    assert value_to_json(value) == stored
    assert value_from_json(field, stored) == value


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        (FieldType.MONEY, 5),
        (FieldType.MONEY, "1e3"),
        (FieldType.MONEY, "NaN"),
        (FieldType.MONEY, ""),
        (FieldType.DATE, "soon"),
        (FieldType.INTEGER, True),
        (FieldType.INTEGER, "3"),
        (FieldType.BOOLEAN, 1),
        (FieldType.TEXT, None),
    ],
)
def test_a_value_of_another_type_is_none(kind, stored):
    """Nothing that our functions write has it."""
    with pytest.raises(ValueError, match=r"value|point|iso"):
        value_from_json(Field("a", kind, "A"), stored)


def test_what_a_stricter_rule_would_refuse_tomorrow_is_still_read():
    """An odd title, a value beyond its limits, an unknown visibility: the case goes on, and is seen by the fewest."""

    def change(given):
        given["title"] = "\u202e" + "x" * 500
        given["fields"] |= {"amount": "99999999999999.12345", "kind": "gone", "unknown": 5}
        given["policy"]["visibleTo"] = "moon"
        given["policy"]["levels"][0]["within"] = "3 fortnights"
        given["later"] = True

    read = Submission.from_text(changed(change))
    assert read.title == "\u202e" + "x" * 500
    assert read.values == {**VALUES, "amount": Decimal("99999999999999.12345"), "kind": "gone"}
    assert read.policy.visible_to is Visibility.PARTIES
    assert read.policy.level_names == ("Technical approval", "Line of authority", "Finance")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("within", "3 fortnights"),
        ("within", 5),
        ("when", "amount >"),
        ("when", "gone"),
        ("rejection", "maybe"),
        ("remind", None),
        ("approvers", [{"need": 1, "when": None}]),
        ("approvers", [{"manager": "king", "need": 1, "when": None}]),
        ("approvers", [{"group": "finance", "need": "x", "when": None}]),
        ("approvers", ["finance"]),
    ],
)
def test_a_level_that_cannot_be_read_is_a_fault_that_says_so(name, value):
    """Only for the one who asks for the levels."""

    def change(given):
        given["policy"]["levels"][1][name] = value

    read = Submission.from_text(changed(change))
    with pytest.raises(UnreadableInput, match="levels cannot be read"):
        read.policy.levels()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        "5",
        "{}",
        changed(lambda given: given.pop("author")),
        changed(lambda given: given["author"].pop("id")),
        changed(lambda given: given.update(fields=[])),
        changed(lambda given: given["fields"].update(amount=5)),
        changed(lambda given: given["submitted"].update(at="soon")),
        changed(lambda given: given["submitted"].update(at="9999-12-31T23:59:59-10:00")),
        changed(lambda given: given["policy"].update(levels=[5])),
        changed(lambda given: given["policy"]["fields"][1].update(type="blob")),
        changed(lambda given: given["policy"]["fields"][1].update(min=0)),
    ],
)
def test_a_text_that_our_functions_have_not_written_is_refused(text):
    """Any broken input raises the same kind of error."""
    with pytest.raises(UnreadableInput, match=r"^The input's text is no submission\. Start it through"):
        Submission.from_text(text)


def test_an_input_is_read_by_its_version():
    """A case with one approver, or one under a policy file; its seal is not looked at."""
    assert read_input(None) == Case(OneLevelPolicy())
    assert read_input(new_input(None, OneLevelPolicy("P3D"), "")) == Case(OneLevelPolicy("P3D"))
    assert read_input({"schemaVersion": 2, "input": MILL_LANE.to_text(), "key": "", "seal": ""}) == MILL_LANE


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"schemaVersion": 2}, "no sealed text"),
        ({"schemaVersion": 2, "input": {}, "key": "k", "seal": ""}, "no sealed text"),
        ({"schemaVersion": 3}, "schemaVersion 3, and this version of the app reads only 1, 2"),
        ({"schemaVersion": True}, "schemaVersion true"),
        ({"schemaVersion": [2]}, "schemaVersion a list"),
        ({}, "no schemaVersion"),
        ([], "is a list"),
    ],
)
def test_another_input_is_refused_with_a_text_for_the_operator(given, found):
    """The same as for the input of a case with one approver, and it names both versions."""
    with pytest.raises(UnreadableInput, match=found):
        read_input(given)


def test_a_genuine_input_has_our_seal_and_the_id_of_its_instance():
    """Nothing else is anybody's case."""
    given = sealed(MILL_LANE.to_text())
    assert given == {"schemaVersion": 2, "input": MILL_LANE.to_text(), "key": "2026-11", "seal": given["seal"]}
    assert genuine(given, CASE, KEYS) == MILL_LANE
    assert genuine(given, "P-7K3M9QXW", KEYS) is None
    assert genuine(given, CASE, {}) is None
    assert genuine({**given, "input": given["input"].replace("80000", "8000")}, CASE, KEYS) is None
    assert genuine(sealed(MILL_LANE.to_text(), Purpose.ACT), CASE, KEYS) is None
    assert genuine({**given, "schemaVersion": 1}, CASE, KEYS) is None
    assert genuine(None, CASE, KEYS) is None
    assert sealed_input(given).text == MILL_LANE.to_text()
    assert sealed_input(new_input(None, OneLevelPolicy(), "")) is None


def test_the_names_of_people_are_kept_as_they_were_that_day():
    """Whoever marries later is still found by id."""
    read = Submission.from_text(changed(lambda given: given["author"].update(name="Dana Ames")))
    assert read.author == Name("dana", "Dana Ames")
    assert read.submitted_at == AT
