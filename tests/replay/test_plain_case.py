"""The plain cases on the local host: what it sends to the orchestrator is what the extension sent, field by field."""

import json
import pathlib
import re
from datetime import timedelta

import pytest

ROOT = pathlib.Path(__file__).parents[2]
HISTORIES = pathlib.Path(__file__).parent / "histories" / "v1"
EVENT_RAISED = 15
VARYING = (
    (re.compile(r'"ParentTraceContext": \{[^}]*\}'), '"ParentTraceContext": null'),  # recorded with tracing off
    (re.compile(r"\b[0-9a-f]{32}\b"), "<id>"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<guid>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<time>"),
)


def same_in_every_run(payload):
    """The payload as text, key order included, without ids, times and traces."""
    text = json.dumps(payload)
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return text


@pytest.mark.parametrize("name", ["approved", "approved_by_client", "rejected", "expired", "chain"])
def test_the_local_host_sends_what_the_extension_sent(durable_host, name):
    """Episode by episode the same rows with the same fields in the same order; ids and times aside."""
    recorded = json.loads((HISTORIES / f"{name}.json").read_text(encoding="utf-8"))
    payloads = [episode["payload"] for episode in recorded["episodes"]]
    host = durable_host(ROOT)
    given = payloads[0]["history"][1]["Input"]
    case = host.start_raw(recorded["orchestration"], b"" if given is None else given.encode())
    for event in [row for row in payloads[-1]["history"] if row["EventType"] == EVENT_RAISED]:
        host.raise_event(case, event["Name"], json.loads(event["Input"]))
    host.advance(timedelta(seconds=30))
    assert host.status(case).runtime_status == "Completed"
    assert [same_in_every_run(json.loads(one)) for one in host.payloads] == list(map(same_in_every_run, payloads))
