"""How cases are counted, and how the figures are kept fresh."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import azure.functions as func
import pytest

from adapters import cache, engine
from adapters.cache import Cache
from adapters.engine import EngineFailed, Page
from approval.case import Case
from approval.policy.one_level import OneLevelPolicy
from approval.review.one_level import OUTCOME, Review
from approval.status import describe
from functions import stats
from service.stats import Tally

HANDLER = stats.Stats.build().get_user_function().client_function
T0 = datetime(2026, 11, 24, 20, tzinfo=UTC)
WAITING = Review.opened(Case(OneLevelPolicy(timeout="PT1H")), T0)


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
    """The decision is final; only the activity has yet to run."""
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
    """Lists instances in pages, as slowly as the test wants."""

    def __init__(self, answers, size=1):
        self.answers, self.size, self.asked, self.may_answer, self.fails = answers, size, 0, asyncio.Event(), False
        self.may_answer.set()
        self.clock = SimpleNamespace(now=0.0, takes=0.0)

    async def page(self, token="", **query):
        """The page that the token names."""
        await self.may_answer.wait()
        self.asked += 1
        self.clock.now += self.clock.takes
        if self.fails:
            raise EngineFailed(500)
        assert query == {"top": 250}
        place = int(token or 0)
        after = place + self.size
        return Page(tuple(self.answers[place:after]), "" if after >= len(self.answers) else str(after))


@pytest.fixture
def listing(monkeypatch):
    """Gives an engine that lists these answers; nobody has counted yet, and its clock is that of engine and cache."""

    def make(answers, size=1):
        made = Engine(answers, size)
        time = SimpleNamespace(monotonic=lambda: made.clock.now)
        monkeypatch.setattr(engine, "time", time)
        monkeypatch.setattr(cache, "time", time)
        monkeypatch.setattr(engine.Engine, "page", made.page)
        monkeypatch.setattr(stats, "_cache", Cache(stats.KEPT_S))
        return made

    return make


async def ask():
    """The answer to one request."""
    return await HANDLER(func.HttpRequest("GET", "http://localhost/api/stats", body=b""), None)


def body(given):
    """The JSON of an answer that is 200."""
    assert (given.status_code, given.headers["Cache-Control"]) == (200, "no-store")
    return json.loads(given.get_body())


def test_the_first_request_is_answered_with_the_figures_of_all_pages(listing):
    """It says that they are complete, when the count began, and how long ago that was."""
    hub = listing([answer()] * 3)
    found = body(asyncio.run(ask()))
    assert (found["open"], found["complete"], found["ageSeconds"], hub.asked) == (3, True, 0.0, 3)
    assert datetime.fromisoformat(found["asOf"]).tzinfo is not None


def test_ten_thousand_open_cases_are_counted_within_the_first_request(listing):
    """Forty pages; the age is counted from the beginning of the count."""
    hub = listing([answer()] * 10_000, 250)
    hub.clock.takes = 0.25
    found = body(asyncio.run(ask()))
    assert (found["open"], found["complete"], found["ageSeconds"], hub.asked) == (10_000, True, 10.0, 40)


def test_a_count_that_takes_too_long_is_of_a_part(listing):
    """It ends in time, and the answer says that it is not complete."""
    hub = listing([answer()] * 10_000, 250)
    hub.clock.takes = 1.0
    found = body(asyncio.run(ask()))
    assert (found["open"], found["complete"], hub.asked) == (20 * 250, False, 20)


def test_a_list_without_end_is_counted_in_part(listing, monkeypatch):
    """There is a last page that is asked for."""
    monkeypatch.setattr(stats, "MOST_PAGES", 2)
    hub = listing([answer()] * 3)
    found = body(asyncio.run(ask()))
    assert (found["open"], found["complete"], hub.asked) == (2, False, 2)


def test_many_requests_share_one_count(listing):
    """The engine lists its instances once, however many ask at once and in the five seconds behind it."""

    async def story():
        hub = listing([answer()] * 3)
        hub.may_answer.clear()
        asked = [asyncio.ensure_future(ask()) for _ in range(20)]
        await asyncio.sleep(0)
        hub.may_answer.set()
        found = [body(each)["open"] for each in await asyncio.gather(*asked)]
        hub.clock.now += 4.9
        return [*found, body(await ask())["open"]], hub.asked

    assert asyncio.run(story()) == ([3] * 21, 3)


def test_old_figures_are_not_given_out(listing):
    """Five seconds after the count the next request counts again."""
    hub = listing([answer()])
    body(asyncio.run(ask()))
    hub.answers.append(answer())
    hub.clock.now += 5.0
    assert body(asyncio.run(ask()))["open"] == 2


def test_nothing_works_on_after_the_answer(listing):
    """Azure promises nothing to work that outlives its request."""

    async def story():
        listing([answer()] * 3)
        await ask()
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(story()) == set()


def test_an_engine_that_does_not_list_is_answered_503_and_logged(listing, caplog):
    """With Retry-After and the advice to ask again; the next request counts."""
    hub = listing([answer()] * 3)
    hub.fails = True
    refused = asyncio.run(ask())
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert json.loads(refused.get_body())["code"] == "not-counted"
    assert [json.loads(record.getMessage())["event"] for record in caplog.records] == ["statsFailed", "unavailable"]
    hub.fails = False
    assert body(asyncio.run(ask()))["open"] == 3


def test_an_engine_that_hangs_is_not_waited_for_without_end(listing, monkeypatch):
    """Not even the first page came in time: there are no figures."""
    monkeypatch.setattr(stats, "LONGEST_S", 0.01)

    async def story():
        listing([answer()]).may_answer.clear()
        return await ask()

    assert asyncio.run(story()).status_code == 503
