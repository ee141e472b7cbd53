"""A policy file as values: what a proposal has, which policy it takes, who there is, and who is asked in what order.

The values of a model that ``approval.policy.file`` has read are complete and agree with each other: every name that
is used is there, and every proposal finds a policy with a level to open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from approval.policy.conditions import Condition
from approval.policy.durations import TimeSpan
from approval.policy.fields import Field

ALL: Literal["all"] = "all"
NEXT_IN_LINE: Literal["next in line"] = "next in line"
MOST_ASKED = 50


class Visibility(StrEnum):
    """Who may see a case; for everybody else it does not exist."""

    PARTIES = "parties"
    AUDITORS = "parties and auditors"
    STAFF = "staff"


class Rejection(StrEnum):
    """What one rejection does to a level."""

    ENDS = "ends"
    COUNTS = "counts"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the directory."""

    id: str
    name: str
    email: str
    manager: str | None = None
    title: str | None = None
    zone: str | None = None
    submits: bool = True


@dataclass(frozen=True, slots=True)
class Authority:
    """Who may commit how much."""

    name: str
    currency: str
    limits: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class People:
    """Approvers: these people, by id."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupOf:
    """Approvers: the people of a named group."""

    name: str


@dataclass(frozen=True, slots=True)
class ManagerOf:
    """Approvers: one person, the manager of the author or of who approved last."""

    whose: Literal["author", "last approver"]


@dataclass(frozen=True, slots=True)
class LineOfAuthority:
    """Approvers: one person, the first from the author's manager upwards whose limit covers the amount."""

    authority: str
    of: str


Asked = People | GroupOf | ManagerOf | LineOfAuthority


@dataclass(frozen=True, slots=True)
class Approvers:
    """One group of approvers of a level; the groups of a level are asked side by side.

    Attributes:
        asked: who.
        need: how many of them have to approve.
        when: the group is asked only if this holds; always, if it is None.
    """

    asked: Asked
    need: int | Literal["all"] = 1
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class OnExpiry:
    """What happens when a level runs out of time: the case goes to somebody else, if anybody, and is then rejected.

    Attributes:
        escalate_to: an id, ``next in line``, or nobody.
    """

    escalate_to: str | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a policy.

    Attributes:
        when: the level is opened only if this holds; always, if it is None.
        comment: acts that need a comment: ``approve``, ``reject``, ``abstain``.
    """

    name: str
    approvers: tuple[Approvers, ...]
    within: TimeSpan
    on_expiry: OnExpiry
    when: Condition | None = None
    rejection: Rejection = Rejection.ENDS
    abstain: bool = False
    remind: tuple[TimeSpan, ...] = ()
    comment: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a case: levels that open one after another."""

    name: str
    title: str
    levels: tuple[Level, ...]
    visible_to: Visibility = Visibility.PARTIES
    different_people: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """Which proposals take a policy; all of them, if ``when`` is None."""

    policy: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """The whole policy file; each part by its name, in the file's order."""

    name: str
    zone: str
    fields: Mapping[str, Field]
    routes: tuple[Route, ...]
    people: Mapping[str, Person]
    groups: Mapping[str, tuple[str, ...]]
    authorities: Mapping[str, Authority]
    policies: Mapping[str, Policy]


def may_be_asked(approvers: Approvers, groups: Mapping[str, tuple[str, ...]]) -> int:
    """How many people this group of approvers asks at most."""
    match approvers.asked:
        case People(ids):
            return len(ids)
        case GroupOf(name):
            return len(groups[name])
    return 1
