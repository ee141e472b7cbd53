"""A policy file, TOML in version 1: the model that it states, or everything that is wrong with it.

1. All mistakes are found at once and listed by line. A file that is no TOML has one: where it cannot be read.
2. Nothing is ignored: an unknown key is a mistake, and so is one that a later version will read.
3. Every proposal takes a route, and every policy has a level to open for each proposal that takes it. This is found out
   by walking all cases that the conditions tell apart, once fields, routes and policies are without a mistake.
"""

import codecs
import json
import re
import tomllib
from collections.abc import Container, Iterable, Mapping

from approval.policy.conditions import Condition
from approval.policy.fields import Field, Value
from approval.policy.frozen import FrozenPolicy
from approval.policy.lines import Place, lines_of
from approval.policy.model import ManagerOf, Policy, PolicyFile, Route
from approval.policy.read_directory import read_authorities, read_groups, read_people, read_zone
from approval.policy.read_fields import read_field
from approval.policy.read_policies import Known, read_policies, read_routes
from approval.policy.routing import MOST_CASES, TooManyCases, cases, conditions_of, open_levels, route_of
from approval.policy.tables import Fraction, Mistake, Report, Table, called, shown

SCHEMA = 1
MOST_CHARACTERS = 500_000
MOST_BYTES = 4 * MOST_CHARACTERS + 4  # more than the longest file has, so nobody has to read on
MOST_KEPT = 100_000  # so that a case's input fits into approval.seals.MOST_TEXT, with the largest body
_KEYS = ("schema", "name", "zone", "field", "route", "people", "groups", "authority", "policy")
_LATER = ("calendar", "absences")
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)")
_MOST_VALUES = 8


def text_of(content: bytes) -> str:
    """The text of a file, of which the first ``MOST_BYTES`` were read; a letter that they cut in two is left out.

    Raises:
        UnicodeDecodeError: it is no UTF-8.
    """
    text = codecs.getincrementaldecoder("utf-8")().decode(content, final=len(content) < MOST_BYTES)
    return text.removeprefix("\ufeff")


def read(text: str, zones: Container[str] = ()) -> PolicyFile | tuple[Mistake, ...]:
    """The model that a policy file states, or its mistakes, at least one.

    Args:
        text: of the whole file.
        zones: the names of all time zones; empty if they are unknown, then only their form is checked.
    """
    if len(text) > MOST_CHARACTERS:
        return (Mistake(1, "file", f"It has more than {MOST_CHARACTERS:,} characters.", "Make it shorter."),)
    try:
        values = tomllib.loads(text, parse_float=Fraction)
        lines = lines_of(text)
    except RecursionError:
        return (Mistake(1, "file", "Its values lie too deep in each other.", "Make it simpler."),)
    except ValueError as error:
        return (_no_toml(text, error),)
    return _Reading(values, lines, zones).result()


def _no_toml(text: str, error: ValueError) -> Mistake:
    said = str(error)
    place = _PLACE.search(said)
    where = f"Column {place[2]}: " if place else ""
    line = int(place[1]) if place else text.count("\n") + 1
    reason = shown(_PLACE.sub("", said).replace(" (at end of document)", ""))
    return Mistake(line, "file", f"{where}It is no TOML: {reason}.", "See https://toml.io for how it is written.")


class _Reading:
    def __init__(self, values: Mapping[str, object], lines: Mapping[Place, int], zones: Container[str]) -> None:
        self._report = Report(lines)
        self._file = Table(values, (), self._report)
        self._zones = zones

    def result(self) -> PolicyFile | tuple[Mistake, ...]:
        file = self._file
        if not self._is_our_schema():
            return self._report.mistakes()
        file.only(_KEYS, _LATER)
        name = file.line("name", 'name = "Northshire highways"')
        zone = read_zone(file, self._zones) if file.needed("zone", 'zone = "Europe/London"') else None
        fields, unsure = self._fields()
        people = read_people(file, self._zones)
        ids = list(below) if isinstance(below := file.values.get("people"), dict) else []
        groups = read_groups(file, ids)
        authorities = read_authorities(file, ids)
        known = Known(fields, unsure, ids, groups, authorities)
        policies = read_policies(file, known)
        routes = read_routes(file, known, list(policies))
        if not self._report.concerns("field", "route", "policy"):
            # A level may be left out because of a mistake elsewhere, such as in the limits that it names.
            complete = [policy for policy in policies.values() if len(policy.levels) == self._count_levels(policy.name)]
            self._walk(fields, routes, complete)
        mistakes = self._report.mistakes()
        if mistakes:
            return mistakes
        limits = {each: authority for each, authority in authorities.items() if authority}
        assert name is not None
        assert zone is not None
        read = PolicyFile(name, zone, fields, tuple(routes), people, groups, limits, policies)
        for policy in policies.values():
            kept = len(json.dumps(FrozenPolicy.of(read, policy, "").to_json(), ensure_ascii=False))
            if kept > MOST_KEPT:
                what = f"A case keeps {kept:,} characters of it and of the fields, and at most {MOST_KEPT:,}."
                self._report.add(("policy", policy.name), what, "Use fewer or shorter levels, fields and choices.")
        return self._report.mistakes() or read

    def _is_our_schema(self) -> bool:
        """Whether the rest can be read; a file that does not say its version is read as ours."""
        if not self._file.needed("schema", f"schema = {SCHEMA}"):
            return True
        value = self._file.values["schema"]
        if value == SCHEMA and isinstance(value, int) and not isinstance(value, bool):
            return True
        self._file.wrong("schema", f"It is {called(value)}, which this version does not read.", f"Write {SCHEMA}.")
        return False

    def _fields(self) -> tuple[dict[str, Field], set[str]]:
        """The fields, and the names of those with a mistake."""
        fields: dict[str, Field] = {}
        unsure: set[str] = set()
        for table in (
            self._file.tables("field", '[[field]], and below it name = "amount"') if "field" in self._file else ()
        ):
            name, field = read_field(table)
            if name in fields:
                table.wrong("name", f"Another field is called {name}.", "Give each field a name of its own.")
            elif field:
                fields[field.name] = field
            elif name:
                unsure.add(name)
        return fields, unsure

    def _count_levels(self, policy: str) -> int:
        table = next(table for name, table in self._file.each("policy") if name == policy)
        levels = table.values["level"]
        return len(levels) if isinstance(levels, list) else 0

    def _walk(self, fields: Mapping[str, Field], routes: list[Route], policies: Iterable[Policy]) -> None:
        """Note the proposals that no route takes, routes that no proposal takes, and levels that none opens."""
        try:
            self._walk_routes(fields, routes)
        except TooManyCases as too_many:
            self._report.add(("route",), _too_many(too_many), "Use fewer fields and values in conditions.")
            return
        for policy in policies:
            try:
                self._walk_policy(fields, routes, policy)
            except TooManyCases as too_many:
                place = ("policy", policy.name)
                self._report.add(place, _too_many(too_many), "Use fewer fields and values in conditions.")

    def _walk_routes(self, fields: Mapping[str, Field], routes: list[Route]) -> None:
        taken: set[int] = set()
        lost: dict[str, Value] | None = None
        for values in cases(fields, _conditions(routes)):
            route = route_of(routes, values)
            if route is not None:
                taken.add(id(route))
            elif lost is None:
                lost = values
        if lost is not None:
            what = f"No route takes a proposal with {in_words(fields, lost)}."
            self._report.add(("route",), what, "Let the last route have no when.")
        for number, route in enumerate(routes):
            if id(route) not in taken:
                what = "No proposal takes this route: those before it take all that fit."
                self._report.add(("route", number), what, "Put it before them, or leave it out.")

    def _walk_policy(self, fields: Mapping[str, Field], routes: list[Route], policy: Policy) -> None:
        is_routed = any(route.policy == policy.name for route in routes)
        conditions = [*conditions_of(policy), *(_conditions(routes) if is_routed else ())]
        for values in cases(fields, conditions):
            route = route_of(routes, values) if is_routed else None
            if is_routed and (route is None or route.policy != policy.name):
                continue
            opened = open_levels(policy, values)
            said = f"a proposal with {in_words(fields, values)}" if values else "any proposal"
            if not opened:
                what = f"All levels are skipped for {said}, and nothing is approved without a level."
                self._report.add(("policy", policy.name), what, "Let one level have no when.")
                return
            for group in opened[0].approvers:
                if group.asked == ManagerOf("last approver") and (group.when is None or group.when.holds(values)):
                    what = f"{opened[0].name} is the first level for {said}, so nobody has approved before it."
                    number = policy.levels.index(opened[0])
                    self._report.add(("policy", policy.name, "level", number), what, 'Ask the manager of the "author".')
                    return


def in_words(fields: Mapping[str, Field], values: Mapping[str, Value]) -> str:
    """``kind = "structure", amount = 50000``; of many values the first ones."""
    said = [f"{name} = {_said(fields[name], value)}" for name, value in values.items()]
    return ", ".join(said[:_MOST_VALUES] + ["…"] * (len(said) > _MOST_VALUES))


def _said(field: Field, value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        f"{value:,f} {field.currency}"
        if field.currency
        else shown(value)
        if isinstance(value, int)
        else f'"{shown(value)}"'
    )


def _too_many(too_many: TooManyCases) -> str:
    return f"The conditions tell {too_many.count:,} cases apart, and at most {MOST_CASES:,} are checked."


def _conditions(routes: Iterable[Route]) -> list[Condition]:
    return [route.when for route in routes if route.when is not None]
