"""Texts of strangers in what the app says: custom statuses, outputs, log lines, whichever way they came in."""

import importlib
import json
import logging
import warnings
from datetime import timedelta
from pathlib import Path

import pytest

from adapters import logs
from approval.text import fault

ROOT = Path(__file__).parents[2]
TRICK = "\x1b[2J\u202e\u2028\x9b\x7f\ud800\n"
STAMPED = {
    "schemaVersion": 1,
    "proposal": {"title": f"{TRICK}title", "author": f"{TRICK}author"},
    "policy": {"timeout": "PT1S", "approver": f"{TRICK}approver", "escalateTo": f"{TRICK}head"},
    "digest": None,
}


def texts(value):
    """All texts in a value, names included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in texts(part)]
    return [text for part in value for text in texts(part)] if isinstance(value, list) else []


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("OrchFunction", STAMPED),
        ("FunctionChaining", {"title": f"{TRICK}bridge"}),
        ("DesignReview", {"disciplines": [f"{TRICK}structure", "cost"]}),
        ("DelayReminders", {"to": f"{TRICK}manager", "count": 1, "frequency": "SECONDLY", "interval": 2}),
    ],
)
def test_an_instance_that_went_past_the_starter_says_nothing_that_acts(durable_host, name, given):
    """Its custom status, at each step, and its output hold no control character, separator or direction mark."""
    host = durable_host(ROOT)
    case = host.start(name, given)
    said = []
    for _ in range(3):
        host.run_until_idle()
        status = host.status(case)
        said += texts(status.custom_status) + texts(status.output)
        host.advance(timedelta(seconds=30))
    assert host.status(case).runtime_status == "Completed"
    assert said
    assert [text for text in said if fault(text, 0)] == []


def test_a_decision_says_nothing_that_acts(durable_host):
    """Who decided, why, and the reason of an ignored event."""
    host = durable_host(ROOT)
    case = host.start("OrchFunction")
    for event in (TRICK, {"decision": f"no{TRICK}"}, {"decision": "no", "by": f"{TRICK}kim", "comment": f"{TRICK}why"}):
        host.raise_event(case, "Approval", event)
    host.advance(timedelta(seconds=1))
    status = host.status(case)
    assert status.runtime_status == "Completed"
    assert status.custom_status["ignored"]["count"] == 2
    assert [text for text in texts(status.custom_status) if fault(text, 0)] == []


def test_a_log_line_is_one_line_of_ascii(caplog):
    """Whatever is in a field or in the system's own text for an error."""
    caplog.set_level(logging.INFO)
    with pytest.raises(OSError, match="broken") as caught:
        raise OSError(5, f"{TRICK}broken")
    cause = logs.cause_of(caught.value)
    assert "broken" in cause
    logs.log_event("unavailable", instance=TRICK, orchestration=TRICK, cause=cause, setting=TRICK)
    (record,) = caplog.records
    line = record.getMessage()
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["instance"] == TRICK


def test_a_warning_is_one_harmless_line():
    """Under Core Tools the SDK's warning, with an event's name in it, reaches the terminal as the app formats it."""
    importlib.import_module("functions")
    text = warnings.formatwarning(
        UserWarning(f"Potential duplicate: {TRICK}"), UserWarning, f"/x/{__name__}.py", 7, TRICK
    )
    assert text.endswith("\n")
    assert text.removesuffix("\n").isprintable()
    assert "Potential duplicate: \\x1b[2J" in text
