"""Every recorded episode: devhost, given that history and that answer, does what the extension did."""

import copy
import importlib
import json
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import codec
import pytest
from normal import without_frames
from replaying import DECISIONS, GENERIC, ORCHESTRATOR_COMPLETED, TERMINATED, Episode, Replayed, Row, episodes, replay

from devhost.durabletask.status import shown

APP = Path(__file__).parent / "app"
EPISODES = episodes()
FIRST_HAND = [episode for episode in EPISODES if not episode.continues]
OTHERS = [line for line in codec.executions() if line["kind"] != "orchestrator"]
ACTIVITY_CALLS = {(line["name"], json.dumps(line["payload"])) for line in OTHERS if line["kind"] == "activity"}
TIMES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
EXECUTION = re.compile(r"\b[0-9a-f]{32}\b")
REQUEST_ID = re.compile(r'(\\"id\\":\\")[^\\]*')
MESSAGES = (0, 5, 6, 8, 9, 11)
EXECUTION_STARTED = 0
EVENT_SENT = 14
SUB_FAILED = 9


def by_orchestrator(found: Iterable[Episode]) -> pytest.MarkDecorator:
    """One test for each orchestrator, with its episodes; a failure names the episode."""
    groups: dict[str, list[Episode]] = {}
    for one in found:
        groups.setdefault(one.name, []).append(one)
    return pytest.mark.parametrize("recorded", groups.values(), ids=groups)


def _was_looked_at(end: Episode) -> bool:
    """Whether the last look at the instance came after this episode; some were terminated when nobody looked."""
    terminated = any(row["EventType"] == TERMINATED for row in end.history)
    return end.seen is not None and not (terminated and end.seen["runtimeStatus"] in ("Running", "Suspended"))


@pytest.fixture(scope="module")
def handlers() -> Iterator[Mapping[str, tuple[str, Any]]]:
    """The app's durable functions as the worker calls them: per name the kind and the handler."""
    other = sys.modules.pop("function_app", None)
    before = set(sys.modules)
    sys.path.insert(0, str(APP))
    try:
        functions = importlib.import_module("function_app").app.get_functions()
        kinds = {"orchestrationTrigger": "orchestrator", "activityTrigger": "activity", "entityTrigger": "entity"}
        triggers = {one.get_function_name(): (one.get_trigger().type, one.get_user_function()) for one in functions}
        yield {name: (kinds[kind], handler) for name, (kind, handler) in triggers.items() if kind in kinds}
    finally:
        sys.path.remove(str(APP))
        for name in set(sys.modules) - before:
            if name.partition(".")[0] in ("function_app", "recorded_app"):
                del sys.modules[name]
        if other is not None:
            sys.modules["function_app"] = other


@pytest.fixture(scope="module")
def names(handlers) -> Mapping[str, list[str]]:
    """The names of the app's functions by kind."""
    kinds = ("orchestrator", "activity", "entity")
    return {kind: [name for name, (of, _) in handlers.items() if of == kind] for kind in kinds}


@pytest.fixture(scope="module")
def replayed(names) -> Mapping[int, Replayed]:
    """What devhost makes of each episode, by its place in the recording."""
    return {episode.n: replay(episode, names) for episode in FIRST_HAND}


def test_the_recording_is_whole():
    """695 episodes of 250 executions, 234 activity calls and 8 entity batches were recorded."""
    kinds = [line["kind"] for line in codec.executions()]
    assert len(EPISODES) == 695
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"orchestrator": 250, "activity": 234, "entity": 8}


@by_orchestrator(FIRST_HAND)
def test_the_payload_is_the_recorded_one(recorded: list[Episode], replayed):
    """From the stored history and the inbox comes the payload that the extension sent, to the letter."""
    for episode in recorded:
        assert _text(json.loads(replayed[episode.n].asked[0])) == _text(episode.payload), str(episode)


@by_orchestrator(one for one in FIRST_HAND if one.continued)
def test_a_continued_execution_gets_the_recorded_payload(recorded: list[Episode], replayed):
    """After continue-as-new the next payload is the recorded one, but for its new execution id and times."""
    for episode in recorded:
        asked = [_without_times(json.loads(text)) for text in replayed[episode.n].asked[1:]]
        assert asked == [_without_times(one.payload) for one in _continuations(episode)], str(episode)


@by_orchestrator(one for one in FIRST_HAND if one.end.later)
def test_the_decisions_are_the_recorded_ones(recorded: list[Episode], replayed):
    """The rows that are written for an answer are those that the next payload holds, field by field."""
    for episode in recorded:
        last = episode.end
        got, wanted = replayed[episode.n].rows, _settled(last)
        if replayed[episode.n].instance.status == "Failed":  # and rewound later, which takes its last rows away
            assert _generic(last.later), str(episode)
        else:
            continued = last is not episode
            assert _rows(got, continued=continued) == _rows(wanted, continued=continued), str(episode)


@by_orchestrator(one for one in FIRST_HAND if one.end.later)
def test_an_instance_goes_on_as_recorded(recorded: list[Episode], replayed):
    """An instance that was sent another payload is not over, unless a rewind came between."""
    for episode in recorded:
        last, now = episode.end, replayed[episode.n].instance
        rewound = len(_generic(last.later)) > len(_generic(last.history))
        assert now.status in (("Failed",) if rewound else ("Running", "Suspended")), str(episode)


@by_orchestrator(one for one in FIRST_HAND if _was_looked_at(one.end))
def test_an_instance_ends_as_recorded(recorded: list[Episode], replayed):
    """After its last payload an instance has the status, output and custom status that were seen."""
    for episode in recorded:
        seen, now = episode.end.seen, replayed[episode.n].instance
        assert now.status == seen["runtimeStatus"], str(episode)
        assert without_frames(shown(now.output)) == seen["output"], str(episode)
        assert _as_recorded(now.custom_status) == seen["customStatus"], str(episode)


@by_orchestrator(FIRST_HAND)
def test_messages_are_the_recorded_ones(recorded: list[Episode], replayed):
    """Timers, and children that begin or end, send what the recorded receivers got."""
    for episode in recorded:
        for to, row in replayed[episode.n].sent:
            if row.get("EventType") in MESSAGES and (got := _received(to, row, episode)):
                assert _message(row) == _message(got), str(episode)


@by_orchestrator(FIRST_HAND)
def test_activities_get_the_recorded_input(recorded: list[Episode], replayed):
    """An activity that is scheduled is given an input that the extension gave it."""
    for episode in recorded:
        for task in replayed[episode.n].checkpoint.tasks:
            if task.name != "BuiltIn::HttpActivity":
                assert (task.name, json.dumps(json.loads(task.input))) in ACTIVITY_CALLS, str(episode)


@pytest.mark.filterwarnings("ignore")  # the SDK warns of events that nobody awaits, and of its own future
@by_orchestrator(one for one in EPISODES if one.name != "nondeterministic")
def test_the_sdk_answers_as_recorded(recorded: list[Episode], handlers):
    """The app of this folder, run by the real SDK over a recorded payload, gives the recorded answer."""
    for episode in recorded:
        _, handler = handlers[episode.name]
        try:
            answer = json.loads(handler(_with_details(episode.payload)))
        except Exception as error:  # noqa: BLE001 the SDK raises plain Exception, with the state in its text
            answer = {"exception": f"{type(error).__name__}: {error}"}
        assert _text(answer) == _with_details(episode.answer), str(episode)


@pytest.mark.parametrize(
    "line",
    [one for one in OTHERS if one["name"] not in ("flaky", "clock")],
    ids=lambda one: f"{one['n']}-{one['name']}",
)
def test_activities_and_entities_answer_as_recorded(line, handlers, monkeypatch):
    """The activities and the entity of this folder give the recorded answers, times apart."""
    kind, handler = handlers[line["name"]]
    monkeypatch.setattr(time, "sleep", lambda _: None)
    try:
        answer = handler(line["payload"]) if kind == "activity" else json.loads(handler(_text(line["payload"])))
    except ValueError as error:
        answer = {"exception": f"{type(error).__name__}: {error}"}
    recorded = copy.deepcopy(line["answer"])
    for result in [*(answer["results"] + recorded["results"] if kind == "entity" else [])]:
        assert isinstance(result.pop("duration"), int)
        assert isinstance(result.pop("startTime"), int)
    assert _text(answer) == _text(recorded)


# ---------------------------------------------------------------- what is compared


def _continuations(episode: Episode) -> Iterator[Episode]:
    """The first episodes of the executions that it continued as, one after another."""
    while episode.continued:
        episode = episode.continued
        yield episode


def _received_rows() -> dict[tuple[str, int, int], Row]:
    found: dict[tuple[str, int, int], Row] = {}
    for episode in EPISODES:
        for row in episode.history:
            if row["EventType"] in MESSAGES and (key := _key(row, episode.execution_id)):
                found[key] = row
    return found


def _key(row: Row, receiver: str) -> tuple[str, int, int] | None:
    """What a message is distinguished by: its receiver's execution (a new child's: its parent's), kind and task."""
    if row["EventType"] == EXECUTION_STARTED:
        parent = row["ParentInstance"]
        return parent and (parent["OrchestrationInstance"]["ExecutionId"], EXECUTION_STARTED, parent["TaskScheduleId"])
    return receiver, row["EventType"], row.get("TaskScheduledId", row.get("TimerId"))


RECEIVED = _received_rows()


def _received(to: str, row: Row, episode: Episode) -> Row | None:
    """The row that the recorded receiver got for this message."""
    receiver = episode.execution_id
    if to != episode.payload["instanceId"] and row["EventType"] != EXECUTION_STARTED:
        receiver = episode.history[1]["ParentInstance"]["OrchestrationInstance"]["ExecutionId"]
    return RECEIVED.get(_key(row, receiver))


def _message(row: Row) -> str:
    """A message without its time and state; of a child's details what comes before the .NET stack."""
    row = {key: value for key, value in row.items() if key not in ("Timestamp", "IsPlayed")}
    if row["EventType"] == EXECUTION_STARTED:
        row["OrchestrationInstance"] = row["OrchestrationInstance"]["InstanceId"]
    if row["EventType"] == SUB_FAILED and row["Details"]:
        row["Details"] = row["Details"].partition(", StackTrace:")[0]
    return _text(row)


def _generic(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["EventType"] == GENERIC]


def _settled(episode: Episode) -> list[Row]:
    """The rows of the next payload that this episode left behind: its decisions, and OrchestratorCompleted."""
    assert episode.later is not None
    end = len(episode.history)
    while episode.later[end]["EventType"] in DECISIONS:
        end += 1
    return episode.later[: end + (episode.later[end]["EventType"] == ORCHESTRATOR_COMPLETED)]


def _rows(rows: list[Row], *, continued: bool) -> list[str]:
    """Rows as text, without the times when they were written; FireAt stays."""
    texts = [_text({key: "" if key == "Timestamp" else value for key, value in row.items()}) for row in rows]
    out = []
    for row, text in zip(rows, texts, strict=True):
        out.append(TIMES.sub("<time>", text) if row["EventType"] == EVENT_SENT or continued else text)
    out = [REQUEST_ID.sub(r"\1<guid>", text) for text in out]
    return [EXECUTION.sub("<id>", text) for text in out] if continued else out


def _without_times(value: Any) -> str:
    return EXECUTION.sub("<id>", TIMES.sub("<time>", _text(value)))


def _as_recorded(custom_status: str | None) -> Any:
    """Long custom statuses were recorded by their length."""
    value = None if custom_status is None else json.loads(custom_status)
    return f"<{len(value)} characters>" if isinstance(value, str) and len(value) > 7000 else value


def _text(value: Any) -> str:
    return json.dumps(value)


def _with_details(value: Any) -> str:
    """JSON text where `<details>` begins with a brace again, as an orchestrator that cuts the text short may show."""
    return _text(value).replace("<details>", "{details}")
