"""What to write into the log about a review, right after something happened to it. Codes and numbers only.

Each event of the review gives its entries once; the texts of the case never stand in them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from approval.errors import NotRecorded
from approval.review import Event, Review
from approval.status import moment

LEVEL = 1  # there is one level of approval; the line says so, so that queries need not change with a second one


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to log.

    Attributes:
        event: its name in docs/reference/logs.md.
        fields: what is said of it.
    """

    event: str
    fields: Mapping[str, Any] = field(default_factory=dict)


def entries(review: Review) -> list[Entry]:
    """What happened last to this review, in the order in which it is told; nothing where there is no news in it.

    Example: ``[Entry("decided", {"outcome": "Approved", "secondsToDecision": 3605.2})]``
    """
    match review.last:
        case None:
            return [Entry("waiting", {"due": moment(review.due)})]
        case Event.JUNK:
            return [Entry("eventIgnored", {"count": review.ignored_count})]
        case Event.APPROVE | Event.REJECT if review.steps:
            return [Entry("decided", {"outcome": _outcome(review), "secondsToDecision": _waited(review)})]
        case Event.APPROVE | Event.REJECT:  # too late
            return [Entry("eventIgnored", {"count": review.ignored_count})]
        case Event.EXPIRE:
            return [Entry("escalated", {"secondsWaited": _waited(review)})]
        case Event.FAILED:
            return _failed(review)
        case Event.RECORDED:
            open_for = _seconds(review.asked_at, review.now)
            return [Entry("closed", {"outcome": _outcome(review), "secondsOpen": open_for})]
    return []  # a hop, or another try


def _failed(review: Review) -> list[Entry]:
    assert review.last_step is not None
    told = {
        "activity": review.last_step.activity,
        "failures": review.failures,
        "triesAgainAt": None if review.retry_at is None else moment(review.retry_at),
    }
    given_up = [Entry("failed", {"problem": NotRecorded.code})] if review.is_over else []
    return [Entry("activityFailed", told), *given_up]


def _outcome(review: Review) -> str:
    return str(review.stage).capitalize()


def _waited(review: Review) -> float:
    return _seconds(review.asked_at, review.closed_at or review.now)


def _seconds(since: datetime, until: datetime) -> float:
    return round((until - since).total_seconds(), 3)
