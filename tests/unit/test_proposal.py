"""What an author may submit, and what the answer says when it cannot be taken."""

import json
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.errors import InvalidFields
from approval.policy.one_level import OneLevelPolicy
from approval.proposal import read_proposal
from service.body import read_body

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


@pytest.mark.parametrize("body", [None, [], "x", 5])
def test_a_body_is_an_object(body):
    """Nothing else is a proposal."""
    assert faults(body) == [("body", "not-an-object")]


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
        ({"title": "\u200b"}, "title", "empty"),
        ({"author": "\ufeff\u00ad"}, "author", "empty"),
        ({"author": None}, "author", "not-text"),
        ({"summary": "\u200b"}, "summary", "empty"),
        ({"summary": "a\u202eb"}, "summary", "not-plain"),
        ({"summary": "x" * 4_001}, "summary", "too-long"),
        ({"amount": "a lot", "currency": "EUR"}, "amount", "not-an-amount"),
        ({"amount": -1, "currency": "EUR"}, "amount", "not-an-amount"),
        ({"amount": True, "currency": "EUR"}, "amount", "not-an-amount"),
        ({"amount": {"value": 5}, "currency": "EUR"}, "amount", "not-an-amount"),
        ({"amount": "1.850", "currency": "EUR"}, "amount", "ambiguous"),
        ({"amount": "1.850", "currency": " EUR"}, "amount", "ambiguous"),
        ({"amount": 10**12, "currency": "EUR"}, "amount", "not-an-amount"),
        ({"amount": 1e300, "currency": "EUR"}, "amount", "not-an-amount"),
        ({"amount": 0.0001, "currency": "EUR"}, "amount", "not-an-amount"),
        ({"amount": "1,5", "currency": "EUR"}, "amount", "not-an-amount"),
        ({"amount": 5}, "currency", "missing"),
        ({"currency": "EUR"}, "amount", "missing"),
        ({"amount": 5, "currency": "eur"}, "currency", "wrong-form"),
        ({"amount": 5, "currency": "EU"}, "currency", "wrong-form"),
        ({"amount": 5, "currency": "EU\uff32"}, "currency", "wrong-form"),
        ({"attachments": {}}, "attachments", "not-a-list"),
        ({"attachments": [FILE] * 21}, "attachments", "too-long"),
        ({"attachments": ["a.pdf"]}, "attachments[0]", "not-an-object"),
        ({"attachments": [FILE, {**FILE, "url": "http://x.example/a"}]}, "attachments[1].url", "not-an-https-link"),
        ({"attachments": [{**FILE, "url": "https://"}]}, "attachments[0].url", "not-an-https-link"),
        ({"attachments": [{**FILE, "url": "javascript:alert(1)"}]}, "attachments[0].url", "not-an-https-link"),
        ({"attachments": [{**FILE, "url": LONG}]}, "attachments[0].url", "too-long"),
        ({"attachments": [{**FILE, "url": "https://u:p@x.example/"}]}, "attachments[0].url", "link-with-password"),
        ({"attachments": [{**FILE, "sha256": "ab"}]}, "attachments[0].sha256", "wrong-form"),
        ({"attachments": [{**FILE, "size": 5}]}, "attachments[0].size", "unknown"),
        ({"fields": []}, "fields", "not-an-object"),
        ({"policy": "standard"}, "policy", "not-an-object"),
        ({"policy": {"timeout": "3 days"}}, "policy.timeout", "not-a-duration"),
        ({"policy": {"timeout": 20}}, "policy.timeout", "not-text"),
        ({"policy": {"timeout": "P2Y"}}, "policy.timeout", "not-a-duration"),
        ({"policy": {"escalateTo": ""}}, "policy.escalateTo", "empty"),
        ({"policy": {"escalateTo": "\u3164"}}, "policy.escalateTo", "empty"),
        ({"policy": {"approver": "\u2800"}}, "policy.approver", "empty"),
        ({"attachments": [{**FILE, "name": "\u200e"}]}, "attachments[0].name", "empty"),
        ({"policy": {"escalate_to": "Eli"}}, "policy.escalate_to", "unknown"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_its_field_and_code(more, field, code):
    """The codes are part of the contract."""
    assert faults({**LEAST, **more}) == [(field, code)]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({**LEAST, "titel": "x"}, "There is no such field. Did you mean title? Data of your own goes into fields."),
        ({**LEAST, "Summary": "x"}, "There is no such field. Did you mean summary? Data of your own goes into fields."),
        ({**LEAST, "budget": 5},
         ("There is no such field. Known are title, author, summary, amount, currency, attachments, fields, "
         "policy. Data of your own goes into fields.")),
        ({**LEAST, "policy": {"escalateto": "x"}}, "There is no such field. Did you mean escalateTo?"),
        ({**LEAST, "attachments": [{**FILE, "sha": "x"}]}, "There is no such field. Did you mean sha256?"),
        ({**LEAST, "amount": "much", "currency": "EUR"},
         ('Character 1 is “m” (U+006D LATIN SMALL LETTER M). Only the digits 0 to 9 and one point can stand in '
         'an amount. Give a number of at most 12 digits and 3 decimals, not negative, and the currency beside '
         'it: "amount": 1850000, "currency": "EUR".')),
        ({**LEAST, "attachments": [{**FILE, "url": "ftp://x/y"}]},
         ("It does not begin with https://. Give the whole link, beginning with https:// and without a "
         "password, at most 2,048 characters.")),
        ({**LEAST, "policy": {"timeout": "P0D"}},
         ("It must be longer than nothing. Write for example PT20S for 20 seconds. Give the time to decide as "
         "an ISO 8601 duration, for example PT20S, P3D or P1M.")),
        ({"author": "dana"}, "It is missing. Give the proposal a title of 1 to 200 characters on one line."),
        ([], "A proposal is an object with a title and an author."),
        ({**LEAST, "amount": 5},
         ("It is missing. Give the three capital letters of ISO 4217, for example EUR, together with an amount.")),
        ({**LEAST, "currency": "EUR"},
         ('It is missing. Give a number of at most 12 digits and 3 decimals, not negative, and the currency '
         'beside it: "amount": 1850000, "currency": "EUR".')),
        ({**LEAST, "title": "x" * 201},
         "It has more than 200 characters. Give the proposal a title of 1 to 200 characters on one line."),
        ({**LEAST, "summary": "x" * 4_001},
         "It has more than 4,000 characters. Say in at most 4,000 characters what it is about, or leave it out."),
        ({**LEAST, "attachments": [FILE] * 21},
         "It has more than 20 attachments. Give a list of at most 20 objects with name, url and sha256."),
        ({**LEAST, "attachments": [{**FILE, "url": LONG}]},
         ("It has more than 2,048 characters. Give the whole link, beginning with https:// and without a "
         "password, at most 2,048 characters.")),
        ({**LEAST, "attachments": [{**FILE, "sha256": "ab"}]},
         ("It has fewer than 64 hexadecimal digits. Give the SHA-256 of the file as 64 hexadecimal digits, as "
         "sha256sum prints it.")),
        ({**LEAST, "attachments": [{**FILE, "sha256": "ab" * 33}]},
         ("It has more than 64 hexadecimal digits. Give the SHA-256 of the file as 64 hexadecimal digits, as "
         "sha256sum prints it.")),
        ({**LEAST, "attachments": [{**FILE, "sha256": " o" * 32}]},
         ("Character 2 is “o” (U+006F LATIN SMALL LETTER O). Give the SHA-256 of the file as 64 hexadecimal "
         "digits, as sha256sum prints it.")),
        ({**LEAST, "amount": 5, "currency": "EURO"},
         ("It has more than 3 capital letters. Give the three capital letters of ISO 4217, for example EUR, "
         "together with an amount.")),
        ({**LEAST, "amount": 5, "currency": "EU\uff32"},
         ("Character 3 is U+FF32 FULLWIDTH LATIN CAPITAL LETTER R. Give the three capital letters of ISO 4217, "
         "for example EUR, together with an amount.")),
        ({**LEAST, "amount": 10**12, "currency": "EUR"},
         ('It has more than 12 digits before the point. Give a number of at most 12 digits and 3 decimals, not '
         'negative, and the currency beside it: "amount": 1850000, "currency": "EUR".')),
        ({**LEAST, "title": "\u200b"},
         ("It has no character that can be seen. Character 1 is U+200B ZERO WIDTH SPACE. Give the proposal a "
         "title of 1 to 200 characters on one line.")),
        ({**LEAST, "title": "  ev\u202eil"},
         ("Character 5 is U+202E RIGHT-TO-LEFT OVERRIDE, which turns the reading direction beyond this text; "
         "leave it out, or use U+2068 and U+2069. Give the proposal a title of 1 to 200 characters on one line.")),
        ({**LEAST, "policy": {"timeout": " P\u0663D"}},
         ("Character 3 is U+0663 ARABIC-INDIC DIGIT THREE. It is no ISO 8601 duration in whole units. Write for "
         "example PT20S, PT48H, P3D, P2W or P1M. Give the time to decide as an ISO 8601 duration, for example "
         "PT20S, P3D or P1M.")),
        ({**LEAST, "tit\u200ble": "x"},
         ("There is no such field. Character 4 is U+200B ZERO WIDTH SPACE. Did you mean title? Data of your own "
         "goes into fields.")),
        ({**LEAST, "titl\u0435": "x"},
         ("There is no such field. Character 5 is U+0435 CYRILLIC SMALL LETTER IE. Did you mean title? Data of "
         "your own goes into fields.")),
        ({**LEAST, "\u2028x": "x"},
         ("There is no such field. Character 1 is U+2028 LINE SEPARATOR. Known are title, author, summary, "
         "amount, currency, attachments, fields, policy. Data of your own goes into fields.")),
        ({**LEAST, "budget~": 5},
         ("There is no such field. Known are title, author, summary, amount, currency, attachments, fields, "
         "policy. Data of your own goes into fields.")),
        ({**LEAST, "title~": "x"}, "There is no such field. Did you mean title? Data of your own goes into fields."),
        ({**LEAST, "bud get": 5},
         ("There is no such field. Known are title, author, summary, amount, currency, attachments, fields, "
         "policy. Data of your own goes into fields.")),
        ({**LEAST, "attachments": [{**FILE, "size": 5}]}, "There is no such field. Known are name, url, sha256."),
        ({**LEAST, "summary": "ev\u202eil"},
         ("Character 3 is U+202E RIGHT-TO-LEFT OVERRIDE, which turns the reading direction beyond this text; "
         "leave it out, or use U+2068 and U+2069. Say in at most 4,000 characters what it is about, or leave "
         "it out.")),
        ({**LEAST, "summary": "  ev\u202eil"},
         ("Character 5 is U+202E RIGHT-TO-LEFT OVERRIDE, which turns the reading direction beyond this text; "
         "leave it out, or use U+2068 and U+2069. Say in at most 4,000 characters what it is about, or leave "
         "it out.")),
        ({**LEAST, "summary": "  \u200b"},
         ("It has no character that can be seen. Character 3 is U+200B ZERO WIDTH SPACE. Say in at most 4,000 "
         "characters what it is about, or leave it out.")),
        ({**LEAST, "attachments": [{**FILE, "url": " https://x y"}]},
         ("Character 11 is U+0020 SPACE. Give the whole link, beginning with https:// and without a password, "
         "at most 2,048 characters.")),
        ({**LEAST, "attachments": "x"},
         "It is not a list. Give a list of at most 20 objects with name, url and sha256."),
        ({**LEAST, "policy": []},
         "It is not an object. Give an object with timeout, approver or escalateTo, or leave it out."),
        ({**LEAST, "fields": 5},
         "It is not an object. Give an object; what is in it is kept as it is and not looked at."),
    ],
)  # fmt: skip
def test_the_answer_says_what_to_do(body, told):
    """Not only what is wrong, but what would be right."""
    assert detail(body) == told


@pytest.mark.parametrize("json_digits", ["1850000.00", "0.10", "1850000", "1.850", '"48500.00"'])
def test_an_amount_is_stored_with_the_digits_that_were_sent(json_digits):
    """From the bytes of the body to the input of the instance."""
    raw = f'{{"title": "T", "author": "A", "amount": {json_digits}, "currency": "EUR"}}'
    assert read_proposal(read_body(raw.encode())).to_input()["amount"] == json_digits.strip('"')


def test_amount_and_currency_are_looked_at_together_with_the_rest():
    """One answer names all that is wrong."""
    assert faults({"title": "", "amount": "1.850", "currency": "EUR"}) == [
        ("title", "empty"),
        ("author", "missing"),
        ("amount", "ambiguous"),
    ]


def test_three_decimals_are_no_thousands_where_the_currency_has_three():
    """Blanks around the currency or not."""
    assert read_proposal({**LEAST, "amount": "1.850", "currency": " BHD "}).to_input() == {
        **LEAST,
        "amount": "1.850",
        "currency": "BHD",
    }


def test_blanks_around_every_text_are_cut_off():
    """No text is an exception; only what is in fields is the author's own."""
    blank = {"title": "T", "author": "A", "summary": "S", "amount": "5", "currency": "EUR"}
    wish = {"timeout": "P3D", "approver": "X", "escalateTo": "Y"}

    def padded(texts):
        return {name: f"\u3000\t{text} \n" for name, text in texts.items()}

    read = read_proposal(
        {**padded(blank), "attachments": [padded(FILE)], "policy": padded(wish), "fields": {"a": " b "}}
    )
    assert read.to_input() == {**blank, "attachments": [FILE], "fields": {"a": " b "}}
    assert read.policy.over(OneLevelPolicy()).to_input() == wish


@pytest.mark.parametrize("name", ["\u2068M\u00fcller\u2069 GmbH", "\u2067\u05d3\u05e0\u05d4\u2069 (B-0417)"])
def test_a_name_may_be_isolated_from_what_stands_around_it(name):
    """A right-to-left name between its two marks is kept with them."""
    assert read_proposal({"title": name, "author": name}).to_input() == {"title": name, "author": name}


@pytest.mark.parametrize("url", ["https://x.example", "HTTPS://X.example:443/a/../b", "https://x.example/?q=%7e"])
def test_a_link_is_kept_to_the_character(url):
    """It is neither completed nor put into another form."""
    assert read_proposal({**LEAST, "attachments": [{**FILE, "url": url}]}).attachments[0].url == url


def test_free_fields_are_kept_as_they_are():
    """Numbers, nulls and lists inside fields are the author's own."""
    fields = {"a": None, "b": [1, 2.5, {"c": True}], "": "x"}
    assert read_proposal({**LEAST, "fields": fields}).to_input()["fields"] == fields


def test_a_digest_is_taken_in_either_case():
    """Some tools print capitals."""
    proposal = read_proposal({**LEAST, "attachments": [{**FILE, "sha256": "AB" * 32}]})
    assert proposal.attachments[0].sha256 == "ab" * 32


def test_wishes_replace_only_what_they_name():
    """The company's policy fills the rest."""
    wish = read_proposal({**LEAST, "policy": {"escalateTo": "Eli"}}).policy
    assert wish.over(OneLevelPolicy("P3D", "Dana")) == OneLevelPolicy("P3D", "Dana", "Eli")


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
        assert refused.entries  # noqa: PT017 - either way is right


lines = st.text(st.sampled_from("aZ9 \u00e9\u200b\u2068\u2069\u202e\n\x1b\u2800"), max_size=8)
whole = st.fixed_dictionaries(
    {"title": lines, "author": lines},
    optional={
        "summary": lines,
        "amount": st.sampled_from(["1.850", "5", " 5.10 ", "1,5", 7, "\u0665"]),
        "currency": st.sampled_from(["EUR", " BHD", "JPY ", "eur"]),
        "attachments": st.lists(
            st.fixed_dictionaries(
                {"name": lines, "url": lines.map("https://x.example/".__add__), "sha256": st.just("ab" * 32)}
            ),
            max_size=2,
        ),
        "policy": st.fixed_dictionaries(
            {}, optional={"timeout": st.sampled_from(["P3D", " PT5M ", "5"]), "approver": lines}
        ),
    },
)


def bare_texts(value):
    """The same value without the blanks around its texts."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, dict):
        return {name: bare_texts(part) for name, part in value.items()}
    return [bare_texts(part) for part in value] if isinstance(value, list) else value


@given(whole)
def test_a_proposal_is_stored_as_it_was_sent_or_refused_with_field_character_and_place(body):
    """Only blanks around texts are missing in what is stored, and what is stored would be taken again as it is."""
    try:
        stored = read_proposal(body).to_input()
    except InvalidFields as refused:
        without_place = {"missing", "empty", "too-long", "not-a-duration"}
        entries = refused.entries
        assert [entry for entry in entries if "haracter" not in entry.detail and entry.code not in without_place] == []
    else:
        sent = {name: part for name, part in bare_texts(body).items() if name != "policy"}
        if "amount" in sent:
            sent["amount"] = str(sent["amount"])
        assert stored == sent
        assert read_proposal(stored).to_input() == stored


@pytest.mark.parametrize(("field", "most"), [("title", 200), ("author", 200), ("summary", 4_000)])
def test_a_text_of_just_the_greatest_length_is_taken(field, most):
    """One character more is refused."""
    assert read_proposal({**LEAST, field: most * "a"}).to_input()[field] == most * "a"
    assert faults({**LEAST, field: (most + 1) * "a"}) == [(field, "too-long")]


def test_an_empty_title_is_called_empty():
    """In so many words."""
    assert detail({**LEAST, "title": ""}).startswith("It is empty.")
