"""The policy of a running case, as its input holds it: what an unreadable one is answered with."""

import json

import pytest
from companies import company

from approval.errors import UnreadableInput
from approval.policy.fields import Field, FieldType
from approval.policy.frozen import FrozenPolicy, value_from_json

COUNTY = company("county")
ADVICE = "Deploy the version of the app that started the instance."


def changed(name, value):
    """A frozen policy whose second level has this value."""
    given = json.loads(json.dumps(FrozenPolicy.of(COUNTY, COUNTY.policies["scheme"], "sha256:f").to_json()))
    given["levels"][1][name] = value
    return FrozenPolicy.from_json(given)


def group(**changes):
    """Approvers with these changes."""
    return [{"group": "finance", "need": 1, "when": None, **changes}]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("within", "3 fortnights", "'3 fortnights': It is no duration."),
        ("remind", ["soon"], "'soon': It is no duration."),
        ("when", "amount > 5 and gone", "'amount > 5 and gone': column 16: There is no field gone."),
        ("when", "amount >", "'amount >': column 8: It cannot be read here."),
        ("approvers", group(when="gone"), "'gone': column 1: There is no field gone."),
        ("approvers", [{"manager": "king", "need": 1, "when": None}], "nobody is the manager of 'king'"),
    ],
)
def test_a_level_that_cannot_be_read_is_shown_with_its_reason(name, value, reason):
    """What is written there and what is wrong with it, and which version of the app can read it."""
    with pytest.raises(UnreadableInput) as refused:
        changed(name, value).levels()
    cause = refused.value.__cause__
    assert str(refused.value) == f"The input's levels cannot be read: {cause!r}. {ADVICE}"
    assert str(cause).startswith(reason)


@pytest.mark.parametrize("digits", ["1.2.3", "1e3", "-1", "NaN", "", ".", "½", "²"])
def test_an_amount_has_digits_and_at_most_one_point(digits):
    """Anything else was not written by our functions."""
    with pytest.raises(ValueError, match=r"^an amount has digits and at most one point$"):
        value_from_json(Field("amount", FieldType.MONEY, "Cost"), digits)
