"""What the log records of a review, right after something happened to it. Codes and numbers only.

Each move of the review gives its log events once; they never hold the texts of the case.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from approval.errors import NotRecorded
from approval.instants import written
from approval.review.levels import LevelsReview
from approval.review.one_level import Event, Review
from approval.review.opened import AnyReview
from service.level_log_events import failure, told_of


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One thing to log.

    Attributes:
        name: as in docs/reference/logs.md.
        fields: of the line.
        level: which one, from 1; None before one has opened. A case with one question has the level 1.
    """

    name: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    level: int | None = 1


def log_events(review: AnyReview) -> list[LogEvent]:
    """What has just happened to this review, in order; nothing if it is not worth a line.

    Example: ``[LogEvent("decided", {"outcome": "Approved", "secondsToDecision": 3605.2})]``
    """
    if isinstance(review, LevelsReview):
        level = review.course.opening.level if review.course.opening else None
        return [LogEvent(name, fields, level) for name, fields in told_of(review)]
    return [found for event in review.news for found in _of(event, review)]


def _of(event: Event, review: Review) -> list[LogEvent]:
    match event:
        case Event.OPENED:
            return [LogEvent("waiting", {"due": written(review.due)})]
        case Event.APPROVE | Event.REJECT:
            return [LogEvent("decided", {"outcome": _outcome(review), "secondsToDecision": _waited(review)})]
        case Event.JUNK:
            return [LogEvent("eventIgnored", {"count": review.ignored_count})]
        case Event.EXPIRE:
            return [LogEvent("escalated", {"secondsWaited": _waited(review)})]
        case Event.FAILED:
            return _failed(review)
        case Event.RECORDED:
            open_for = _seconds(review.asked_at, review.now)
            return [LogEvent("closed", {"outcome": _outcome(review), "secondsOpen": open_for})]
        case Event.HOP | Event.RETRY:
            return []


def _failed(review: Review) -> list[LogEvent]:
    trouble = review.trouble
    assert trouble is not None
    failed = failure(trouble)
    given_up = [LogEvent("failed", {"problem": NotRecorded.code})] if trouble.is_given_up else []
    return [LogEvent("activityFailed", failed), *given_up]


def _outcome(review: Review) -> str:
    return str(review.stage).capitalize()


def _waited(review: Review) -> float:
    return _seconds(review.asked_at, review.closed_at or review.now)


def _seconds(since: datetime, until: datetime) -> float:
    return round((until - since).total_seconds(), 3)
