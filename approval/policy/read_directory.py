"""The directory of a policy file: ``[people]``, ``[groups]`` and ``[authority.NAME]``.

A person who is wrong in some way is still known to the rest of the file, so that one mistake is not named many times.
"""

import re
from collections.abc import Collection, Container, Mapping
from decimal import Decimal

from approval.policy.model import Authority, Person
from approval.policy.read_fields import read_currency
from approval.policy.tables import Table, called, read_money, shown
from approval.text import fault, is_visible

_ID = re.compile(r"[a-z0-9-]{1,24}", re.ASCII)
_NAME = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)
_EMAIL = re.compile(r"[^\s@,;<>\"()]{1,64}@[^\s@,;<>\"()]{1,189}")
_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}", re.ASCII)
_PERSON = ("name", "email", "manager", "title", "zone", "submits")
_PERSON_LATER = ("away", "absences")
_EXAMPLE = '{ name = "Dana Okafor", email = "dana@county.example" }'


def name_fault(name: str) -> str | None:
    """Why this is no name of a group, an authority or a policy; None if it is."""
    if _NAME.fullmatch(name):
        return None
    return f"{shown(name)} is no name. It has 1 to 40 small letters, digits and hyphens."


def read_zone(table: Table, zones: Container[str]) -> str | None:
    """The name of a time zone, if the key is there; the set of known zones is empty if they are unknown."""
    if "zone" not in table:
        return None
    value = table.values["zone"]
    if isinstance(value, str) and _ZONE.fullmatch(value) and (not zones or value in zones):
        return value
    table.wrong("zone", f"It is {called(value)}, and no time zone.", 'Write for example: "Europe/London".')
    return None


def read_people(file: Table, zones: Container[str]) -> dict[str, Person]:
    """The people that are described without a mistake, by id."""
    if not file.needed("people", f"[people], and below it dana = {_EXAMPLE}"):
        return {}
    ids: Collection[str] = list(below.values) if (below := file.table("people")) else []
    found: dict[str, Person] = {}
    addresses: dict[str, str] = {}
    for name, table in file.each("people"):
        person = _person(name, table, ids, zones)
        email = table.values.get("email")
        if isinstance(email, str) and (other := addresses.setdefault(email.casefold(), name)) != name:
            table.wrong("email", f"{shown(other)} has the same address.", "Give each person an address of their own.")
        if person:
            found[name] = person
    if below and not ids:
        file.wrong("people", "Nobody is in it.", f"Write for example: dana = {_EXAMPLE}.")
    if found and len(found) == len(ids) and not any(person.submits for person in found.values()):
        file.wrong("people", "Nobody may submit a proposal.", "Take submits = false from somebody.")
    if below:
        _no_circles(below, found)
    return found


def _person(name: str, table: Table, ids: Collection[str], zones: Container[str]) -> Person | None:
    table.only(_PERSON, _PERSON_LATER)
    fine = True
    if not _ID.fullmatch(name):
        table.wrong("", f"{shown(name)} is no id.", "Write 1 to 24 small letters, digits and hyphens.")
        fine = False
    called_, email, manager, title = table.line("name", 'name = "Dana Okafor"'), _email(table), None, None
    if "manager" in table:
        manager = table.reference("manager", table.values["manager"], ids, "person")
    if "title" in table:
        title = table.line("title", 'title = "Bridge engineer"')
    zone, submits = read_zone(table, zones), table.flag("submits", default=True)
    if called_ is None or email is None or not fine:
        return None
    return Person(name, called_, email, manager, title, zone, submits)


def _email(table: Table) -> str | None:
    example = 'email = "dana@county.example"'
    if not table.needed("email", example):
        return None
    value = table.values["email"]
    if isinstance(value, str) and _EMAIL.fullmatch(value) and not fault(value) and is_visible(value):
        return value
    table.wrong("email", f"It is {called(value)}, and no e-mail address.", f"Write for example: {example}.")
    return None


def _no_circles(below: Table, people: Mapping[str, Person]) -> None:
    """Note everybody who is their own manager, directly or through others."""
    for name in people:
        passed = [name]
        while (manager := people[passed[-1]].manager) in people and manager not in passed:
            assert manager
            passed.append(manager)
        if manager == name:
            line = " → ".join([*passed, name])
            table = Table({}, (*below.place, name), below.report)
            table.wrong("manager", f"The line of managers is a circle: {shown(line)}.", "Let it end at the top.")


def read_groups(file: Table, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The named groups; people who are not there are mistakes."""
    below = file.table("groups")
    found: dict[str, tuple[str, ...]] = {}
    for name in below.values if below else ():
        assert below
        reason = name_fault(name)
        if reason:
            below.wrong(name, reason, "Choose such a name.")
        members = below.texts(name, f'{shown(name)} = ["pat", "sam"]')
        for number, person in members:
            below.reference(name, person, ids, "person", number)
        found[name] = tuple(person for _, person in members)
    return found


def read_authorities(file: Table, ids: Collection[str]) -> dict[str, Authority | None]:
    """Who may commit how much, by name; None where something in it is a mistake."""
    found: dict[str, Authority | None] = {}
    for name, table in file.each("authority"):
        table.only(("currency", "limits"))
        reason = name_fault(name)
        if reason:
            table.wrong("", reason, "Choose such a name.")
        currency = read_currency(table)
        limits = _limits(table, ids)
        found[name] = Authority(name, currency, limits) if currency and limits and not reason else None
    return found


def _limits(table: Table, ids: Collection[str]) -> dict[str, Decimal] | None:
    example = "limits = { eli = 25_000, ruth = 100_000 }"
    if not table.needed("limits", example):
        return None
    below = table.table("limits")
    if below is None:
        return None
    if not below.values:
        table.wrong("limits", "It is empty.", f"Write for example: {example}.")
    found: dict[str, Decimal] = {}
    for person, limit in below.values.items():
        amount = read_money(limit)
        if person not in ids:
            below.reference(person, person, ids, "person")
        elif isinstance(amount, str):
            below.wrong(person, amount, "Write for example: 50_000.")
        else:
            found[person] = amount
    return found if len(found) == len(below.values) else None
