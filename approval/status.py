"""What an instance shows of itself while it runs and ever after: its custom status, in plain words and in fields.

1. It is there from the first moment and never empty.
2. It is at most 8,000 characters of JSON, for any texts: the engine fails an instance over 8,703. Each text
   has its own limit, counted as JSON with escapes, and the limits add up to less.
3. Every key is always there; what does not apply is null.
"""

from typing import Any

from approval.instants import written
from approval.level_status import MOST_JSON, describe_levels
from approval.review.levels import LevelsReview
from approval.review.one_level import Review, Stage
from approval.review.opened import AnyReview
from approval.text import clip, one_line

__all__ = ["MOST_JSON", "describe"]

_TITLE_LIMIT = 1_200
_NAME_LIMIT = 300
_REASON_LIMIT = 120


def describe(review: AnyReview) -> dict[str, Any]:
    """The custom status of any case."""
    return describe_levels(review) if isinstance(review, LevelsReview) else _describe_one(review)


def _describe_one(review: Review) -> dict[str, Any]:
    """The custom status of a case with one question.

    Example, of a case that waits::

        {"stage": "waiting",
         "message": "Manager is asked to approve or reject “Mill Lane bridge” by dana@example.com. If nobody decides by
                     2026-11-24T20:00:20Z, it goes to Head of department.",
         "title": "Mill Lane bridge", "author": "dana@example.com",
         "asked": "Manager", "askedAt": "2026-11-24T20:00:00Z", "due": "2026-11-24T20:00:20Z",
         "then": "goes to Head of department",
         "decided": null, "escalated": null, "trouble": null,
         "ignored": {"count": 1, "latest": [{"at": "2026-11-24T20:00:05Z", "reason": "a number is no decision"}]}}

    and of one that was decided, where it differs: ``"stage": "rejected"``, ``"then": null`` and::

        "decided": {"outcome": "Rejected", "by": "eli@example.com", "at": "2026-11-24T20:00:09Z", "comment": "No."}
    """
    case, policy = review.case, review.case.policy
    return {
        "stage": str(review.stage),
        "message": _message(review),
        "title": None if case.title is None else clip(one_line(case.title), _TITLE_LIMIT),
        "author": None if case.author is None else _name(case.author),
        "asked": _name(policy.approver),
        "askedAt": written(review.asked_at),
        "due": written(review.due),
        "then": f"goes to {_name(policy.escalate_to)}" if review.is_open else None,
        "decided": _decided(review),
        "escalated": _escalated(review),
        "trouble": _trouble(review),
        "ignored": {
            "count": review.ignored_count,
            "latest": [
                {"at": written(event.at), "reason": clip(event.reason, _REASON_LIMIT)} for event in review.ignored
            ],
        },
    }


def _name(text: str) -> str:
    return clip(one_line(text), _NAME_LIMIT)


def _message(review: Review) -> str:
    case, policy = review.case, review.case.policy
    what = "the project design proposal" if case.title is None else f"“{_name(case.title)}”"
    if case.author is not None:
        what += f" by {_name(case.author)}"
    to = _name(policy.escalate_to)
    if review.is_open:
        said = f"{_name(policy.approver)} is asked to approve or reject {what}. "
        said += f"If nobody decides by {written(review.due)}, it goes to {to}."
    elif review.stage is Stage.ESCALATED:
        said = f"Nobody decided on {what} by {written(review.due)}, so it went to {to}."
    else:
        who = f" by {_name(review.decided.by)}" if review.decided and review.decided.by else ""
        said = f"{what[0].upper()}{what[1:]} was {review.stage}{who} at {written(review.closed_at or review.now)}."
    trouble = review.trouble
    if trouble and trouble.retry_at:
        said += f" Recording that failed {_times(trouble.failures)}; it is tried again at {written(trouble.retry_at)}."
    elif trouble and trouble.is_given_up:
        said += f" Recording that failed {_times(trouble.failures)} and was given up; the decision stands."
    return said


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _decided(review: Review) -> dict[str, Any] | None:
    if review.decided is None or review.closed_at is None:
        return None
    return {
        "outcome": str(review.decided.outcome),
        "by": review.decided.by,
        "at": written(review.closed_at),
        "comment": review.decided.comment,
    }


def _escalated(review: Review) -> dict[str, Any] | None:
    if review.stage is not Stage.ESCALATED or review.closed_at is None:
        return None
    return {"to": _name(review.case.policy.escalate_to), "at": written(review.closed_at)}


def _trouble(review: Review) -> dict[str, Any] | None:
    trouble = review.trouble
    if trouble is None:
        return None
    again = None if trouble.retry_at is None else written(trouble.retry_at)
    return {"activity": trouble.effect.activity, "failures": trouble.failures, "triesAgainAt": again}
