"""How cases are counted, and how the figures are kept fresh."""

import asyncio
import contextlib
import json
import socket
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import azure.durable_functions as df
import azure.functions as func
import pytest

from adapters.engine import EngineFailed, Page
from approval.case import Case
from approval.policy import Policy
from approval.review import OUTCOME, Review
from approval.stats import Tally
from approval.status import describe
from functions import stats

T0 = datetime(2026, 11, 24, 20, tzinfo=UTC)
WAITING = Review.opened(Case(Policy(timeout="PT1H")), T0)


def after(seconds):
    """A moment after the approvers were asked."""
    return T0 + timedelta(seconds=seconds)


def answer(review=WAITING, runtime="Running", name="OrchFunction"):
    """A status answer as the engine lists it."""
    return {"name": name, "runtimeStatus": runtime, "customStatus": review and describe(review)}


def figures(*answers, now=T0):
    """The figures of these answers."""
    tally = Tally(now)
    tally.add(answers)
    return tally.figures()


def decided(seconds, said="yes"):
    """A completed case that was decided after so many seconds."""
    return answer(WAITING.heard(said, after(seconds)).done(OUTCOME, "message", after(seconds)), "Completed")


@pytest.mark.parametrize("runtime", ["Pending", "Running", "Suspended"])
def test_a_case_that_waits_is_open(runtime):
    """Also one that is held, and one that has had no turn yet."""
    assert figures(answer(runtime=runtime))["open"] == 1
    assert figures(answer(None, runtime))["open"] == 1


def test_an_open_case_is_overdue_once_its_due_time_is_over():
    """Not at the due time itself, and not once it is decided."""
    assert figures(answer(), now=after(3600))["overdue"] == 0
    assert figures(answer(), now=after(3601))["overdue"] == 1
    assert figures(answer(WAITING.heard("yes", after(1))), now=after(3601))["overdue"] == 0


def test_a_case_held_over_its_due_time_is_overdue_whatever_it_shows():
    """It has turned to escalated in its custom status, but while it is suspended nothing comes of that."""
    held = answer(WAITING.woke(after(3600)), "Suspended")
    assert held["customStatus"]["stage"] == "escalated"
    found = figures(held, now=after(3601))
    assert (found["open"], found["overdue"], found["recording"]) == (1, 1, 0)


def test_a_decided_case_whose_outcome_is_not_recorded_is_no_longer_open():
    """The decision stands; only the activity has yet to run."""
    found = figures(answer(WAITING.heard("yes", after(1))))
    assert (found["open"], found["recording"], found["secondsToDecision"]["of"]) == (0, 1, 1)


def test_completed_cases_are_counted_by_outcome():
    """Approved, rejected and escalated are the parts of completed."""
    escalated = answer(WAITING.woke(after(3600)).done(OUTCOME, "message", after(3600)), "Completed")
    found = figures(decided(1), decided(2), decided(3, "no"), escalated)
    assert [found[name] for name in ("completed", "approved", "rejected", "escalated")] == [4, 2, 1, 1]


def test_failed_and_ended_cases_are_told_apart():
    """An operator has to look at the first and did the second."""
    found = figures(answer(runtime="Failed"), answer(runtime="Terminated"), answer(runtime="Canceled"))
    assert (found["failed"], found["terminated"], found["open"]) == (1, 2, 0)


def test_other_orchestrations_and_entities_do_not_count():
    """The pattern gallery is no case of anybody's."""
    found = figures(answer(name="Monitor"), answer(name="@opencases@manager"))
    assert found["open"] == 0


def test_times_to_decision_have_a_median_and_a_95th_percentile():
    """Of a hundred cases that took 1 to 100 seconds; an escalation is no decision."""
    found = figures(*[decided(seconds) for seconds in range(1, 101)])
    assert found["secondsToDecision"] == {"median": 50, "p95": 95, "of": 100}
    assert figures()["secondsToDecision"] == {"median": None, "p95": None, "of": 0}


@pytest.mark.parametrize(
    "custom",
    [
        None,
        "text",
        5,
        {},
        {"stage": []},
        {"stage": "waiting", "due": 7},
        {"decided": {"at": "soon"}, "askedAt": "then"},
    ],
)
def test_a_custom_status_of_another_form_is_borne(custom):
    """The case counts by its runtime status."""
    found = figures({"name": "OrchFunction", "runtimeStatus": "Failed", "customStatus": custom})
    assert (found["failed"], found["secondsToDecision"]["of"]) == (1, 0)


class Engine:
    """Lists instances in pages of one, as slowly as the test wants."""

    def __init__(self, answers):
        self.answers, self.asked, self.may_answer, self.fails = answers, 0, asyncio.Event(), False
        self.may_answer.set()

    async def page(self, _client, token, **_query):
        """The page that the token names."""
        await self.may_answer.wait()
        self.asked += 1
        if self.fails:
            raise EngineFailed(500)
        place = int(token or 0)
        return Page((self.answers[place],), "" if place + 1 == len(self.answers) else str(place + 1))


@pytest.fixture
def engine(monkeypatch):
    """Three open cases on three pages; nobody waits for a count."""
    made = Engine([answer(), answer(), answer()])
    monkeypatch.setattr(stats.engine, "page", made.page)
    monkeypatch.setattr(stats, "PATIENCE_S", 0.0)
    return made


async def until(holds):
    """Returns when this holds."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - the count offers no event to a test
            await asyncio.sleep(0)


async def counted(count):
    """The figures, once there are some."""
    with contextlib.suppress(stats.NotCounted):
        await count.fresh(None)
    await until(lambda: count._figures is not None and not count._failed)
    return await count.fresh(None)


def test_a_count_goes_through_all_pages(engine):
    """And says that it is complete, when it began, and how long ago that was."""
    found = asyncio.run(counted(stats.Count()))
    assert (found["open"], found["complete"], engine.asked) == (3, True, 3)
    assert found["ageSeconds"] >= 0
    assert datetime.fromisoformat(found["asOf"]).tzinfo is not None


def test_many_requests_share_one_count(engine):
    """The engine lists its instances once, however many ask."""

    async def story():
        count = stats.Count()
        engine.may_answer.clear()
        assert await asyncio.gather(*[count.fresh(None) for _ in range(20)]) == [None] * 20
        engine.may_answer.set()
        await counted(count)
        await asyncio.gather(*[count.fresh(None) for _ in range(20)])

    asyncio.run(story())
    assert engine.asked == 3


def test_a_count_that_takes_too_long_is_of_a_part(engine, monkeypatch):
    """It ends, and says that it is not complete."""
    monkeypatch.setattr(stats, "MOST_PAGES", 2)
    tally = asyncio.run(stats._tally(None, T0))
    assert (tally.figures()["open"], tally.complete, engine.asked) == (2, False, 2)
    monkeypatch.setattr(stats, "time", SimpleNamespace(monotonic=iter([0.0, stats.LONGEST_S + 1]).__next__))
    assert asyncio.run(stats._tally(None, T0)).complete is False


def test_old_figures_are_not_given_out(engine):
    """While the next count is under way there are none."""

    async def story():
        count = stats.Count()
        assert await counted(count)
        engine.may_answer.clear()
        count._began -= stats.FRESH_S
        return await count.fresh(None)

    assert asyncio.run(story()) is None


def test_an_engine_that_does_not_list_is_told_and_logged(engine, caplog):
    """503 with the advice to ask again; the next request counts anew."""

    async def story():
        count = stats.Count()
        engine.may_answer.clear()
        engine.fails = True
        assert await count.fresh(None) is None
        engine.may_answer.set()
        await until(lambda: count._failed)
        engine.may_answer.clear()
        engine.fails = False
        with pytest.raises(stats.NotCounted):
            await count.fresh(None)
        engine.may_answer.set()
        return await counted(count)

    assert asyncio.run(story())["open"] == 3
    assert [json.loads(record.getMessage())["event"] for record in caplog.records] == ["statsFailed"]


def test_a_list_that_fails_is_a_503_that_says_when_to_ask_again():
    """Nobody listens at the engine's address, so nothing can be counted; the answer names a time to wait."""

    async def story(port):
        binding = {
            "taskHubName": "H",
            "creationUrls": {},
            "managementUrls": {},
            "rpcBaseUrl": f"http://127.0.0.1:{port}/durabletask/",
        }
        client, handler = df.DurableOrchestrationClient(json.dumps(binding)), stats.Stats.build().get_user_function()
        asked = func.HttpRequest("GET", "http://localhost:7071/api/stats", body=b"")
        async with asyncio.timeout(10):
            while (answered := await handler.client_function(req=asked, client=client)).status_code == 202:
                pass  # it waits for the count; 202 asks the caller to come again
        return answered

    with socket.socket() as unanswered:
        unanswered.bind(("127.0.0.1", 0))
        answered = asyncio.run(story(unanswered.getsockname()[1]))
    assert (answered.status_code, json.loads(answered.get_body())["code"]) == (503, "not-counted")
    assert int(answered.headers["Retry-After"]) > 0
