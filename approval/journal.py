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
    """What has just happened to this review, in order; nothing where it is not worth a line.

    Example: ``[Entry("decided", {"outcome": "Approved", "secondsToDecision": 3605.2})]``
    """
    return [entry for event in review.news for entry in _entries(event, review)]


def _entries(event: Event, review: Review) -> list[Entry]:
    match event:
        case Event.OPENED:
            return [Entry("waiting", {"due": moment(review.due)})]
        case Event.APPROVE | Event.REJECT if review.to_start:
            return [Entry("decided", {"outcome": _outcome(review), "secondsToDecision": _waited(review)})]
        case Event.APPROVE | Event.REJECT | Event.JUNK:  # too late, or no decision
            return [Entry("eventIgnored", {"count": review.ignored_count})]
        case Event.EXPIRE:
            return [Entry("escalated", {"secondsWaited": _waited(review)})]
        case Event.FAILED:
            return _failed(review)
        case Event.RECORDED:
            open_for = _seconds(review.asked_at, review.now)
            return [Entry("closed", {"outcome": _outcome(review), "secondsOpen": open_for})]
        case Event.HOP | Event.RETRY:
            return []


def _failed(review: Review) -> list[Entry]:
    trouble = review.trouble
    assert trouble is not None
    failed = {
        "activity": trouble.effect.activity,
        "failures": trouble.failures,
        "triesAgainAt": None if trouble.retry_at is None else moment(trouble.retry_at),
    }
    given_up = [Entry("failed", {"problem": NotRecorded.code})] if trouble.is_given_up else []
    return [Entry("activityFailed", failed), *given_up]


def _outcome(review: Review) -> str:
    return str(review.stage).capitalize()


def _waited(review: Review) -> float:
    return _seconds(review.asked_at, review.closed_at or review.now)


def _seconds(since: datetime, until: datetime) -> float:
    return round((until - since).total_seconds(), 3)
