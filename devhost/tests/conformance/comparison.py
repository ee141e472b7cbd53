"""Compares the steps of a scenario with the recorded ones.

Equal to the letter, but for three kinds of steps:

1. In a varying step (`recordings/varies.jsonl`) the rows of the history are a bag: parallel work ends in any order.
2. In a passing step, below, the state counts for nothing: the scenario looks in the first moment after an operation.
   There the extension needs a tenth of a second for an episode, and another host less or more.
3. The answer of an HTTP call within an orchestration is that of the called server: its name and the order of its
   headers count for nothing.
"""

import json
import re
from difflib import unified_diff
from typing import Any

import codec

Json = dict[str, Any]
COMPARED = ("status", "headers", "body")
PASSING = {
    ("failing_activity", "after rewind"),
    ("on_pending", "purge"),
    ("on_pending", "rewind"),
    ("restart_flags", "completed "),
    ("restart_flags", "completed restartWithNewInstanceId=true&"),
    ("rewind_failed", "alone: right after"),
    ("rewind_failed", "parent and child: right after"),
}
STATE = re.compile(r"has status \w+")


def differences(scenario: str, steps: list[Json]) -> list[str]:
    """What is not as recorded, a text for each step.

    Args:
        scenario: its name.
        steps: as a `Host` holds them, normalized.
    """
    stored = codec.answers(scenario)
    labels, recorded_labels = ([step["step"] for step in some] for some in (steps, stored))
    if labels != recorded_labels:
        return [f"{scenario}: other steps\n" + _diff(recorded_labels, labels)]
    varying = codec.varying()
    complaints = []
    for step, line in zip(steps, stored, strict=True):
        asked = codec.pack_step(step)["asked"]
        if asked != line["asked"]:
            complaints.append(f"{scenario} / {step['step']}: asked\n" + _diff(line["asked"], asked))
        recorded, ours = (
            _comparable(some, varies=(scenario, step["step"]) in varying, passing=(scenario, step["step"]) in PASSING)
            for some in (line, step)
        )
        if json.dumps(recorded) != json.dumps(ours):
            complaints.append(f"{scenario} / {step['step']}\n" + _diff(recorded, ours))
    return complaints


def _comparable(step: Json, *, varies: bool, passing: bool) -> Json:
    kept = {key: step[key] for key in COMPARED} | {"headers": sorted(step["headers"].items())}
    body = _without_server(step["body"])
    if varies and isinstance(body, dict) and "historyEvents" in body:
        body = body | {"historyEvents": sorted(body["historyEvents"], key=json.dumps)}
    if passing and isinstance(body, str):
        body = STATE.sub("has status <any>", body)
    elif passing and isinstance(body, dict):
        kept = {"status": "200 or 202"}
        body = body | {"runtimeStatus": "<any>", "output": "<any>"}
    return kept | {"body": body}


def _without_server(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_server(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    value = {key: _without_server(inner) for key, inner in value.items()}
    if "statusCode" in value and isinstance(value.get("headers"), dict):
        named = value["headers"] | ({"Server": "<server>"} if "Server" in value["headers"] else {})
        value["headers"] = dict(sorted(named.items()))
    return value


def _diff(recorded: Any, ours: Any) -> str:
    texts = (json.dumps(value, indent=1, ensure_ascii=False).splitlines() for value in (recorded, ours))
    return "\n".join(unified_diff(*texts, "recorded", "here", lineterm="", n=2))
