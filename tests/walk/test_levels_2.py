"""The loop with cases that have levels, against random schedules of the engine's walk; lot 2 of 4."""

from lots import every_part, seeds
from walked_cases import SCHEDULES, walk_lot

LOT = 2


@every_part
def test_every_schedule_comes_to_its_end(engine, part):
    """Early, double, forged and late events, slow and failing activities: one end, without a stall or a spin."""
    ends = walk_lot(engine, seeds(LOT, part, SCHEDULES))
    assert ends >= {"approved", "rejected", "expired", "withdrawn"}
