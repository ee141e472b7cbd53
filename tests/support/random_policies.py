"""Random policies with random people, for properties: also such as a file could only have after it was changed."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import strategies as st

from approval.policy.conditions import read_condition
from approval.policy.durations import read_span
from approval.policy.fields import Field, FieldType
from approval.policy.model import (
    ALL,
    NEXT_IN_LINE,
    Approvers,
    Authority,
    GroupOf,
    Level,
    LineOfAuthority,
    ManagerOf,
    OnExpiry,
    People,
    Person,
    Policy,
    PolicyFile,
    Rejection,
    Route,
)

AT = datetime(2026, 11, 25, 16, 40, tzinfo=UTC)
FIELDS = {
    "amount": Field(
        "amount",
        FieldType.MONEY,
        "Amount",
        currency="EUR",
        least=Decimal(0),
        greatest=Decimal(1_000),
        default=Decimal(0),
    ),
    "flag": Field("flag", FieldType.BOOLEAN, "Flag"),
}
CONDITIONS = [None, *(read_condition(text, FIELDS) for text in ("flag", "not flag", "amount > 50", "amount <= 200"))]
IDS = [f"p{number}" for number in range(7)]
AMOUNTS = [Decimal(number) for number in (0, 50, 51, 200, 201, 900)]


@st.composite
def policy_files(draw, most_levels=3):
    """A file with one policy, which every proposal takes."""
    people = {}
    for number, name in enumerate(IDS):
        manager = draw(st.sampled_from([None, *IDS[number + 1 :], *IDS[number + 1 : number + 2] * 3]))
        people[name] = Person(name, f"Person {number}", f"{name}@x.example", manager)
    some = st.lists(st.sampled_from(IDS), max_size=4, unique=True).map(tuple)
    groups = {"g": draw(some), "h": draw(some)}
    limits = draw(st.dictionaries(st.sampled_from(IDS), st.sampled_from(AMOUNTS), min_size=1))
    asked = st.one_of(
        some.filter(bool).map(People),
        st.sampled_from(list(groups)).map(GroupOf),
        st.sampled_from(["author", "last approver"]).map(ManagerOf),
        st.just(LineOfAuthority("spend", "amount")),
    )
    approvers = st.builds(Approvers, asked, st.sampled_from([1, 1, 2, ALL]), st.sampled_from(CONDITIONS))
    level = st.builds(
        Level,
        st.just("L"),
        st.lists(approvers, min_size=1, max_size=3).map(tuple),
        st.sampled_from(["4 days", "2 hours", "P1M", "20 seconds"]).map(read_span),
        st.sampled_from([None, NEXT_IN_LINE, NEXT_IN_LINE, *IDS]).map(OnExpiry),
        st.sampled_from(CONDITIONS),
        st.sampled_from(Rejection),
        st.booleans(),
        st.lists(
            st.sampled_from(["1 hour", "10 seconds", "-1 hour", "-1 day", "P40D"]).map(
                lambda text: read_span(text, negative=True)
            ),
            max_size=3,
        ).map(tuple),
        st.sampled_from([frozenset(), frozenset({"reject"})]),
    )
    levels = draw(st.lists(level, min_size=1, max_size=most_levels))
    policy = Policy("only", "Only", tuple(levels), different_people=draw(st.booleans()))
    authorities = {"spend": Authority("spend", "EUR", limits)}
    return PolicyFile("Random", "UTC", FIELDS, (Route("only"),), people, groups, authorities, {"only": policy})


VALUES = st.fixed_dictionaries({"amount": st.sampled_from(AMOUNTS), "flag": st.booleans()})
