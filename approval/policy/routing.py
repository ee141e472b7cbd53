"""Which policy a proposal takes: the first route that fits. And the proposals that represent all others.

1. A route without a condition fits every proposal.
2. A set of conditions sorts all proposals into finitely many cases: one for each combination of the representatives of
   the fields in it. A checker that walks them has seen every proposal.
3. There are at most ``MOST_CASES`` of them; a file with more is refused, since no reader would follow it either.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from approval.policy.conditions import Condition
from approval.policy.fields import Field, Value, representatives
from approval.policy.model import Level, Policy, Route

MOST_CASES = 20_000


class TooManyCases(Exception):
    """The conditions make more cases than a checker walks.

    Attributes:
        count: how many they make.
    """

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


def route_of(routes: Iterable[Route], values: Mapping[str, Value]) -> Route | None:
    """The first route that fits a proposal with these values, defaults filled in; None if none does."""
    return next((route for route in routes if route.when is None or route.when.holds(values)), None)


def open_levels(policy: Policy, values: Mapping[str, Value]) -> list[Level]:
    """The levels that are not skipped for such a proposal, in order."""
    return [level for level in policy.levels if opens(level, values)]


def opens(level: Level, values: Mapping[str, Value]) -> bool:
    """Whether the level's own condition holds, and that of at least one of its groups of approvers."""
    if level.when is not None and not level.when.holds(values):
        return False
    return any(each.when is None or each.when.holds(values) for each in level.approvers)


def conditions_of(policy: Policy) -> Iterator[Condition]:
    """Every condition of the policy's levels and their groups of approvers."""
    for level in policy.levels:
        for condition in (level.when, *(each.when for each in level.approvers)):
            if condition is not None:
                yield condition


def cases(fields: Mapping[str, Field], conditions: Iterable[Condition]) -> Iterator[dict[str, Value]]:
    """One proposal for each case that these conditions tell apart: values of the fields that are in them.

    Raises:
        TooManyCases: there are more than ``MOST_CASES``.
    """
    constants: dict[str, set[Value]] = {}
    for condition in conditions:
        for name, values in condition.constants().items():
            constants.setdefault(name, set()).update(values)
    names = [name for name in fields if name in constants]
    choices: Sequence[tuple[Value, ...]] = [representatives(fields[name], constants[name]) for name in names]
    count = math.prod(map(len, choices))
    if count > MOST_CASES:
        raise TooManyCases(count)
    for combination in product(*choices):
        yield dict(zip(names, combination, strict=True))
