"""Texts that people sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.text import clip, harmless, is_plain, json_cost, one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  a\n\tb  ", "a b"),
        ("a\x00\x1b[31mb", "a [31mb"),
        ("ev\u202eil", "ev il"),
        ("half \ud800 a character", "half a character"),
        ("a\u2028b", "a b"),
        ("Größe 👩‍🔧", "Größe 👩‍🔧"),
    ],
)
def test_a_line_keeps_what_people_read_and_loses_what_tricks_them(text, line):
    """Controls, broken halves and direction marks become blanks; letters of every script stay."""
    assert one_line(text) == line


def test_a_short_text_is_not_cut():
    """What fits stays to the character."""
    assert clip("abc", 3) == "abc"


def test_a_long_text_is_cut_with_a_mark():
    """The reader sees that something is missing."""
    assert clip("abcdefghijkl", 10) == "abcd…"


@given(st.text(), st.integers(0, 200))
def test_no_text_takes_more_room_than_it_was_given(text, room):
    """Room counts as characters of JSON, whatever the script."""
    assert json_cost(clip(text, room)) <= room


@given(st.text())
def test_a_text_without_tricks_is_harmless_as_it_is(text):
    """Blanks too stay as they are; a text with tricks becomes one line."""
    assert harmless(text) == (text if all(map(is_plain, text)) else one_line(text))
