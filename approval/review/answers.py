"""What an answer of ``OpenLevel`` means to a review: the event, its entries of the record, or why it is a fault."""

from collections.abc import Iterator, Mapping
from typing import Any

from approval.opening import Opened, OpenedAs
from approval.record import What
from approval.review.course import Course
from approval.review.transitions import NEXT, CaseEvent, CaseStage
from approval.review.votes import Standing

TIME_IS_OVER, TOO_FEW, ABSTENTIONS = "time is over", "too few people", "abstentions"
_EVENTS = {
    OpenedAs.OPENED: CaseEvent.OPENED,
    OpenedAs.OVER: CaseEvent.OVER,
    OpenedAs.ESCALATED: CaseEvent.ESCALATED,
    OpenedAs.EXPIRED: CaseEvent.EXPIRED,
    OpenedAs.REFUSED: CaseEvent.REFUSED,
}
_WITH_OPENING = frozenset({OpenedAs.OPENED, OpenedAs.ESCALATED})
_NO_LEVEL = "every level of its policy was skipped"
_NOT_OURS = "the seal of its input is not valid any more"


def read_answer(result: object) -> Opened | None:
    """The answer; None if another version of the app has given it, or nobody of ours."""
    try:
        assert isinstance(result, Mapping)
        return Opened.from_json(result)
    except (AssertionError, AttributeError, KeyError, TypeError, ValueError):
        return None


def event_of(answer: Opened | None, state: CaseStage) -> CaseEvent:
    """What the answer does to a case in this state; a fault if it cannot be."""
    if answer is None or (answer.outcome in _WITH_OPENING and answer.opening is None):
        return CaseEvent.FAULT
    event = _EVENTS[answer.outcome]
    return event if (state, event) in NEXT else CaseEvent.FAULT


def fault_of(answer: Opened | None, state: CaseStage) -> str:
    """Why the case cannot go on after this answer."""
    if answer is None:
        return "OpenLevel gave an answer that cannot be read"
    if answer.outcome is OpenedAs.OVER and state is CaseStage.STARTING:
        return _NO_LEVEL
    if answer.outcome is OpenedAs.REFUSED:
        return _NOT_OURS
    return f"OpenLevel answered {answer.outcome} while the case was {state}"


def why_of(answer: Opened, before: Course, state: CaseStage) -> str:
    """Why a level is escalated or expires.

    Args:
        answer: of ``OpenLevel``.
        before: the levels as they were when it was asked.
        state: that of the case then.
    """
    if state is CaseStage.ESCALATING:
        return ABSTENTIONS if before.standing is Standing.STUCK else TIME_IS_OVER
    return answer.why or TOO_FEW


def entries_of(answer: Opened, why: str, *, escalates: bool) -> Iterator[Mapping[str, Any]]:
    """The entries of an answer, without those about the end of a level or of the case.

    Args:
        answer: of ``OpenLevel``.
        why: of an escalation.
        escalates: whether an open level was to be escalated.
    """
    yield from skips_of(answer)
    if answer.opening is None:
        return
    opening = answer.opening.to_json()
    if not escalates:
        yield {"what": What.OPENED.value, "opening": opening}
    if answer.opening.target is not None and answer.outcome in _WITH_OPENING:
        yield {"what": What.ESCALATED.value, "level": answer.opening.level, "why": why, "opening": opening}


def skips_of(answer: Opened | None) -> Iterator[Mapping[str, Any]]:
    """The entries of the levels that do not open."""
    for one in answer.skipped if answer else ():
        yield {"what": What.SKIPPED.value, **one.to_json()}
