"""Random policies and schedules, lot 1 of 4; ``random_cases`` says what they are, and what has to hold."""

import pytest
from random_cases import play_lot

LOT, LOTS, CASES = 1, 4, 20_400
PARTS = 5


@pytest.mark.parametrize("part", range(PARTS))
def test_what_holds_for_any_policy_and_any_schedule_of_acts(part):
    """Every case ends as the oracle says, with its record and its output; forged and double events change nothing."""
    seen = play_lot(range((LOT - 1) * PARTS + part, CASES, LOTS * PARTS))
    assert seen >= {"approved", "rejected", "expired", "withdrawn", "fault"}
    assert seen >= {"counts", "own case", "late", "stale", "not yours", "repeated", "incomplete"}
