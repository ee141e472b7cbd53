"""The sentences that the tutorial fixed, to the character. Everything that people or programs compare lives here."""

from approval.text import harmless

APPROVED = "Approved"
REJECTED = "Rejected"
HEAD_OF_DEPARTMENT = "Head of department"


def decided(outcome: str) -> str:
    """What the author is told once somebody has decided; two blanks before the outcome, as in the tutorial."""
    return f"Your project design proposal has been -  {outcome}!"


def escalated(to: str) -> str:
    """What is said when nobody decided in time; two blanks before the name, as in the tutorial.

    An instance that was started past the starter may have any name in it; what is said holds no control characters.
    """
    name = harmless(to)
    return f"ESCALATION : You have not approved the project design proposal - reassigning to your Manager!  {name}!"
