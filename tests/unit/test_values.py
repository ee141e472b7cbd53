"""A value that was sent for a field: its limits to the last one, and which character of it is wrong."""

from datetime import date
from decimal import Decimal

import pytest

from approval.policy.fields import MOST_MONEY, Field, FieldType
from approval.policy.values import hint, is_one_line, quoted, read_value
from approval.text import Fault

LINE = Field("note", FieldType.TEXT, "Note", least=2, greatest=9)
DAY = Field("start", FieldType.DATE, "Start", least=date(2027, 1, 1), greatest=date(2027, 12, 31))
LINK = Field("record", FieldType.LINK, "Record")
NUMBER = Field("length", FieldType.INTEGER, "Length", least=-1_000, greatest=1_000_000)


def money(currency):
    """An amount in this currency."""
    return Field("amount", FieldType.MONEY, "Cost", currency=currency, least=Decimal(0), greatest=MOST_MONEY)


@pytest.mark.parametrize(
    ("field", "sent", "value"),
    [
        (LINE, "ab", "ab"),
        (LINE, "a" * 9, "a" * 9),
        (DAY, "2027-12-31", date(2027, 12, 31)),
        (NUMBER, 1_000_000, 1_000_000),
        (money("KWD"), "1.850", Decimal("1.850")),
    ],
)
def test_a_value_at_its_limit_is_taken(field, sent, value):
    """The longest text and the last day; three decimals in a currency that has three."""
    assert read_value(field, sent) == value


@pytest.mark.parametrize(
    ("field", "sent", "code", "reason"),
    [
        (DAY, "2028-01-01", "too-high", "It is after 2027-12-31."),
        (NUMBER, 1_000_001, "too-high", "It is above 1,000,000."),
        (NUMBER, -1_001, "too-low", "It is below -1,000."),
        (money("JPY"), " 1.850", "ambiguous",
         ("Character 3 is “.” (U+002E FULL STOP), and it could part thousands or begin decimals. "
          'Write "1850" if it parts thousands; JPY has no decimals.')),
        (LINE, "  a\nb", "not-one-line",
         "Character 4 is U+000A LINE FEED, which cannot stand in a text of one line."),
        (LINE, "  \u200b\u200b", "empty",
         "It has no character that can be seen. Character 3 is U+200B ZERO WIDTH SPACE."),
        (LINK, "  https://x.example/a b", "not-an-https-link",
         "Character 22 is U+0020 SPACE. Write it as %20."),
    ],
)  # fmt: skip
def test_a_value_beyond_its_limits_is_refused(field, sent, code, reason):
    """Characters count from the first one that was sent, blanks included."""
    assert read_value(field, sent) == Fault(code, reason)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (NUMBER, "Give a whole number from -1,000 to 1,000,000."),
        (DAY, "Give a date from 2027-01-01 to 2027-12-31, such as 2027-01-31."),
        (Field("note", FieldType.TEXT, "Note"), "Give a text of 1 to 4,000 characters."),
        (
            Field("note", FieldType.TEXT, "Note", least=1, greatest=200),
            "Give a text of 1 to 200 characters on one line.",
        ),
        (Field("note", FieldType.TEXT, "Note", least=1, greatest=201), "Give a text of 1 to 201 characters."),
    ],
)
def test_limits_are_said_with_separators(field, said):
    """A text without limits of its own has those of every text."""
    assert hint(field) == said


@pytest.mark.parametrize(("greatest", "is_line"), [(200, True), (201, False)])
def test_a_text_of_more_than_200_characters_may_have_line_breaks(greatest, is_line):
    """One of 200 is a line."""
    field = Field("note", FieldType.TEXT, "Note", least=1, greatest=greatest)
    assert is_one_line(field) is is_line
    assert isinstance(read_value(field, "a\nb"), Fault) is is_line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a" * 60, f'"{"a" * 60}"'),
        ("a" * 61, f'"{"a" * 59}…"'),
        ("\u202e\n", '"[U+202E][U+000A]"'),
        ("\U0001f600" * 60, '"' + "\U0001f600" * 29 + '…"'),
    ],
)
def test_a_text_that_was_sent_is_shown_in_quotes(text, said):
    """Its beginning; fewer characters, where each is long in JSON."""
    assert quoted(text) == said
