"""What somebody does to a case: an act, as text that is sealed, and the verdict that the case gives it.

1. An act names the case, its revision and the first opening of this run; a vote also names its level and its opening.
   So an old act that is sent again to a case that was restarted counts for nothing.
2. The sealed text is the act. It is read only after its seal was found to be right (``approval.seals``), and never
   written again: what is stored is what was sealed.
3. A verdict is one of the words of ``Verdict``; the custom status has a letter for each.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from approval.payload import UnreadablePayload, parsed

MOST_COMMENT = 2_000
MOST_TEXT = 16_384
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


class UnreadableAct(ValueError):
    """A sealed text is no act, or none that this version of the app knows."""


class Kind(StrEnum):
    """What people can do; the value is ``act`` in JSON."""

    APPROVE = "approve"
    REJECT = "reject"
    ABSTAIN = "abstain"
    WITHDRAW = "withdraw"


VOTES = frozenset({Kind.APPROVE, Kind.REJECT, Kind.ABSTAIN})


class Verdict(StrEnum):
    """What a case made of an act.

    ``early``: the first level is not open yet. ``late``: what it was for is decided. ``stale``: it was for another run,
    revision or opening. ``repeated``: the person has voted in this opening. ``incomplete``: a comment is missing, or
    nobody may abstain at the level.
    """

    COUNTS = "counts"
    EARLY = "early"
    LATE = "late"
    STALE = "stale"
    NOT_YOURS = "not yours"
    OWN_CASE = "own case"
    INCOMPLETE = "incomplete"
    REPEATED = "repeated"

    @property
    def letter(self) -> str:
        """The letter in the custom status; each verdict begins with another one."""
        return self.value[0]


@dataclass(frozen=True, slots=True)
class Name:
    """A person as everybody saw him at the time.

    Example: ``{"id": "noor", "name": "Noor Haddad"}``
    """

    id: str
    name: str

    def to_json(self) -> dict[str, str]:
        """The person as JSON."""
        return {"id": self.id, "name": self.name}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """The person that ``to_json`` wrote."""
        return cls(str(given["id"]), str(given["name"]))


@dataclass(frozen=True, slots=True)
class Act:
    """One act of one person.

    Example::

        {"id": "b7c1…", "act": "approve", "by": {"id": "noor", "name": "Noor Haddad", "for": null},
         "proof": {"how": "local", "at": "2026-11-25T16:40:00Z"}, "case": "P-7K3M9QXV", "revision": 1,
         "run": "51aa…", "level": 1, "opening": "9f2c…", "comment": null}

    Attributes:
        id: 32 hexadecimal digits; of ``act_id`` if the request had a key, otherwise random.
        how: how the person was known: ``local`` or ``entra``.
        proved_at: when the person proved that, as in ``approval.instants``.
        run: the opening of the case's first level in this run.
        level: from 1; None for a withdrawal.
        opening: of the level; None for a withdrawal.
    """

    id: str
    kind: Kind
    by: Name
    how: str
    proved_at: str
    case: str
    revision: int
    run: str
    level: int | None = None
    opening: str | None = None
    comment: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The act as the record and its text hold it."""
        return {
            "id": self.id,
            "act": str(self.kind),
            "by": {**self.by.to_json(), "for": None},
            "proof": {"how": self.how, "at": self.proved_at},
            "case": self.case,
            "revision": self.revision,
            "run": self.run,
            "level": self.level,
            "opening": self.opening,
            "comment": self.comment,
        }

    def to_text(self) -> str:
        """The text that is sealed."""
        return json.dumps(self.to_json(), ensure_ascii=False, separators=(",", ":"))


def read_act(text: str) -> Act:
    """The act that a sealed text states.

    Raises:
        UnreadableAct: another version of the app has sealed it, or it is none.
    """
    try:
        if len(text) > MOST_TEXT:
            raise UnreadableAct
        given: Any = parsed(text)
        act = Act(
            id=given["id"],
            kind=Kind(given["act"]),
            by=Name(given["by"]["id"], given["by"]["name"]),
            how=given["proof"]["how"],
            proved_at=given["proof"]["at"],
            case=given["case"],
            revision=given["revision"],
            run=given["run"],
            level=given["level"],
            opening=given["opening"],
            comment=given["comment"],
        )
    except (UnreadablePayload, KeyError, TypeError, ValueError) as error:
        raise UnreadableAct from error
    texts = (act.by.id, act.by.name, act.how, act.proved_at, act.case, act.run)
    if not (
        all(isinstance(each, str) for each in (act.id, *texts))
        and all(each is None or isinstance(each, str) for each in (act.opening, act.comment))
        and all(type(each) is int for each in (act.revision, 1 if act.level is None else act.level))
        and _ID.fullmatch(act.id)
    ):
        raise UnreadableAct
    return act


def act_id(case: str, person: str, key: str, sent: str) -> str:
    """The id of the act that a request with an idempotency key makes: the same request has the same id.

    Args:
        case: its id.
        person: who acts, by id; another person's equal key gives another id.
        key: of the request.
        sent: the fingerprint of the body that the caller sent, so that another body is another act.
    """
    named = f"{case}\0{person}\0{key}\0{sent}".encode()
    return hashlib.sha256(named).hexdigest()[:32]
