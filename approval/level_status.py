"""The custom status of a case under a policy file. ``approval.status`` has its rules; here is how the space is shared.

1. Each text has a limit of its own, counted as JSON with escapes. What is left of 8,000 characters goes to the closed
   levels, the latest first, so a case with very many levels shows the last ones. The record has all of them.
2. People who are asked are there by id only; no comment and no field but the amount is there.
3. Nobody has the turn while a level is being opened: ``level`` and ``turn`` are null then.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from approval.instants import written
from approval.opening import Opening
from approval.policy.model import NEXT_IN_LINE
from approval.review.levels import LevelsReview
from approval.review.transitions import CaseStage
from approval.review.verdicts import REVISION
from approval.review.votes import needs_everyone, not_needed, unfinished
from approval.sentence import sentence
from approval.text import clip, one_line

MOST_JSON = 8_000
_TITLE, _NAME, _WORD, _THEN, _MESSAGE = 600, 120, 60, 240, 900
_MOST_PEOPLE, _MOST_REASONS = 56, 5
_OUTCOMES = {CaseStage.APPROVED: "Approved", CaseStage.REJECTED: "Rejected"}


def describe_levels(review: LevelsReview) -> dict[str, Any]:
    """The custom status.

    Example, of a case that waits::

        {"state": "with approvers",
         "message": "With Noor Haddad or Ruth Pemberton since Wed 25 Nov 16:40 UTC. Reminder Wed 2 Dec 16:40 UTC. If
                     nobody decides by Sat 5 Dec 16:40 UTC it goes to Jo Lindqvist, then it is rejected.",
         "title": "Mill Lane bridge", "author": {"id": "dana", "name": "Dana Okafor"}, "amount": "80000.00 GBP",
         "policy": "structures", "visibleTo": "staff", "revision": 1, "run": "9f2c…",
         "level": {"number": 1, "name": "Technical approval", "opening": "9f2c…", "escalation": 0},
         "turn": {"with": ["noor", "ruth"], "everyone": false, "voted": [], "notNeeded": [],
                  "because": ["group technical-approval"], "since": "2026-11-25T16:40:00Z",
                  "due": "2026-12-05T16:40:00Z", "next": {"what": "reminder", "at": "2026-12-02T16:40:00Z"},
                  "then": "goes to Jo Lindqvist, then it is rejected"},
         "closed": [], "decided": null, "endedAt": null, "why": null,
         "askedAt": "2026-11-25T16:40:00Z", "due": "2026-12-05T16:40:00Z",
         "verdicts": "", "acts": 0, "unsealed": 0, "trouble": null}

    and of one that was decided, where it differs: ``"state": "approved"``, ``"level": null, "turn": null`` and::

        "closed": [{"level": 1, "name": "Technical approval", "is": "approved", "by": "ruth",
                    "byName": "Ruth Pemberton", "at": "2026-11-25T17:00:00Z"}],
        "decided": {"outcome": "Approved", "by": "ruth", "byName": "Ruth Pemberton", "at": "2026-11-25T17:00:00Z"}
    """
    submission, course = review.submission, review.course
    opening = course.opening if review.is_asking else None
    status: dict[str, Any] = {
        "state": review.state.shown,
        "message": "",
        "title": _clipped(submission.title, _TITLE),
        "author": {"id": _word(submission.author.id), "name": _name(submission.author.name)},
        "amount": None if submission.amount is None else _word(submission.amount),
        "policy": _word(submission.policy.name),
        "visibleTo": str(submission.policy.visible_to),
        "revision": REVISION,
        "run": None if course.run is None else _word(course.run),
        "level": None if opening is None else _level(opening),
        "turn": None if opening is None else _turn(review, opening),
        "closed": [],
        "decided": _decided(review),
        "endedAt": _time(review.ended_at),
        "why": None if review.ended_why is None else _name(review.ended_why),
        "askedAt": written(review.asked_at),
        "due": None if opening is None else written(opening.due),
        "verdicts": review.acts.verdicts,
        "acts": len(review.acts.ids),
        "unsealed": review.journal.unsealed,
        "trouble": _trouble(review),
    }
    names = {person: _name(name) for person, name in opening.names.items()} if opening else {}
    status["message"] = clip(sentence(status, names, UTC, "UTC"), _MESSAGE)
    if not course.closed:
        return status
    closed: list[dict[str, Any]] = status["closed"]
    left = MOST_JSON - len(json.dumps(status))
    for level in reversed(course.closed):
        shown = level.to_status()
        for key in ("name", "by", "byName"):
            shown[key] = None if shown[key] is None else _name(shown[key])
        left -= len(json.dumps(shown)) + 2
        if left < 0:
            break
        closed.insert(0, shown)
    return status


def _level(opening: Opening) -> dict[str, Any]:
    return {
        "number": opening.level,
        "name": _name(opening.name),
        "opening": _word(opening.opening),
        "escalation": opening.escalation,
    }


def _turn(review: LevelsReview, opening: Opening) -> dict[str, Any]:
    course = review.course
    late, waiting = not_needed(opening, course.votes), course.turn
    voted = [vote.by.id for vote in course.votes if vote.by.id not in late]
    because = [group.because for group in unfinished(opening, course.votes)]
    people = list(_people(waiting, _MOST_PEOPLE))
    others = list(_people(voted, _MOST_PEOPLE - len(people)))
    reminder = next(iter(course.reminders), None)
    return {
        "with": people,
        "everyone": needs_everyone(opening, course.votes),
        "voted": others,
        "notNeeded": list(_people(late, _MOST_PEOPLE - len(people) - len(others))),
        "because": ["escalation"] if opening.target else [_name(text) for text in because[:_MOST_REASONS]],
        "since": written(opening.opened_at),
        "due": written(opening.due),
        "next": None if reminder is None else {"what": "reminder", "at": written(reminder)},
        "then": clip(_then(review, opening), _THEN),
    }


def _then(review: LevelsReview, opening: Opening) -> str:
    """What happens if nobody decides, to follow the word "it"."""
    if opening.then is None:
        return "is rejected"
    levels = review.submission.policy.levels_given
    level = levels[opening.level - 1] if 0 < opening.level <= len(levels) else {}
    further = "then up the line, and is rejected at its end"
    then = further if level.get("escalateTo") == NEXT_IN_LINE else "then it is rejected"
    return f"goes to {_name(opening.then.name)}, {then}"


def _decided(review: LevelsReview) -> dict[str, Any] | None:
    if review.state not in _OUTCOMES:
        return None
    by = review.ended_by
    return {
        "outcome": _OUTCOMES[review.state],
        "by": None if by is None else _word(by.id),
        "byName": None if by is None else _name(by.name),
        "at": _time(review.ended_at),
    }


def _trouble(review: LevelsReview) -> dict[str, Any] | None:
    trouble = review.trouble
    if trouble is None:
        return None
    return {
        "activity": trouble.effect.activity,
        "failures": trouble.failures,
        "triesAgainAt": _time(trouble.retry_at),
    }


def _people(ids: Iterable[str], most: int) -> Iterable[str]:
    return map(_id, list(ids)[:most])


def _time(at: datetime | None) -> str | None:
    return None if at is None else written(at)


def _clipped(text: str, limit: int) -> str:
    return clip(one_line(text), limit)


def _name(text: str) -> str:
    return _clipped(text, _NAME)


def _word(text: str) -> str:
    return _clipped(text, _WORD)


def _id(text: str) -> str:
    return _clipped(text, 24)
