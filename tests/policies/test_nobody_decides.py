"""A case of the county that nobody decides, in the whole app and in virtual time: its mails and its record."""

import base64
import json
import time
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from companies import CASE, company, submission

from adapters import directory, sealing
from adapters.mail import kept
from approval.seals import Purpose
from approval.submission import stored_input

ROOT = Path(__file__).parents[2]
COUNTY = company("county")
DONE = ("TaskCompleted", "Announce")
MILL_LANE = submission(
    COUNTY, "dana", {"kind": "structure", "amount": Decimal(80000), "category": 2, "departure": False}
)


@pytest.fixture
def host(durable_host, monkeypatch, tmp_path):
    """The app with the county's policies, keys, and an outbox."""
    for name in ("SEAL_PUBLIC_KEYS", "SMTP_HOST", "MAIL_FROM", "WEBSITE_INSTANCE_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("APPROVAL_POLICIES", "examples/policies/county.toml")
    monkeypatch.setenv("IDENTITY", "local")
    monkeypatch.setenv("SEAL_KEY", f"2026-11:{base64.b64encode(bytes(32)).decode()}")
    monkeypatch.setenv("PUBLIC_BASE_URL", "http://localhost:7071")
    monkeypatch.setenv("OUTBOX", str(tmp_path))
    host = durable_host(ROOT)
    directory.start()  # the app may have been loaded before, with other settings
    yield host
    monkeypatch.undo()
    directory.start()


def record_of(host):
    """The entries of the case's record, as its announcements left them in the history."""
    rows = [row for row in host.history(CASE) if (row["EventType"], row.get("FunctionName")) == DONE]
    results = [json.loads(row["Result"]) if isinstance(row["Result"], str) else row["Result"] for row in rows]
    return [entry for result in results for entry in result["entries"]]


def test_a_reminder_an_escalation_and_the_end_each_have_their_mail(host, tmp_path):
    """In under two seconds, for twenty days; the record has an entry of each."""
    began = time.perf_counter()
    host.start("OrchFunction", stored_input(sealing.seal(MILL_LANE.to_text(), Purpose.INPUT)), CASE)
    host.advance(timedelta(days=21))
    took_s = time.perf_counter() - began
    escalated, rejected = host.status(CASE).output
    assert (escalated.startswith("ESCALATION"), "Jo Lindqvist" in escalated) == (True, True)
    assert rejected.endswith("Rejected!")
    assert host.status(CASE).custom_status["state"] == "expired"
    opened = record_of(host)[1]["opening"]
    day0 = datetime.fromisoformat(opened["openedAt"]).date()
    mails = sorted(
        ((mail.at.date() - day0).days, mail.subject.partition(":")[0], mail.to.partition(" ")[0])
        for mail in kept(tmp_path)
    )
    assert mails == [
        (0, "Your decision", "Noor"),
        (0, "Your decision", "Ruth"),
        (7, "Reminder", "Noor"),
        (7, "Reminder", "Ruth"),
        (10, "Gone on", "Noor"),
        (10, "Gone on", "Ruth"),
        (10, "Now yours to decide", "Jo"),
        (17, "Reminder", "Jo"),
        (20, "Not needed any more", "Jo"),
        (20, "Rejected", "Dana"),
    ]
    record = record_of(host)
    assert [entry["what"] for entry in record] == [
        "submitted", "opened", "reminded", "escalated", "reminded", "levelClosed", "ended",
    ]  # fmt: skip
    assert [entry["n"] for entry in record] == list(range(1, 8))
    assert took_s < 2
