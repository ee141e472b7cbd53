"""The sentences that people and programs compare, to the character: those of the original tutorial.

What that is stands in docs/reference/original-tutorial.md.
"""

from approval.text import harmless

APPROVED = "Approved"
REJECTED = "Rejected"
HEAD_OF_DEPARTMENT = "Head of department"


def decided(outcome: str) -> str:
    """The message to the author after a decision; two blanks before the outcome, as in the original tutorial."""
    return f"Your project design proposal has been -  {outcome}!"


def escalated(to: str) -> str:
    """What is said when nobody decided in time; two blanks before the name, as in the original tutorial.

    An instance that was started past the starter may have any name in it; what is said holds no control characters.
    """
    name = harmless(to)
    return f"ESCALATION : You have not approved the project design proposal - reassigning to your Manager!  {name}!"
