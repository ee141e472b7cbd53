"""What a case leaves in the log: each event once, however often the orchestrator is replayed, and nothing private."""

import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from adapters import logs

ROOT = Path(__file__).parents[2]
CANARY = "canary"  # in every text that somebody could send
PROPOSAL = {
    "title": f"{CANARY} bridge",
    "author": f"{CANARY}@example.com",
    "summary": f"{CANARY} summary",
    "attachments": [{"name": f"{CANARY}.pdf", "url": f"https://files.example.com/{CANARY}.pdf", "sha256": 64 * "a"}],
    "fields": {"note": f"{CANARY} value"},
    "policy": {"timeout": "PT1H", "approver": f"{CANARY} approver", "escalateTo": f"{CANARY} boss"},
}


@pytest.fixture
def host(durable_host, monkeypatch):
    """The whole app."""
    monkeypatch.delenv("APPROVAL_TIMEOUT", raising=False)
    return durable_host(ROOT)


@pytest.fixture
def lines(caplog):
    """Gives what the app has logged so far, read from its JSON."""
    caplog.set_level(logging.INFO, logger=logs.LOGGER)

    def read():
        return [json.loads(record.getMessage()) for record in caplog.records if record.name == logs.LOGGER]

    return read


def start(host, body=None, key=None, name="OrchFunction"):
    """The answer of the app's own starter."""
    headers = {"Idempotency-Key": key} if key else {}
    return host.call("POST", f"/api/orchestrators/{name}", body, headers)


def events(lines):
    """Their names, in order."""
    return [line["event"] for line in lines]


def test_a_journey_is_told_once_and_names_nobody(host, lines, caplog):
    """Junk, a failed activity, two hosts: every event once, with the instance, and no text of anybody's."""
    case = start(host, PROPOSAL, f"{CANARY}-key").json()["id"]
    assert start(host, PROPOSAL, f"{CANARY}-key").status == 202
    host.raise_event(case, "Approval", f"{CANARY} perhaps")
    host.restart_host()
    host.fail("Approval")
    host.advance(timedelta(minutes=10))
    host.raise_event(case, "Approval", {"decision": "no", "by": f"{CANARY} dana", "comment": f"{CANARY} comment"})
    host.restart_host()
    host.run_until_idle()
    assert host.status(case).runtime_status == "Completed"
    told = lines()
    assert events(told) == [
        "started", "waiting", "alreadyStarted", "eventIgnored", "decided", "activityFailed", "closed",
    ]  # fmt: skip
    assert {(line["instance"], line["orchestration"]) for line in told} == {(case, "OrchFunction")}
    assert [line["level"] for line in told] == [None, 1, None, 1, 1, 1, 1]
    decided = told[4]
    assert (decided["outcome"], decided["secondsToDecision"]) == ("Rejected", 600.0)
    assert told[5]["activity"] == "Approval"
    assert CANARY not in caplog.text
    assert len(host.payloads) > len({line["event"] for line in told if line["level"]})  # it was replayed


def test_an_expired_case_is_told_once(host, lines):
    """Escalated after the time to decide, then closed."""
    case = start(host).json()["id"]
    host.run_until_idle()
    told = [line for line in lines() if line["instance"] == case and line["level"]]
    assert events(told) == ["waiting", "escalated", "closed"]
    assert told[1]["secondsWaited"] == 20.0


def test_events_in_one_batch_are_told_one_by_one(host, lines):
    """Two that say nothing clear and one that decides arrive while the case is held."""
    case = start(host, PROPOSAL).json()["id"]
    host.suspend(case)
    for said in (f"{CANARY} one", f"{CANARY} two", "yes"):
        host.raise_event(case, "Approval", said)
    host.resume(case)
    assert host.status(case).runtime_status == "Completed"
    assert events(lines()).count("decided") == 1
    assert [line["count"] for line in lines() if line["event"] == "eventIgnored"] == [1, 2]


def test_a_case_that_cannot_be_read_is_told_to_fail(host, lines, caplog):
    """By the code of its error, whatever is in the input."""
    case = host.start("OrchFunction", {"title": CANARY, "schemaVersion": CANARY})
    assert host.status(case).runtime_status == "Failed"
    assert [(line["event"], line["problem"], line["instance"]) for line in lines()] == [
        ("failed", "input-unreadable", case)
    ]
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    ("name", "body", "problem"),
    [
        ("OrchFunction", f"{{{CANARY}".encode(), "body-not-json"),
        ("OrchFunction", {CANARY: CANARY}, "fields-invalid"),
        (CANARY, None, "orchestration-unknown"),
    ],
)
def test_a_refusal_is_told_by_its_code(host, lines, caplog, name, body, problem):
    """Neither the body nor a name that the caller made up is repeated."""
    answer = start(host, body, name=name)
    assert [(line["event"], line["problem"], line["status"]) for line in lines()] == [
        ("refused", problem, answer.status)
    ]
    assert CANARY not in caplog.text
