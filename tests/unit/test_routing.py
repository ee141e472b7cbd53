"""Which policy a proposal takes, and the cases that represent all proposals."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.policy.conditions import Condition, read_condition
from approval.policy.fields import MOST_MONEY, Field, FieldType, representatives
from approval.policy.model import Route
from approval.policy.routing import MOST_CASES, TooManyCases, cases, route_of

MONEY = Field("amount", FieldType.MONEY, "Cost", currency="GBP", least=Decimal(0), greatest=MOST_MONEY)
NUMBER = Field("category", FieldType.INTEGER, "Category", least=0, greatest=9)
DAY = Field("start", FieldType.DATE, "Start", least=date.min, greatest=date.max)
FIELDS = {field.name: field for field in (MONEY, NUMBER, DAY)}


def condition(text, fields=FIELDS):
    """A condition of these tests."""
    read = read_condition(text, fields)
    assert isinstance(read, Condition), read
    return read


def test_the_first_route_that_fits_decides():
    """Also where a later one fits too; without one that fits there is none."""
    routes = [Route("large", condition("amount > 50")), Route("larger", condition("amount > 100"))]
    assert route_of(routes, {"amount": Decimal(200)}) == routes[0]
    assert route_of(routes, {"amount": Decimal(50)}) is None
    assert route_of([*routes, Route("rest")], {"amount": Decimal(50)}) == Route("rest")


@pytest.mark.parametrize(
    ("field", "constants", "found"),
    [
        (MONEY, {Decimal(50)}, (Decimal(49), Decimal(50), Decimal(51))),
        (MONEY, {Decimal(0), Decimal("0.001")}, (Decimal(0), Decimal("0.001"), Decimal("1.001"))),
        (
            MONEY,
            {Decimal(1), Decimal("1.01")},
            (Decimal(0), Decimal(1), Decimal("1.001"), Decimal("1.01"), Decimal("2.01")),
        ),
        (MONEY, {MOST_MONEY}, (MOST_MONEY - 1, MOST_MONEY)),
        (MONEY, {Decimal("0.5")}, (Decimal("0.499"), Decimal("0.5"), Decimal("1.5"))),
        (MONEY, {Decimal(1), Decimal(2)}, (Decimal(0), Decimal(1), Decimal("1.001"), Decimal(2), Decimal(3))),
        (NUMBER, {0, 1, 9}, (0, 1, 2, 9)),
        (NUMBER, {0, 9}, (0, 1, 9)),
        (NUMBER, {8}, (7, 8, 9)),
        (NUMBER, set(), (0,)),
        (DAY, {date.min, date.max}, (date.min, date(1, 1, 2), date.max)),
        (Field("b", FieldType.BOOLEAN, "B"), set(), (False, True)),
        (Field("c", FieldType.CHOICE, "C", choices=("x", "y", "z")), {"y"}, ("y", "x")),
        (Field("c", FieldType.CHOICE, "C", choices=("x", "y")), {"y", "x"}, ("x", "y")),
        (Field("t", FieldType.TEXT, "T", least=2, greatest=2), {"aa"}, ("aa", "bb")),
        (Field("t", FieldType.TEXT, "T"), {"c", "a"}, ("a", "c", "b")),
    ],
)
def test_constants_and_one_value_from_each_gap_stand_for_all_values(field, constants, found):
    """Nothing outside the field's limits, nothing from a gap that holds no value, and all of the field's type."""
    assert representatives(field, constants) == found
    assert list(map(type, representatives(field, constants))) == list(map(type, found))


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=3),
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    st.integers(0, 9),
)
def test_every_value_is_treated_as_one_of_the_cases(constants, sign, value):
    """A whole number has the answers of some case, for all conditions at once."""
    conditions = [condition(f"category {sign} {constant}") for constant in constants]

    def answers(values):
        return [each.holds(values) for each in conditions]

    assert answers({"category": value}) in [answers(values) for values in cases(FIELDS, conditions)]


@given(
    st.lists(st.decimals(0, 3, places=3), min_size=1, max_size=3),
    st.sampled_from(["<", "<=", ">", ">=", "=="]),
    st.decimals(0, 4, places=3),
)
def test_every_amount_is_treated_as_one_of_the_cases(constants, sign, amount):
    """To the smallest part of an amount that there is."""
    conditions = [condition(f"amount {sign} {constant}") for constant in constants]
    known = [[each.holds(values) for each in conditions] for values in cases(FIELDS, conditions)]
    assert [each.holds({"amount": amount}) for each in conditions] in known


def test_more_cases_than_anybody_understands_are_refused():
    """With their number, and before the first one is made."""
    flags = {f"f{number}": Field(f"f{number}", FieldType.BOOLEAN, "F") for number in range(15)}
    with pytest.raises(TooManyCases) as refused:
        next(cases(flags, [condition(" and ".join(flags), flags)]))
    assert refused.value.count == 2**15 > MOST_CASES


def test_as_many_cases_as_are_allowed_are_walked():
    """The last number that is not refused."""
    flags = {f"f{number}": Field(f"f{number}", FieldType.BOOLEAN, "F") for number in range(5)}
    words = {f"c{number}": Field(f"c{number}", FieldType.CHOICE, "C", choices=tuple("vwxyz")) for number in range(4)}
    text = " and ".join([*flags, *(f'{name} in ["v", "w", "x", "y", "z"]' for name in words)])
    made = list(cases(flags | words, [condition(text, flags | words)]))
    assert len(made) == 2**5 * 5**4 == MOST_CASES
    assert made[0] == dict.fromkeys(flags, False) | dict.fromkeys(words, "v")
    assert made[-1] == dict.fromkeys(flags, True) | dict.fromkeys(words, "z")
