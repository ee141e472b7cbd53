"""Amounts, names, links and blanks: stored as they were sent, or refused with what is wrong and what to write."""

import json

import pytest
from caller import REJECTED, proposal

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
ATTACHMENT = {"name": "plan.pdf", "url": "https://files.example.com/plan.pdf", "sha256": DIGEST}


def stored(case):
    """The proposal in the input of a case, and its policy."""
    stamped = json.loads(case.waits()["input"])
    assert stamped["schemaVersion"] == 1
    return stamped["proposal"], stamped["policy"]


def entry(answer):
    """The only entry of a refusal."""
    assert answer.status == 422, answer
    (told,) = answer.json["errors"]
    return told


def with_amount(digits, currency):
    """A body with an amount in these very digits of JSON."""
    return json.dumps(proposal(amount=0, currency=currency)).replace('"amount": 0', f'"amount": {digits}').encode()


@pytest.mark.parametrize(
    ("digits", "currency", "kept"),
    [
        ("1850000.00", "EUR", "1850000.00"),
        ('"1850000.00"', "EUR", "1850000.00"),
        ('" 5 "', "EUR", "5"),
        ("1.850", "EUR", "1.850"),
        ('"1.850"', "BHD", "1.850"),
        ("1850", "JPY", "1850"),
        ("1.85E7", "EUR", "18500000"),
        ("999999999999.999", "EUR", "999999999999.999"),
    ],
)
def test_an_amount_is_stored_to_the_digit(caller, digits, currency, kept):
    """Zeros behind the point stay, as a number and as a text."""
    told, _ = stored(caller.started(body=with_amount(digits, currency)))
    assert (told["amount"], told["currency"]) == (kept, currency)


@pytest.mark.parametrize(
    ("digits", "currency", "code", "why"),
    [
        ('"1.850"', "EUR", "ambiguous", 'Write "1850" if it parts thousands, or "1.85" if it begins decimals.'),
        ('"1.850"', "JPY", "ambiguous", 'Write "1850" if it parts thousands; JPY has no decimals.'),
        ('"1.234.567,89"', "EUR", "not-an-amount", "“,” (U+002C COMMA) at character 10"),
        ('"1.234.567,89"', "EUR", "not-an-amount", 'Write "1234567.89"'),
        ("0.10000000000000000001", "EUR", "not-an-amount", "more than 3 decimals"),
        ('"\\u0665"', "EUR", "not-an-amount", "Character 1 is U+0665 ARABIC-INDIC DIGIT FIVE"),
        ('"\\uff15"', "EUR", "not-an-amount", "Character 1 is U+FF15 FULLWIDTH DIGIT FIVE"),
        ('"\\u22125"', "EUR", "not-an-amount", "Character 1 is U+2212 MINUS SIGN"),
        ("-0", "EUR", "not-an-amount", "an amount has no sign"),
        ("1e-999999999", "EUR", "not-an-amount", "exponent is more than 999"),
    ],
)
def test_an_amount_that_is_none_is_refused_with_what_to_write(caller, digits, currency, code, why):
    """Nothing is rounded and nothing is guessed."""
    told = entry(caller.asked(body=with_amount(digits, currency)))
    assert (told["field"], told["code"]) == ("amount", code)
    assert why in told["detail"]


@pytest.mark.parametrize("text", ["\u200b", "\ufeff", "\u200e", "\u3164", "\u2800", "\u00ad"], ids=ascii)
@pytest.mark.parametrize("field", ["title", "author", "approver", "escalateTo", "name"])
def test_a_name_that_nobody_sees_is_refused(caller, text, field):
    """Every name needs a visible character; the answer says which invisible one it has."""
    more = {"approver": {"policy": {field: text}}, "escalateTo": {"policy": {field: text}}}
    more["name"] = {"attachments": [ATTACHMENT | {"name": text}]}
    told = entry(caller.asked(body=proposal(**more.get(field, {field: text}))))
    assert told["field"].endswith(field)
    assert told["code"] == "empty"
    assert f"Character 1 is U+{ord(text):04X}" in told["detail"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ev\u202eil", "Character 3 is U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("\u202a+49 30 1234\u202c", "Character 1 is U+202A LEFT-TO-RIGHT EMBEDDING"),
        ("M\u2068ller", "Character 2 is U+2068 FIRST STRONG ISOLATE without the U+2069"),
        ("a\x1b[31m", "Character 2 is U+001B ESCAPE"),
        ("  two\nlines", "Character 6 is U+000A LINE FEED"),
    ],
    ids=ascii,
)
def test_a_character_that_misleads_is_named_with_its_place(caller, text, why):
    """The author cannot see it, so the answer gives its code and counts to it."""
    told = entry(caller.asked(body=proposal(title=text)))
    assert (told["field"], told["code"]) == ("title", "not-one-line")
    assert why in told["detail"]


@pytest.mark.parametrize("name", ["\u2068M\u00fcller\u2069 GmbH", "\u2067\u05d3\u05e0\u05d4\u2069"], ids=ascii)
def test_a_closed_isolate_is_kept_and_shown(caller, name):
    """A name in a right-to-left script keeps the marks that hold it together."""
    case = caller.started(body=proposal(title=name, author=name))
    told, _ = stored(case)
    shown = case.look().json["customStatus"]
    assert (told["title"], told["author"]) == (shown["title"], shown["author"]) == (name, name)
    assert f"“{name}” by {name}." in shown["message"]


def test_blanks_around_every_text_are_cut_off(caller):
    """No field is an exception but what is in fields."""
    body = proposal(
        title=" T ",
        author="\tA\n",
        summary=" S ",
        amount=" 5 ",
        currency="EUR ",
        attachments=[{"name": " a ", "url": "https://x.example/a ", "sha256": f"{DIGEST} "}],
        fields={"own": " kept "},
        policy={"timeout": "PT1H ", "approver": " X ", "escalateTo": "\u3000Y "},
    )
    told, policy = stored(caller.started(body=body))
    assert told == {
        "title": "T",
        "author": "A",
        "summary": "S",
        "amount": "5",
        "currency": "EUR",
        "attachments": [{"name": "a", "url": "https://x.example/a", "sha256": DIGEST}],
        "fields": {"own": " kept "},
    }
    assert policy == {"timeout": "PT1H", "approver": "X", "escalateTo": "Y"}


@pytest.mark.parametrize("url", ["https://x.example", "HTTPS://X.example:443/a/../b", "https://x.example/?a=b%20c#d"])
def test_a_link_is_stored_to_the_character(caller, url):
    """It is neither completed nor put into another form."""
    told, _ = stored(caller.started(body=proposal(attachments=[ATTACHMENT | {"url": url}])))
    assert told["attachments"][0]["url"] == url


@pytest.mark.parametrize(
    ("url", "code", "why"),
    [
        ("https:h", "not-an-https-link", "does not begin with https://"),
        ("https://x.example/a\tb", "not-an-https-link", "Character 20 is U+0009 TAB"),
        ("https://x.example/a b", "not-an-https-link", "Write it as %20"),
        ("https://m\u00fcller.example/", "not-an-https-link", "Write the host as xn--mller-kva.example"),
        ("https://u:p@x.example/", "link-with-password", "Character 12 is “@”"),
        ("https://x.example/" + "a" * 2_048, "too-long", "more than 2,048 characters"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_a_link_that_would_be_rewritten_is_refused(caller, url, code, why):
    """What leads elsewhere than people read is not mended in silence."""
    told = entry(caller.asked(body=proposal(attachments=[ATTACHMENT | {"url": url}])))
    assert (told["field"], told["code"]) == ("attachments[0].url", code)
    assert why in told["detail"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"title": "t" * 201}, "more than 200 characters."),
        ({"summary": "s" * 4_001}, "more than 4,000 characters."),
        ({"attachments": [ATTACHMENT] * 21}, "more than 20 attachments."),
        ({"amount": 10**12, "currency": "EUR"}, "more than 12 digits before the point."),
        ({"amount": 5, "currency": "EURO"}, "more than 3 capital letters."),
        ({"attachments": [ATTACHMENT | {"sha256": "ab"}]}, "fewer than 64 hexadecimal digits."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_limit_is_told_with_its_noun(caller, more, why):
    """The noun of what there is too much or too little of comes with the number."""
    assert why in entry(caller.asked(body=proposal(**more)))["detail"]


def test_a_name_with_half_a_character_is_refused_in_words(caller):
    """The answer itself holds no broken character."""
    answer = caller.asked(body=b'{"title": "T", "author": "A", "fields": {"\\ud800": "\\u0000"}}')
    assert answer.status == 422
    assert [told["field"] for told in answer.json["errors"]] == ["fields", "fields.[U+D800]"]


def test_who_and_why_are_texts_as_well(caller):
    """Blanks around them are cut off, and the code of what cannot be shown replaces it."""
    case = caller.started()
    case.hears({"decision": "reject", "by": " \u2068\u05d3\u05e0\u05d4\u2069 ", "comment": "a\u202eb\nc"})
    assert case.output() == REJECTED
    decided = case.look().json["customStatus"]["decided"]
    assert (decided["by"], decided["comment"]) == ("\u2068\u05d3\u05e0\u05d4\u2069", "a[U+202E]b c")


def test_a_decider_whom_nobody_sees_is_left_out(caller):
    """A name without a visible character is none; the decision is final."""
    case = caller.started()
    case.hears({"decision": "reject", "by": "\u200b", "comment": "\u2800"})
    assert case.output() == REJECTED
    decided = case.look().json["customStatus"]["decided"]
    assert (decided["by"], decided["comment"]) == (None, None)
