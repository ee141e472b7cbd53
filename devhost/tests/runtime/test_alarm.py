"""The alarm that wakes the host when something is due, also after the machine has slept."""

from devhost.runtime.alarm import LONGEST_WAIT_S, WakeUp
from devhost.timekeeping.ticks import SECOND


class Clock:
    """Time that the test moves."""

    moment = 1000 * SECOND

    def now(self):
        """Ticks."""
        return self.moment

    peek = now


class Loop:
    """Keeps what is to be called later; the test calls it."""

    def __init__(self):
        self.calls = []

    def call_later(self, wait_s, call):
        """Keeps it."""
        self.calls.append([wait_s, call])
        return self

    def cancel(self):
        """Nothing is to be called."""
        self.calls.pop()

    def run(self):
        """The time that was waited for has passed on the machine's monotonic clock."""
        self.calls.pop()[1]()


def alarm():
    """An alarm with a clock, a loop, and what has rung."""
    clock, loop, rung = Clock(), Loop(), []
    return clock, loop, rung, WakeUp(clock, loop.call_later, lambda: rung.append(clock.moment))


def test_what_is_due_after_a_jump_of_the_clock_fires_within_a_second():
    """A laptop that slept has not moved its monotonic clock: no wait on that one may be longer."""
    clock, loop, rung, wake_up = alarm()
    wake_up.set(clock.moment + 10 * 86_400 * SECOND)
    assert loop.calls[0][0] <= 1.0
    clock.moment += 11 * 86_400 * SECOND
    loop.run()
    assert rung == [clock.moment]
    assert loop.calls == []


def test_it_does_not_ring_early():
    """It reads the clock again at each wait, and each wait is the rest or a second."""
    clock, loop, rung, wake_up = alarm()
    due = clock.moment + 5 * SECOND // 2
    wake_up.set(due)
    waits = []
    while not rung:
        waits.append(loop.calls[0][0])
        clock.moment += int(waits[-1] * SECOND)
        loop.run()
    assert waits == [1.0, 1.0, 0.5]
    assert rung == [due]


def test_the_nearest_moment_counts():
    """A later one changes nothing, an earlier one takes its place; there is one wait."""
    clock, loop, rung, wake_up = alarm()
    for seconds in (0.9, 5, 0.5, None, 0.7):
        wake_up.set(None if seconds is None else clock.moment + int(seconds * SECOND))
        assert len(loop.calls) == 1
    assert loop.calls[0][0] == 0.5
    clock.moment += SECOND
    loop.run()
    assert len(rung) == 1


def test_what_is_past_rings_at_once_and_a_cancelled_one_never():
    """Without a negative wait; and it may be set again when it has rung."""
    clock, loop, rung, wake_up = alarm()
    wake_up.set(clock.moment - SECOND)
    assert loop.calls[0][0] == 0
    loop.run()
    assert len(rung) == 1
    wake_up.set(clock.moment + 2 * SECOND)
    wake_up.cancel()
    assert loop.calls == []
    assert LONGEST_WAIT_S == 1.0
