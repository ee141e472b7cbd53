"""Histories that the real extension recorded, replayed through the real SDK.

A red test here means that instances in flight would break: version the orchestrator, do not record again.
"""

import json
import pathlib

import pytest

from approval.record import What, joined
from functions import review_flow

HISTORIES = sorted((pathlib.Path(__file__).parent / "histories").glob("v*/*.json"))
ORCHESTRATIONS = {"OrchFunction": review_flow.OrchFunction, "OrchFunctionChain": review_flow.OrchFunctionChain}
LABEL = "$OutOfProcData$:"
TASK_SCHEDULED, TASK_COMPLETED, TIMER_CREATED = 4, 5, 10

pytestmark = pytest.mark.filterwarnings("ignore:Potential duplicate Task completion:UserWarning")

BUILT = {name: function.build().get_user_function() for name, function in ORCHESTRATIONS.items()}


def answer_of(orchestration, payload):
    """What today's code answers: the state, also if it is the state that comes with a failure."""
    try:
        return json.loads(BUILT[orchestration](json.dumps(payload)))
    except Exception as error:  # noqa: BLE001 - the SDK raises bare exceptions
        return state_in(str(error))


def state_in(text):
    """The state inside a failure, where the extension looks for it."""
    _, label, state = text.partition(LABEL)
    assert label, text
    return json.loads(state)


def recorded(path):
    """The orchestration and the recorded turns of a file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return document["orchestration"], document["episodes"]


def each(path):
    """The name of a recording, in the test's name."""
    return path.stem


@pytest.mark.parametrize("path", HISTORIES, ids=each)
def test_every_recorded_turn_gives_the_recorded_answer(path):
    """Today's code gives the actions, status and output that were recorded, turn by turn."""
    orchestration, episodes = recorded(path)
    for episode in episodes:
        answer = episode["answer"]
        expected = state_in(answer["exception"]) if "exception" in answer else answer
        assert answer_of(orchestration, episode["payload"]) == expected


@pytest.mark.parametrize("path", HISTORIES, ids=each)
def test_every_prefix_of_a_history_leads_to_the_same_path(path):
    """However short the history is cut, the actions are the beginning of those at the end."""
    orchestration, episodes = recorded(path)
    payload = episodes[-1]["payload"]
    whole = kinds(answer_of(orchestration, payload)["actions"][0])
    for length in range(2, len(payload["history"]) + 1):
        part = answer_of(orchestration, {**payload, "history": payload["history"][:length]})
        actions = kinds(part["actions"][0])
        assert actions == whole[: len(actions)], length


@pytest.mark.parametrize("name", ["approved", "rejected", "approved_by_client", "expired"])
def test_the_plain_case_takes_three_turns_one_timer_and_one_activity(name):
    """An event or an expiry, then one activity: nothing else is in the history."""
    _, episodes = recorded(next(path for path in HISTORIES if path.stem == name))
    rows = [row["EventType"] for row in episodes[-1]["payload"]["history"]]
    assert len(episodes) == 3
    assert rows.count(TIMER_CREATED) == rows.count(TASK_SCHEDULED) == 1


def test_the_histories_cover_both_orchestrations_and_every_outcome():
    """A change to either orchestrator meets at least one recording, and each message was recorded."""
    last = [(name, episodes[-1]["answer"]) for name, episodes in map(recorded, HISTORIES)]
    outputs = {text for _, answer in last for text in answer.get("output", [])}
    assert {name for name, _ in last} == set(ORCHESTRATIONS)
    assert {text.split(":")[0].split("-  ")[-1] for text in outputs} == {"Approved!", "Rejected!", "ESCALATION "}


def test_the_histories_with_levels_cover_every_end():
    """Each of the states, an escalation to a target, a reminder, a level that is skipped; and the loop's own events."""
    last = [recorded(path)[1][-1]["answer"] for path in HISTORIES if path.parent.name == "v2"]
    states = [state_in(each["exception"]) if "exception" in each else each for each in last]
    assert {state["customStatus"]["state"] for state in states} == {
        "approved", "rejected", "expired", "withdrawn", "refused", "fault",
    }  # fmt: skip
    kinds_noted = {entry["what"] for path in HISTORIES for entry in record_in(path)}
    assert kinds_noted == {str(kind) for kind in What}


def record_in(path):
    """The record that a recorded instance holds in the results of its ``Announce``."""
    rows = recorded(path)[1][-1]["payload"]["history"]
    names = {row["EventId"]: row["Name"] for row in rows if row["EventType"] == TASK_SCHEDULED}
    done = [row for row in rows if row["EventType"] == TASK_COMPLETED]
    return joined(json.loads(row["Result"]) for row in done if names[row["TaskScheduledId"]] == "Announce")


@pytest.mark.parametrize("path", [path for path in HISTORIES if path.parent.name == "v2"], ids=each)
def test_the_record_in_a_history_is_whole(path):
    """Numbered without a gap, and with a verdict on every act that the custom status counts."""
    answer = recorded(path)[1][-1]["answer"]
    status = (state_in(answer["exception"]) if "exception" in answer else answer)["customStatus"]
    record = record_in(path)
    assert [entry["n"] for entry in record] == list(range(1, len(record) + 1))
    assert sum(entry["what"] == "act" for entry in record) == status["acts"]
    assert sum(entry["count"] for entry in record if entry["what"] == "unsealed") == status["unsealed"]


def kinds(actions):
    """The actions without what may still change: whether a timer was cancelled."""
    return [
        {**action, "isCanceled": None, "compoundActions": kinds(action.get("compoundActions", []))}
        for action in actions
    ]
