"""Who is asked when a level opens, worked out once more: slowly, in the order in which a reader would do it by hand.

Nothing of ``approval.open_level`` is used. ``None`` for a level that is skipped.
"""

from dataclasses import dataclass

from approval.policy.model import GroupOf, LineOfAuthority, ManagerOf, People


@dataclass
class Case:
    """What is known of the case.

    ``voted`` has triples of level, person and act.
    """

    author: str
    contributors: tuple
    values: dict
    voted: tuple = ()
    different_people: bool = False


class Fault(Exception):
    """The level needs what the file does not have."""


def excluded(case, number):
    """Everybody who may not vote at a level."""
    people = {case.author} | set(case.contributors)
    if case.different_people:
        people |= {person for level, person, act in case.voted if level < number and act in ("approve", "reject")}
    return people


def bosses(file, person):
    """The managers of a person: the nearest first."""
    if person not in file.people:
        raise Fault
    found = []
    while (person := file.people[person].manager) is not None:
        if person not in file.people:
            raise Fault
        found.append(person)
    return found


def wanted(file, asked, case, number):
    """The people whom a group of approvers means, before anybody is left out; with those passed over in a line."""
    if isinstance(asked, People):
        return list(asked.ids)
    if isinstance(asked, GroupOf):
        if asked.name not in file.groups:
            raise Fault
        return list(file.groups[asked.name])
    if isinstance(asked, ManagerOf):
        if asked.whose == "author":
            return bosses(file, case.author)[:1]
        approvals = [person for level, person, act in case.voted if level < number and act == "approve"]
        return bosses(file, approvals[-1])[:1] if approvals else []
    assert isinstance(asked, LineOfAuthority)
    line = bosses(file, case.author)
    if asked.authority not in file.authorities:
        raise Fault
    limits = file.authorities[asked.authority].limits
    able = [person for person in line if person in limits and limits[person] >= case.values[asked.of]]
    free = [person for person in able if person not in excluded(case, number)]
    return able[: able.index(free[0]) + 1] if free else able


def groups(file, level, case, number):
    """For each group that is asked: who is left, how many are needed, and who is left out. None: level is skipped."""
    if level.when and not level.when.holds(case.values):
        return None
    found = []
    for approvers in level.approvers:
        if approvers.when and not approvers.when.holds(case.values):
            continue
        people = wanted(file, approvers.asked, case, number)
        if any(person not in file.people for person in people):
            raise Fault
        out = excluded(case, number)
        found.append(([one for one in people if one not in out], approvers.need, [one for one in people if one in out]))
    return found or None


def too_few(found):
    """Whether some group is without people."""
    return any(len(left) < (1 if need == "all" else need) for left, need, _ in found)


def next_one(file, level, case, number, escalation, turn):
    """Who gets the level at this escalation, where these have the turn now."""
    to = level.on_expiry.escalate_to
    here = [person for at, person, _ in case.voted if at == number]
    never = excluded(case, number) | set(here) | (set(turn) if len(turn) == 1 else set())
    if to is None:
        return None
    if to != "next in line":
        if to not in file.people:
            raise Fault
        return to if escalation == 1 and to not in never else None
    if len(turn) > 1 or (not turn and not here):
        return None
    for boss in bosses(file, turn[0] if turn else here[-1]):
        if boss not in never:
            return boss
    return None
