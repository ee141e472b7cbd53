"""The policies of a policy file: ``[policy.NAME]`` with its levels, and ``[[route]]``.

1. Silence never approves: every level says what happens on expiry, and that is a rejection in the end.
2. ``next in line`` climbs from one person, so a level with it asks one person at most.
3. A group that can never have enough people is refused. One that has too few only for some authors is not: what happens
   then is ``on_expiry``.
4. A policy that extends another gets everything that it does not state itself, but not its levels.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from approval.policy.conditions import Condition, Refusal, read_condition
from approval.policy.durations import TimeSpan, read_span
from approval.policy.fields import Field, FieldType
from approval.policy.model import (
    ALL,
    MOST_ASKED,
    NEXT_IN_LINE,
    Approvers,
    Asked,
    Authority,
    GroupOf,
    Level,
    LineOfAuthority,
    ManagerOf,
    OnExpiry,
    People,
    Policy,
    Rejection,
    Route,
    Visibility,
    may_be_asked,
)
from approval.policy.read_directory import name_fault
from approval.policy.tables import Table, called, nearest, shown
from approval.text import Fault

_POLICY = ("title", "visible_to", "extends", "different_people", "level")
_POLICY_LATER = ("calendar", "on_revision", "author", "reassign")
_LEVEL = ("name", "when", "approvers", "rejection", "abstain", "within", "remind", "on_expiry", "comment")
_LEVEL_LATER = ("outcomes",)
_KINDS = ("people", "group", "manager", "authority")
_MANAGERS = ("author", "last approver")
_COMMENTED = ("approve", "reject", "abstain")
_COMMENTED_LATER = ("approve with conditions", "request changes", "withdraw", "comment")
_NAME_ONE = "Name a person."
_APPROVERS = 'approvers = [{ group = "finance", need = 1 }]'
_EXPIRY = '"reject", or { escalate_to = "next in line", then = "reject" }'


@dataclass(frozen=True, slots=True)
class Known:
    """What policies refer to.

    Attributes:
        unsure: names of fields with a mistake of their own; a condition with one of them is not checked.
        authorities: None for one with a mistake.
    """

    fields: Mapping[str, Field]
    unsure: Collection[str]
    ids: Collection[str]
    groups: Mapping[str, tuple[str, ...]]
    authorities: Mapping[str, Authority | None]


def read_routes(file: Table, known: Known, policies: Collection[str]) -> list[Route]:
    """The routes, in order; one with a mistake is left out."""
    found = []
    for table in file.tables("route", '[[route]], and below it policy = "scheme"'):
        table.only(("when", "policy"))
        when, fine = _when(table, known)
        if table.needed("policy", 'policy = "scheme"'):
            name = table.reference("policy", table.values["policy"], policies, "policy")
            if name is not None and fine:
                found.append(Route(name, when))
    return found


@dataclass(slots=True)
class _Draft:
    """A policy before what it extends is added."""

    table: Table
    extends: str | None
    title: str | None
    visible_to: str | None
    different_people: bool | None
    levels: list[Level] = field(default_factory=list)


def read_policies(file: Table, known: Known) -> dict[str, Policy]:
    """The policies by name; what is a mistake is left out."""
    if not file.needed("policy", "[policy.scheme]"):
        return {}
    below = file.table("policy")
    names = list(below.values) if below else []
    if below and not names:
        file.wrong("policy", "It is empty.", "Write for example: [policy.scheme].")
    drafts = {name: _draft(name, table, names, known) for name, table in file.each("policy")}
    found = {}
    for name, draft in drafts.items():
        line = _extended(name, drafts)
        title = next((each.title for each in line if each.title is not None), None)
        if title is None and not any("title" in each.table for each in line):
            draft.table.needed("title", 'title = "Highway scheme"')
        visible = next((each.visible_to for each in line if each.visible_to is not None), None)
        different = next((each.different_people for each in line if each.different_people is not None), None)
        found[name] = Policy(
            name, title or "", tuple(draft.levels), Visibility(visible or Visibility.PARTIES), bool(different)
        )
    return found


def _draft(name: str, table: Table, names: Collection[str], known: Known) -> _Draft:
    table.only(_POLICY, _POLICY_LATER)
    reason = name_fault(name)
    if reason:
        table.wrong("", reason, "Choose such a name.")
    extends = table.reference("extends", table.values["extends"], names, "policy") if "extends" in table else None
    title = table.line("title", 'title = "Highway scheme"') if "title" in table else None
    different = table.flag("different_people", default=False) if "different_people" in table else None
    visible = table.one_of("visible_to", list(Visibility))
    levels = table.tables("level", f'[[policy.{shown(name)}.level]], and below it name = "Finance"')
    seen: dict[str, int] = {}
    read = []
    for number, each in enumerate(levels, 1):
        level = _level(each, number, known)
        called_ = each.values.get("name")
        if isinstance(called_, str) and seen.setdefault(called_, number) != number:
            each.wrong("name", f"Level {seen[called_]} has the same name.", "Give each level a name of its own.")
        if level:
            read.append(level)
    return _Draft(table, extends, title, visible, different, read)


def _extended(name: str, drafts: Mapping[str, _Draft]) -> list[_Draft]:
    """The policy and all that it extends, nearest first; a circle is a mistake."""
    line, passed = [drafts[name]], [name]
    while (base := line[-1].extends) is not None and base in drafts:
        if base in passed:
            if base == name:
                circle = " → ".join([*passed, name])
                line[0].table.wrong("extends", f"It extends itself: {shown(circle)}.", "Let it end somewhere.")
            break
        passed.append(base)
        line.append(drafts[base])
    return line


def _level(table: Table, number: int, known: Known) -> Level | None:
    table.only(_LEVEL, _LEVEL_LATER)
    name = table.line("name", 'name = "Finance"')
    when, _ = _when(table, known)
    groups = [
        group
        for each in table.tables("approvers", _APPROVERS)
        if (group := _approvers(each, number, known)) is not None
    ]
    complete = bool(groups) and len(groups) == len(cast("Sequence[object]", table.values["approvers"]))
    rejection = table.one_of("rejection", list(Rejection))
    abstain = table.flag("abstain", default=False)
    within = _span(table, "within", '"5 days"') if table.needed("within", 'within = "5 days"') else None
    on_expiry = _on_expiry(table, known, groups, complete=complete)
    if complete:
        _not_too_many(table, known, groups)
    reminders, comment = _reminders(table, within), _comment(table, abstain=abstain)
    if name is None or within is None or on_expiry is None or not complete:
        return None
    return Level(
        name,
        tuple(groups),
        within,
        on_expiry,
        when,
        Rejection(rejection or Rejection.ENDS),
        abstain,
        reminders,
        comment,
    )


def _when(table: Table, known: Known) -> tuple[Condition | None, bool]:
    """The condition, if there is one, and whether it is without a mistake."""
    if "when" not in table:
        return None, True
    value = table.values["when"]
    if not isinstance(value, str):
        table.wrong("when", f"It is {called(value)}, and no text.", "Write for example: 'amount > 50_000'.")
        return None, False
    if any(re.search(rf"\b{name}\b", value) for name in known.unsure):
        return None, False
    condition = read_condition(value, known.fields)
    if isinstance(condition, Refusal):
        table.wrong("when", f"Column {condition.column}: {condition.what}", condition.instead)
        return None, False
    return condition, True


def _approvers(table: Table, level: int, known: Known) -> Approvers | None:
    kinds = [kind for kind in _KINDS if kind in table]
    if len(kinds) != 1:
        what = f"It has {' and '.join(kinds)}." if kinds else "It does not say who is asked."
        table.wrong("", what, "Write one of people, group, manager and authority.")
        table.only((*_KINDS, "of", "need", "when"))
        return None
    kind = kinds[0]
    table.only((kind, "of", "need", "when") if kind == "authority" else (kind, "need", "when"))
    read = {"people": _people, "group": _group, "manager": _manager, "authority": _authority}[kind]
    asked = read(table, level, known)
    when, fine = _when(table, known)
    need = _need(table, asked, known)
    return Approvers(asked, need, when) if asked is not None and need is not None and fine else None


def _people(table: Table, _level: int, known: Known) -> Asked | None:
    given = table.texts("people", '["pat", "sam"]')
    wrong = [table.reference("people", person, known.ids, "person", number) is None for number, person in given]
    return None if any(wrong) or not given else People(tuple(person for _, person in given))


def _group(table: Table, _level: int, known: Known) -> Asked | None:
    name = table.reference("group", table.values["group"], known.groups, "group")
    return None if name is None else GroupOf(name)


def _manager(table: Table, level: int, _known: Known) -> Asked | None:
    whose = table.one_of("manager", _MANAGERS)
    if whose == _MANAGERS[1] and level == 1:
        table.wrong("manager", "Nobody has approved before the first level.", 'Write "author".')
        return None
    return None if whose is None else ManagerOf(cast("Literal['author', 'last approver']", whose))


def _authority(table: Table, _level: int, known: Known) -> Asked | None:
    name = table.reference("authority", table.values["authority"], known.authorities, "authority")
    if not table.needed("of", 'of = "amount"') or name is None:
        return None
    money = [each.name for each in known.fields.values() if each.type is FieldType.MONEY]
    of = table.values["of"]
    if isinstance(of, str) and of in known.unsure:
        return None
    of = table.reference("of", of, money, "field of type money")
    authority = known.authorities[name]
    if of is None or authority is None:
        return None
    if known.fields[of].currency != authority.currency:
        what = f"{of} is in {known.fields[of].currency}, and the limits of {name} are in {authority.currency}."
        table.wrong("of", what, "Name a field in the currency of the limits.")
        return None
    if known.fields[of].may_be_absent:
        table.wrong("of", f"{of} is optional and has no default, so it may be absent.", "Give the field a default.")
        return None
    return LineOfAuthority(name, of)


def _need(table: Table, asked: Asked | None, known: Known) -> int | Literal["all"] | None:
    value = table.values.get("need", 1)
    if value == ALL:
        return ALL
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        table.wrong("need", f"It is {called(value)}.", 'Write how many have to approve, from 1, or "all".')
        return None
    most = may_be_asked(Approvers(asked), known.groups) if asked is not None else value
    if most and value > most:
        table.wrong("need", f"It is {value}, and {most} can be asked.", f'Write at most {most}, or "all".')
        return None
    return value


def _not_too_many(table: Table, known: Known, groups: Sequence[Approvers]) -> None:
    named, others = _asked(known, groups)
    if len(named) + others > MOST_ASKED:
        what = f"Up to {len(named) + others} people are asked here."
        table.wrong("approvers", what, f"Ask at most {MOST_ASKED} at a level.")


def _asked(known: Known, groups: Sequence[Approvers]) -> tuple[set[str], int]:
    """Who may be asked by name, and how many managers and people with authority beside them."""
    named: set[str] = set()
    others = 0
    for group in groups:
        match group.asked:
            case People(ids):
                named.update(ids)
            case GroupOf(name):
                named.update(known.groups[name])
            case _:
                others += 1
    return named, others


def _span(table: Table, key: str, example: str) -> TimeSpan | None:
    value = table.values[key]
    if not isinstance(value, str):
        table.wrong(key, f"It is {called(value)}, and no text.", f"Write for example: {example}.")
        return None
    span = read_span(value)
    if isinstance(span, Fault):
        table.wrong(key, f'"{shown(value)}": {span.reason}')
        return None
    return span


def _reminders(table: Table, within: TimeSpan | None) -> tuple[TimeSpan, ...]:
    found = []
    for number, text in table.texts("remind", '["1 day", "-4 hours"]') if "remind" in table else ():
        span = read_span(text, negative=True)
        if isinstance(span, Fault):
            table.at("remind", number, f'"{shown(text)}": {span.reason}', "")
        elif within is not None and span.longest >= within.shortest:
            when = "when the level opens, or before" if span.before_due else "when the time is over, or later"
            table.at("remind", number, f'"{shown(text)}" is {when}.', f'Write less than "{shown(within.text)}".')
        else:
            found.append(span)
    return tuple(found)


def _comment(table: Table, *, abstain: bool) -> frozenset[str]:
    found = set()
    for number, act in table.texts("comment", '["reject"]') if "comment" in table else ():
        if act in _COMMENTED_LATER:
            table.at("comment", number, f'"{act}" comes later.', 'Write "approve", "reject" or "abstain".')
        elif act not in _COMMENTED:
            table.at("comment", number, f'"{shown(act)}" is no act.', nearest(act, _COMMENTED))
        elif act == _COMMENTED[2] and not abstain:
            table.at("comment", number, "Nobody may abstain at this level.", "Write abstain = true, or leave it out.")
        else:
            found.add(act)
    return frozenset(found)


def _on_expiry(table: Table, known: Known, groups: Sequence[Approvers], *, complete: bool) -> OnExpiry | None:
    if not table.needed("on_expiry", f"on_expiry = {_EXPIRY}"):
        return None
    value = table.values["on_expiry"]
    if value == "reject":
        return OnExpiry()
    if not isinstance(value, dict):
        what = "Silence never approves." if value == "approve" else f"It is {called(value)}."
        table.wrong("on_expiry", what, f"Write {_EXPIRY}.")
        return None
    below = table.table("on_expiry")
    assert below
    below.only(("escalate_to", "then"))
    if below.needed("then", 'then = "reject"') and below.values["then"] != "reject":
        then = below.values["then"]
        below.wrong(
            "then", "Silence never approves." if then == "approve" else f"It is {called(then)}.", 'Write "reject".'
        )
    if not below.needed("escalate_to", 'escalate_to = "next in line"'):
        return None
    target = below.values["escalate_to"]
    named, others = _asked(known, groups)
    if target == NEXT_IN_LINE:
        if complete and len(named) + others > 1:
            below.wrong(
                "escalate_to", "More than one person may be asked at this level, so nobody is next in line.", _NAME_ONE
            )
        return OnExpiry(NEXT_IN_LINE)
    person = below.reference("escalate_to", target, [*known.ids, NEXT_IN_LINE], "person")
    if complete and named == {person} and not others:
        below.wrong("escalate_to", f"{person} is the only one asked at this level.", "Name somebody else.")
    return None if person is None else OnExpiry(person)
