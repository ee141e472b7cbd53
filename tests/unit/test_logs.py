"""The form of a line of the app's log."""

import json
import logging
import pathlib
import re

import pytest

from adapters import logs

ROOT = pathlib.Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/logs.md").read_text(encoding="utf-8")
SEVERITIES = {logging.INFO: "Information", logging.WARNING: "Warning", logging.ERROR: "Error"}


def test_a_line_is_one_json_object_with_the_same_first_fields():
    """What does not apply is null, so that a query finds each field in each line."""
    text = logs.line("decided", instance="i-1", orchestration="OrchFunction", level=1, outcome="Approved")
    assert json.loads(text) == {
        "event": "decided",
        "instance": "i-1",
        "orchestration": "OrchFunction",
        "level": 1,
        "outcome": "Approved",
        "secondsToDecision": None,
    }
    assert list(json.loads(logs.line("started"))) == ["event", "instance", "orchestration", "level"]


def test_a_line_stays_one_line_whatever_an_id_holds():
    """Line ends and other letters are escaped."""
    text = logs.line("started", instance="a\nb\u2028c")
    assert text.isascii()
    assert text.isprintable()


@pytest.mark.parametrize(("event", "fields"), [("began", {}), ("started", {"title": "Mill Lane bridge"})])
def test_what_is_not_listed_is_refused(event, fields):
    """A field that nobody has thought about could hold what does not belong into a log."""
    with pytest.raises(ValueError, match="EVENTS"):
        logs.line(event, **fields)


def test_the_severity_is_that_of_the_event(caplog):
    """It is the record's own, not a field."""
    with caplog.at_level(logging.INFO, logger=logs.LOGGER):
        logs.log_event("started")
        logs.log_event("refused", problem="body-not-json", status=400)
        logs.log_event("failed", problem="input-unreadable")
    assert [record.levelno for record in caplog.records] == [logging.INFO, logging.WARNING, logging.ERROR]


def test_a_cause_is_told_by_type_and_place_only():
    """The text of an exception may quote a payload; the one at the bottom is the cause."""
    try:
        try:
            json.loads("{secret")
        except ValueError as error:
            raise RuntimeError("outer") from error
    except RuntimeError as error:
        told = logs.cause_of(error)
    assert re.fullmatch(r"JSONDecodeError in \w+ \(decoder\.py:\d+\)", told)


def test_a_network_error_keeps_its_text():
    """It says which address did not answer, and knows no payload."""
    try:
        raise ConnectionRefusedError(111, "Connect call failed")
    except OSError as error:
        told = logs.cause_of(error)
    assert told.endswith(": [Errno 111] Connect call failed")


def test_an_exception_that_was_never_raised_has_a_type():
    """There is no place to name."""
    assert logs.cause_of(KeyError("secret")) == "KeyError"


@pytest.mark.parametrize("event", logs.EVENTS)
def test_every_event_has_its_row_in_the_reference(event):
    """With its severity and its fields, and each field has a row of its own."""
    kind = logs.EVENTS[event]
    (row,) = re.findall(rf"^\| `{event}` \| (.*?) \|.*\| (.*?) ?\|$", PAGE, re.MULTILINE)
    assert row[0] == SEVERITIES[kind.severity]
    assert re.findall(r"`(\w+)`", row[1]) == list(kind.fields)
    assert all(re.search(rf"^\| `{name}` \|", PAGE, re.MULTILINE) for name in kind.fields)
