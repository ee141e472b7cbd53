"""The sentences that the tutorial fixed, to the character. Everything that people or programs compare lives here."""

APPROVED = "Approved"
REJECTED = "Rejected"
HEAD_OF_DEPARTMENT = "Head of department"


def decided(outcome: str) -> str:
    """The message to the author once somebody has decided; two blanks before the outcome, as in the tutorial."""
    return f"Your project design proposal has been -  {outcome}!"


def escalated(to: str) -> str:
    """The message when nobody decided in time; two blanks before the name, as in the tutorial."""
    return f"ESCALATION : You have not approved the project design proposal - reassigning to your Manager!  {to}!"
