"""A policy file in plain words: how a proposal finds its policy, and each policy as a table.

Two columns, what and how; a table has a line for its head, and one for each level. Texts of the file are on one line
and safe on a terminal.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from approval.policy.conditions import Compared, Condition, Every, IsSet, Node, Not, OneOf, Some
from approval.policy.durations import TimeSpan
from approval.policy.fields import Field, Value
from approval.policy.model import (
    ALL,
    NEXT_IN_LINE,
    Approvers,
    GroupOf,
    Level,
    LineOfAuthority,
    ManagerOf,
    People,
    Policy,
    PolicyFile,
    Rejection,
    Visibility,
    may_be_asked,
)
from approval.text import one_line

WIDTH = 100
_FIRST = 16
_SIGNS = {"==": "is", "!=": "is not", "<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least"}
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
SEEN_BY = {
    Visibility.PARTIES: "those who take part in it",
    Visibility.AUDITORS: "those who take part in it, and auditors",
    Visibility.STAFF: "all people of this file",
}
Row = tuple[str, str]


def file_in_words(file: PolicyFile) -> str:
    """The whole file: routes first, then a table for each policy."""
    return "\n\n".join([_routes(file), *(policy_in_words(file, policy) for policy in file.policies.values())])


def policy_in_words(file: PolicyFile, policy: Policy) -> str:
    """One policy as a table."""
    rows: list[Row | None] = [("Policy", f"{policy.title} ({policy.name})"), ("Seen by", SEEN_BY[policy.visible_to])]
    if policy.different_people:
        rows.append(("Different people", "Who has voted at one level is not asked at a later one."))
    if all(route.policy != policy.name for route in file.routes):
        rows.append(("Taken by", "no proposal; no route names it"))
    for number, level in enumerate(policy.levels, 1):
        rows += [None, (f"Level {number}", level.name), *level_in_words(file, level)]
    return _table(rows)


def condition_in_words(condition: Condition, fields: Mapping[str, Field]) -> str:
    """``amount is above 50,000 GBP, and departure``; inner parts are in brackets."""
    return _node(condition.tree, fields, outer=True)


def routes_in_words(file: PolicyFile) -> list[tuple[Policy, str]]:
    """The policy of each route, with the proposals that take it: ``otherwise if amount is above 50,000 GBP``."""
    found = []
    for number, route in enumerate(file.routes):
        when = f"if {condition_in_words(route.when, file.fields)}" if route.when else "every proposal"
        also = "" if number == 0 else "other" if route.when is None else "otherwise "
        found.append((file.policies[route.policy], f"every {also} proposal" if also == "other" else f"{also}{when}"))
    return found


def why_not(condition: Condition, values: Mapping[str, Value], fields: Mapping[str, Field]) -> str:
    """Why a condition is false of a proposal: the parts that make it so, ``amount is at most 50,000 GBP``.

    Args:
        condition: one that does not hold.
        values: of the proposal.
        fields: of the policy file.
    """
    return _because(condition.tree, values, fields, wanted=False)


def _because(node: Node, values: Mapping[str, Value], fields: Mapping[str, Field], *, wanted: bool) -> str:
    """What is so in the proposal that the node is true, or false, as wanted."""
    match node:
        case IsSet(field):
            return f"{field} is {'true' if wanted else 'false'}"
        case Not(part):
            return _because(part, values, fields, wanted=not wanted)
        case Compared(field, sign, value):
            return f"{field} {_SIGNS[sign if wanted else _OPPOSITE[sign]]} {_value(value, fields[field])}"
        case OneOf(field, choices):
            said = _joined([_value(each, fields[field]) for each in choices], "or")
            return f"{field} is {'' if wanted else 'not '}{said}"
        case Every(parts) | Some(parts):
            telling = [part for part in parts if Condition("", part).holds(values) is wanted]
            reasons = [_because(part, values, fields, wanted=wanted) for part in telling]
            return " and ".join(dict.fromkeys(reasons))


def _routes(file: PolicyFile) -> str:
    rows: list[Row | None] = [("File", file.name), ("Time zone", file.zone), None]
    for number, (policy, when) in enumerate(routes_in_words(file), 1):
        rows.append((f"Route {number}", f"{when}: {policy.title} ({policy.name})"))
    return _table(rows)


def level_in_words(file: PolicyFile, level: Level) -> Iterator[Row]:
    """What is said of a level, line by line: ``("Asks", "any 1 of finance (Pat Keane and Sam Osei)")``."""
    if level.when:
        yield "Only if", condition_in_words(level.when, file.fields)
    for number, approvers in enumerate(level.approvers):
        yield "and asks" if number else "Asks", _approvers(file, approvers)
    yield "Time", f"{level.within.in_words()} from when the level opens"
    if level.remind:
        yield "Reminders", ", ".join(map(_reminder, level.remind))
    yield "If nobody acts", _expiry(file, level)
    if level.rejection is Rejection.ENDS:
        yield "One rejection", "ends the case as rejected"
    else:
        yield "One rejection", "counts; the case ends when too few are left to approve"
    if level.abstain:
        yield "Abstaining", "is allowed"
    if level.comment:
        yield "Comment", f"needed to {_joined(sorted(level.comment), 'or')}"


def _approvers(file: PolicyFile, approvers: Approvers) -> str:
    match approvers.asked:
        case People(ids):
            who = _joined([_name(file, each) for each in ids], "and")
        case GroupOf(name):
            who = f"{name} ({_joined([_name(file, each) for each in file.groups[name]], 'and')})"
        case ManagerOf(whose):
            who = f"the manager of the {'author' if whose == 'author' else 'person who approved last'}"
        case LineOfAuthority(authority, of):
            limits = file.authorities[authority]
            listed = ", ".join(f"{_name(file, each)} up to {_number(limit)}" for each, limit in limits.limits.items())
            who = (
                f"the first from the author's manager upwards whose limit in {authority} covers {of} "
                f"({limits.currency}: {listed})"
            )
    when = f", if {condition_in_words(approvers.when, file.fields)}" if approvers.when else ""
    return f"{_need(file, approvers)}{who}{when}"


def _need(file: PolicyFile, approvers: Approvers) -> str:
    most = may_be_asked(approvers, file.groups)
    if approvers.need == ALL:
        return "" if most == 1 else "all of "
    return "" if most == 1 else f"any {approvers.need} of "


def _reminder(span: TimeSpan) -> str:
    return f"{span.in_words()} {'before the time is over' if span.before_due else 'after the level opens'}"


def _expiry(file: PolicyFile, level: Level) -> str:
    target = level.on_expiry.escalate_to
    if target is None:
        return "the case ends as expired"
    if target == NEXT_IN_LINE:
        return "the manager of who was asked is asked instead, and so on to the top; then the case ends as expired"
    return f"{_name(file, target)} is asked instead, once; then the case ends as expired"


def _name(file: PolicyFile, person: str) -> str:
    return file.people[person].name


def _node(node: Node, fields: Mapping[str, Field], *, outer: bool = False) -> str:
    match node:
        case IsSet(field):
            return f"{field} is true"
        case Not(IsSet(field)):
            return f"{field} is false"
        case Not(part):
            return f"not ({_node(part, fields, outer=True)})"
        case Compared(field, sign, value):
            return f"{field} {_SIGNS[sign]} {_value(value, fields[field])}"
        case OneOf(field, values):
            return f"{field} is {_joined([_value(each, fields[field]) for each in values], 'or')}"
        case Every(parts):
            said = " and ".join(_node(part, fields) for part in parts)
        case Some(parts):
            said = " or ".join(_node(part, fields) for part in parts)
    return said if outer else f"({said})"


def _value(value: Value, field: Field) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, date):
        return value.isoformat()
    return f"{_number(value)} {field.currency}" if field.currency else _number(value)


def _number(value: Decimal | int) -> str:
    return f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"


def _joined(words: Sequence[str], by: str) -> str:
    *first, last = words
    return f"{', '.join(first)} {by} {last}" if first else last


def _table(rows: Sequence[Row | None]) -> str:
    """The rows in two columns; None is a line between two parts."""
    rule = "-" * WIDTH
    lines = [rule]
    for row in rows:
        if row is None:
            lines.append(rule)
            continue
        what, how = map(one_line, row)
        parts = textwrap.wrap(how, WIDTH - _FIRST - 2) or [""]
        lines += [f"{'' if number else what:<{_FIRST}}  {part}".rstrip() for number, part in enumerate(parts)]
    return "\n".join([*lines, rule])
