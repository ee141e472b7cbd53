"""The driver's own parts: packing loses nothing, time that is virtual does not pass, normalizing keeps what counts."""

import json
import time
from datetime import UTC, datetime, timedelta

import codec
import pytest
from clocks import RealTime, VirtualTime
from comparison import PASSING, differences
from normal import normal
from scenarios import SCENARIOS

RUN = "t12345678"


def test_every_scenario_has_its_recording():
    """The 77 scenarios and the recorded files are the same; no scenario is there twice."""
    names = [scenario.name for scenario in SCENARIOS]
    assert len(names) == len(set(names)) == 77
    assert sorted(names) == sorted(path.stem for path in (codec.HERE / "answers").glob("*.jsonl"))


def test_the_recorded_answers_are_whole():
    """980 answers were recorded, and each equals itself when it is compared."""
    steps = {scenario.name: codec.answers(scenario.name) for scenario in SCENARIOS}
    assert sum(len(some) for some in steps.values()) == 980


@pytest.mark.parametrize("rewind", [True, False])
def test_a_check_status_payload_is_packed_into_its_facts(rewind):
    """A payload that follows from five facts is stored as them, and comes back to the letter."""
    query = "taskHub=Hub&connection=Storage&code=<key>"
    body = codec.links("<base>/runtime/webhooks/durabletask", "a b", "a+b", query, rewind=rewind)
    step = {"step": "start", "status": 202, "headers": {}, "body": body}
    packed = codec.pack_step(step)
    assert list(packed["body"]) == ["$links"]
    assert json.dumps(codec.unpack_step(packed)["body"]) == json.dumps(body)


def test_a_body_that_only_resembles_a_payload_stays_as_it_is():
    """A link that is not the usual one is not packed away."""
    body = codec.links("<base>/hook", "i", "i", "code=k", rewind=True) | {"resumePostUri": "elsewhere"}
    step = {"step": "start", "status": 202, "headers": {}, "body": body}
    assert codec.pack_step(step)["body"] == body


def test_episodes_survive_packing():
    """Rows that change between two payloads of an execution, as a rewind changes them, come back to the letter."""
    lines = [line for packed in codec.executions() for line in codec.unpack_episodes(packed)]
    again = [line for packed in codec.pack_episodes(lines, {}) for line in codec.unpack_episodes(packed)]
    assert {line["n"]: json.dumps(line) for line in again} == {line["n"]: json.dumps(line) for line in lines}


def test_normalizing_takes_out_what_belongs_to_a_run():
    """Ids, guids, times, addresses, keys and the run's tag in all its spellings go; everything else stays."""
    text = (
        f"http://localhost:7071/x/{RUN}?code=secret&a=1 {RUN.upper()} {'0' * 32} {'0' * 32}:2 "
        "9897f53e-df0c-46a2-83bf-60ebf749c6ca 2026-11-24T17:30:50.4652308Z 5 days"
    )
    assert normal(text, RUN) == "<base>/x/<run>?code=<key>&a=1 <RUN> <id> <id> <guid> <time> 5 days"


def test_normalizing_takes_out_frames_and_keeps_the_error():
    """Of a Python stack the frames go, of a .NET answer the stack."""
    failed = {
        "output": "failed: (Result: Failure\nException: ValueError: x\nStack:   File 'a.py'\n    y()\n)",
        "StackTrace": "   at Somewhere",
        "other": None,
    }
    assert normal(failed, RUN) == {
        "output": "failed: (Result: Failure\nException: ValueError: x\nStack: <stack>\n)",
        "StackTrace": "<StackTrace>",
        "other": None,
    }


def test_a_difference_names_scenario_and_step():
    """An answer with another status is reported by its step; the recorded one is not."""
    steps = [_as_played(line) for line in codec.answers("race_timer")]
    assert differences("race_timer", steps) == []
    steps[1]["status"] = 500
    (complaint,) = differences("race_timer", steps)
    assert complaint.startswith("race_timer / final")


def test_the_order_of_keys_is_compared():
    """A body with the same keys in another order is another body."""
    steps = [_as_played(line) for line in codec.answers("race_timer")]
    steps[1]["body"] = dict(reversed(steps[1]["body"].items()))
    assert len(differences("race_timer", steps)) == 1


def test_missing_steps_are_told_of():
    """A scenario that breaks off differs."""
    assert differences("race_timer", [])


def test_looser_comparisons_are_of_recorded_steps():
    """A varying or passing step that no scenario has any more would hide nothing, and stay for ever."""
    steps = {(one.name, step["step"]) for one in SCENARIOS for step in codec.answers(one.name)}
    assert codec.varying() | PASSING <= steps
    assert not codec.varying() & PASSING


def test_virtual_time_passes_by_asking():
    """Five minutes take no time."""
    now = [datetime(2026, 1, 1, tzinfo=UTC)]

    def advance(by: timedelta) -> None:
        now[0] += by

    clock, began = VirtualTime(advance, lambda: now[0]), time.monotonic()
    clock.pause(300)
    assert clock.now() == datetime(2026, 1, 1, 0, 5, tzinfo=UTC)
    assert time.monotonic() - began < 5


def test_real_time_is_the_machines():
    """Aware, and now."""
    assert abs(RealTime().now() - datetime.now(UTC)) < timedelta(seconds=5)


def _as_played(line):
    method, url, body = line["asked"]
    return {**line, "request": {"method": method, "url": url, "body": body}}
