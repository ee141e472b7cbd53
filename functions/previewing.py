"""The way of a proposal before it is submitted, and of a case: ``approval.forecast`` with the people of today."""

from dataclasses import dataclass
from datetime import UTC, datetime

from adapters import directory
from adapters.identity import Signed
from approval.errors import UnreadableInput
from approval.forecast import LevelOnPath, path
from approval.json_values import JsonValue
from approval.policy.model import PolicyFile
from approval.submission import Submission
from approval.typed_proposal import TypedProposal, read_typed
from service.case_reading import GenuineCase
from service.one_level_case import OneLevelCase

_NO_CASE = "P-00000000"


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen to a proposal.

    Attributes:
        proposal: as it was read.
        draft: what would be in the input of its case.
        levels: its way.
    """

    proposal: TypedProposal
    draft: Submission
    levels: tuple[LevelOnPath, ...]


def preview(body: JsonValue, file: PolicyFile, by: Signed) -> Preview:
    """What would happen to the proposal that a body holds if it were submitted now; nothing is started.

    Args:
        body: as for a submission.
        file: the policy file in force.
        by: who would submit it.

    Raises:
        InvalidFields: the body is refused.
    """
    proposal = read_typed(body, file, by.person_id)
    at = _now()
    draft = proposal.submitted(file, directory.digest(), case=_NO_CASE, how=by.how, at=at, digest="")
    return Preview(proposal, draft, path(draft, file, at))


def way(case: GenuineCase) -> tuple[LevelOnPath, ...]:
    """The way of a case: what is done, what is open, and what is ahead; none where that cannot be foreseen."""
    file = directory.policy_file()
    if file is None or isinstance(case, OneLevelCase):
        return ()
    try:
        return path(case.submission, file, _now(), case.record)
    except UnreadableInput:
        return ()


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
