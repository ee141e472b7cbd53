"""The votes of one opening, and what they come to: group by group, and for the whole level.

1. One vote counts in every group of the level that asks its person.
2. A number needed: approved with so many approvals. ``all``: approved when all who have not abstained have approved,
   and somebody has.
3. Out of reach: too few are left to approve. With a rejection in the group it is rejected, otherwise it is stuck, and
   the level goes where its expiry says.
4. ``rejection = "ends"``: one rejection in any group rejects the level. ``counts``: a group that is rejected does.
5. A level is approved when all its groups are.
6. After an escalation the target alone decides each group that is not approved: approves it, rejects it, or, by
   abstaining, leaves it as rule 3 says. Votes before it count, and approved groups stay approved.
"""

from dataclasses import dataclass
from enum import StrEnum

from approval.acts import Kind, Name
from approval.opening import Group, Opening
from approval.policy.model import ALL, Rejection


class Standing(StrEnum):
    """What the votes have come to."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote that counts.

    Attributes:
        kind: approve, reject or abstain.
        escalation: of the opening when it was cast; above 0 it is that of a target.
    """

    by: Name
    kind: Kind
    escalation: int = 0


Votes = tuple[Vote, ...]


def level_standing(opening: Opening, votes: Votes) -> Standing:
    """What the votes of an opening have come to."""
    if opening.rejection is Rejection.ENDS and any(vote.kind is Kind.REJECT for vote in votes):
        return Standing.REJECTED
    found = {group_standing(group, opening, votes) for group in opening.groups}
    for worst in (Standing.REJECTED, Standing.STUCK, Standing.OPEN):
        if worst in found:
            return worst
    return Standing.APPROVED


def group_standing(group: Group, opening: Opening, votes: Votes) -> Standing:
    """What the votes have come to in one group of an opening."""
    of_group = [vote.kind for vote in votes if vote.escalation == 0 and vote.by.id in group.asked]
    approvals, rejections = of_group.count(Kind.APPROVE), of_group.count(Kind.REJECT)
    silent = len(group.asked) - len(of_group)
    if _is_approved(group, approvals, silent + rejections):
        return Standing.APPROVED
    if opening.escalation == 0:
        is_open = _is_in_reach(group, approvals, rejections, silent)
        return Standing.OPEN if is_open else _out_of_reach(rejections)
    match _targets_vote(opening, votes):
        case None:
            return Standing.OPEN
        case Kind.APPROVE:
            return Standing.APPROVED
        case Kind.REJECT:
            return Standing.REJECTED
    return _out_of_reach(rejections)


def unfinished(opening: Opening, votes: Votes) -> tuple[Group, ...]:
    """The groups that are not decided."""
    return tuple(group for group in opening.groups if group_standing(group, opening, votes) is Standing.OPEN)


def turn(opening: Opening, votes: Votes) -> tuple[str, ...]:
    """The ids of those who have to do something now, each once, in the order of the groups."""
    asked = [person for group in unfinished(opening, votes) for person in group.asked]
    if opening.target is not None:
        asked = [opening.target.id]
    voted = {vote.by.id for vote in votes}
    return tuple(person for person in dict.fromkeys(asked) if person not in voted)


def not_needed(opening: Opening, votes: Votes) -> tuple[str, ...]:
    """The ids of those who are asked in decided groups only, and are no target."""
    needed = {person for group in unfinished(opening, votes) for person in group.asked}
    if opening.target is not None:
        needed.add(opening.target.id)
    asked = dict.fromkeys(person for group in opening.groups for person in group.asked)
    return tuple(person for person in asked if person not in needed)


def needs_everyone(opening: Opening, votes: Votes) -> bool:
    """Whether each of those who have the turn has to approve."""
    if opening.target is not None:
        return True
    voted = {vote.by.id for vote in votes}
    approved = {vote.by.id for vote in votes if vote.kind is Kind.APPROVE}
    for group in unfinished(opening, votes):
        silent = len(set(group.asked) - voted)
        if group.need != ALL and group.need - len(approved & set(group.asked)) < silent:
            return False
    return True


def _is_approved(group: Group, approvals: int, without: int) -> bool:
    """Whether there are enough approvals; ``without`` counts those who neither approved nor abstained."""
    return approvals > 0 and without == 0 if group.need == ALL else approvals >= group.need


def _is_in_reach(group: Group, approvals: int, rejections: int, silent: int) -> bool:
    if group.need == ALL:
        return rejections == 0 and silent > 0
    return approvals + silent >= group.need


def _out_of_reach(rejections: int) -> Standing:
    return Standing.REJECTED if rejections else Standing.STUCK


def _targets_vote(opening: Opening, votes: Votes) -> Kind | None:
    return next((vote.kind for vote in votes if vote.escalation == opening.escalation), None)
