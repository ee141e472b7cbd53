"""kill -9 at any moment under load: what was accepted is there, has one outcome, and no event answered 202 is lost."""

import pytest
from checkout import REVIEWS
from forked_host import ForkedHost
from kills import outlive

KILLS, LOTS = 100, 4
SEED = 20_261_124


@pytest.fixture
def host(tmp_path):
    """A host whose every start is a fork; what is killed while it imports has no state to lose."""
    made = ForkedHost(REVIEWS, tmp_path / "state")
    yield made
    made.close()


@pytest.mark.parametrize("lot", range(LOTS))
def test_nothing_accepted_is_lost_over_a_hundred_kills(host, make_client, lot):
    """A hundred kills, some of them while the host still starts, leave every case with exactly the outcome promised."""
    outlive(host, make_client, KILLS // LOTS, SEED + 100 * lot)
