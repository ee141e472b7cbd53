"""What a case with levels costs on the model of the engine's walk."""

import random

from random_cases import CASE, fast_seals
from walked_cases import ORCHESTRATOR, TwoLevels

from approval import messages


def test_a_case_with_two_levels_costs_at_most_fifteen_executions(engine):
    """One vote at each: nine without ``Announce``, and its activity and its episode for each batch."""
    with fast_seals() as seal:
        rng = random.Random(5)
        world = TwoLevels(rng, seal)
        instance = world.instance = engine.Instance(ORCHESTRATOR, world.activities(), rng, world.given, own_id=CASE)
        for at_s in (100, 200):
            instance.call_at(at_s, lambda: instance.raise_event(instance.now, "Approval", seal(world.act())))
        instance.run()
    calls = [row["Name"] for row in instance.rows(engine.SCHEDULED)]
    announcements = calls.count("Announce")
    assert instance.output == [messages.decided("Approved")]
    assert calls.count("OpenLevel") == 2
    assert instance.turns + len(calls) <= 15
    assert instance.turns + len(calls) - 2 * announcements <= 9
