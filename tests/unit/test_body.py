"""From bytes to JSON values that everything behind it can carry."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.errors import InvalidFields
from approval.json_values import path
from service.body import MOST_BYTES, read_body
from service.errors import BodyTooLarge, UnreadableBody
from service.problems import REFUSALS, problem_of


@pytest.mark.parametrize("raw", [b"", b"  \r\n", b"null", b"\xef\xbb\xbf", b" null "])
def test_nothing_blanks_and_null_are_no_body(raw):
    """A client that sends an empty or a null body means none."""
    assert read_body(raw) is None


@pytest.mark.parametrize(
    ("raw", "value"),
    [(b"5", 5), (b"[1, 2]", [1, 2]), (b'\xef\xbb\xbf{"a": 1.5}', {"a": 1.5}), ('"ä"'.encode(), "ä"), (b"0", 0)],
)
def test_json_is_read_as_it_stands(raw, value):
    """Any JSON value passes; what an orchestration makes of it is its own matter."""
    assert read_body(raw) == value


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"{", "line 1, column 2"),
        (b"title=x", "line 1, column 1"),
        (b"\xff\xfea\x00", "Byte 1 is not UTF-8"),
        (b"NaN", "NaN is not a JSON number"),
        (b"[-Infinity]", "-Infinity"),
        (b"1e999", "1e999 is too large"),
        (b"9" * 5_000, "too many digits"),
        (b"[" * 60_000, "nested deeper than 32"),
        (b"[" * 33 + b"]" * 33, "nested deeper than 32"),
        (b'{"a": 1, "a": 2}', "'a' stands twice"),
        (b"1 2", "Extra data"),
    ],
)
def test_what_is_no_json_is_refused_with_the_place(raw, told):
    """The answer says where it went wrong and what to send instead."""
    with pytest.raises(UnreadableBody) as refused:
        read_body(raw)
    assert told in refused.value.detail
    assert "Send one JSON object" in refused.value.detail


def test_thirty_two_levels_are_not_too_deep():
    """Only what is deeper than any form is refused."""
    assert read_body(b"[" * 32 + b"]" * 32)


def test_the_limit_is_counted_in_bytes_and_inclusive():
    """65,536 bytes pass, one more does not."""
    assert read_body(b'"' + b"x" * (MOST_BYTES - 2) + b'"')
    with pytest.raises(BodyTooLarge) as refused:
        read_body(b"x" * (MOST_BYTES + 1))
    assert refused.value.facts() == {"size": 65_537, "limit": 65_536}


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"__class__": "A", "__module__": "b", "__data__": 1}, "body"),
        ({"fields": {"a": [{"__class__": 1, "__module__": 2, "__data__": 3, "x": 4}]}}, "fields.a[0]"),
    ],
)
def test_an_object_that_the_sdk_would_build_is_refused(value, field):
    """The Durable SDK takes such an object for one of its own; it never gets to see it."""
    with pytest.raises(InvalidFields) as refused:
        read_body(json.dumps(value).encode())
    assert [(entry.field, entry.code) for entry in refused.value.entries] == [(field, "reserved-names")]


def test_two_of_the_reserved_names_are_harmless():
    """Only all three together mean something to the SDK."""
    assert read_body(b'{"__class__": 1, "__module__": 2}')


@pytest.mark.parametrize("raw", [b'{"a": "\\ud800"}', b'{"a": "x\\u0000"}'])
def test_a_text_that_storage_would_change_is_refused(raw):
    """Half characters and NULs cannot be kept as they are."""
    with pytest.raises(InvalidFields) as refused:
        read_body(raw)
    assert (refused.value.entries[0].field, refused.value.entries[0].code) == ("a", "text-broken")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b'{"a": "xy\\u0000"}', "Character 3 is U+0000 NULL, in the text."),
        (b'{"a": "\\ud83dx"}', "Character 1 is U+D83D, half a character (a lone surrogate), in the text."),
        (b'{"b\\udc00": 1}', "Character 2 is U+DC00, half a character (a lone surrogate), in a name in this object."),
    ],
)
def test_a_character_that_cannot_be_stored_is_named_with_its_place(raw, told):
    """Nobody can see it, so the answer says which it is, and where."""
    with pytest.raises(InvalidFields) as refused:
        read_body(raw)
    assert told in refused.value.entries[0].detail


def test_an_answer_about_a_broken_name_can_be_sent():
    """A fault behind a name with half a character is answered in UTF-8, with the code of what is broken."""
    with pytest.raises(InvalidFields) as refused:
        read_body(b'{"\\ud800": "\\u0000"}')
    assert [entry.field for entry in refused.value.entries] == ["body", "[U+D800]"]
    assert json.dumps(problem_of(refused.value).body(), ensure_ascii=False).encode()


def test_a_number_knows_the_digits_it_was_sent_with():
    """It is a float to everybody else, and is stored as one."""
    number = read_body(b"1850000.00")
    assert (number, number.digits, json.dumps([number])) == (1850000.0, "1850000.00", "[1850000.0]")
    assert read_body(b"-0").digits == "-0"


def test_a_broken_name_is_refused_where_its_object_stands():
    """Names are texts too."""
    with pytest.raises(InvalidFields) as refused:
        read_body(b'{"a": {"\\udc00": 1}}')
    assert refused.value.entries[0].field == "a"


def test_places_are_written_as_people_would():
    """A list index in brackets, names with dots, a very long name cut."""
    assert path("attachments", 0, "url") == "attachments[0].url"
    assert path() == "body"
    assert len(path("x" * 500)) < 70
    assert path("ev\u202eil", "a b") == "ev[U+202E]il.a b"


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail_otherwise_than_by_refusing(raw):
    """Anything that arrives is read or refused."""
    try:
        json.dumps(read_body(raw), allow_nan=False).encode()
    except REFUSALS as refused:
        assert refused.status in {400, 413, 422}  # noqa: PT017 - either way is right
