"""The tables of a policy file: what is at a key is given, or noted as a mistake at its place."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from approval.policy.fields import MOST_MONEY
from approval.policy.tables import Report, Table, called, choice, line_fault, read_money

A, B = {"x": 1}, {"x": 2}


def read(values, method, *given, **more):
    """What a method of the table ``part`` gives, and the mistakes that it notes."""
    report = Report({("part",): 3, ("part", "key"): 4})
    found = getattr(Table(values, ("part",), report), method)(*given, **more)
    return found, [(one.line, one.key, one.what, one.instead) for one in report.mistakes()]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "missing"), (True, "true"), (False, "false"), (5, "the number 5"), ("a", '"a"'), ([1], "a list"),
        ({"a": 1}, "a table"), (date(2026, 5, 1), "the date 2026-05-01"), (time(10), "the time 10:00:00"),
        (datetime(2026, 5, 1, 10), "the time 2026-05-01 10:00:00"),  # noqa: DTZ001 - TOML has such ones
    ],
)  # fmt: skip
def test_a_value_is_called_by_its_kind(value, said):
    """As the sentences of mistakes name it."""
    assert called(value) == said


@pytest.mark.parametrize(
    ("method", "value", "what"),
    [
        ("texts", 5, "It is the number 5, and no list."),
        ("texts", [], "It is empty."),
        ("tables", [], "It is empty."),
        ("tables", 5, "It is the number 5, and no list of tables."),
        ("line", 5, "It is the number 5, and no text."),
    ],
)
def test_a_value_of_another_kind_is_noted_with_an_example(method, value, what):
    """At its key; nothing is given."""
    found, said = read({"key": value}, method, "key", 'key = "a"')
    assert not found
    assert said == [(4, "part.key", what, 'Write for example: key = "a".')]


def test_a_key_that_is_not_there_is_noted_on_the_line_of_its_table():
    """A list of tables that has to be there."""
    assert read({}, "tables", "key", "[[key]]") == (
        [], [(4, "part.key", "It is missing.", "Write for example: [[key]].")],
    )  # fmt: skip


@pytest.mark.parametrize(("method", "good", "kind"), [("texts", "a", "text"), ("tables", A, "table")])
def test_an_element_of_another_kind_is_noted_by_its_number(method, good, kind):
    """They count from one; the others are given."""
    found, said = read({"key": [good, 5]}, method, "key", "like this")
    assert len(found) == 1
    assert said == [(4, "part.key[2]", f"It is the number 5, and no {kind}.", "Write for example: like this.")]


def test_a_value_that_is_no_table_is_noted():
    """With how a table is written."""
    assert read({"key": 5}, "table", "key") == (
        None, [(4, "part.key", "It is the number 5, and no table.", "Write it as a table: { key = value }.")],
    )  # fmt: skip


def test_a_word_that_a_later_version_will_read_is_noted_as_such():
    """With those that there are."""
    assert read({"key": "far"}, "one_of", "key", ["near", "here"], ["far"]) == (
        None, [(4, "part.key", '"far" comes later.', 'Write "near" or "here".')],
    )  # fmt: skip


def test_a_name_that_is_no_text_is_noted():
    """By its number in a list; where nothing of its kind is known, one has to be described first."""
    assert read({}, "reference", "key", 5, [], "group", 0)[1] == [
        (4, "part.key[1]", "It is the number 5, and no group.", "Describe the group in this file first."),
    ]
    assert read({}, "reference", "key", 5, ["a", "b"], "group")[1] == [
        (4, "part.key", "It is the number 5, and no group.", 'Write "a" or "b".'),
    ]


def test_a_mistake_of_the_whole_file_is_on_its_first_line():
    """It has no key."""
    report = Report({})
    report.add((), "It is wrong.")
    assert [(one.line, one.key) for one in report.mistakes()] == [(1, "file")]


def test_many_words_are_listed_in_part():
    """The first dozen, and a sign that there are more."""
    words = [f"w{number}" for number in range(13)]
    dozen = ", ".join(f'"{word}"' for word in words[:12])
    assert choice(words) == f"one of {dozen}, …"
    assert choice(words[:12]) == dozen.replace(', "w11"', ' or "w11"')


def test_a_text_that_people_read_has_at_most_200_characters():
    """Blanks around it do not count, but do for the place of a character that cannot be there."""
    assert line_fault("a" * 200) is None
    assert line_fault(f"  {'a' * 200}  ") is None
    assert line_fault("a" * 201) == "It has more than 200 characters."
    assert line_fault("\u200b") == line_fault("  ") == "It has nothing to see in it."
    assert line_fault("  a\nb").startswith("Character 4 is")


def test_an_amount_at_its_limit_is_taken():
    """Nothing, and the most; three decimals."""
    assert [read_money(value) for value in (0, int(MOST_MONEY))] == [Decimal(0), Decimal(int(MOST_MONEY))]
    assert read_money(int(MOST_MONEY) + 1).startswith("It is above ")
