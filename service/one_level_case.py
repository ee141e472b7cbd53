"""A case of one level, seen as a case with levels is: so that page, list and API show both the same way. Pure.

Such a case knows nobody by id. Where no policy file is in force it is read like this:

1. Its author is the person of the directory who has the author's name, if one has.
2. The person who decides in the directory has its only level, whichever role the case names; the role is the reason.
3. Escalated means that nobody decided in time, and it is over: it shows as ``expired``.
4. It writes no record. What is known of it follows from its custom status.
5. It does not say how it was submitted. One whose author is a person of the directory counts as submitted by this
   person; any other has come from another program.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from approval.acts import Name
from approval.case import Case
from approval.errors import UnreadableInput
from approval.instants import read
from approval.policy.frozen import FrozenPolicy
from approval.policy.model import Visibility
from approval.record import Entry, What
from approval.submission import Document, Submission

UNTITLED = "Project design proposal"
RUN = "one level"  # instead of the first opening, which such a case does not have
NOBODY = "Nobody"  # the author of a case that names none
_POLICY = "built-in"
_STATES = {"waiting": "with approvers", "approved": "approved", "rejected": "rejected", "escalated": "expired"}
_ROLE = 200


@dataclass(frozen=True, slots=True)
class OneLevelPeople:
    """The people of a directory without a policy file.

    Attributes:
        decider: who decides all cases.
        ids: of everybody, by name.
    """

    decider: Name
    ids: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OneLevelCase:
    """As ``adapters.cases.StoredCase`` is, of a case of one level."""

    id: str
    submission: Submission
    runtime_status: str
    status: Mapping[str, Any]
    record: Sequence[Entry]
    given: Mapping[str, Any] = field(default_factory=dict)
    created_at: str = ""


def status_with_levels(status: Mapping[str, Any], people: OneLevelPeople) -> dict[str, Any]:
    """The custom status of a case of one level, as a case with levels has it.

    Args:
        status: of ``approval.status``.
        people: of the directory.

    Raises:
        KeyError, TypeError, AttributeError: it is none.
    """
    stage, role, decided = status["stage"], str(status["asked"]), status["decided"]
    author, state, ids = str(status["author"] or ""), _STATES[stage], people.ids
    waits = state == "with approvers"
    by = None if decided is None else str(decided["by"] or "")
    over = decided["at"] if decided else status["escalated"]["at"] if status["escalated"] else None
    closed = {"level": 1, "name": role, "is": state, "by": ids.get(by or ""), "byName": by or None, "at": over}
    return {
        "state": state,
        "message": status["message"],
        "title": str(status["title"] or UNTITLED),
        "author": {"id": ids.get(author, ""), "name": author or NOBODY},
        "amount": None,
        "policy": _POLICY,
        "visibleTo": str(Visibility.STAFF),
        "revision": 1,
        "run": RUN,
        "level": {"number": 1, "name": role, "opening": RUN, "escalation": 0} if waits else None,
        "turn": {
            "with": [people.decider.id],
            "everyone": False,
            "voted": [],
            "notNeeded": [],
            "because": [role],
            "since": status["askedAt"],
            "due": status["due"],
            "next": None,
            "then": status["then"],
        }
        if waits
        else None,
        "closed": [] if waits else [closed],
        "decided": None
        if decided is None
        else {"outcome": decided["outcome"], "by": closed["by"], "byName": by or None, "at": decided["at"]},
        "endedAt": over,
        "why": None,
        "askedAt": status["askedAt"],
        "due": status["due"],
        "verdicts": "",
        "acts": 0 if decided is None else 1,
        "unsealed": 0,
        "trouble": status["trouble"],
    }


def one_level_case(answer: Mapping[str, Any], given: object, people: OneLevelPeople) -> OneLevelCase | None:
    """The case that a status answer describes; None if it is none.

    Args:
        answer: of the engine, with its custom status.
        given: the input, decoded.
        people: of the directory.
    """
    status = answer.get("customStatus")
    try:
        case = Case.from_input(given)
        shown = status_with_levels(status, people) if isinstance(status, Mapping) else {}
        submission = _submission(answer, given, case, people.ids)
    except (UnreadableInput, KeyError, TypeError, ValueError, AttributeError):
        return None
    return OneLevelCase(
        submission.case,
        submission,
        str(answer["runtimeStatus"]),
        shown,
        tuple(_record(submission, shown, status if isinstance(status, Mapping) else {})),
        given if isinstance(given, Mapping) else {},
        str(answer["createdTime"]),
    )


def _submission(answer: Mapping[str, Any], given: object, case: Case, ids: Mapping[str, str]) -> Submission:
    proposal = (given.get("proposal") if isinstance(given, Mapping) else None) or {}
    author = case.author or NOBODY
    amount, currency = proposal.get("amount"), proposal.get("currency")
    about = [str(proposal["summary"])] if proposal.get("summary") else []
    about += [f"Amount: {amount} {currency}"] if amount else []
    level = {"name": case.policy.approver[:_ROLE], "abstain": False, "comment": []}
    attached = proposal.get("attachments", ())
    documents = [Document(str(one["name"]), str(one["url"]), str(one["sha256"])) for one in attached]
    return Submission(
        str(answer["instanceId"]),
        case.title or UNTITLED,
        "\n".join(about) or None,
        {},
        tuple(documents),
        Name(ids.get(author, ""), author),
        (),
        "local" if author in ids else "machine",
        _time(answer["createdTime"]),
        FrozenPolicy(_POLICY, "One level", "", "UTC", "", Visibility.STAFF, False, {}, (level,)),  # noqa: FBT003
        str(given.get("digest", "")) if isinstance(given, Mapping) else "",
    )


def _time(text: str) -> datetime:
    return read(text).replace(microsecond=0)


def _record(submission: Submission, shown: Mapping[str, Any], status: Mapping[str, Any]) -> list[Entry]:
    """What happened, as far as the status tells."""
    found: list[Entry] = [
        {"n": 1, "move": 1, "at": str(shown.get("askedAt", "")), "what": str(What.SUBMITTED),
         "by": submission.author.to_json(), "how": submission.how},
    ]  # fmt: skip
    decided = status.get("decided")
    if isinstance(decided, Mapping):
        by = {"id": shown["closed"][0]["by"] or "", "name": decided["by"] or "Somebody", "for": None}
        act = {"id": "0" * 32, "act": "approve" if shown["state"] == "approved" else "reject", "by": by,
               "case": submission.case, "revision": 1, "run": RUN, "level": 1, "opening": RUN,
               "comment": decided["comment"]}  # fmt: skip
        found.append({"n": 2, "move": 2, "at": decided["at"], "what": str(What.ACT), "act": act, "verdict": "counts"})
    if shown.get("endedAt"):
        found.append({"n": len(found) + 1, "move": 2, "at": shown["endedAt"], "what": str(What.ENDED),
                      "state": shown["state"], "by": None, "why": None})  # fmt: skip
    return found
