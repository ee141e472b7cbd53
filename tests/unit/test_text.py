"""Texts that people sent."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.text import BLANKS, bare, clip, cut, fault, harmless, is_visible, json_cost, named, one_line

INVISIBLE = (
    "\u200b\ufeff\u200e\u3164\u2800\u00ad\u2060\u115f\uffa0\u180e\u2061\ufe0f\U000e0041\u034f\u061c"
    "\U0001d159\x7f \u3000\t"
)
VISIBLE = "aß你א\u0601\u0301.\u303f\ue000👍\u0378"
spoken = st.text(
    st.sampled_from("ab \n\t\u2028\u202a\u202e\u202c\u2066\u2067\u2068\u2069\u200b\x1b\ud800א1"), max_size=30
)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  a\n\tb  ", "a b"),
        ("a\u2028b\u3000", "a b"),
        ("Größe 👩\u200d🔧", "Größe 👩\u200d🔧"),
        ("a\x00\x1b[31mb", "a[U+0000][U+001B][31mb"),
        ("ev\u202eil", "ev[U+202E]il"),
        ("half \ud800 a character", "half [U+D800] a character"),
        ("\u2068אבג\u2069 GmbH", "\u2068אבג\u2069 GmbH"),
        ("a\u2068b", "a[U+2068]b"),
        ("a\u2069b\u2066", "a[U+2069]b[U+2066]"),
        ("\x1ca\x1f", "[U+001C]a[U+001F]"),
    ],
)
def test_a_line_keeps_what_people_read_and_names_what_tricks_them(text, line):
    """The code of a control, a broken half or a direction mark replaces it; closed isolates stay."""
    assert one_line(text) == line


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ab\nc", "Character 3 is U+000A LINE FEED, which cannot stand in a text of one line."),
        ("\x1b[31m", "Character 1 is U+001B ESCAPE, which cannot be shown."),
        ("\x9b", "Character 1 is U+009B, which cannot be shown."),
        ("ev\u202eil", "Character 3 is U+202E RIGHT-TO-LEFT OVERRIDE, which turns the reading direction"),
        ("\u202a+49 30 1234\u202c", "Character 1 is U+202A LEFT-TO-RIGHT EMBEDDING"),
        ("a\u2068b", "Character 2 is U+2068 FIRST STRONG ISOLATE without the U+2069 that closes it."),
        ("\u2068a\u2069\u2069", "Character 4 is U+2069 POP DIRECTIONAL ISOLATE without a mark that it closes."),
        ("a\udfff", "Character 2 is U+DFFF, half a character (a lone surrogate), which cannot be shown."),
    ],
)
def test_a_character_that_cannot_stand_in_a_line_is_named_with_its_place(text, why):
    """Anyone who sent it cannot see it, so the answer says its code, and where it is."""
    assert fault(text).startswith(why)


def test_blanks_that_were_cut_off_count_in_a_place():
    """People count in the text that they sent."""
    text, before = bare(" \u3000a\x00b\n")
    assert (text, before) == ("a\x00b", 2)
    assert fault(text, before).startswith("Character 4 is U+0000 NULL")


def test_separators_of_old_files_are_no_blanks():
    """Python takes U+001C to U+001F for white space, but they are controls, so they stay and are named."""
    assert bare("\x1ca\x1f") == ("\x1ca\x1f", 0)


@pytest.mark.parametrize(
    "text",
    [
        "\u2068M\u00fcller\u2069 GmbH",
        "\u2067א \u2066b\u2069\u2069",
        "👩\u200d🔧",
        "\u200fא",
        "\u0645\u06cc\u200c\u062e",
    ],
)
def test_closed_isolates_marks_and_joiners_are_plain(text):
    """Names in right-to-left scripts, emoji and Persian words need them."""
    assert fault(text) is None
    assert one_line(text) == text


def test_a_text_of_several_lines_may_have_line_breaks_and_tabs():
    """An isolate ends with its paragraph, wherever its mark is."""
    assert fault("a\r\n\tb\u2028c", lines=True) is None
    assert fault("\u2068a\u2069\nb", lines=True) is None
    assert fault("\u2068a\nb\u2069", lines=True).startswith("Character 1 is U+2068")


@pytest.mark.parametrize("char", INVISIBLE, ids=named)
def test_what_nobody_sees_is_not_visible(char):
    """Neither alone nor with its like."""
    assert not is_visible(char)
    assert not is_visible(INVISIBLE)
    assert is_visible(f"{char}x{char}")


@pytest.mark.parametrize("char", VISIBLE, ids=lambda char: f"U+{ord(char):04X}")
def test_what_leaves_a_trace_is_visible(char):
    """Letters of every script, signs, accents, and the box that a font shows for what it does not know."""
    assert is_visible(char)


def test_visible_agrees_with_the_categories_of_unicode():
    """No control and no blank is visible; every letter, number, punctuation mark and symbol is, but for six."""
    every = [chr(code) for code in range(0x110000)]
    hidden = {"Cc", "Cs", "Zs", "Zl", "Zp"}
    assert [char for char in every if unicodedata.category(char) in hidden and is_visible(char)] == []
    odd = [char for char in every if unicodedata.category(char)[0] in "LNPS" and not is_visible(char)]
    assert odd == list("\u115f\u1160\u2800\u3164\uffa0\U0001d159")


def test_blanks_are_the_white_space_of_unicode():
    """Python's own, without the four separators U+001C to U+001F, which are controls."""
    assert set(BLANKS) == {chr(code) for code in range(0x110000) if chr(code).isspace()} - set("\x1c\x1d\x1e\x1f")


@pytest.mark.parametrize(
    ("char", "name"),
    [
        ("\u200b", "U+200B ZERO WIDTH SPACE"),
        (",", "“,” (U+002C COMMA)"),
        ("\t", "U+0009 TAB"),
        ("\ue000", "U+E000"),
        ("\ud800", "U+D800, half a character (a lone surrogate)"),
        ("\udfff", "U+DFFF, half a character (a lone surrogate)"),
    ],
)
def test_a_character_is_named_by_code_and_name(char, name):
    """The code first, since a name alone cannot be looked up; what can be seen is shown too."""
    assert named(char) == name


@given(spoken)
def test_what_cannot_be_refused_is_not_changed(text):
    """A line without blanks around it that has no fault is one line already, and one line has no fault."""
    line = one_line(text)
    assert fault(line) is None
    assert one_line(line) == line
    kept, before = bare(text)
    if fault(kept, before) is None:
        assert " ".join(kept.split()) == line


@given(spoken, st.integers(0, 40))
def test_a_cut_leaves_no_isolate_open(text, room):
    """What is behind a text that was cut is not drawn into it."""
    line = one_line(text)
    assert fault(clip(line, room)) is None
    assert fault(cut(line, max(room, 1))) is None
    assert len(cut(line, max(room, 1))) <= max(room, 1)


def test_a_short_text_is_not_cut():
    """What fits stays to the character."""
    assert clip("abc", 3) == cut("abc", 3) == "abc"


def test_a_long_text_is_cut_with_a_mark():
    """The reader sees that something is missing."""
    assert clip("abcdefghijkl", 10) == "abcd…"
    assert clip("abc defghijkl", 10) == "abc…"
    assert cut("abcd", 3) == "ab…"


def test_the_mark_of_a_cut_is_left_out_where_it_does_not_fit():
    """It costs six characters of JSON."""
    assert (clip("abcdefghijkl", 6), clip("abcdefghijkl", 5)) == ("…", "")


@pytest.mark.parametrize(
    ("text", "cost"), [("", 0), ("abc", 3), ("a b~", 4), ('say "a"', 9), ("a\\b", 4), ("a\n", 3), ("ß", 6), ("👍", 12)]
)
def test_a_text_costs_what_it_takes_inside_a_string_of_json(text, cost):
    """What has to be escaped costs more, quotation marks and backslashes among it."""
    assert json_cost(text) == cost


@given(st.text(), st.integers(0, 200))
def test_no_text_is_longer_than_its_limit(text, room):
    """Length counts as characters of JSON, whatever the script."""
    assert json_cost(clip(text, room)) <= room


@given(st.text())
def test_a_text_without_tricks_is_harmless_as_it_is(text):
    """Blanks too stay as they are; a text with tricks becomes one line."""
    assert harmless(text) == text or (fault(text, 0) and harmless(text) == one_line(text))
