"""The loop with cases that have levels, against random schedules of the engine's walk; lot 3 of 4."""

import pytest
from walked_cases import walk_lot

LOT, LOTS, SCHEDULES = 3, 4, 4_000
PARTS = 5


@pytest.mark.parametrize("part", range(PARTS))
def test_every_schedule_comes_to_its_end(engine, part):
    """Early, double, forged and late events, slow and failing activities: one end, without a stall or a spin."""
    ends = walk_lot(engine, range((LOT - 1) * PARTS + part, SCHEDULES, LOTS * PARTS))
    assert ends >= {"approved", "rejected", "expired", "withdrawn"}
