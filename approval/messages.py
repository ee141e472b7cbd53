"""The sentences that people and programs compare, to the character: those of the original tutorial.

They are listed in docs/reference/original-tutorial.md.
"""

from approval.text import harmless

APPROVED = "Approved"
REJECTED = "Rejected"
HEAD_OF_DEPARTMENT = "Head of department"


def decided(outcome: str) -> str:
    """The message to the author after a decision; two blanks before the outcome, as in the original tutorial."""
    return f"Your project design proposal has been -  {outcome}!"


def escalated(to: str) -> str:
    """The message when nobody decided in time; two blanks before the name, as in the original tutorial.

    An instance started without the starter may have any name in it; the message holds no control characters.
    """
    name = harmless(to)
    return f"ESCALATION : You have not approved the project design proposal - reassigning to your Manager!  {name}!"
