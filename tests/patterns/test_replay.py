"""Histories of the patterns that the real extension recorded, replayed through the real SDK.

A red test here means that instances in flight would break: version the orchestrator, do not record again.
"""

import importlib
import json
import pathlib

import pytest

HERE = pathlib.Path(__file__).parent
HISTORIES = sorted(path for path in (HERE / "histories").glob("*.json") if path.stem != "open_cases")
LABEL = "$OutOfProcData$:"
TASK_COMPLETED, TASK_FAILED = 5, 6
MODULES = {
    "FunctionChaining": "function_chaining",
    "FanOutFanIn": "fan_out_fan_in",
    "AsyncHttpApi": "async_http_api",
    "Monitor": "monitor",
    "HumanInteraction": "human_interaction",
    "DelayReminders": "delay_reminders",
    "QuoteWithTimeout": "quote_with_timeout",
    "DesignReview": "design_review",
    "DisciplineReview": "design_review",
    "CountedReview": "open_cases",
    "OpenCases": "open_cases",
}
BUILT = {
    name: getattr(importlib.import_module(f"functions.patterns.{module}"), name).build().get_user_function()
    for name, module in MODULES.items()
}

pytestmark = pytest.mark.filterwarnings("ignore:Potential duplicate Task completion:UserWarning")


def recorded(path):
    """The orchestration and the recorded turns of a file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return document["orchestration"], document["episodes"]


def answer_of(orchestration, payload):
    """What today's code answers: the state, also if it is the state that comes with a failure."""
    try:
        return json.loads(BUILT[orchestration](json.dumps(payload)))
    except Exception as error:  # noqa: BLE001 - the SDK raises bare exceptions
        return json.loads(str(error).partition(LABEL)[2])


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_every_recorded_turn_gives_the_recorded_answer(path):
    """Today's code gives the actions, status and output that were recorded, turn by turn."""
    orchestration, episodes = recorded(path)
    for episode in episodes:
        answer = episode["answer"]
        expected = json.loads(answer["exception"].partition(LABEL)[2]) if "exception" in answer else answer
        assert answer_of(orchestration, episode["payload"]) == expected


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_every_prefix_of_a_history_leads_to_the_same_path(path):
    """However short the history is cut, the actions are the beginning of those at the end."""
    orchestration, episodes = recorded(path)
    payload = episodes[-1]["payload"]
    whole = without_cancel(answer_of(orchestration, payload)["actions"][0])
    for length in range(2, len(payload["history"]) + 1):
        part = answer_of(orchestration, {**payload, "history": payload["history"][:length]})
        actions = without_cancel(part["actions"][0])
        assert actions == whole[: len(actions)], length


def test_every_orchestration_of_the_gallery_was_recorded():
    """A change to any of them meets at least one recording."""
    assert {recorded(path)[0] for path in HISTORIES} | {"OpenCases"} == set(MODULES)


def test_the_entity_gives_the_recorded_answers():
    """Operations with no input, and with all that came over HTTP: a number, null, an object, a text, nothing."""
    document = json.loads((HERE / "histories/open_cases.json").read_text(encoding="utf-8"))
    inputs = {request["input"] for batch in document["batches"] for request in batch["payload"]["batch"]}
    assert inputs >= {"7", "null", '{"a":1}', '"x"', None}
    for batch in document["batches"]:
        answer = json.loads(BUILT["OpenCases"](json.dumps(batch["payload"])))
        assert without_times(answer) == without_times(batch["answer"])


def test_a_quote_that_fails_in_time_is_no_quote():
    """The race hands a failure out as a result, and does not raise it."""
    _, episodes = recorded(HERE / "histories/quote_in_time.json")
    payload = episodes[-1]["payload"]
    rows = [
        {**row, "EventType": TASK_FAILED, "Reason": "no answer", "Details": ""}
        if row["EventType"] == TASK_COMPLETED
        else row
        for row in payload["history"]
    ]
    answer = answer_of("QuoteWithTimeout", {**payload, "history": rows})
    assert (answer["isDone"], answer["output"]) == (True, False)


def without_cancel(actions):
    """The actions without what may still change: whether a timer was cancelled."""
    return [
        {**action, "isCanceled": None, "compoundActions": without_cancel(action.get("compoundActions", []))}
        for action in actions
    ]


def without_times(answer):
    """A batch's answer without when it ran and for how long."""
    results = [{**result, "duration": 0, "startTime": 0} for result in answer["results"]]
    return {**answer, "results": results}
