"""A start of the app is in the trace of its request."""

import json

import pytest
from places import ROOT

from devhost.app import telemetry
from devhost.app.host_json import read_host_json

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GIVEN = f"00-{TRACE}-00f067aa0ba902b7-01"
START = "/api/orchestrators/OrchFunction"


@pytest.fixture
def host(durable_host, monkeypatch):
    """The app, without the setting that would take its log lines from Application Insights."""
    monkeypatch.delenv(telemetry.ENABLED_SETTING, raising=False)
    monkeypatch.delenv("APPROVAL_TIMEOUT", raising=False)
    return durable_host(ROOT)


@pytest.mark.parametrize("path", [START, "/api/patterns/AsyncHttpApi?wait=1"])
def test_every_starter_of_the_app_hands_its_trace_on(host, path):
    """The instance is in the trace of the request that starts it, whether or not the request waits for the outcome."""
    host.call("POST", path, b'{"title": "T", "author": "A"}' if path == START else b'{"seconds": 0}', {
        "traceparent": GIVEN, "tracestate": "vendor=1", "Content-Type": "application/json",
    })  # fmt: skip
    (case,) = [case for case, steps in host.steps.items() if " started" in steps[0]]
    told = host.rows(case)[1]["ParentTraceContext"]
    assert TRACE in told["TraceParent"]
    assert told["TraceState"] == "vendor=1"


def test_the_app_turns_tracing_on():
    """Inputs and outputs stay out of the logs all the same."""
    assert read_host_json(ROOT).tracing is True
    said = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    assert said["telemetryMode"] == "OpenTelemetry"
    assert said["extensions"]["durableTask"]["tracing"]["traceInputsAndOutputs"] is False
