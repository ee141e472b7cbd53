"""What can be said of an act before the case has judged it, and what is said once it has. Pure.

1. The case alone judges. Here is refused what it would refuse now (``approval.may``): the answer comes at once, and the
   case is not woken. In doubt the act goes to the case.
2. A refusal is a sentence that people can act on, and names who decided and when.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from approval import may
from approval.acts import VOTES, Kind, Verdict
from approval.record import What
from approval.review.verdicts import parties
from service.act_errors import (
    ActEarly,
    ActIncomplete,
    ActLate,
    ActNotYours,
    ActOnOwnCase,
    ActRefused,
    ActRepeated,
    ActStale,
    Decided,
)
from service.case_reading import (
    GenuineCase,
    closed_levels,
    is_open,
    level_of,
    opening_of_level,
    present_opening,
    run_of,
    state_of,
    turn_of,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to do to a case.

    Attributes:
        person: by id.
        level: None for a withdrawal.
        opening: of the level as the caller knows it; None if it does not say.
    """

    person: str
    kind: Kind
    revision: int
    level: int | None = None
    opening: str | None = None
    comment: str | None = None


def certain_verdict(wish: Wish, case: GenuineCase) -> Verdict | None:
    """The verdict that the case would give now; None if the act may count."""
    if not case.status:
        return Verdict.OWN_CASE if _is_own(wish, case) else Verdict.EARLY if is_open(case) else Verdict.LATE
    found = may.refusal(
        case.status,
        case.submission,
        wish.person,
        wish.kind,
        revision=wish.revision,
        level=wish.level,
        opening=opening_meant(wish, case),
        comment=wish.comment,
    )
    if found is not Verdict.OWN_CASE and not is_open(case):  # somebody has ended the instance through the engine
        return Verdict.LATE
    return found


def opening_meant(wish: Wish, case: GenuineCase) -> str | None:
    """The opening that an act is for; where it does not say, the one of its level, if that is open or was."""
    return wish.opening or (None if wish.level is None else opening_of_level(case, wish.level))


def _is_own(wish: Wish, case: GenuineCase) -> bool:
    return wish.kind in VOTES and wish.person in parties(case.submission)


def certain_verdict_at_one_level(wish: Wish, case: GenuineCase) -> Verdict | None:
    """The same for a case of one level, which can only be approved or rejected, by the one person who has the turn."""
    if not is_open(case):
        return Verdict.LATE
    if run_of(case) is None:
        return Verdict.EARLY
    if wish.kind is Kind.WITHDRAW or wish.person not in turn_of(case).get("with", ()):
        return Verdict.NOT_YOURS
    if (wish.revision, wish.level) != (1, 1):
        return Verdict.STALE
    return Verdict.INCOMPLETE if wish.kind is Kind.ABSTAIN else None


def is_decided_so(wish: Wish, name: str, case: GenuineCase) -> bool:
    """Whether a case of one level was decided as somebody wishes, by somebody of this name."""
    decided = case.status.get("decided") or {}
    outcome = "Approved" if wish.kind is Kind.APPROVE else "Rejected"
    return decided.get("byName") == name and decided.get("outcome") == outcome


def refusal(verdict: Verdict, wish: Wish, case: GenuineCase) -> ActRefused:
    """The refusal that says this verdict in words."""
    match verdict:
        case Verdict.OWN_CASE:
            return ActOnOwnCase(_own_case(wish, case))
        case Verdict.EARLY:
            return ActEarly(
                "This level is not open yet, so nobody can decide at it. Look at the case, and try again later."
            )
        case Verdict.LATE:
            decided = decided_before(wish, case)
            return ActLate(f"{_in_words(decided, case)} Your act changed nothing.", decided)
        case Verdict.NOT_YOURS:
            return ActNotYours(_not_yours(wish, case))
        case Verdict.REPEATED:
            return ActRepeated("You have voted at this level; a vote cannot be changed. The case shows what it was.")
        case Verdict.INCOMPLETE:
            return ActIncomplete(_incomplete(wish))
    return ActStale(
        "What you decided on is not what the approvers have before them now: revision, level or opening have changed. "
        "Look at the case and decide again."
    )


def decided_before(wish: Wish, case: GenuineCase) -> Decided:
    """Who decided what the act was for: the level that it names, else the case."""
    for level in closed_levels(case):
        if wish.level is not None and level["level"] == wish.level:
            at = str(level["at"] or "")
            return Decided(str(level["is"]), at, wish.level, level.get("by"), level.get("byName"))
    if is_open(case):
        by_enough = "decided by enough of those who are asked"
        return Decided(by_enough if level_of(case) else "passed on to somebody else", "", wish.level)
    ended = next((entry for entry in reversed(case.record) if entry.get("what") == What.ENDED), None)
    decided = case.status.get("decided")
    if isinstance(decided, Mapping):
        outcome = str(decided["outcome"]).lower()
        return Decided(outcome, str(decided["at"]), None, decided.get("by"), decided.get("byName"))
    if ended is not None:
        by: Mapping[str, Any] = ended.get("by") or {}
        return Decided(str(ended["state"]), str(ended["at"]), None, by.get("id"), by.get("name"))
    return Decided(state_of(case), str(case.status.get("endedAt") or ""))


def _own_case(wish: Wish, case: GenuineCase) -> str:
    if wish.person == case.submission.author.id:
        return "You wrote it, so others decide on it. You may withdraw it."
    return "You contributed to it, so others decide on it."


def _in_words(decided: Decided, case: GenuineCase) -> str:
    names = case.submission.policy.level_names
    what = f"The level {names[decided.level - 1]}" if decided.level and decided.level <= len(names) else "The case"
    who = f" by {decided.name}" if decided.name else ""
    at = f" at {decided.at}" if decided.at else ""
    return f"{what} was {decided.in_words}{who}{at}."


def _not_yours(wish: Wish, case: GenuineCase) -> str:
    if wish.kind is Kind.WITHDRAW:
        return f"Only {case.submission.author.name}, who wrote it, may withdraw it."
    opening = present_opening(case)
    reason = next((each.why for each in opening.left_out if each.who.id == wish.person), None) if opening else None
    if reason:
        return f"You are not asked at this level: {reason}."
    if opening and opening.escalation and opening.target:
        return f"The level went to {opening.target.name}, who decides alone now."
    return "You are not one of those who are asked at this level."


def _incomplete(wish: Wish) -> str:
    if wish.kind is Kind.ABSTAIN:
        return "Nobody may abstain at this level. Approve or reject."
    return f"This level wants a comment to {wish.kind}. Add comment and send it again."
