"""The heartbeat: what it counts, what it logs, and when it is there."""

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from adapters import engine
from adapters.engine import EngineFailed, Page
from adapters.logs import LOGGER
from approval.case import Case
from approval.policy.one_level import OneLevelPolicy
from approval.review.one_level import Review
from approval.status import describe
from functions import heartbeat


def waiting(due_ago):
    """The status answer of a case that was due so long ago."""
    asked_at = datetime.now(UTC) - due_ago - timedelta(hours=1)
    status = describe(Review.opened(Case(OneLevelPolicy(timeout="PT1H")), asked_at))
    return {"name": "OrchFunction", "runtimeStatus": "Running", "customStatus": status}


def run_once():
    """Call the function as the worker does."""
    function = heartbeat.Heartbeat._function._func
    asyncio.run(function.client_function(timer=None, client=None))


@pytest.fixture
def beat(monkeypatch, caplog):
    """Run the heartbeat against pages of the engine's list; gives its line and the pages that it asked for."""

    def run(*pages):
        asked = []

        async def page(_self, token="", **query):
            asked.append(token)
            assert query == {"runtimeStatus": "Pending,Running,Suspended", "top": 250}
            number = int(token or 0)
            return Page(tuple(pages[number]), str(number + 1) if number + 1 < len(pages) else "")

        monkeypatch.setattr(engine.Engine, "page", page)
        caplog.set_level(logging.INFO, LOGGER)
        caplog.clear()
        run_once()
        (record,) = caplog.records
        return json.loads(record.getMessage()), asked

    return run


def test_it_counts_open_cases_and_those_overdue_by_an_hour(beat):
    """A case that was due a moment ago is not overdue yet: its escalation may be on its way."""
    line, _ = beat([waiting(timedelta(minutes=-5)), waiting(timedelta(minutes=55)), waiting(timedelta(minutes=65))])
    assert (line["event"], line["open"], line["overdue"], line["complete"]) == ("heartbeat", 3, 1, True)


def test_it_counts_all_pages(beat):
    """The list comes in pages, and none is left out."""
    line, asked = beat([waiting(timedelta(hours=2))], [], [waiting(timedelta(hours=3))])
    assert (line["overdue"], asked) == (2, ["", "1", "2"])


def test_it_beats_with_nothing_to_count(beat):
    """No open case is a heartbeat too."""
    line, _ = beat([])
    assert (line["open"], line["overdue"]) == (0, 0)


def test_it_stops_counting_in_time(beat, monkeypatch):
    """A list without end does not keep it, and the line says that it is not whole."""
    monkeypatch.setattr(engine, "time", SimpleNamespace(monotonic=iter([0.0, 0.0, heartbeat.LONGEST_S]).__next__))
    line, asked = beat([waiting(timedelta(hours=2))], [waiting(timedelta(hours=2))])
    assert (line["overdue"], line["complete"], asked) == (1, False, [""])


def test_an_engine_that_does_not_answer_means_no_heartbeat(monkeypatch, caplog):
    """The function fails, and says nothing that could be taken for life."""

    async def page(*_arguments, **_query):
        raise EngineFailed(500)

    monkeypatch.setattr(engine.Engine, "page", page)
    with pytest.raises(EngineFailed):
        run_once()
    assert caplog.records == []


@pytest.mark.parametrize(("setting", "there"), [("on", 1), (" ON ", 1), ("off", 0), ("", 0), (None, 0), ("yes", 0)])
def test_it_is_there_only_if_the_setting_says_so(monkeypatch, setting, there):
    """It wakes a sleeping app, so nobody gets it without asking."""
    if setting is None:
        monkeypatch.delenv("HEARTBEAT", raising=False)
    else:
        monkeypatch.setenv("HEARTBEAT", setting)
    assert len(heartbeat.blueprints()) == there
