"""What a case shows of itself: its custom status and its record, read the same way by every answer. Pure.

The custom status is never behind: each turn of the case writes it. The record is, by one activity: what has just
happened is in it a moment later. So whose turn it is comes from the status, and how it came to that from the record.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from approval.acts import Verdict
from approval.opening import Opening
from approval.record import Entry, What
from approval.review.transitions import CaseStage
from approval.submission import Submission

WITH_APPROVERS = CaseStage.WITH_APPROVERS.shown
STOPPED = "stopped"
FAULT = "fault"
_LETTERS = {verdict.letter: verdict for verdict in Verdict}
_DIGITS = 6
_ENDED_BY_HAND = frozenset({"Terminated", "Canceled"})
_AGAIN = "Nobody can decide on it any more. If it is still wanted, submit it again."
_CUT_OFF = {
    STOPPED: f"Whoever runs this service has stopped it before it was decided. {_AGAIN}",
    FAULT: f"It ended by a fault of ours before it was decided. {_AGAIN}",
}


class GenuineCase(Protocol):
    """A case whose input was found to be genuine, as ``adapters.cases`` reads it."""

    @property
    def id(self) -> str:
        """Of the case and of its instance."""

    @property
    def submission(self) -> Submission:
        """What was submitted."""

    @property
    def runtime_status(self) -> str:
        """Of the instance."""

    @property
    def status(self) -> Mapping[str, Any]:
        """The custom status; empty before the first turn."""

    @property
    def record(self) -> Sequence[Entry]:
        """The entries so far; empty if it was not asked for."""


def state_of(case: GenuineCase) -> str:
    """The state: that of the status, ``with approvers`` before the first turn.

    An instance that somebody ended through the engine is ``stopped``, one that failed a ``fault``.
    """
    return state_shown(case.status, case.runtime_status)


def state_shown(status: Mapping[str, Any], runtime_status: str) -> str:
    """The same, of a custom status and the runtime status beside it."""
    shown = str(status.get("state") or WITH_APPROVERS)
    if runtime_status in _ENDED_BY_HAND:
        return STOPPED if shown == WITH_APPROVERS else shown
    return FAULT if runtime_status == "Failed" else shown


def cut_off(case: GenuineCase) -> str | None:
    """What there is to say of a case whose instance is over, while its status still says that somebody has the turn."""
    if (case.status.get("state") or WITH_APPROVERS) != WITH_APPROVERS:
        return None
    return _CUT_OFF.get(state_of(case))


def is_open(case: GenuineCase) -> bool:
    """Whether something may still be decided."""
    return state_of(case) == WITH_APPROVERS


def run_of(case: GenuineCase) -> str | None:
    """The first opening of this run; None while no level has opened."""
    run = case.status.get("run")
    return run if isinstance(run, str) else None


def level_of(case: GenuineCase) -> Mapping[str, Any] | None:
    """The level that is open: number, name, opening, escalation; None while none is."""
    level = case.status.get("level")
    return level if isinstance(level, Mapping) else None


def turn_of(case: GenuineCase) -> Mapping[str, Any]:
    """Whose turn it is; empty while it is nobody's."""
    turn = case.status.get("turn")
    return turn if isinstance(turn, Mapping) else {}


def closed_levels(case: GenuineCase) -> list[Mapping[str, Any]]:
    """The levels that are over, with who decided and when, skipped ones included."""
    return [level for level in case.status.get("closed") or () if isinstance(level, Mapping)]


def openings(case: GenuineCase) -> dict[str, Opening]:
    """The openings in the record by their ids, each as it is after its latest escalation."""
    found: dict[str, Opening] = {}
    for entry in case.record:
        if entry.get("what") in {What.OPENED, What.ESCALATED} and entry.get("opening"):
            opening = Opening.from_json(entry["opening"])
            found[opening.opening] = opening
    return found


def present_opening(case: GenuineCase) -> Opening | None:
    """The opening of the level that is open, if the record has it already."""
    level = level_of(case)
    opening = openings(case).get(str(level["opening"])) if level else None
    return opening if opening and level and opening.escalation == level["escalation"] else None


def opening_of_level(case: GenuineCase, level: int) -> str | None:
    """The id of the opening of this level, if it is open or was; None if it is not known."""
    present = level_of(case)
    if present and present["number"] == level:
        return str(present["opening"])
    return next((one.opening for one in openings(case).values() if one.level == level), None)


def verdict_shown(status: Mapping[str, Any], act: str) -> Verdict | None:
    """The verdict on an act in the ring of the custom status; None if it is not in there.

    Example: with ``"verdicts": "b7c1aa:c f00bad:l"`` the act ``b7c1aa…`` counts.
    """
    for part in reversed(str(status.get("verdicts") or "").split()):
        digits, _, letter = part.partition(":")
        if digits == act[:_DIGITS]:
            return _LETTERS.get(letter)
    return None


def verdict_recorded(record: Sequence[Entry], act: str) -> Verdict | None:
    """The verdict on an act in the record; None if it is not in there."""
    for entry in record:
        if entry.get("what") == What.ACT and entry["act"]["id"] == act:
            return Verdict(entry["verdict"])
    return None


def is_like_another(record: Sequence[Entry], act: str) -> bool:
    """Whether another act in the record looks like this one in the custom status.

    Somebody who tries idempotency keys finds one whose act begins like another's: it would get that verdict.
    """
    acts = [str(entry["act"]["id"]) for entry in record if entry.get("what") == What.ACT]
    return any(each != act and each[:_DIGITS] == act[:_DIGITS] for each in acts)


def names_in(case: GenuineCase) -> dict[str, str]:
    """The names of everybody in the case, by id, as they were at the time."""
    found = {each.id: each.name for each in (case.submission.author, *case.submission.contributors)}
    for opening in openings(case).values():
        found |= opening.names
        found |= {each.who.id: each.who.name for each in opening.left_out}
        found |= {opening.target.id: opening.target.name} if opening.target else {}
    for entry in case.record:
        by = entry["act"]["by"] if entry.get("what") == What.ACT else entry.get("by")
        if isinstance(by, Mapping) and by.get("name"):
            found[str(by["id"])] = str(by["name"])
    return found
