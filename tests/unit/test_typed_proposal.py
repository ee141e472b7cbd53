"""What an author may submit under a policy file, and what the answer says when it cannot be taken."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from companies import AT, company
from hypothesis import given
from hypothesis import strategies as st

from approval.acts import Name
from approval.errors import InvalidFields
from approval.policy.fields import MOST_MONEY, Field, FieldType
from approval.policy.values import hint, is_one_line, read_value
from approval.submission import Document, Submission
from approval.text import Fault
from approval.typed_proposal import find_person, read_typed
from service.body import read_body

COUNTY, SOFTWARE = company("county"), company("software")
FIELDS = {"kind": "structure", "amount": "80000.00", "category": 2}
BODY = {"title": "Mill Lane bridge", "fields": FIELDS}
FILE = {"name": "a.pdf", "url": "https://files.example.com/a.pdf", "sha256": "AB" * 32}
TEXT = Field("note", FieldType.TEXT, "Note", least=2, greatest=9)
PROSE = Field("note", FieldType.TEXT, "Note", least=1, greatest=4_000)
DAY = Field("start", FieldType.DATE, "Start", least=date(2027, 1, 1), greatest=date.max)
LINK = Field("record", FieldType.LINK, "Record")


def faults(body, file=COUNTY, author="dana"):
    """The fields at fault and their codes."""
    with pytest.raises(InvalidFields) as refused:
        read_typed(body, file, author)
    return [(entry.field, entry.code) for entry in refused.value.entries]


def detail(body, file=COUNTY, author="dana"):
    """The sentence of the only entry."""
    with pytest.raises(InvalidFields) as refused:
        read_typed(body, file, author)
    (entry,) = refused.value.entries
    return entry.detail


def test_a_proposal_has_typed_values_and_the_policy_of_its_route():
    """Money exact and to the digit, defaults filled in, in the order of the file."""
    read = read_typed(BODY, COUNTY, "dana")
    assert list(read.values.items()) == [
        ("kind", "structure"),
        ("amount", Decimal("80000.00")),
        ("category", 2),
        ("departure", False),
    ]
    assert str(read.values["amount"]) == "80000.00"
    assert (read.title, read.author, read.policy.name) == (
        "Mill Lane bridge",
        Name("dana", "Dana Okafor"),
        "structures",
    )
    assert read_typed({**BODY, "fields": {**FIELDS, "category": 0}}, COUNTY, "dana").policy.name == "scheme"


def test_everything_else_of_a_proposal_is_kept_too():
    """Summary, documents and contributors; null is the same as left out."""
    read = read_typed({**BODY, "summary": " Deck.\n", "attachments": [FILE], "contributors": ["eli"]}, COUNTY, "dana")
    assert read.summary == "Deck."
    assert read.attachments == (Document("a.pdf", "https://files.example.com/a.pdf", "ab" * 32),)
    assert read.contributors == (Name("eli", "Eli Marsh"),)
    bare = {**BODY, "summary": None, "attachments": None, "contributors": None}
    assert read_typed(bare, COUNTY, "dana") == read_typed(BODY, COUNTY, "dana")
    assert read_typed({**BODY, "summary": " "}, COUNTY, "dana").summary is None


def test_a_submission_freezes_the_policy_and_is_read_back():
    """What the case is started with is what the author was shown."""
    read = read_typed({**BODY, "summary": "New deck.", "attachments": [FILE], "contributors": ["eli"]}, COUNTY, "dana")
    made = read.submitted(COUNTY, "sha256:f", case="P-7K3M9QXV", how="local", at=AT, digest="sha256:b", key_hash="k")
    assert Submission.from_text(made.to_text()) == made
    assert (made.title, made.summary, made.how, made.submitted_at) == ("Mill Lane bridge", "New deck.", "local", AT)
    assert (made.policy.name, made.policy.digest, made.key_hash) == ("structures", "sha256:f", "k")
    assert made.policy.levels() == COUNTY.policies["structures"].levels


@pytest.mark.parametrize("name", ["policy", "approver", "approvers", "levels", "timeout", "escalateTo"])
@pytest.mark.parametrize("author", ["dana", None])
def test_who_is_asked_is_not_for_the_author_to_say(name, author):
    """Refused in plain words, for people and machines alike."""
    body = {**BODY, name: "x"} | ({} if author else {"author": "dana"})
    assert faults(body, author=author) == [(name, "not-allowed")]
    assert detail(body, author=author).startswith("The company's policy file decides who is asked")


def test_a_person_is_the_author():
    """The body of somebody who is signed in does not name another."""
    assert faults({**BODY, "author": "eli"}) == [("author", "not-allowed")]
    assert detail({**BODY, "author": "eli"}) == "You are the author, as you are signed in. Leave it out."


@pytest.mark.parametrize("author", ["dana", "DANA@county.example", " dana\n"])
def test_a_machine_names_the_author(author):
    """By id, or by e-mail address in any case of letters."""
    assert read_typed({**BODY, "author": author}, COUNTY, None).author == Name("dana", "Dana Okafor")


@pytest.mark.parametrize(
    ("author", "code"), [("elli", "unknown-person"), ("kim", "not-allowed"), (None, "not-text"), (5, "not-text")]
)
def test_a_machine_names_somebody_who_may_submit(author, code):
    """Somebody of the file, and not one with submits = false."""
    assert faults({**BODY, "author": author}, author=None) == [("author", code)]
    assert faults(BODY, author=None) == [("author", "missing")]


def test_who_may_not_submit_is_refused():
    """Whatever else is right."""
    assert detail(BODY, author="kim") == "Kim Adeyemi may not submit proposals here."
    assert faults(BODY, author="nobody") == [("author", "unknown-person")]
    assert detail(BODY, author="nobody") == (
        'There is nobody "nobody" in the policy file. Give the id or the e-mail address of a person of the policy file.'
    )


def test_all_faults_are_found_at_once():
    """In the body, its documents, its people and its fields; each with what to do."""
    body = {
        "titel": "x",
        "policy": {},
        "fields": {"kind": "bridge", "amount": "1.850", "categry": 2, "departure": "no"},
        "attachments": [{**FILE, "url": "http://x"}],
        "contributors": ["dana", "elli", "eli", "eli", 5],
    }
    with pytest.raises(InvalidFields) as refused:
        read_typed(body, COUNTY, "dana")
    told = {entry.field: (entry.code, entry.detail) for entry in refused.value.entries}
    assert {field: code for field, (code, _) in told.items()} == {
        "policy": "not-allowed",
        "titel": "unknown",
        "title": "missing",
        "attachments[0].url": "not-an-https-link",
        "contributors[0]": "is-author",
        "contributors[1]": "unknown-person",
        "contributors[3]": "twice",
        "contributors[4]": "not-text",
        "fields.kind": "not-a-choice",
        "fields.amount": "ambiguous",
        "fields.categry": "unknown",
        "fields.departure": "not-true-or-false",
    }
    assert told["titel"][1] == "There is no such field. Did you mean title?"
    assert told["fields.categry"][1] == "There is no such field. Did you mean category?"
    assert told["fields.kind"][1] == '"bridge" is none of the choices. Give "scheme" or "structure".'
    assert told["contributors[1]"][1] == 'There is nobody "elli". Did you mean eli?'
    assert told["fields.departure"][1] == "It is neither true nor false. Give true or false."


@pytest.mark.parametrize(
    ("sent", "place", "code", "told"),
    [
        (["dana"], 0, "is-author", "The author is no contributor too. Leave it out."),
        (["eli", " eli\n"], 1, "twice", "eli is here twice. Leave one out."),
        (["elli"], 0, "unknown-person", 'There is nobody "elli". Did you mean eli?'),
        (["q"], 0, "unknown-person", 'There is nobody "q". Give the id of a person of the policy file.'),
        ([5], 0, "not-text",
         "It is not a text. Give a list of at most 20 ids of people of the policy file."),
    ],
)  # fmt: skip
def test_a_contributor_who_cannot_be_one_is_named_by_place(sent, place, code, told):
    """With what is wrong, and what to do."""
    body = {**BODY, "contributors": sent}
    assert faults(body) == [(f"contributors[{place}]", code)]
    assert detail(body) == told


def test_every_contributor_is_looked_at():
    """Those behind one that is no text too."""
    assert faults({**BODY, "contributors": [5, "elli"]}) == [
        ("contributors[0]", "not-text"),
        ("contributors[1]", "unknown-person"),
    ]


@pytest.mark.parametrize("body", [None, [], "x", 5])
def test_a_body_is_an_object(body):
    """Nothing else is a proposal."""
    assert faults(body) == [("body", "not-an-object")]
    assert detail(body) == "A proposal is an object with a title and fields."


def test_fields_are_an_object():
    """And where they are left out, those that are needed are missing."""
    assert faults({**BODY, "fields": []}) == [("fields", "not-an-object")]
    assert faults({"title": "x"}) == [("fields.kind", "missing"), ("fields.amount", "missing")]
    assert faults({**BODY, "fields": {**FIELDS, "kind": None}}) == [("fields.kind", "missing")]


def test_a_field_at_the_wrong_place_is_shown_where_it_belongs():
    """The body of the older form has amount at its top."""
    assert faults({**BODY, "amount": 5}) == [("amount", "unknown")]
    assert detail({**BODY, "amount": 5}) == 'There is no such field here, but in fields: "fields": {"amount": …}.'


def test_a_field_that_may_be_absent_has_no_value():
    """The link of the software company is optional."""
    body = {"title": "Queue", "fields": {"risk": "low", "personal_data": True}}
    assert read_typed(body, SOFTWARE, "ana").values == {"risk": "low", "personal_data": True}
    body["fields"]["record"] = "https://x.example/1"
    assert read_typed(body, SOFTWARE, "ana").values["record"] == "https://x.example/1"


@pytest.mark.parametrize(
    ("field", "sent", "value"),
    [
        (COUNTY.fields["amount"], "80000.00", Decimal("80000.00")),
        (COUNTY.fields["amount"], 80_000, Decimal(80_000)),
        (COUNTY.fields["amount"], read_body(b"8.5e4"), Decimal(85_000)),
        (COUNTY.fields["amount"], read_body(b"0.10"), Decimal("0.10")),
        (COUNTY.fields["amount"], "5000000", Decimal(5_000_000)),
        (COUNTY.fields["category"], 3, 3),
        (COUNTY.fields["departure"], False, False),
        (COUNTY.fields["kind"], " scheme ", "scheme"),
        (DAY, "2027-01-01", date(2027, 1, 1)),
        (LINK, " https://x.example ", "https://x.example"),
        (TEXT, " ab ", "ab"),
        (PROSE, "a\nb", "a\nb"),
    ],
)
def test_a_value_is_what_its_declaration_says(field, sent, value):
    """Exactly, with blanks around texts cut off."""
    assert read_value(field, sent) == value
    assert type(read_value(field, sent)) is type(value)


@pytest.mark.parametrize(
    ("field", "sent", "code", "reason"),
    [
        (COUNTY.fields["amount"], "5000000.01", "too-high", "It is above 5,000,000 GBP."),
        (COUNTY.fields["amount"], "-1", "not-an-amount",
         "Character 1 is “-” (U+002D HYPHEN-MINUS), and an amount has no sign."),
        (COUNTY.fields["amount"], "80,000", "not-an-amount",
         ("It has separators: “,” (U+002C COMMA) at character 3. Write the digits without anything between the "
         "thousands, and a point before the decimals.")),
        (COUNTY.fields["amount"], True, "not-an-amount", "It is neither a number nor a text."),
        (COUNTY.fields["amount"], "1.850", "ambiguous",
         ('Character 2 is “.” (U+002E FULL STOP), and it could part thousands or begin decimals. Write "1850" '
         'if it parts thousands, or "1.85" if it begins decimals.')),
        (COUNTY.fields["category"], 4, "too-high", "It is above 3."),
        (COUNTY.fields["category"], -1, "too-low", "It is below 0."),
        (COUNTY.fields["category"], "2", "not-a-whole-number", "It is no whole number."),
        (COUNTY.fields["category"], True, "not-a-whole-number", "It is no whole number."),
        (COUNTY.fields["category"], read_body(b"2.0"), "not-a-whole-number", "It is no whole number."),
        (COUNTY.fields["departure"], 1, "not-true-or-false", "It is neither true nor false."),
        (COUNTY.fields["departure"], "true", "not-true-or-false", "It is neither true nor false."),
        (COUNTY.fields["kind"], "Scheme", "not-a-choice", '"Scheme" is none of the choices.'),
        (COUNTY.fields["kind"], 5, "not-text", "It is not a text."),
        (DAY, "2026-12-31", "too-low", "It is before 2027-01-01."),
        (DAY, "2027-02-30", "not-a-date", '"2027-02-30" is no date.'),
        (DAY, "20270101", "not-a-date", '"20270101" is no date.'),
        (DAY, 20270101, "not-text", "It is not a text."),
        (LINK, "http://x", "not-an-https-link", "It does not begin with https://."),
        (TEXT, " ", "empty", "It is empty."),
        (TEXT, "a", "too-short", "It has fewer than 2 characters."),
        (TEXT, "a" * 10, "too-long", "It has more than 9 characters."),
        (TEXT, "a\nb", "not-one-line", "Character 2 is U+000A LINE FEED, which cannot stand in a text of one line."),
        (TEXT, "\u200b\u200b", "empty",
         "It has no character that can be seen. Character 1 is U+200B ZERO WIDTH SPACE."),
        (PROSE, "a\0", "not-plain", "Character 2 is U+0000 NULL, which cannot be shown."),
    ],
)  # fmt: skip
def test_any_other_value_is_refused(field, sent, code, reason):
    """Nothing is guessed."""
    assert read_value(field, sent) == Fault(code, reason)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (COUNTY.fields["amount"], "Give an amount from 0 to 5,000,000 GBP, such as 1250.00."),
        (COUNTY.fields["category"], "Give a whole number from 0 to 3."),
        (COUNTY.fields["kind"], 'Give "scheme" or "structure".'),
        (replace(COUNTY.fields["kind"], choices=("a",)), 'Give "a".'),
        (COUNTY.fields["departure"], "Give true or false."),
        (DAY, "Give a date from 2027-01-01, such as 2027-01-31."),
        (replace(DAY, least=date.min, greatest=date(2030, 1, 1)), "Give a date to 2030-01-01, such as 2027-01-31."),
        (LINK, "Give a link that begins with https:// and has no password, at most 2,048 characters."),
        (TEXT, "Give a text of 2 to 9 characters on one line."),
        (PROSE, "Give a text of 1 to 4,000 characters."),
    ],
)
def test_a_field_says_what_to_give(field, said):
    """In the answer beside the fault, and above the field of a form."""
    assert hint(field) == said


def test_a_short_text_is_one_line():
    """A form shows one line for it."""
    assert is_one_line(TEXT)
    assert not is_one_line(PROSE)


def test_a_person_is_found_by_id_or_address():
    """The id first."""
    assert find_person(COUNTY, "noor").name == "Noor Haddad"
    assert find_person(COUNTY, "Noor@County.example").id == "noor"
    assert find_person(COUNTY, "") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["title", "summary", "fields", "attachments", "contributors", "author", "policy", "amount"])


@given(st.dictionaries(NAMES, JSON), st.dictionaries(st.sampled_from(list(COUNTY.fields)), JSON), st.booleans())
def test_any_body_is_taken_or_refused_by_field(body, fields, is_person):
    """Nothing else is raised, each field is named once, and what is taken is read back from its sealed text."""
    body = {**body, "fields": fields} if fields else body
    try:
        read = read_typed(body, COUNTY, "dana" if is_person else None)
    except InvalidFields as error:
        refused = error.entries
    else:
        made = read.submitted(COUNTY, "sha256:f", case="P-1", how="local", at=AT, digest="sha256:b")
        assert Submission.from_text(made.to_text()) == made
        return
    named = [entry.field for entry in refused]
    assert named
    assert len(named) == len(set(named))
    assert all(entry.detail.endswith((".", "…")) for entry in refused)


@given(st.decimals(0, MOST_MONEY, places=3))
def test_every_amount_within_the_limits_is_taken_to_the_digit(amount):
    """As a JSON number; the limits are in it."""
    field = replace(COUNTY.fields["amount"], greatest=MOST_MONEY)
    assert str(read_value(field, read_body(f"{amount:f}".encode()))) == f"{amount:f}"
    assert isinstance(read_value(replace(field, greatest=amount), f"{amount:f}"), Decimal | Fault)


@given(st.sampled_from(list(COUNTY.fields.values())), JSON)
def test_every_value_that_is_taken_is_within_its_declaration(field, sent):
    """Type and limits hold for any value that is sent."""
    read = read_value(field, json.loads(json.dumps(sent)))
    if isinstance(read, Fault):
        return
    kind = {"kind": str, "amount": Decimal, "category": int, "departure": bool}[field.name]
    assert type(read) is kind
    assert field.least is None or field.least <= read <= field.greatest
    assert not field.choices or read in field.choices
