"""Which review an input gets: today's inputs of both schemas, and those of instances that began before."""

from datetime import datetime

from approval.case import read_input
from approval.review.levels import LevelsReview
from approval.review.one_level import Review
from approval.submission import Submission

AnyReview = Review | LevelsReview


def opened(given: object, instance: str, at: datetime) -> AnyReview:
    """The review of a new instance: of one question, or of the levels of a policy file.

    Args:
        given: the input of the instance.
        instance: its id.
        at: the orchestration's own clock.

    Raises:
        UnreadableInput: our functions have not written it, or a newer version of them has.
    """
    read = read_input(given)
    if isinstance(read, Submission):
        return LevelsReview.opened(read, instance, given, at)
    return Review.opened(read, at)
