"""Which payloads may be decoded, and what is put in the place of the others."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.decision import Junk, read
from approval.payload import MOST_LEVELS, UnreadablePayload, parsed, readable

ENVELOPE = {"__class__": "Decision", "__module__": "crm.models", "__data__": {}}
UNREADABLE = [
    "undefined",
    "/* by phone */",
    "[undefined,1]",
    "new Date(1)",
    "",
    "   ",
    '{"decision":"approve"',
    '"Approved" "Rejected"',
    "\ufeffnull",
    '"a\nb"',
    "0x1F",
    "1" * 5_000,
    "[" * (MOST_LEVELS + 1) + "]" * (MOST_LEVELS + 1),
    '{"a":' * (MOST_LEVELS + 1) + "1" + "}" * (MOST_LEVELS + 1),
    '[{"a":' * (MOST_LEVELS // 2) + "[]" + "}]" * (MOST_LEVELS // 2),
    '{"decision":"approve","a":' + "[" * 100_000 + "]" * 100_000 + "}",
    json.dumps({"decision": "approve", **ENVELOPE}),
    json.dumps({"decision": "approve", "seen": [{"a": ENVELOPE}]}),
    '{"\\u005f_class__":1,"__module__":[],"__data__":null,"decision":"approve"}',
    '{"__class__":1,"__class__":2,"__module__":{},"__data__":3}',
]
READABLE = [
    "null",
    '"Approved"',
    "1e999",
    "NaN",
    "-Infinity",
    '"\\ud83d"',
    '{"decision":"reject","decision":"approve"}',
    json.dumps({"decision": "approve", "__class__": 1, "__module__": 2}),
    json.dumps(json.dumps(ENVELOPE)),
    "[" * MOST_LEVELS + "]" * MOST_LEVELS,
    '{"a":' * (MOST_LEVELS - 1) + "[1]" + "}" * (MOST_LEVELS - 1),
    json.dumps({"comment": "[" * 1_000}),
    json.dumps([[]] * 1_000),
]


def named(text):
    """A name for the test that a command line can give back to pytest."""
    return ascii(text)[1:-1].replace("\\", "/")[:60]


@pytest.mark.parametrize("text", READABLE, ids=named)
def test_a_readable_payload_stays_as_it_is(text):
    """To the byte."""
    assert readable(text) == text
    parsed(text)


@pytest.mark.parametrize("text", UNREADABLE, ids=named)
def test_an_unreadable_payload_becomes_a_plain_text_that_is_no_decision(text):
    """Anybody can decode it, it shows how the payload began, and the reader takes it for junk."""
    with pytest.raises(UnreadablePayload):
        parsed(text)
    shown = json.loads(readable(text))
    assert shown.startswith("unreadable: ")
    assert len(shown) <= 80
    assert isinstance(read(shown), Junk)


def test_the_reason_shows_how_the_payload_began():
    """So that an operator can tell who sent what."""
    assert read(json.loads(readable("undefined"))) == Junk("'unreadable: undefined' is neither a yes nor a no")


def test_what_is_no_text_at_all_is_unreadable():
    """No host is known to put another value into a history, and none can end a case with it."""
    assert json.loads(readable({"decision": "approve"})).startswith("unreadable: ")


@given(st.text(), st.integers(100, 400))
def test_the_answer_follows_from_the_text_alone(text, room):
    """It is the same text however much of the stack is left, and a second look changes nothing."""
    deep = '{"a":' + "[" * room + "]" * room + "}"
    for given_text in (text, deep):
        once = readable(given_text)
        assert at_depth(200, given_text) == once
        assert readable(once) == once


def at_depth(frames, text):
    """The answer, asked for below so many further calls."""
    return at_depth(frames - 1, text) if frames else readable(text)


def test_a_text_inside_a_text_is_read_by_the_same_rules():
    """What the client has encoded twice is no way round them, however much of the stack is left."""
    deep = (
        '{"decision":"approve","a":' + "[" * (sys.getrecursionlimit() // 2) + "]" * (sys.getrecursionlimit() // 2) + "}"
    )
    for text in (json.dumps({"decision": "approve", **ENVELOPE}), deep):
        assert read(text) == Junk("it looks like JSON, but cannot be read")
