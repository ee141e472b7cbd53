"""The way of a proposal before it is submitted, and of a case: ``approval.forecast`` with the people of today."""

from datetime import UTC, datetime

from adapters import directory
from adapters.identity import Signed
from approval.errors import UnreadableInput
from approval.forecast import LevelOnPath, path
from approval.json_values import JsonValue
from approval.policy.model import PolicyFile
from approval.typed_proposal import TypedProposal, read_typed
from service.case_reading import GenuineCase
from service.one_level_case import OneLevelCase

_NO_CASE = "P-00000000"


def preview(body: JsonValue, file: PolicyFile, by: Signed) -> tuple[TypedProposal, tuple[LevelOnPath, ...]]:
    """The proposal that a body holds, and its way if it were submitted now; nothing is started.

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
    return proposal, path(draft, file, at)


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
