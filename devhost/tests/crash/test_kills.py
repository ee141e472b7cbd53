"""kill -9 at any moment under load: what was accepted is there, has one outcome, and no event answered 202 is lost."""

import pytest
from kills import outlive

KILLS, LOTS = 100, 4
SEED = 20_261_124


@pytest.mark.parametrize("lot", [0, *(pytest.param(lot, marks=pytest.mark.long) for lot in range(1, LOTS))])
def test_nothing_accepted_is_lost_over_many_kills(make_host, make_client, lot):
    """Some of them while the host still starts: each case has exactly the outcome that was promised."""
    outlive(make_host(), make_client, KILLS // LOTS, SEED + 100 * lot)
