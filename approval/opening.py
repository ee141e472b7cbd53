"""What the activity ``OpenLevel`` is asked and answers. Its answer is in the history, so each replay sees the same one.

``approval.open_level`` works the answer out. The review takes it as a fact: it does no calendar arithmetic, evaluates
no condition and knows no directory.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Self

from approval.acts import Kind, Name
from approval.instants import read, written
from approval.policy.model import ALL, Rejection


@dataclass(frozen=True, slots=True)
class Voted:
    """A vote that counted at a level of this revision."""

    level: int
    person: str
    act: Kind


@dataclass(frozen=True, slots=True)
class Request:
    """What the review asks of ``OpenLevel``.

    Example::

        {"instance": "P-7K3M9QXV", "input": {"schemaVersion": 2, "…": "…"}, "level": 1, "at": "2026-11-25T16:40:00Z",
         "escalation": 0, "opening": null, "asked": [], "voted": [], "present": null}

    Attributes:
        instance: the id of the instance that asks.
        given: the whole input of the instance, with its seal.
        level: from 1. The first level from there on that is not skipped is opened.
        at: the time of the case, aware UTC.
        escalation: 0 to open a level; from 1 on, the level is open and goes to the next one who may decide.
        opening: of the level that is escalated; None to open one.
        asked: of the level that is escalated, those who have the turn now.
        voted: the votes that counted, oldest first.
        present: the level that is escalated, as it is until now; its groups and names stay. None to open one.
    """

    instance: str
    given: Any
    level: int
    at: datetime
    escalation: int = 0
    opening: str | None = None
    asked: tuple[str, ...] = ()
    voted: tuple[Voted, ...] = ()
    present: "Opening | None" = None

    def to_json(self) -> dict[str, Any]:
        """The input of the activity."""
        return {
            "instance": self.instance,
            "input": self.given,
            "level": self.level,
            "at": written(self.at),
            "escalation": self.escalation,
            "opening": self.opening,
            "asked": list(self.asked),
            "voted": [{"level": one.level, "person": one.person, "act": str(one.act)} for one in self.voted],
            "present": self.present.to_json() if self.present else None,
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """The request that ``to_json`` wrote."""
        present = given.get("present")
        return cls(
            given["instance"],
            given["input"],
            given["level"],
            read(given["at"]),
            given["escalation"],
            given["opening"],
            tuple(given["asked"]),
            tuple(Voted(one["level"], one["person"], Kind(one["act"])) for one in given["voted"]),
            Opening.from_json(present) if present else None,
        )


@dataclass(frozen=True, slots=True)
class Group:
    """People of a level who are asked side by side.

    Attributes:
        because: why they are asked: ``group finance``, ``manager of Dana Okafor``.
        asked: their ids, after those who are left out.
        need: how many of them have to approve; ``all``: all who have not abstained.
    """

    because: str
    asked: tuple[str, ...]
    need: int | Literal["all"]

    def to_json(self) -> dict[str, Any]:
        """The group as JSON."""
        return {"because": self.because, "asked": list(self.asked), "need": self.need}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """The group that ``to_json`` wrote."""
        need = given["need"]
        return cls(str(given["because"]), tuple(given["asked"]), ALL if need == ALL else int(need))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody whom the policy would ask and who may not vote on this case, and why: ``wrote it``."""

    who: Name
    why: str

    def to_json(self) -> dict[str, str]:
        """The person and the reason as JSON."""
        return {"person": self.who.id, "name": self.who.name, "why": self.why}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """What ``to_json`` wrote."""
        return cls(Name(str(given["person"]), str(given["name"])), str(given["why"]))


@dataclass(frozen=True, slots=True)
class Skipped:
    """A level that does not open for this proposal, and why."""

    level: int
    name: str
    why: str

    def to_json(self) -> dict[str, Any]:
        """The level and the reason as JSON."""
        return {"level": self.level, "name": self.name, "why": self.why}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """What ``to_json`` wrote."""
        return cls(int(given["level"]), str(given["name"]), str(given["why"]))


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of a level, as it is after its latest escalation.

    Example::

        {"level": 2, "name": "Line of authority", "opening": "9f2c…", "escalation": 0,
         "openedAt": "2026-11-25T16:40:00Z", "due": "2026-11-30T16:40:00Z", "reminders": ["2026-11-28T16:40:00Z"],
         "groups": [{"because": "authority spend, limit 100,000 GBP", "asked": ["ruth"], "need": 1}],
         "leftOut": [{"person": "noor", "name": "Noor Haddad", "why": "wrote it"}],
         "names": {"ruth": "Ruth Pemberton"}, "target": null, "rejection": "ends", "abstain": false,
         "comment": ["reject"], "then": {"to": {"id": "amir", "name": "Amir Shah"}}}

    Attributes:
        level: from 1.
        opening: random; the same after an escalation.
        escalation: how often the level has been escalated.
        opened_at: of this escalation; the time to decide begins there.
        reminders: later than ``opened_at`` and before ``due``, in order.
        groups: as they were when the level opened, also after an escalation.
        names: of everybody who is or was asked at this level, by id.
        target: who alone decides after an escalation.
        comment: the acts that need a comment.
        then: who gets the level when the time is over; None: the case is rejected then.
    """

    level: int
    name: str
    opening: str
    escalation: int
    opened_at: datetime
    due: datetime
    groups: tuple[Group, ...]
    names: Mapping[str, str]
    reminders: tuple[datetime, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    target: Name | None = None
    rejection: Rejection = Rejection.ENDS
    abstain: bool = False
    comment: frozenset[str] = frozenset()
    then: Name | None = None

    def to_json(self) -> dict[str, Any]:
        """The opening as JSON."""
        return {
            "level": self.level,
            "name": self.name,
            "opening": self.opening,
            "escalation": self.escalation,
            "openedAt": written(self.opened_at),
            "due": written(self.due),
            "reminders": [written(at) for at in self.reminders],
            "groups": [group.to_json() for group in self.groups],
            "leftOut": [one.to_json() for one in self.left_out],
            "names": dict(self.names),
            "target": self.target.to_json() if self.target else None,
            "rejection": str(self.rejection),
            "abstain": self.abstain,
            "comment": sorted(self.comment),
            "then": {"to": self.then.to_json() if self.then else None},
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """The opening that ``to_json`` wrote."""
        target, then = given["target"], given["then"]["to"]
        return cls(
            level=int(given["level"]),
            name=str(given["name"]),
            opening=str(given["opening"]),
            escalation=int(given["escalation"]),
            opened_at=read(given["openedAt"]),
            due=read(given["due"]),
            groups=tuple(map(Group.from_json, given["groups"])),
            names=dict(given["names"]),
            reminders=tuple(map(read, given["reminders"])),
            left_out=tuple(map(LeftOut.from_json, given["leftOut"])),
            target=Name.from_json(target) if target else None,
            rejection=Rejection(given["rejection"]),
            abstain=bool(given["abstain"]),
            comment=frozenset(given["comment"]),
            then=Name.from_json(then) if then else None,
        )


class OpenedAs(StrEnum):
    """How a request to open or escalate a level ended.

    ``over``: no level is left to open. ``expired``: the level goes to nobody, so the case is rejected. ``refused``: the
    input of the instance was not sealed by us, or not for this instance.
    """

    OPENED = "opened"
    OVER = "over"
    ESCALATED = "escalated"
    EXPIRED = "expired"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Opened:
    """The answer of ``OpenLevel``.

    Example::

        {"outcome": "opened", "why": null, "skipped": [{"level": 1, "name": "Finance", "why": "amount is too low"}],
         "opening": {"level": 2, "…": "…"}, "keys": {"2026-11": "3q2+…"}, "directory": "sha256:…"}

    Attributes:
        why: why a level that has just opened was escalated at once or expired; why an input was refused.
        opening: None if no level opened; of a level that expired as it opened, as it would have been.
        keys: the public keys whose seals count from now on, by name, in base64.
        directory: the fingerprint of the policy file that was read.
    """

    outcome: OpenedAs
    opening: Opening | None = None
    skipped: tuple[Skipped, ...] = ()
    why: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    directory: str = ""

    def to_json(self) -> dict[str, Any]:
        """The answer as JSON."""
        return {
            "outcome": str(self.outcome),
            "why": self.why,
            "skipped": [one.to_json() for one in self.skipped],
            "opening": self.opening.to_json() if self.opening else None,
            "keys": dict(self.keys),
            "directory": self.directory,
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """The answer that ``to_json`` wrote."""
        opening = given["opening"]
        return cls(
            OpenedAs(given["outcome"]),
            Opening.from_json(opening) if opening else None,
            tuple(map(Skipped.from_json, given["skipped"])),
            given["why"],
            dict(given["keys"]),
            str(given["directory"]),
        )
