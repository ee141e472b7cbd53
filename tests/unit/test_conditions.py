"""The language of conditions: what it takes, what it refuses and where, and that nothing else happens."""

import ast
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.policy.conditions import Condition, Refusal, read_condition
from approval.policy.fields import MOST_MONEY, Field, FieldType

FIELDS = {
    field.name: field
    for field in (
        Field("kind", FieldType.CHOICE, "Kind", choices=("scheme", "structure", "Größe")),
        Field("amount", FieldType.MONEY, "Cost", currency="GBP", least=Decimal(0), greatest=MOST_MONEY),
        Field("category", FieldType.INTEGER, "Category", least=-3, greatest=3),
        Field("departure", FieldType.BOOLEAN, "Departs"),
        Field("site", FieldType.TEXT, "Site", least=1, greatest=20),
        Field("start", FieldType.DATE, "Start", least=date(2026, 1, 1), greatest=date.max),
        Field("note", FieldType.TEXT, "Note", least=1, greatest=20, optional=True),
        Field("plan", FieldType.LINK, "Plan"),
    )
}
VALUES = {
    "kind": "structure",
    "amount": Decimal("50000.001"),
    "category": -1,
    "departure": False,
    "site": "Mill Lane",
    "start": date(2026, 12, 31),
}
LIST = "It is made of names of fields, texts in quotes, numbers, and, or, not, in, == != < <= > >=, and brackets."
READ = 'Write for example: amount > 50_000 and kind == "a".'


def read(text):
    """The condition, which has to be one."""
    condition = read_condition(text, FIELDS)
    assert isinstance(condition, Condition), condition
    return condition


def refused(text):
    """The refusal, which has to be one."""
    refusal = read_condition(text, FIELDS)
    assert isinstance(refusal, Refusal), refusal
    return refusal


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('kind == "structure"', True),
        ("kind != 'structure'", False),
        ('kind in ["scheme", "Größe"]', False),
        ('not kind in ["scheme", "Größe"]', True),
        ("amount > 50_000", True),
        ("amount > 50_000.001", False),
        ("amount >= 50_000.001", True),
        ("category == -1", True),
        ("category in [-1, 2]", True),
        ("category < -1", False),
        ("category <= -1", True),
        ("departure", False),
        ("not departure", True),
        ("not not departure", False),
        ('site == "Mill Lane"', True),
        ('start <= "2026-12-31"', True),
        ('start < "2026-12-31"', False),
        ('  departure or amount > 1 and kind == "structure"  ', True),
        ("(departure or amount > 1) and category > 0", False),
        ("category >= -3", True),
        ("category <= 3.0", True),
        (f'site == "{"a" * 20}"', False),
        ("amount < 999_999_999_999.999", True),
        ("amount != 0.0000000000000000000", True),
        ("departure or " * 37 + " " * 9 + "amount > 5", True),
    ],
)
def test_a_condition_says_of_a_proposal_whether_it_holds(text, holds):
    """Comparisons, lists, and, or, not and brackets, as in Python."""
    assert read(text).holds(VALUES) is holds


def test_amounts_are_compared_to_the_digit():
    """A tenth three times is not above three tenths, as it is with binary fractions."""
    assert not read("amount > 0.3").holds({"amount": Decimal("0.1") * 3})


@pytest.mark.parametrize(
    ("text", "column", "what", "instead"),
    [
        ("", 1, "It is empty.", "Leave it out if it should always hold."),
        ("amout > 5", 1, "There is no field amout.", "Did you mean amount?"),
        ("departure and amout > 5", 15, "There is no field amout.", "Did you mean amount?"),
        ('kind == "Größe" and amout > 5', 21, "There is no field amout.", "Did you mean amount?"),
        ("  amout > 5", 3, "There is no field amout.", "Did you mean amount?"),
        ("amount", 1, "amount is of type money and no condition alone.", "Compare it: amount > …"),
        ("departure == 1", 1, "A boolean is not compared.", "Write departure or not departure."),
        ("amount > 'a'", 10, "amount is compared with a number.", "Write for example: amount > 10."),
        ("amount > True", 10, "amount is compared with a number.", "Write for example: amount > 10."),
        ("amount > category", 10, "amount is compared with a number.", "Write for example: amount > 10."),
        ("amount > 0.0001", 10, "An amount has at most 3 decimals.", "Write fewer."),
        ("amount > -1", 10, "amount is never below 0.", "Write a value that it can have."),
        ("category > 4", 12, "category is never above 3.", "Write a value that it can have."),
        ("category > 1.5", 12, "category is a whole number.", "Write it without decimals."),
        ("category > 007", 12, "007 is no number.", "Write it like 50_000 or 0.5."),
        ("category > " + "9" * 40, 12, "The number has more than 20 digits.", "Write a smaller one."),
        ('kind == "bridge"', 9, "kind has no such choice.", "The choices are: scheme, structure, Größe."),
        ("kind == 5", 9, "kind is compared with a text.", 'Write for example: kind == "a".'),
        ('kind > "scheme"', 1, "kind is of type choice, which has no order.", "Compare it with ==, != or in."),
        ('site == ""', 9, "The length of site is never below 1.", "Write a value that it can have."),
        ('site == " a"', 9, "A text of a proposal has no blanks around it.", "Leave them out here too."),
        ('start > "tomorrow"', 9, "start is compared with a date.", 'Write for example: start < "2027-01-31".'),
        ('start > "2026-02-30"', 9, "start is compared with a date.", 'Write for example: start < "2027-01-31".'),
        ('start > "20261231"', 9, "start is compared with a date.", 'Write for example: start < "2027-01-31".'),
        ('start > "2025-12-31"', 9, "start is never below 2026-01-01.", "Write a value that it can have."),
        ('note == "a"', 1, "note is optional and has no default, so it may be absent.", "Give the field a default."),
        ('plan == "a"', 1, "plan is a link, and links are not compared.", "Use another field."),
        ("5 < amount", 1, "The name of a field belongs on the left of a comparison.", "Swap the two sides."),
        ("0 < amount < 5", 1, "Only two things are compared at a time.", "Join two comparisons with and."),
        ("kind in kind", 9, "A list of values must follow in.", "Write for example: in [1, 2]."),
        ("kind in []", 9, "A list of values must follow in.", "Write for example: in [1, 2]."),
        ('kind not in ["scheme"]', 1, "not must come before the comparison.", "Write not kind in [...]."),
        ('kind is "scheme"', 1, "is has no meaning here.", "Write ==."),
        ("amount >", 8, "It cannot be read here.", READ),
        ("amount > 5 )", 12, "It cannot be read here.", READ),
        ("amount > 5 departure", 12, "It cannot be read here.", READ),
        ('kind == "a" "b"', 13, "Two words or values are side by side.", "Join them with and, or, in or a sign."),
        ('kind == f"scheme"', 10, "Two words or values are side by side.", "Join them with and, or, in or a sign."),
        ("amount > 0x10", 11, "Two words or values are side by side.", "Join them with and, or, in or a sign."),
        ("amount > 1e5", 11, "Two words or values are side by side.", "Join them with and, or, in or a sign."),
        ('kind == "scheme', 9, "The text that begins here does not end.", "Close it, without a \\ in it."),
        ('kind == "a\\x62"', 9, "The text that begins here does not end.", "Close it, without a \\ in it."),
        ("amount.real > 5", 7, "“.” (U+002E FULL STOP) has no meaning here.", LIST),
        ('"a".upper() == "A"', 4, "“.” (U+002E FULL STOP) has no meaning here.", LIST),
        ("len(kind) > 5", 1, "The name of a field belongs on the left of a comparison.", "Swap the two sides."),
        ("print(kind)", 1, "Nothing can be called here.", LIST),
        ("amount + 1 > 5", 8, "“+” (U+002B PLUS SIGN) has no meaning here.", LIST),
        ("amount - 1 > 5", 1, "The name of a field belongs on the left of a comparison.", "Swap the two sides."),
        ("amount > 5 - 1", 10, "amount is compared with a number.", "Write for example: amount > 10."),
        ("-amount > 5", 1, "The name of a field belongs on the left of a comparison.", "Swap the two sides."),
        ("[x for x in kind]", 1, "Nothing is repeated here.", LIST),
        ("kind[0] == 5", 1, "The name of a field belongs on the left of a comparison.", "Swap the two sides."),
        ("(departure, departure)", 1, "A comma belongs into a list: in [1, 2].", LIST),
        ("lambda: departure", 7, "“:” (U+003A COLON) has no meaning here.", LIST),
        ("(departure := 1)", 12, "“:” (U+003A COLON) has no meaning here.", LIST),
        ("departure if departure else departure", 1, "There is no if here.", LIST),
        (
            "__class__",
            1,
            "There is no field __class__.",
            "The fields are: kind, amount, category, departure, site, start, note, plan.",
        ),
        ("departure # yes", 11, "“#” (U+0023 NUMBER SIGN) has no meaning here.", LIST),
        ("departure\nand departure", 10, "U+000A LINE FEED has no meaning here.", LIST),
        ("\U0001d51eepart", 1, "U+1D51E MATHEMATICAL FRAKTUR SMALL A has no meaning here.", LIST),
        ("departure" + " or departure" * 40, 501, "It has more than 500 characters.", "Make it shorter."),
        ("kind", 1, "kind is of type choice and no condition alone.", "Compare it: kind == …"),
        ("site", 1, "site is of type text and no condition alone.", "Compare it: site == …"),
        ("start", 1, "start is of type date and no condition alone.", "Compare it: start > …"),
        ("plan", 1, "plan is a link, and links are not compared.", "Use another field."),
        (
            'site == "aaaaaaaaaaaaaaaaaaaaa"',
            9,
            "The length of site is never above 20.",
            "Write a value that it can have.",
        ),
        ("category > -4", 12, "category is never below -3.", "Write a value that it can have."),
        ("category in [1, 9]", 17, "category is never above 3.", "Write a value that it can have."),
        ("category in [1, 1.5]", 17, "category is a whole number.", "Write it without decimals."),
        ('site > "a"', 1, "site is of type text, which has no order.", "Compare it with ==, != or in."),
        ("departure in [1]", 1, "A boolean is not compared.", "Write departure or not departure."),
        ("amount > 5_0__0", 10, "5_0__0 is no number.", "Write it like 50_000 or 0.5."),
        ("amount > 0.0005", 10, "An amount has at most 3 decimals.", "Write fewer."),
        ("amount > " + "9" * 21, 10, "The number has more than 20 digits.", "Write a smaller one."),
        ("amount > " + "9" * 19 + ".25", 10, "The number has more than 20 digits.", "Write a smaller one."),
        ("amount > " + "9" * 20, 10, "amount is never above 999999999999.999.", "Write a value that it can have."),
        ("kind == departure", 9, "kind is compared with a text.", 'Write for example: kind == "a".'),
        ("start > 5", 9, "start is compared with a date.", 'Write for example: start < "2027-01-31".'),
        ("start > kind", 9, "start is compared with a date.", 'Write for example: start < "2027-01-31".'),
        ("  not  amout", 8, "There is no field amout.", "Did you mean amount?"),
        ("[departure]", 1, "This has no meaning here.", LIST),
        ("5", 1, "A value alone is no condition.", "Compare a field with it."),
        ('"a"', 1, "A value alone is no condition.", "Compare a field with it."),
        ("departure is departure", 1, "A boolean is not compared.", "Write departure or not departure."),
        ("kind not in kind", 1, "not must come before the comparison.", "Write not kind in [...]."),
        ("category > (1, 2)", 12, "category is compared with a number.", "Write for example: category > 10."),
        ("()", 1, "A comma belongs into a list: in [1, 2].", LIST),
        ("departure and", 13, "It cannot be read here.", READ),
        ("X", 1, "There is no field X.", "The fields are: kind, amount, category, departure, site, start, note, plan."),
        ("\t", 1, "U+0009 TAB has no meaning here.", LIST),
        (
            "amount > 99_999_999_999_999_999_999",
            10,
            "amount is never above 999999999999.999.",
            "Write a value that it can have.",
        ),
    ],
)
def test_what_is_no_condition_is_refused_at_its_column(text, column, what, instead):
    """Columns count characters from 1, blanks and letters of every script included."""
    assert refused(text) == Refusal(column, what, instead)


@pytest.mark.parametrize(("count", "said"), [(0, "none"), (1, "f0"), (11, "f0, f1, f2, f3, f4, f5, f6, f7, f8, f9")])
def test_an_unknown_field_is_answered_with_the_first_ten(count, said):
    """Or with the word that there are none."""
    fields = {f"f{number}": Field(f"f{number}", FieldType.BOOLEAN, "F") for number in range(count)}
    assert read_condition("departure", fields) == Refusal(1, "There is no field departure.", f"The fields are: {said}.")


@pytest.mark.parametrize("text", ["(" * 250, "[" * 300, "not " * 124, "-" * 499, "(" * 190 + "departure" + ")" * 190])
def test_no_depth_makes_it_fail(text):
    """What Python's parser finds too deep is refused, and what it takes is read."""
    assert isinstance(read_condition(text, FIELDS), Condition | Refusal)


def test_a_condition_knows_what_each_field_is_compared_with():
    """Every constant, so that the cases on both sides of it can be looked at."""
    found = read('departure or amount > 5 and not (amount <= 9 or kind in ["scheme", "structure"])').constants()
    assert found == {"departure": frozenset(), "amount": {5, 9}, "kind": {"scheme", "structure"}}


tokens = st.sampled_from(
    [*FIELDS, "and", "or", "not", "in", "==", "!=", "<", "<=", ">", ">=", "(", ")", "[", "]", ",", "-", "5", "0.5",
     "50_000", '"scheme"', "'Größe'", '"2026-12-31"', "True", "None", "__class__", ".", "+", "lambda", ":", "is", "if"]
)  # fmt: skip
texts = st.lists(tokens, max_size=14).map(" ".join) | st.lists(tokens, max_size=8).map("".join) | st.text(max_size=30)


@given(texts)
def test_any_text_is_a_condition_or_refused_within_it(text):
    """Nothing else comes out, whatever is put in, and the column is one of the text."""
    found = read_condition(text, FIELDS)
    if isinstance(found, Refusal):
        assert 1 <= found.column <= max(len(text), 1)
        assert found.what
        assert found.instead
    else:
        assert isinstance(found.holds(VALUES), bool)


leaves = st.sampled_from(
    [
        'kind == "scheme"',
        "amount > 50_000",
        "category in [-1, 2]",
        "departure",
        'start <= "2026-12-31"',
        "category >= -2",
    ]
)
sound = st.recursive(
    leaves,
    lambda part: (
        st.tuples(part, st.sampled_from(["and", "or"]), part).map(" ".join)
        | part.map("({})".format)
        | part.map("not {}".format)
    ),
    max_leaves=8,
).filter(lambda text: len(text) <= 500)
proposals = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(FIELDS["kind"].choices),
        "amount": st.sampled_from([Decimal(0), Decimal(50_000), Decimal("50000.001")]),
        "category": st.integers(-3, 3),
        "departure": st.booleans(),
        "start": st.dates(date(2026, 12, 30), date(2027, 1, 1)),
    }
)


@given(sound, proposals)
def test_a_condition_holds_where_python_says_so(text, values):
    """Precedence and brackets are Python's: its own evaluation of the same text agrees."""
    names = values | {"start": values["start"].isoformat()}
    assert read(text).holds(values) is bool(eval(text, {"__builtins__": {}}, names))  # noqa: S307 - our own texts


def test_python_s_parser_sees_no_text_with_other_characters(mocker):
    """Attributes, comments and formatted texts never reach it, nor do its warnings."""
    parse = mocker.spy(ast, "parse")
    for text in ("a.b", "f'{a}'", "a # b", "a\\\nb", "1if departure else 2", "a;b"):
        refused(text)
    assert parse.call_count == 0
