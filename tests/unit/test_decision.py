"""What the payload of an event means."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.decision import BY_LIMIT, COMMENT_LIMIT, NO, YES, Decision, Junk, Outcome, read
from approval.text import json_cost

APPROVED, REJECTED = Decision(Outcome.APPROVED), Decision(Outcome.REJECTED)


def as_the_client_sends(value):
    """``client.raise_event`` encodes its data once more than the webhook."""
    return json.dumps(value)


@pytest.mark.parametrize("payload", [None, "null", " null ", as_the_client_sends(None), as_the_client_sends("null")])
def test_the_original_tutorials_event_without_a_payload_approves(payload):
    """No payload and null, in every coat in which they arrive."""
    assert read(payload) == APPROVED


@pytest.mark.parametrize("word", sorted(YES))
def test_every_yes_approves_in_any_dress(word):
    """Case and blanks do not matter, nor does one more encoding."""
    for payload in (word, word.upper(), f"  {word.title()}\n", as_the_client_sends(word), {"decision": word}):
        assert read(payload) == APPROVED


@pytest.mark.parametrize("word", sorted(NO))
def test_every_no_rejects_in_any_dress(word):
    """Case and blanks do not matter, nor does one more encoding."""
    for payload in (word, word.upper(), f"  {word.title()}\n", as_the_client_sends(word), {"outcome": word}):
        assert read(payload) == REJECTED


@pytest.mark.parametrize(
    ("payload", "decision"),
    [
        (True, APPROVED),
        (False, REJECTED),
        ("false", REJECTED),
        ({"approved": False}, REJECTED),
        ({"Decision": "Reject", "By": "dana"}, Decision(Outcome.REJECTED, "dana")),
        (
            {"decision": "reject", "by": "dana@example.com", "comment": "Too dear."},
            Decision(Outcome.REJECTED, "dana@example.com", "Too dear."),
        ),
        (as_the_client_sends({"decision": "no", "comment": "x"}), Decision(Outcome.REJECTED, None, "x")),
        (as_the_client_sends(as_the_client_sends({"approved": True})), APPROVED),
        ({"decision": "yes", "approved": True, "ticket": 17}, APPROVED),
        ({"decision": "yes", "by": 5, "comment": ["x"]}, APPROVED),
        ({"decision": "yes", "by": "  ", "comment": ""}, APPROVED),
        ({"decision": "yes", "by": "\u200b", "comment": "\u2800\ufeff"}, APPROVED),
        ({"decision": "yes", "by": "\x00", "comment": "\u202e"}, APPROVED),
        ({"decision": "no", "by": " dana\r\n", "comment": "a\nb"}, Decision(Outcome.REJECTED, "dana", "a b")),
        (
            {"decision": "no", "by": "da\x00na", "comment": "a\u202eb"},
            Decision(Outcome.REJECTED, "da[U+0000]na", "a[U+202E]b"),
        ),
        (
            {"decision": "no", "by": "\u2068דנה\u2069 (x)", "comment": "\u2068x"},
            Decision(Outcome.REJECTED, "\u2068דנה\u2069 (x)", "[U+2068]x"),
        ),
    ],
)
def test_a_decision_is_read_in_each_documented_shape(payload, decision):
    """The table in the module's docstring, line by line."""
    assert read(payload) == decision


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (0, "a number is no decision"),
        (1, "a number is no decision"),
        (1.5, "a number is no decision"),
        (as_the_client_sends(1), "'1' is neither a yes nor a no"),
        ([], "a list is no decision"),
        (["Approved"], "a list is no decision"),
        ("", "the text is empty"),
        (as_the_client_sends(""), "the text is empty"),
        ("maybe", "'maybe' is neither a yes nor a no"),
        ("not approved", "'not approved' is neither a yes nor a no"),
        ("approved!", "'approved!' is neither a yes nor a no"),
        ({}, "the object has no decision in it"),
        ({"by": "dana"}, "the object has no decision in it"),
        ({"decision": None}, "nothing is no decision"),
        ({"decision": 1}, "a number is no decision"),
        ({"decision": {"decision": "yes"}}, "an object is no decision"),
        ({"decision": "yes", "approved": False}, "the object says two different things"),
        ("{", "it looks like JSON, but cannot be read"),
        ('"' * 3, "it looks like JSON, but cannot be read"),
        ("[" * 10_000, "it looks like JSON, but cannot be read"),
        ("x" * 16_385, "a text of 16,385 characters is no decision"),
        (object(), "a value of that kind is no decision"),
    ],
)
def test_junk_says_why_it_is_junk(payload, reason):
    """A person who looks at the status can see what went wrong."""
    assert read(payload) == Junk(reason)


def test_a_text_is_unwrapped_three_times_and_no_more():
    """A payload cannot keep the reader busy."""
    payload = "yes"
    for _ in range(3):
        payload = as_the_client_sends(payload)
    assert read(payload) == APPROVED
    assert read(as_the_client_sends(payload)) == Junk("it is encoded too many times")


def test_a_text_of_the_greatest_length_is_read():
    """Blanks around it count; one character more is junk."""
    assert read("yes".ljust(16_384)) == APPROVED
    assert read("yes".ljust(16_385)) == Junk("a text of 16,385 characters is no decision")


def test_a_word_in_a_reason_is_cut():
    """A status has space for a hint, not for a novel."""
    assert len(read("x" * 10_000).reason) < 100


def test_who_and_why_are_bounded_in_letters_and_in_json():
    """200 and 500 letters of a plain script; fewer where each letter costs more."""
    said = read({"decision": "no", "by": "b" * 300, "comment": "c" * 600})
    assert (len(said.by), len(said.comment)) == (200, 500)
    said = read({"decision": "no", "by": "👍" * 300, "comment": "你" * 600})
    assert json_cost(said.by) <= BY_LIMIT
    assert json_cost(said.comment) <= COMMENT_LIMIT


payloads = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(sorted(YES | NO)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["decision", "Outcome", "approved", "by", "comment", "x"]), inner, max_size=4)
        | inner.map(json.dumps)
    ),
    max_leaves=10,
)


@given(payloads)
def test_any_payload_is_read_as_a_decision_or_as_junk(payload):
    """Nothing raises; one more encoding of a decision is the same decision."""
    said = read(payload)
    assert isinstance(said, Decision | Junk)
    if isinstance(said, Decision) and not isinstance(payload, str):
        assert read(json.dumps(payload)) == said


@given(st.text() | st.binary().map(str))
def test_any_text_is_read_as_a_decision_or_as_junk(text):
    """Nothing raises, and a reason stays short."""
    said = read(text)
    assert isinstance(said, Decision) or len(said.reason) < 400
