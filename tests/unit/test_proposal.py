"""What an author may submit, and what the answer says when it cannot be taken."""

import json
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.body import read_body
from approval.errors import InvalidFields
from approval.policy import Policy
from approval.proposal import read_proposal

EXAMPLES = sorted((pathlib.Path(__file__).parents[2] / "examples").glob("*.json"))
LEAST = {"title": "Mill Lane bridge", "author": "dana"}
LONG = "https://x.example/" + "a" * 2_048
FILE = {"name": "a.pdf", "url": "https://files.example.com/a.pdf", "sha256": "ab" * 32}


def faults(body):
    """The fields at fault and their codes."""
    with pytest.raises(InvalidFields) as refused:
        read_proposal(body)
    return [(entry.field, entry.code) for entry in refused.value.entries]


def detail(body):
    """The sentence of the only entry."""
    with pytest.raises(InvalidFields) as refused:
        read_proposal(body)
    (entry,) = refused.value.entries
    return entry.detail


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_file_is_a_valid_proposal(path):
    """What the documentation shows can be sent as it is."""
    proposal = read_proposal(read_body(path.read_bytes()))
    assert proposal.attachments
    assert json.loads(json.dumps(proposal.to_input()))["title"] == proposal.title


def test_there_are_three_examples():
    """A bridge, a data centre and a website."""
    assert len(EXAMPLES) == 3


def test_a_title_and_an_author_are_enough():
    """Everything else may be left out, or be null."""
    assert read_proposal(LEAST).to_input() == LEAST
    assert read_proposal({**LEAST, "summary": None, "fields": None, "policy": None}).to_input() == LEAST


def test_blanks_around_texts_are_cut_off():
    """People paste."""
    assert read_proposal({"title": "  Bridge ", "author": "\tdana\n"}).to_input() == {
        "title": "Bridge",
        "author": "dana",
    }


def test_every_missing_field_is_named_once():
    """One answer is enough to put a proposal right."""
    assert faults({}) == [("title", "missing"), ("author", "missing")]


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"title": ""}, "title", "empty"),
        ({"title": "   "}, "title", "empty"),
        ({"title": "x" * 201}, "title", "too-long"),
        ({"title": 5}, "title", "not-text"),
        ({"title": "two\nlines"}, "title", "not-one-line"),
        ({"title": "ev\u202eil"}, "title", "not-one-line"),
        ({"author": None}, "author", "not-text"),
        ({"summary": "x" * 4_001}, "summary", "too-long"),
        ({"amount": "a lot", "currency": "EUR"}, "amount", "not-an-amount"),
        ({"amount": -1, "currency": "EUR"}, "amount", "not-an-amount"),
        ({"amount": True, "currency": "EUR"}, "amount", "not-an-amount"),
        ({"amount": {"value": 5, "currency": "EUR"}}, "amount", "not-an-amount"),
        ({"amount": 10**12, "currency": "EUR"}, "amount", "not-an-amount"),
        ({"amount": 1e300, "currency": "EUR"}, "amount", "not-an-amount"),
        ({"amount": 0.0001, "currency": "EUR"}, "amount", "not-an-amount"),
        ({"amount": "1,5", "currency": "EUR"}, "amount", "not-an-amount"),
        ({"amount": 5}, "currency", "missing"),
        ({"currency": "EUR"}, "amount", "missing"),
        ({"amount": 5, "currency": "eur"}, "currency", "wrong-form"),
        ({"amount": 5, "currency": "EUR\n"}, "currency", "wrong-form"),
        ({"attachments": {}}, "attachments", "not-a-list"),
        ({"attachments": [FILE] * 21}, "attachments", "too-long"),
        ({"attachments": ["a.pdf"]}, "attachments[0]", "not-an-object"),
        ({"attachments": [FILE, {**FILE, "url": "http://x.example/a"}]}, "attachments[1].url", "not-an-https-link"),
        ({"attachments": [{**FILE, "url": "https://"}]}, "attachments[0].url", "not-an-https-link"),
        ({"attachments": [{**FILE, "url": "javascript:alert(1)"}]}, "attachments[0].url", "not-an-https-link"),
        ({"attachments": [{**FILE, "url": LONG}]}, "attachments[0].url", "not-an-https-link"),
        ({"attachments": [{**FILE, "url": "https://u:p@x.example/"}]}, "attachments[0].url", "link-with-password"),
        ({"attachments": [{**FILE, "sha256": "ab"}]}, "attachments[0].sha256", "wrong-form"),
        ({"attachments": [{**FILE, "size": 5}]}, "attachments[0].size", "unknown"),
        ({"fields": []}, "fields", "not-an-object"),
        ({"policy": "standard"}, "policy", "not-an-object"),
        ({"policy": {"timeout": "3 days"}}, "policy.timeout", "not-a-duration"),
        ({"policy": {"timeout": 20}}, "policy.timeout", "not-text"),
        ({"policy": {"timeout": "P2Y"}}, "policy.timeout", "not-a-duration"),
        ({"policy": {"escalateTo": ""}}, "policy.escalateTo", "empty"),
        ({"policy": {"escalate_to": "Eli"}}, "policy.escalate_to", "unknown"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_its_field_and_code(more, field, code):
    """The codes are part of the contract."""
    assert faults({**LEAST, **more}) == [(field, code)]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({**LEAST, "titel": "x"}, "Did you mean title?"),
        ({**LEAST, "Summary": "x"}, "Did you mean summary?"),
        ({**LEAST, "budget": 5}, "Known are title, author"),
        ({**LEAST, "budget": 5}, "goes into fields"),
        ({**LEAST, "policy": {"escalateto": "x"}}, "Did you mean escalateTo?"),
        ({**LEAST, "attachments": [{**FILE, "sha": "x"}]}, "Did you mean sha256?"),
        ({**LEAST, "amount": "much", "currency": "EUR"}, '"amount": 1850000, "currency": "EUR"'),
        ({**LEAST, "attachments": [{**FILE, "url": "ftp://x/y"}]}, "beginning with https://"),
        ({**LEAST, "policy": {"timeout": "P0D"}}, "longer than nothing"),
        ({"author": "dana"}, "Give the proposal a title of 1 to 200 characters"),
        ([], "A proposal is an object"),
    ],
)
def test_the_answer_says_what_to_do(body, told):
    """Not only what is wrong, but what would be right."""
    assert told in detail(body)


@pytest.mark.parametrize(
    ("amount", "kept"),
    [(1850000, "1850000"), (0.1, "0.1"), ("48500.00", "48500.00"), (999_999_999_999.99, "999999999999.99"), (0, "0")],
)
def test_an_amount_keeps_every_digit(amount, kept):
    """Money is not stored as a binary fraction."""
    assert read_proposal({**LEAST, "amount": amount, "currency": "EUR"}).to_input()["amount"] == kept


def test_free_fields_are_kept_as_they_are():
    """Numbers, nulls and lists inside fields are the author's own."""
    fields = {"a": None, "b": [1, 2.5, {"c": True}], "": "x"}
    assert read_proposal({**LEAST, "fields": fields}).to_input()["fields"] == fields


def test_a_digest_is_taken_in_either_case():
    """Some tools print capitals."""
    proposal = read_proposal({**LEAST, "attachments": [{**FILE, "sha256": "AB" * 32}]})
    assert proposal.attachments[0].sha256 == "ab" * 32


def test_wishes_replace_only_what_they_name():
    """The rules of the house fill the rest."""
    wish = read_proposal({**LEAST, "policy": {"escalateTo": "Eli"}}).policy
    assert wish.over(Policy("P3D", "Dana")) == Policy("P3D", "Dana", "Eli")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = ["title", "author", "summary", "amount", "currency", "attachments", "fields", "policy", "titel"]


@given(st.dictionaries(st.sampled_from(names), json_values) | json_values)
def test_no_body_makes_it_fail_otherwise_than_by_refusing(body):
    """Every JSON value is a proposal or refused with at least one entry, and a proposal can be stored."""
    try:
        json.dumps(read_proposal(body).to_input(), allow_nan=False)
    except InvalidFields as refused:
        assert refused.facts()["errors"]  # noqa: PT017 - either way is right
