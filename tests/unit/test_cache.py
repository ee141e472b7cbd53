"""The cache: computed once at a time, kept for a while, shared by all who ask."""

import asyncio
from types import SimpleNamespace

import pytest

from adapters import cache
from adapters.cache import Cache


@pytest.fixture
def clock(monkeypatch):
    """The time that the cache sees."""
    made = SimpleNamespace(now=100.0)
    monkeypatch.setattr(cache, "time", SimpleNamespace(monotonic=lambda: made.now))
    return made


class Work:
    """Something that is computed, when the test lets it be."""

    def __init__(self):
        self.calls, self.may_end, self.error = 0, asyncio.Event(), None

    async def __call__(self):
        """The number of the call, or the error."""
        self.calls += 1
        number = self.calls
        await self.may_end.wait()
        if self.error is not None:
            raise self.error
        return number


async def asked(kept, work, count):
    """So many calls under way, all of which have come to their first wait."""
    calls = [asyncio.create_task(kept.get(work)) for _ in range(count)]
    for _ in range(3):
        await asyncio.sleep(0)
    return calls


def test_who_asks_at_once_waits_for_one_computation():
    """Twenty get one value."""

    async def story():
        work = Work()
        calls = await asked(Cache(5.0), work, 20)
        work.may_end.set()
        return {(await call).value for call in calls}, work.calls

    assert asyncio.run(story()) == ({1}, 1)


def test_a_value_is_kept_for_its_time_from_the_end_of_its_computation(clock):
    """Not a moment longer; its age is counted from the beginning."""

    async def work():
        clock.now += 2.0
        return clock.now

    async def story():
        kept = Cache(5.0)
        first = await kept.get(work)
        clock.now += 4.9
        second = await kept.get(work)
        age = second.age_s
        clock.now += 0.1
        return first.value, second.value, round(age, 1), (await kept.get(work)).value

    assert asyncio.run(story()) == (102.0, 102.0, 6.9, 109.0)


def test_a_value_is_kept_for_as_long_as_it_took_if_that_is_longer(clock):
    """Else a list that takes long to count would be counted at every request."""

    async def work():
        clock.now += 20.0
        return clock.now

    async def story():
        kept = Cache(5.0)
        await kept.get(work)
        clock.now += 19.9
        second = (await kept.get(work)).value
        clock.now += 0.1
        return second, (await kept.get(work)).value

    assert asyncio.run(story()) == (120.0, 160.0)


def test_an_error_is_shared_and_not_kept():
    """Who waited gets it; the next call computes."""

    async def story():
        work, kept = Work(), Cache(5.0)
        calls = await asked(kept, work, 3)
        work.error = ValueError("down")
        work.may_end.set()
        found = await asyncio.gather(*calls, return_exceptions=True)
        work.error = None
        return [type(each) for each in found], work.calls, (await kept.get(work)).value

    assert asyncio.run(story()) == ([ValueError] * 3, 1, 2)


def test_who_stops_waiting_stops_nobody_else():
    """A request that is cancelled takes neither the computation nor the others with it."""

    async def story():
        work = Work()
        first, second, third = await asked(Cache(5.0), work, 3)
        second.cancel()
        await asyncio.wait([second])
        work.may_end.set()
        return second.cancelled(), (await first).value, (await third).value, work.calls

    assert asyncio.run(story()) == (True, 1, 1, 1)


def test_if_who_computes_is_cancelled_one_of_the_others_computes():
    """They are not cancelled with it."""

    async def story():
        work = Work()
        first, second, third = await asked(Cache(5.0), work, 3)
        first.cancel()
        await asyncio.wait([first])
        work.may_end.set()
        return first.cancelled(), (await second).value, (await third).value, work.calls

    assert asyncio.run(story()) == (True, 2, 2, 2)


def test_a_loop_that_is_gone_holds_up_nobody():
    """A host that is built again in its process has a loop of its own."""
    kept = Cache(5.0)

    async def left_behind():
        kept._computing = asyncio.get_running_loop().create_future()

    asyncio.run(left_behind())

    async def again():
        other = Work()
        other.may_end.set()
        return (await kept.get(other)).value

    assert asyncio.run(again()) == 1
