"""What the log records of a case with levels, right after something happened to it; see ``service.log_events``."""

from collections.abc import Callable, Mapping
from typing import Any

from approval.effects import Pending
from approval.errors import CaseFault, NotRecorded
from approval.instants import written
from approval.review.levels import LevelsReview
from approval.review.transitions import CaseEvent, CaseStage

Told = tuple[str, Mapping[str, Any]]


def told_of(review: LevelsReview) -> list[Told]:
    """What has just happened, in order: the name of each log event and its fields.

    Example: ``[("judged", {"verdict": "counts"}), ("levelApproved", {"secondsWaited": 3605.2})]``
    """
    told = [tell(review) for event in review.news for tell in _OF_LEVELS.get(event, ())]
    if review.is_over and review.trouble is None and review.state is not CaseStage.FAULT:
        told.append(("closed", {"outcome": str(review.state).capitalize(), "secondsOpen": _open_for(review)}))
    elif review.is_over and review.state is not CaseStage.FAULT:
        told.append(("failed", {"problem": NotRecorded.code}))
    return told


def failure(failed: Pending) -> dict[str, Any]:
    """The fields of ``activityFailed``."""
    again = None if failed.retry_at is None else written(failed.retry_at)
    return {"activity": failed.effect.activity, "failures": failed.failures, "triesAgainAt": again}


def _failed(review: LevelsReview) -> Told:
    assert review.last_failed is not None
    return "activityFailed", failure(review.last_failed)


def _waiting(review: LevelsReview) -> Told:
    return "waiting", {"due": written(review.course.opening.due) if review.course.opening else None}


def _level_escalated(review: LevelsReview) -> Told:
    return "levelEscalated", {"times": review.course.opening.escalation if review.course.opening else 0}


def _judged(review: LevelsReview) -> Told:
    return "judged", {"verdict": str(review.acts.latest)}


def _level_approved(review: LevelsReview) -> Told:
    return "levelApproved", {"secondsWaited": _open_for(review)}


def _decided(review: LevelsReview) -> Told:
    return "decided", {"outcome": str(review.state).capitalize(), "secondsToDecision": _open_for(review)}


def _withdrawn(review: LevelsReview) -> Told:
    return "withdrawn", {"secondsWaited": _open_for(review)}


def _expired(review: LevelsReview) -> Told:
    return "escalated", {"secondsWaited": _open_for(review)}


def _reminded(review: LevelsReview) -> Told:
    return "reminded", {"people": len(review.course.turn)}


def _unsealed(review: LevelsReview) -> Told:
    return "eventIgnored", {"count": review.journal.unsealed}


def _fault(_: LevelsReview) -> Told:
    return "failed", {"problem": CaseFault.code}


def _open_for(review: LevelsReview) -> float:
    return round((review.now - review.asked_at).total_seconds(), 3)


# What a case with levels logs; an event that is not here logs nothing.
_OF_LEVELS: Mapping[CaseEvent, tuple[Callable[[LevelsReview], Told], ...]] = {
    CaseEvent.OPENED: (_waiting,),
    CaseEvent.ESCALATED: (_level_escalated, _waiting),
    CaseEvent.NOTED: (_judged,),
    CaseEvent.VOTED: (_judged,),
    CaseEvent.STUCK: (_judged,),
    CaseEvent.LEVEL_APPROVED: (_judged, _level_approved),
    CaseEvent.APPROVED: (_judged, _decided),
    CaseEvent.REJECTED: (_judged, _decided),
    CaseEvent.OVER: (_decided,),
    CaseEvent.WITHDRAWN: (_judged, _withdrawn),
    CaseEvent.EXPIRED: (_expired,),
    CaseEvent.REMINDED: (_reminded,),
    CaseEvent.UNSEALED: (_unsealed,),
    CaseEvent.FAULT: (_fault,),
    CaseEvent.FAILED: (_failed,),
}
