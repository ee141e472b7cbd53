"""What pages say where no policy file is in force: one role is asked, and somebody else if nobody decides in time."""

from approval.policy.one_level import OneLevelPolicy
from service.policy_view import BUILT_IN, built_in_policy_view
from web.submission import time_in_words
from web.views import Fact, Frame, LevelWords, PathStep, PoliciesPage, PolicyPage, PolicyRow
from web.words import Reader

_TAKEN = "Every proposal, since no policy file is in force."


def policies_page(policy: OneLevelPolicy, frame: Frame) -> PoliciesPage:
    """The one policy there is."""
    title = str(built_in_policy_view(policy)["title"])
    return PoliciesPage(frame, (PolicyRow(f"/policies/{BUILT_IN}", title, _TAKEN, f"1 level: {policy.approver}"),))


def policy_page(policy: OneLevelPolicy, frame: Frame) -> PolicyPage:
    """That policy in words."""
    facts = (
        Fact("Asks", policy.approver),
        Fact("Time", f"{time_in_words(policy.timeout)}, unless the proposal says otherwise"),
        Fact("If nobody acts", f"It goes to {policy.escalate_to}, and the case ends"),
        Fact("One rejection", "Ends the case as rejected"),
    )
    title = str(built_in_policy_view(policy)["title"])
    level = LevelWords(1, policy.approver, facts)
    return PolicyPage(frame, BUILT_IN, title, (Fact("Taken by", _TAKEN),), (level,))


def check_path(policy: OneLevelPolicy, reader: Reader) -> tuple[PathStep, ...]:
    """Who decides by when, if a proposal were submitted now."""
    lines = (f"by {reader.time(policy.due(reader.now))}", f"If nobody decides, it goes to {policy.escalate_to}.")
    return (PathStep(policy.approver, "ahead", "first", lines),)
