"""The policy of a running case, as the case's input holds it: a later policy file changes nothing of it.

1. Levels, fields and who may see the case are frozen. People, groups, limits and managers are not: they are read when a
   level opens.
2. What was frozen is read leniently: a limit or a form that a later version refuses must not break a running case. The
   levels alone are read strictly, and only when somebody asks for them: the review does not.
3. A condition and a duration are frozen as their texts, so the languages of both must go on reading what they once
   read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self, cast

from approval.errors import UnreadableInput
from approval.policy.conditions import Condition, Refusal, read_condition
from approval.policy.durations import TimeSpan, read_span
from approval.policy.fields import Field, FieldType, Value
from approval.policy.model import (
    ALL,
    Approvers,
    Asked,
    GroupOf,
    Level,
    LineOfAuthority,
    ManagerOf,
    OnExpiry,
    People,
    Policy,
    PolicyFile,
    Rejection,
    Visibility,
)
from approval.text import Fault


@dataclass(frozen=True, slots=True)
class FrozenPolicy:
    """A policy as it was when the case started.

    Example::

        {"name": "structures", "title": "Structure, category 1 to 3", "file": "Northshire highways",
         "zone": "Europe/London", "digest": "sha256:…", "visibleTo": "staff", "differentPeople": false,
         "levels": [{"name": "Technical approval", "when": null,
                     "approvers": [{"group": "technical-approval", "need": 1, "when": null}], "rejection": "ends",
                     "abstain": false, "within": "10 days", "remind": ["-3 days"], "escalateTo": "jo",
                     "comment": ["reject"]}],
         "fields": [{"name": "amount", "type": "money", "label": "Whole cost", "choices": [], "currency": "GBP",
                     "min": "0", "max": "5000000", "default": null, "optional": false}]}

    Attributes:
        file: the name of the policy file.
        zone: in which people read the times of the case.
        digest: of the text of the policy file.
        visible_to: the narrowest if a later version does not know what is written.
        level_names: in order, also of those that will be skipped.
        levels_given: the levels as JSON; ``levels`` reads them.
    """

    name: str
    title: str
    file: str
    zone: str
    digest: str
    visible_to: Visibility
    different_people: bool
    fields: Mapping[str, Field]
    levels_given: tuple[Mapping[str, Any], ...]

    @property
    def level_names(self) -> tuple[str, ...]:
        """The names of all levels, in order."""
        return tuple(str(level["name"]) for level in self.levels_given)

    def levels(self) -> tuple[Level, ...]:
        """The levels.

        Raises:
            UnreadableInput: this version of the app cannot read what an older or newer one has frozen.
        """
        try:
            return tuple(_level(level, self.fields) for level in self.levels_given)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableInput(f"The input's levels cannot be read: {error!r}.", _ADVICE) from error

    @classmethod
    def of(cls, file: PolicyFile, policy: Policy, digest: str) -> Self:
        """The policy of a file, frozen; the digest is that of the file."""
        levels = tuple(_level_to_json(level) for level in policy.levels)
        visible, apart = policy.visible_to, policy.different_people
        return cls(policy.name, policy.title, file.name, file.zone, digest, visible, apart, file.fields, levels)

    def to_json(self) -> dict[str, Any]:
        """The policy as the input holds it."""
        return {
            "name": self.name,
            "title": self.title,
            "file": self.file,
            "zone": self.zone,
            "digest": self.digest,
            "visibleTo": str(self.visible_to),
            "differentPeople": self.different_people,
            "levels": [dict(level) for level in self.levels_given],
            "fields": [_field_to_json(field) for field in self.fields.values()],
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """The policy that ``to_json`` wrote.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: it is none.
        """
        fields = [_field(field) for field in given["fields"]]
        visible = given["visibleTo"]
        return cls(
            str(given["name"]),
            str(given["title"]),
            str(given["file"]),
            str(given["zone"]),
            str(given["digest"]),
            Visibility(visible) if visible in set(Visibility) else Visibility.PARTIES,
            bool(given["differentPeople"]),
            {field.name: field for field in fields},
            tuple({**level, "name": str(level["name"])} for level in given["levels"]),
        )


_ADVICE = "Deploy the version of the app that started the instance."


def value_to_json(value: Value) -> str | int | bool:
    """A value of a field as JSON: money as text with its digits, a date as ISO text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def value_from_json(field: Field, given: object) -> Value:
    """The value that ``value_to_json`` wrote; limits are not looked at.

    Raises:
        ValueError: it is no value of that type.
    """
    match field.type:
        case FieldType.MONEY if isinstance(given, str):
            return _decimal(given)
        case FieldType.DATE if isinstance(given, str):
            return date.fromisoformat(given)
        case FieldType.INTEGER if type(given) is int:
            return given
        case FieldType.BOOLEAN if isinstance(given, bool):
            return given
        case FieldType.TEXT | FieldType.CHOICE | FieldType.LINK if isinstance(given, str):
            return given
    raise ValueError(f"{field.name} has no value of type {field.type}")


def _decimal(digits: str) -> Decimal:
    value = Decimal(digits) if digits.isascii() and digits.replace(".", "", 1).isdigit() else None
    if value is None:
        raise ValueError("an amount has digits and at most one point")
    return value


def _field_to_json(field: Field) -> dict[str, Any]:
    least, greatest, default = (
        None if value is None else value_to_json(value) for value in (field.least, field.greatest, field.default)
    )
    return {
        "name": field.name,
        "type": str(field.type),
        "label": field.label,
        "choices": list(field.choices),
        "currency": field.currency,
        "min": least,
        "max": greatest,
        "default": default,
        "optional": field.optional,
    }


def _field(given: Mapping[str, Any]) -> Field:
    plain = Field(
        str(given["name"]),
        FieldType(given["type"]),
        str(given["label"]),
        tuple(map(str, given["choices"])),
        None if given["currency"] is None else str(given["currency"]),
        optional=bool(given["optional"]),
    )
    default = given["default"]
    return Field(
        plain.name,
        plain.type,
        plain.label,
        plain.choices,
        plain.currency,
        _limit(plain, given["min"]),
        _limit(plain, given["max"]),
        None if default is None else value_from_json(plain, default),
        plain.optional,
    )


def _limit(field: Field, given: object) -> int | Decimal | date | None:
    """The least or the greatest value; of a text it is a length."""
    if given is None:
        return None
    if field.type is FieldType.TEXT:
        if type(given) is not int:
            raise ValueError(f"{field.name} has no length")
        return given
    return cast("int | Decimal | date", value_from_json(field, given))


def _level_to_json(level: Level) -> dict[str, Any]:
    return {
        "name": level.name,
        "when": _text(level.when),
        "approvers": [
            {**_asked_to_json(each.asked), "need": each.need, "when": _text(each.when)} for each in level.approvers
        ],
        "rejection": str(level.rejection),
        "abstain": level.abstain,
        "within": level.within.text,
        "remind": [span.text for span in level.remind],
        "escalateTo": level.on_expiry.escalate_to,
        "comment": sorted(level.comment),
    }


def _text(condition: Condition | None) -> str | None:
    return condition.text if condition else None


def _asked_to_json(asked: Asked) -> dict[str, Any]:
    match asked:
        case People(ids):
            return {"people": list(ids)}
        case GroupOf(name):
            return {"group": name}
        case ManagerOf(whose):
            return {"manager": whose}
        case LineOfAuthority(authority, of):
            return {"authority": authority, "of": of}


def _level(given: Mapping[str, Any], fields: Mapping[str, Field]) -> Level:
    target = given["escalateTo"]
    return Level(
        str(given["name"]),
        tuple(_approvers(each, fields) for each in given["approvers"]),
        _span(given["within"]),
        OnExpiry(None if target is None else str(target)),
        _condition(given["when"], fields),
        Rejection(given["rejection"]),
        bool(given["abstain"]),
        tuple(map(_span, given["remind"])),
        frozenset(map(str, given["comment"])),
    )


def _approvers(given: Mapping[str, Any], fields: Mapping[str, Field]) -> Approvers:
    need = given["need"]
    return Approvers(_asked(given), ALL if need == ALL else int(need), _condition(given["when"], fields))


def _asked(given: Mapping[str, Any]) -> Asked:
    if "people" in given:
        return People(tuple(map(str, given["people"])))
    if "group" in given:
        return GroupOf(str(given["group"]))
    if "manager" in given:
        whose = given["manager"]
        if whose not in {"author", "last approver"}:
            raise ValueError(f"nobody is the manager of {whose!r}")
        return ManagerOf(whose)
    return LineOfAuthority(str(given["authority"]), str(given["of"]))


def _condition(text: object, fields: Mapping[str, Field]) -> Condition | None:
    if text is None:
        return None
    condition = read_condition(str(text), fields)
    if isinstance(condition, Refusal):
        raise ValueError(f"{text!r}: column {condition.column}: {condition.what}")  # noqa: TRY004 - not about types
    return condition


def _span(text: object) -> TimeSpan:
    span = read_span(str(text), negative=True)
    if isinstance(span, Fault):
        raise ValueError(f"{text!r}: {span.reason}")  # noqa: TRY004 - not about types
    return span
