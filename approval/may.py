"""What would be refused now, seen from the custom status and the submission alone: for pages, REST and mail.

1. What is refused here, the case would refuse too, if the act reached it now. What is not refused here counts, unless
   something else reaches the case first: the case alone has the last word.
2. The order is that of ``approval.review.verdicts``. ``early`` comes on top: no level is open yet, or not the one that
   was named.
3. After the end everything is late, but that nobody may vote on their own case.
"""

from collections.abc import Mapping
from typing import Any

from approval.acts import VOTES, Kind, Verdict
from approval.review.transitions import CaseStage
from approval.review.verdicts import parties
from approval.submission import Submission
from approval.text import is_visible

Status = Mapping[str, Any]
REASONS: Mapping[Verdict, str] = {
    Verdict.EARLY: "This level is not open yet.",
    Verdict.LATE: "This is decided already, or not needed any more.",
    Verdict.STALE: "This was for another opening of the level.",
    Verdict.NOT_YOURS: "You are not asked now.",
    Verdict.OWN_CASE: "You wrote it, or contributed to it.",
    Verdict.INCOMPLETE: "A comment is needed, or nobody may abstain here.",
    Verdict.REPEATED: "You have voted at this level.",
}


def may(status: Status, submission: Submission, person: str) -> Mapping[Kind, Verdict | None]:
    """For each act whether this person may do it now: None, or the verdict that it would get.

    A comment that the level wants is taken for given: ``needs_comment`` says which acts want one.
    """
    return {kind: refusal(status, submission, person, kind, comment="given") for kind in Kind}


def refusal(
    status: Status,
    submission: Submission,
    person: str,
    kind: Kind,
    *,
    revision: int | None = None,
    level: int | None = None,
    opening: str | None = None,
    comment: str | None = None,
) -> Verdict | None:
    """The verdict that an act would get now; None if it would count.

    Args:
        status: the custom status of the case.
        submission: what its input states.
        person: who acts, by id.
        kind: what they do.
        revision: what it is for; that of now where it is None.
        level: likewise.
        opening: likewise; without a level that is open, an act that names one is late.
        comment: None or without a visible character if there is none.
    """
    is_open = status["state"] == CaseStage.WITH_APPROVERS.shown
    is_stale = revision is not None and revision != status["revision"]
    if kind not in VOTES:
        if status["run"] is None or not is_open:
            return Verdict.EARLY if is_open else Verdict.LATE
        return Verdict.STALE if is_stale else None if person == submission.author.id else Verdict.NOT_YOURS
    if person in parties(submission):
        return Verdict.OWN_CASE
    if status["run"] is None or not is_open:
        return Verdict.EARLY if is_open else Verdict.LATE
    if level is not None and level > len(submission.policy.level_names):  # there is no such level
        return Verdict.STALE
    found = _of_place(status, level, opening)
    if found is Verdict.LATE or (found is None and person in status["turn"]["notNeeded"]):
        return Verdict.LATE
    if found is not None:
        return found
    return Verdict.STALE if is_stale else _of_person(status, submission, person, kind, comment)


def needs_comment(status: Status, submission: Submission, kind: Kind) -> bool:
    """Whether the open level wants a comment with such an act."""
    return str(kind) in _level(status, submission).get("comment", ())


def _of_place(status: Status, level: int | None, opening: str | None) -> Verdict | None:
    """What the level and the opening that an act names say about it."""
    present = status["level"]
    if present is None:  # a level is being opened, or goes to somebody else
        if opening is not None:
            return Verdict.LATE
        closed = [one["level"] for one in status["closed"] if one["is"] != "skipped"]
        first = 1 + max((one["level"] for one in status["closed"]), default=0)
        return Verdict.EARLY if level is not None and level > max(closed, default=first) else Verdict.LATE
    if level is not None and level != present["number"]:
        return Verdict.LATE if level < present["number"] else Verdict.EARLY
    return Verdict.STALE if opening is not None and opening != present["opening"] else None


def _of_person(status: Status, submission: Submission, person: str, kind: Kind, comment: str | None) -> Verdict | None:
    turn, level = status["turn"], _level(status, submission)
    if person not in turn["with"]:
        is_repeated = person in turn["voted"] and status["level"]["escalation"] == 0
        return Verdict.REPEATED if is_repeated else Verdict.NOT_YOURS
    if kind is Kind.ABSTAIN and not level.get("abstain", False):
        return Verdict.INCOMPLETE
    is_given = comment is not None and is_visible(comment)
    return Verdict.INCOMPLETE if needs_comment(status, submission, kind) and not is_given else None


def _level(status: Status, submission: Submission) -> Mapping[str, Any]:
    """The open level as it was frozen; empty where none is open."""
    present, levels = status["level"], submission.policy.levels_given
    number = present["number"] if present else 0
    return levels[number - 1] if 0 < number <= len(levels) else {}
