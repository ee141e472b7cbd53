"""The activities that a case calls for, by key."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.effects import RETRY_AFTER, Effect, Effects
from approval.errors import MisplacedEffect

T0 = datetime(2026, 11, 24, 20, tzinfo=UTC)
OPEN = Effect("open:1", "OpenLevel", {"level": 1})
TELL = Effect("announce:1", "Announce", ["opened"])


@pytest.fixture
def both():
    """Two effects that have begun together."""
    return Effects().begun(OPEN, TELL)


def test_what_begins_is_to_be_started_once(both):
    """Directly after the move that called for it, and not again."""
    assert both.to_start == (OPEN, TELL)
    assert both.started().to_start == ()
    assert [one.effect for one in both.started()] == [OPEN, TELL]


def test_results_come_in_any_order_by_key(both):
    """The last one settles them."""
    first = both.done("announce:1")
    assert [one.effect for one in first] == [OPEN]
    assert not first.are_settled
    assert first.done("open:1").are_settled


def test_each_is_tried_again_on_its_own(both):
    """The failure of one touches no other; only the one whose pause is over starts again."""
    failed = both.failed("announce:1", T0)
    assert failed.wakes_at == T0 + RETRY_AFTER[0]
    later = failed.failed("open:1", T0 + timedelta(seconds=5))
    woken = later.woke(T0 + RETRY_AFTER[0])
    assert woken.to_start == (TELL,)
    assert woken.wakes_at == T0 + timedelta(seconds=15)
    assert [one.runs for one in woken] == [False, True]


def test_a_pause_ends_when_its_time_has_come_and_not_before(both):
    """To the second."""
    failed = both.failed("open:1", T0)
    assert failed.woke(T0 + RETRY_AFTER[0] - timedelta(microseconds=1)).to_start == ()
    assert failed.woke(T0 + RETRY_AFTER[0]).to_start == (OPEN,)


def test_one_that_fails_for_a_month_is_given_up(both):
    """It is never tried again, and does not hold the others."""
    effects = both.done("announce:1")
    for _ in RETRY_AFTER:
        effects = effects.failed("open:1", T0)
        effects = effects.woke(effects.wakes_at)
    effects = effects.failed("open:1", T0)
    (given_up,) = effects
    assert (given_up.is_given_up, given_up.failures, effects.wakes_at) == (True, len(RETRY_AFTER) + 1, None)
    assert effects.are_settled
    assert effects.woke(T0 + timedelta(days=999)).to_start == ()


@pytest.mark.parametrize("key", ["open:1", "unknown"])
def test_a_result_that_nobody_waits_for_is_refused(both, key):
    """Neither twice, nor for an unknown key, nor while the effect waits for its next try."""
    effects = both.failed("open:1", T0)
    with pytest.raises(MisplacedEffect, match=f"The effect {key} cannot"):
        effects.done(key)
    with pytest.raises(MisplacedEffect, match=f"The effect {key} cannot"):
        effects.failed(key, T0)


def test_a_key_that_is_pending_cannot_begin_again(both):
    """Not in the same move either."""
    with pytest.raises(MisplacedEffect, match="The effect open:1 cannot"):
        both.begun(OPEN)
    with pytest.raises(MisplacedEffect, match="The effect open:1 cannot"):
        Effects().begun(OPEN, OPEN)


def test_another_input_is_for_the_one_of_that_key_alone(both):
    """Whether it is about to start or waits for its next try; a key that is not pending changes nothing."""
    later = Effect("open:1", "OpenLevel", {"level": 1, "at": "later"})
    changed = both.with_input(later)
    assert changed.to_start == (later, TELL)
    assert [one.effect for one in changed] == [later, TELL]
    waiting = both.failed("open:1", T0).with_input(later)
    assert (waiting.to_start, waiting.woke(waiting.wakes_at).to_start) == ((), (later,))
    assert both.with_input(Effect("unknown", "OpenLevel", {})) == both


@given(st.lists(st.tuples(st.sampled_from(["begin", "done", "failed", "woke"]), st.sampled_from("abc")), max_size=40))
def test_any_order_of_moves_keeps_every_effect_in_one_state(moves):
    """Each pending effect runs, waits or was given up; nothing is lost, and only what is to start has just begun."""
    effects, begun, finished, now = Effects(), [], [], T0
    for move, key in moves:
        now += timedelta(minutes=1)
        try:
            if move == "begin":
                effects = effects.begun(Effect(key, "A", key))
                begun.append(key)
            elif move == "done":
                effects = effects.done(key)
                finished.append(key)
            elif move == "failed":
                effects = effects.failed(key, now)
            else:
                effects = effects.woke(now)
        except MisplacedEffect:
            continue
        assert sorted([*finished, *(one.effect.key for one in effects)]) == sorted(begun)
        assert all(one.runs + (one.retry_at is not None) + one.is_given_up == 1 for one in effects)
        assert {one.key for one in effects.to_start} <= {one.effect.key for one in effects if one.runs}
