"""Random policies and schedules, lot 2 of 4; ``random_cases`` says what they are, and what has to hold."""

from lots import every_part, seeds
from random_cases import CASES, play_lot

LOT = 2


@every_part
def test_what_holds_for_any_policy_and_any_schedule_of_acts(part):
    """Every case ends as the oracle says, with its record and its output; forged and double events change nothing."""
    seen = play_lot(seeds(LOT, part, CASES))
    assert seen >= {"approved", "rejected", "expired", "withdrawn", "fault"}
    assert seen >= {"counts", "own case", "late", "stale", "not yours", "repeated", "incomplete"}
