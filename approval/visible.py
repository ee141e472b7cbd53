"""Who may see a case: for everybody else it does not exist.

1. Those who take part see it: the author, the contributors, everybody who is or was asked, who it was escalated to, and
   who decided. That somebody was left out makes them no part of it.
2. ``visible_to`` of the policy, as it was when the case started, may let others see it: ``staff`` are all people of the
   directory. Auditors are not known yet; until then ``parties and auditors`` is ``parties``.
3. Where the record is not at hand, the custom status shows those who have the turn and those who decided.
"""

from collections.abc import Container, Iterable, Mapping
from typing import Any

from approval.policy.model import Visibility
from approval.record import Entry, What
from approval.submission import Submission


def may_see(
    person: str,
    staff: Container[str],
    submission: Submission,
    status: Mapping[str, Any],
    record: Iterable[Entry] = (),
) -> bool:
    """Whether somebody may see a case.

    Args:
        person: by id.
        staff: the ids of all people of the directory.
        submission: of the case.
        status: its custom status; empty before its first turn.
        record: its entries so far.
    """
    if submission.policy.visible_to is Visibility.STAFF and person in staff:
        return True
    written_by = {submission.author.id, *(each.id for each in submission.contributors)}
    return person in written_by or person in shown_parties(status) or person in _asked(record)


def shown_parties(status: Mapping[str, Any]) -> set[str]:
    """Those who take part as the custom status alone shows it: author, who has the turn, who decided."""
    author, turn, decided = status.get("author"), status.get("turn"), status.get("decided")
    found = {str(author["id"])} if isinstance(author, Mapping) else set()
    if isinstance(turn, Mapping):
        found.update(map(str, turn.get("with", ())))
    found.update(str(level["by"]) for level in status.get("closed") or () if level.get("by"))
    if isinstance(decided, Mapping) and decided.get("by"):
        found.add(str(decided["by"]))
    return found


def _asked(record: Iterable[Entry]) -> set[str]:
    """Everybody who was asked, or whom a level went to."""
    found: set[str] = set()
    for entry in record:
        if entry.get("what") not in {What.OPENED, What.ESCALATED}:
            continue
        opening = entry["opening"] or {}
        for group in opening.get("groups", ()):
            found.update(map(str, group["asked"]))
        if opening.get("target"):
            found.add(str(opening["target"]["id"]))
    return found
