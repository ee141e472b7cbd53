"""What can be said of an act before the case has judged it, and what is said once it has. Pure.

1. The case alone judges. Here is refused only what it would refuse at any moment from now on, so that the answer comes
   at once and the case is not woken. In doubt the act goes to the case.
2. The order is the case's own: own case, late, stale, not yours, repeated, incomplete.
3. A refusal is a sentence that people can act on, and names who decided and when.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from approval.acts import VOTES, Kind, Verdict
from approval.record import What
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
    counted_votes,
    is_open,
    level_of,
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
    """The verdict that the case would give at any moment from now on; None if only the case can say."""
    if _is_own(wish, case):
        return Verdict.OWN_CASE
    if not is_open(case):
        return Verdict.LATE
    if run_of(case) is None:
        return Verdict.EARLY
    if wish.level is not None and any(level["level"] == wish.level for level in closed_levels(case)):
        return Verdict.LATE
    if wish.revision != case.status.get("revision"):
        return Verdict.STALE
    if wish.kind is Kind.WITHDRAW:
        return None if wish.person == case.submission.author.id else Verdict.NOT_YOURS
    level = level_of(case)
    if level is None or level["number"] != wish.level:
        return Verdict.STALE
    if wish.opening is not None and wish.opening != level["opening"]:
        return Verdict.STALE
    return _verdict_of_asked(wish, case)


def _is_own(wish: Wish, case: GenuineCase) -> bool:
    written_by = (case.submission.author, *case.submission.contributors)
    return wish.kind in VOTES and wish.person in {each.id for each in written_by}


def _verdict_of_asked(wish: Wish, case: GenuineCase) -> Verdict | None:
    """As far as the record of the present opening goes."""
    opening = present_opening(case)
    if opening is None:
        return None
    has_voted = wish.person in counted_votes(case, opening.opening)
    asked = {person for group in opening.groups for person in group.asked}
    if opening.target is not None and opening.escalation > 0:
        if has_voted:
            return None
        asked = {opening.target.id}
    if wish.person not in asked:
        return Verdict.NOT_YOURS
    if has_voted:
        return Verdict.REPEATED
    if wish.kind is Kind.ABSTAIN and not opening.abstain:
        return Verdict.INCOMPLETE
    return Verdict.INCOMPLETE if str(wish.kind) in opening.comment and not wish.comment else None


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
            return ActEarly("Nobody is asked yet; the first level is just being opened. Try again in a second.")
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
            return Decided(str(level["is"]), str(level["at"]), wish.level, level.get("by"), level.get("byName"))
    ended = next((entry for entry in reversed(case.record) if entry.get("what") == What.ENDED), None)
    decided = case.status.get("decided")
    if isinstance(decided, Mapping):
        outcome = str(decided["outcome"]).lower()
        return Decided(outcome, str(decided["at"]), None, decided.get("by"), decided.get("byName"))
    if ended is not None:
        by: Mapping[str, Any] = ended.get("by") or {}
        return Decided(str(ended["state"]), str(ended["at"]), None, by.get("id"), by.get("name"))
    return Decided(state_of(case), str(case.status.get("askedAt") or ""))


def _own_case(wish: Wish, case: GenuineCase) -> str:
    if wish.person == case.submission.author.id:
        return "You wrote it, so others decide on it. You may withdraw it."
    return "You contributed to it, so others decide on it."


def _in_words(decided: Decided, case: GenuineCase) -> str:
    names = case.submission.policy.level_names
    what = f"The level {names[decided.level - 1]}" if decided.level and decided.level <= len(names) else "The case"
    who = f" by {decided.name}" if decided.name else ""
    at = f" at {decided.at}" if decided.at else ""
    return f"{what} was {decided.outcome}{who}{at}."


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
