"""The activities, to the character."""

import pytest

from functions.activities import Approval, Escalation


@pytest.mark.parametrize("outcome", ["Approved", "Rejected"])
def test_approval_says_the_original_tutorials_sentence(outcome):
    """Two blanks before the outcome."""
    assert Approval(outcome) == f"Your project design proposal has been -  {outcome}!"


def test_escalation_says_the_original_tutorials_sentence():
    """Two blanks before the name."""
    assert Escalation("Head of department") == (
        "ESCALATION : You have not approved the project design proposal - "
        "reassigning to your Manager!  Head of department!"
    )


def test_a_second_run_says_the_same():
    """The engine may run an activity twice."""
    assert Approval("Approved") == Approval("Approved")
    assert Escalation("Eli") == Escalation("Eli")
