"""What a case makes of an act: the first of these that is true of it.

own case, late, stale, not yours, repeated, incomplete, counts

The author and the contributors never vote, at no level, also if they were asked by mistake.
"""

from approval.acts import Act, Kind, Verdict
from approval.review.course import Course
from approval.review.votes import not_needed
from approval.submission import Submission
from approval.text import is_visible

REVISION = 1  # a proposal cannot be revised yet


def judge(act: Act, submission: Submission, course: Course, *, is_asking: bool) -> Verdict:
    """The verdict on an act that came for the first time.

    Args:
        act: sealed for this case.
        submission: whose case it is.
        course: its levels.
        is_asking: whether somebody has the turn; not while ``OpenLevel`` runs.
    """
    if act.kind is Kind.WITHDRAW:
        return _withdrawal(act, submission, course)
    if act.by.id in parties(submission):
        return Verdict.OWN_CASE
    if act.run == course.run and _is_late(act, course, is_asking=is_asking):
        return Verdict.LATE
    opening = course.opening
    if act.run != course.run or act.revision != REVISION or opening is None:
        return Verdict.STALE
    if (act.opening, act.level) != (opening.opening, opening.level):
        return Verdict.STALE
    asked = {person for group in opening.groups for person in group.asked}
    if act.by.id not in ({opening.target.id} if opening.target else asked):
        return Verdict.NOT_YOURS
    if course.has_voted(act.by.id):
        return Verdict.REPEATED
    return Verdict.COUNTS if _is_complete(act, course) else Verdict.INCOMPLETE


def parties(submission: Submission) -> frozenset[str]:
    """The ids of those who never vote on this case."""
    return frozenset({submission.author.id, *(one.id for one in submission.contributors)})


def _withdrawal(act: Act, submission: Submission, course: Course) -> Verdict:
    if act.run != course.run or act.revision != REVISION:
        return Verdict.STALE
    return Verdict.COUNTS if act.by.id == submission.author.id else Verdict.NOT_YOURS


def _is_late(act: Act, course: Course, *, is_asking: bool) -> bool:
    """Whether it is for an opening of this run that is closed, or for one where this person is not needed any more."""
    if act.opening in course.closed_openings:
        return True
    opening = course.opening
    if opening is None or act.opening != opening.opening:
        return False
    return not is_asking or act.by.id in not_needed(opening, course.votes)


def _is_complete(act: Act, course: Course) -> bool:
    if act.kind is Kind.ABSTAIN and not (course.opening and course.opening.abstain):
        return False
    return not course.needs_comment(act.kind) or (act.comment is not None and is_visible(act.comment))
