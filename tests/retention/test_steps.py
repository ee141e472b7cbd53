"""The steps of a run, each by itself: what is asked of the engine, and what happens when they fail or run twice."""

import asyncio
import json
import logging
from datetime import UTC, datetime

import pytest
from azure.functions.blob import InputStream

from adapters import engine
from functions import retention as shell
from service.errors import InvalidSetting

OLD, BEFORE = "2026-01-01T00:00:00Z", "2026-08-26T02:30:00Z"
GIVEN = {"before": BEFORE, "blob": "v1/run/00001.jsonl"}


def user_code(function):
    """The function as it is written."""
    code = function.build().get_user_function()
    return getattr(code, "client_function", None) or code.orchestrator_function


LIST, EXPORT, PURGE, TIMER, RUN = map(
    user_code,
    (shell.ListFinished, shell.ExportCases, shell.PurgeCases, shell.PurgeHistory, shell.HistoryRetention),
)


def case(instance_id, status="Completed", updated=OLD, **more):
    """A status answer."""
    return {
        "name": "OrchFunction",
        "instanceId": instance_id,
        "runtimeStatus": status,
        "createdTime": OLD,
        "lastUpdatedTime": updated,
        **more,
    }


class Engine:
    """Instances in memory, behind the methods of ``adapters.engine.Engine``."""

    def __init__(self):
        self.cases, self.pages, self.purged, self.broken, self.asked = {}, [], [], {}, []
        self.started = []

    async def page(self, token="", **query):
        """The page that the token names."""
        self.asked.append(query)
        number = int(token or 0)
        more = str(number + 1) if number + 1 < len(self.pages) else ""
        return engine.Page(tuple(self.pages[number]), more)

    async def status(self, instance_id, *, history=False):
        """One instance."""
        if instance_id in self.broken:
            raise engine.EngineFailed(self.broken[instance_id])
        found = self.cases.get(instance_id)
        return found and (found | {"historyEvents": []} if history else found)

    async def purge(self, instance_id):
        """Forget one."""
        self.purged.append(instance_id)
        return self.cases.pop(instance_id, None) is not None

    async def start(self, *given):
        """Remember the start."""
        self.started.append(given)


class Out:
    """Where a blob output goes."""

    value = None

    def set(self, value):
        """Remember it."""
        self.value = value


@pytest.fixture
def hub(monkeypatch):
    """An engine in place of the real one."""
    made = Engine()
    monkeypatch.setattr(shell, "Engine", lambda _client: made)
    return made


def export(hub, ids):
    """Run the activity: its answer, and what it has written."""
    out = Out()
    return asyncio.run(EXPORT({**GIVEN, "ids": ids}, hub, out)), out.value


def listed(hub, **run):
    """Run the activity."""
    given = {"mode": "purge", "before": BEFORE, "token": "", "passed": []}
    return asyncio.run(LIST(given | run, hub))


def purge(hub, content):
    """Run the activity over a blob; None: there is none."""
    return asyncio.run(PURGE(GIVEN, hub, None if content is None else InputStream(data=content)))


def test_the_engine_is_asked_for_what_is_over_and_was_created_before_the_cut_off(hub):
    """By the exact names of the states, as others would list everything; and the answer is looked at all the same."""
    hub.pages = [[case("a"), case("b", "Running"), case("c", updated="2026-11-01T00:00:00Z"), case("@entity@x")], []]
    assert listed(hub) == {"ids": ["a"], "token": "1"}
    (query,) = hub.asked
    assert query == {"runtimeStatus": "Canceled,Completed,Failed,Terminated", "createdTimeTo": BEFORE, "top": 100}


def test_a_child_stays_while_its_parent_is_not_over(hub):
    """It goes with a parent that is over, or gone."""
    hub.cases = {"live": case("live", "Running"), "over": case("over")}
    hub.pages = [[case(f"of-{one}", parentInstanceId=one) for one in ("live", "over", "gone")]]
    assert listed(hub)["ids"] == ["of-over", "of-gone"]


def test_what_was_passed_over_is_not_listed_again(hub):
    """A case that changes each time it is looked at must not hold up the rest."""
    hub.pages = [[case("a"), case("b")]]
    assert listed(hub, passed=["a"])["ids"] == ["b"]


def test_an_export_holds_each_case_as_the_engine_shows_it(hub):
    """A line each, in the order of the list."""
    hub.cases = {one: case(one, input='"ä"') for one in "ba"}
    answer, content = export(hub, ["b", "a"])
    assert answer == {"changed": [], "exported": 2, "unreadable": 0}
    assert [json.loads(line) for line in content.splitlines()] == [
        hub.cases[one] | {"historyEvents": []} for one in "ba"
    ]


def test_an_export_that_runs_again_after_the_purge_writes_nothing(hub):
    """A worker that was thought dead must not write a smaller blob over the whole one."""
    hub.cases = {one: case(one) for one in "abc"}
    _, content = export(hub, ["a", "b", "c"])
    hub.cases.pop("b")
    answer, second = export(hub, ["a", "b", "c"])
    assert answer == {"changed": ["b"]}
    assert (second, content.count(b"\n")) == (None, 3)


def test_a_case_that_lives_again_is_not_exported(hub):
    """A start under its id came between list and export."""
    hub.cases = {"a": case("a"), "b": case("b", "Running")}
    assert export(hub, ["a", "b"]) == ({"changed": ["b"]}, None)


def test_a_case_that_the_engine_cannot_show_stays_and_holds_up_nobody(hub, caplog):
    """Its history is broken for good; the others go."""
    hub.cases, hub.broken = {"a": case("a"), "b": case("b")}, {"b": 400}
    with caplog.at_level(logging.WARNING, "design_approval"):
        answer, content = export(hub, ["a", "b"])
    assert answer == {"changed": [], "exported": 1, "unreadable": 1}
    assert json.loads(content)["instanceId"] == "a"
    assert json.loads(caplog.messages[0])["instance"] == "b"


def test_an_engine_that_does_not_answer_fails_the_slice_and_writes_nothing(hub):
    """It is tried again as a whole."""
    hub.cases, hub.broken = {"a": case("a"), "b": case("b")}, {"b": 503}
    with pytest.raises(engine.EngineFailed, match="503"):
        export(hub, ["a", "b"])


def test_a_slice_that_takes_too_long_fails_and_writes_nothing(hub, monkeypatch):
    """An activity must end before the host ends it."""
    monkeypatch.setattr(shell, "LONGEST_S", -1)
    hub.cases = {"a": case("a")}
    with pytest.raises(TimeoutError):
        export(hub, ["a"])


def test_what_stands_in_the_blob_is_purged_and_nothing_else(hub):
    """Each by its own id."""
    hub.cases = {one: case(one) for one in "abc"}
    _, content = export(hub, ["a", "b"])
    assert purge(hub, content) == {"purged": 2}
    assert (sorted(hub.purged), list(hub.cases)) == (["a", "b"], ["c"])
    assert purge(hub, content) == {"purged": 2}
    assert (sorted(hub.purged), list(hub.cases)) == (["a", "b"], ["c"])


def test_a_case_that_changed_after_its_export_is_not_purged(hub):
    """It lives again, has ended again, or is younger than the cut-off: what is stored is not what would go."""
    hub.cases = {one: case(one) for one in "abcd"}
    _, content = export(hub, list("abcd"))
    hub.cases["a"] = case("a", "Running")
    hub.cases["b"] = case("b", "Failed")
    hub.cases["c"] = case("c", updated="2026-11-01T00:00:00Z")
    assert purge(hub, content) == {"purged": 1}
    assert hub.purged == ["d"]


def test_without_a_blob_nothing_is_purged(hub):
    """Wherever the export has gone, it is not where it should be."""
    hub.cases = {"a": case("a")}
    assert purge(hub, None) == {"purged": 0}
    assert hub.purged == []


@pytest.fixture
def settings(monkeypatch):
    """Sets the two settings of the timer."""

    def put(mode=None, days=None):
        for name, value in (("RETENTION_MODE", mode), ("RETENTION_DAYS", days)):
            monkeypatch.delenv(name, raising=False)
            if value is not None:
                monkeypatch.setenv(name, value)

    return put


@pytest.mark.parametrize("mode", [None, "", "off", "OFF"])
def test_without_a_setting_nothing_begins(hub, settings, mode):
    """Nobody loses a case by installing the app."""
    settings(mode)
    asyncio.run(TIMER(None, hub, None))
    assert hub.started == []


@pytest.mark.parametrize(("mode", "days", "said"), [("dry", None, 90), ("Purge", "7", 7)])
def test_the_timer_begins_a_run(hub, settings, mode, days, said):
    """Always under the same id, so that there is never more than one."""
    settings(mode, days)
    asyncio.run(TIMER(None, hub, None))
    given = {"schemaVersion": 1, "mode": mode.lower(), "days": said}
    assert hub.started == [("HistoryRetention", given, "HistoryRetention")]


def test_a_run_under_way_is_left_alone(hub, settings, caplog):
    """It goes on by itself; the log says so."""
    settings("purge")
    hub.cases = {"HistoryRetention": case("HistoryRetention", "Running")}
    with caplog.at_level(logging.WARNING, "design_approval"):
        asyncio.run(TIMER(None, hub, None))
    assert hub.started == []
    assert json.loads(caplog.messages[0])["event"] == "retentionBusy"


@pytest.mark.parametrize(
    ("mode", "days"), [("delete", None), ("purge", "0"), ("purge", "soon"), ("dry", "99999999999")]
)
def test_a_setting_that_makes_no_sense_begins_nothing(hub, settings, mode, days):
    """It is said loudly; in doubt nothing is purged."""
    settings(mode, days)
    with pytest.raises(InvalidSetting, match="RETENTION_"):
        asyncio.run(TIMER(None, hub, None))
    assert hub.started == []


def test_a_dry_run_calls_nothing_that_writes(mocker):
    """It lists, and says what it would do."""
    context = mocker.Mock(histories=[])
    context.current_utc_datetime = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
    context.get_input.return_value = {"schemaVersion": 1, "mode": "dry", "days": 90}
    run = RUN(context)
    next(run)
    with pytest.raises(StopIteration) as end:
        run.send({"ids": ["a", "b"], "token": ""})
    assert [call.args[0] for call in context.call_activity_with_retry.call_args_list] == ["ListFinished"]
    assert (end.value.value["due"], end.value.value["sample"], end.value.value["purged"]) == (2, ["a", "b"], 0)
    context.continue_as_new.assert_not_called()
