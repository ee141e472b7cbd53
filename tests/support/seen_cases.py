"""Cases as the engine shows them at one moment, without a review that has run: status, record, submission."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from companies import CASE, company, submission

COUNTY = company("county")
RUN, FIRST, SECOND = "51" * 16, "51" * 16, "9f" * 16
SINCE, DUE = "2026-11-25T16:40:02Z", "2026-12-05T16:40:02Z"
STRUCTURE = {"kind": "structure", "amount": Decimal("80000.00"), "category": 2, "departure": False}


@dataclass(frozen=True)
class Seen:
    """A case as ``adapters.cases`` reads it."""

    submission: Any
    status: Any
    record: Any = ()
    runtime_status: str = "Running"
    id: str = CASE
    given: Any = field(default_factory=dict)


def opening(**changes):
    """The opening of a structure's first level, which asks Noor and Ruth."""
    return {
        "level": 1, "name": "Technical approval", "opening": FIRST, "escalation": 0, "openedAt": SINCE, "due": DUE,
        "reminders": [], "groups": [{"because": "group technical-approval", "asked": ["noor", "ruth"], "need": 1}],
        "leftOut": [{"person": "amir", "name": "Amir Shah", "why": "has voted before"}],
        "names": {"noor": "Noor Haddad", "ruth": "Ruth Pemberton"}, "target": None, "rejection": "ends",
        "abstain": False, "comment": ["reject"], "then": {"to": {"id": "jo", "name": "Jo Lindqvist"}},
    } | changes  # fmt: skip


def opened(**changes):
    """The record's entry of that opening."""
    return {"n": 2, "move": 1, "at": SINCE, "what": "opened", "opening": opening(**changes)}


def voted(person="noor", kind="approve", act="b7" * 16, verdict="counts", opening=FIRST, level=1):
    """The record's entry of a vote."""
    return {
        "n": 3, "move": 2, "at": SINCE, "what": "act", "verdict": verdict,
        "act": {"id": act, "act": kind, "by": {"id": person, "name": person.title(), "for": None}, "level": level,
                "opening": opening, "comment": None},
    }  # fmt: skip


def status(**changes):
    """The custom status while that level is open."""
    return {
        "state": "with approvers", "message": "With Noor Haddad or Ruth Pemberton since …", "title": "Mill Lane bridge",
        "author": {"id": "dana", "name": "Dana Okafor"}, "amount": "80000.00 GBP", "policy": "structures",
        "visibleTo": "staff", "revision": 1, "run": RUN,
        "level": {"number": 1, "name": "Technical approval", "opening": FIRST, "escalation": 0},
        "turn": {"with": ["noor", "ruth"], "everyone": False, "voted": [], "notNeeded": [],
                 "because": ["group technical-approval"], "since": SINCE, "due": DUE,
                 "next": {"what": "reminder", "at": "2026-12-02T16:40:02Z"}, "then": "goes to Jo Lindqvist"},
        "closed": [], "decided": None, "endedAt": None, "why": None, "askedAt": SINCE, "due": DUE, "verdicts": "",
        "acts": 1, "unsealed": 0, "trouble": None,
    } | changes  # fmt: skip


def closed(level=1, outcome="approved", by="ruth", name="Ruth Pemberton"):
    """A level that is over, as the status lists it."""
    return {"level": level, "name": "…", "is": outcome, "by": by, "byName": name, "at": "2026-11-26T09:00:00Z"}


def seen(record=None, runtime="Running", contributors=(), author="dana", **changes):
    """The case at that moment, with these changes of its status."""
    there = submission(COUNTY, author, STRUCTURE, contributors)
    return Seen(there, status(**changes), tuple([opened()] if record is None else record), runtime)


def just_submitted():
    """The case before its first turn."""
    return Seen(submission(COUNTY, "dana", STRUCTURE), {}, (), "Pending")
