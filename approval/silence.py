"""What happens to a case if nobody acts from now on: reminders, escalations and its end, each with its time.

The review itself is led through it, with ``approval.open_level`` in place of the activity, the people of today's policy
file, and no time between a question and its answer. So the times are those of the case, to the second.
"""

from datetime import datetime
from typing import Any

from approval.effects import Effect
from approval.open_level import open_level
from approval.opening import Request
from approval.policy.model import PolicyFile
from approval.record import Entry
from approval.review.levels import LevelsReview
from approval.submission import Submission


def silence(submission: Submission, file: PolicyFile, at: datetime) -> tuple[Entry, ...]:
    """The record of a case that is submitted now, if nobody acts.

    Args:
        submission: one that nobody needs to have sealed.
        file: the policy file in force.
        at: now, with whole seconds.

    Raises:
        UnfitPolicyFile: a level needs what the file has no more.
        UnreadableInput: this version of the app cannot read the frozen levels.
    """
    return after_silence(LevelsReview.opened(submission, submission.case, None, at), file).record


def after_silence(review: LevelsReview, file: PolicyFile) -> LevelsReview:
    """A review as it will be when it is over, if nobody acts; ``record`` has what it is now, and goes on from there.

    Raises:
        UnfitPolicyFile: a level needs what the file has no more.
        UnreadableInput: this version of the app cannot read the frozen levels.
    """
    while not review.is_over:
        running = next((one.effect for one in review.effects if one.runs), None)
        if running is not None:
            review = review.done(running.key, _result(running, review, file), review.now)
            continue
        assert review.wakes_at is not None, "a review that is not over waits for something"
        review = review.woke(review.wakes_at)
    return review


def _result(effect: Effect, review: LevelsReview, file: PolicyFile) -> Any:
    """What the activity would give; the review looks at no other result than that of ``OpenLevel``."""
    if effect.activity != "OpenLevel":
        return ""
    opening = f"{review.opens:032x}"
    request = Request.from_json(effect.input)
    return open_level(request, review.submission, file, "", review.course.keys, opening).to_json()
