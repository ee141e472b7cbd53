"""The activities, to the character."""

import asyncio
import base64
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest
from companies import AT, CASE, company, submission
from places import ROOT

from adapters import directory, sealing
from approval.errors import UnfitPolicyFile
from approval.opening import Opened, OpenedAs, Request
from approval.seals import Purpose
from approval.submission import stored_input
from functions import activities
from functions.activities import Announce, Approval, Escalation, OpenLevel


@pytest.mark.parametrize("outcome", ["Approved", "Rejected"])
def test_approval_says_the_original_tutorials_sentence(outcome):
    """Two blanks before the outcome."""
    assert Approval(outcome) == f"Your project design proposal has been -  {outcome}!"


def test_escalation_says_the_original_tutorials_sentence():
    """Two blanks before the name."""
    assert Escalation("Head of department") == (
        "ESCALATION : You have not approved the project design proposal - "
        "reassigning to your Manager!  Head of department!"
    )


def test_a_second_run_says_the_same():
    """The engine may run an activity twice."""
    assert Approval("Approved") == Approval("Approved")
    assert Escalation("Eli") == Escalation("Eli")


@pytest.fixture
def county(monkeypatch):
    """The county's policy file is in force, and there is a key to seal with."""
    monkeypatch.setenv("SEAL_KEY", f"2026-11:{base64.b64encode(bytes(range(32))).decode()}")
    monkeypatch.setenv("APPROVAL_POLICIES", str(ROOT / "examples/policies/county.toml"))
    directory.start()
    yield company("county")
    monkeypatch.undo()
    directory.start()


def request(file, **changes):
    """What the review asks first, of a structures case that Noor wrote."""
    values = {"kind": "structure", "category": 2, "amount": Decimal(60_000), "departure": False}
    written = submission(file, "noor", values)
    given = stored_input(sealing.seal(written.to_text(), Purpose.INPUT))
    return replace(Request(CASE, given, 1, AT), **changes).to_json()


def test_a_level_opens_with_whom_the_policy_asks(county):
    """The author is left out, Ruth is asked; the answer carries a fresh opening and the keys of acts."""
    first, second = (Opened.from_json(OpenLevel(request(county))) for _ in range(2))
    assert (first.outcome, first.opening.groups[0].asked) == (OpenedAs.OPENED, ("ruth",))
    assert [(one.who.id, one.why) for one in first.opening.left_out] == [("noor", "wrote it")]
    assert first.keys == sealing.act_keys()
    assert first.directory == directory.digest()
    assert len(bytes.fromhex(first.opening.opening)) == 16
    assert first.opening.opening != second.opening.opening


def test_an_escalation_keeps_the_opening(county):
    """It is the same opening of the level, with another person to decide."""
    asked = request(county, escalation=1, opening="9f2c" * 8, asked=("ruth",))
    found = Opened.from_json(OpenLevel(asked))
    assert (found.outcome, found.opening.opening, found.opening.target.id) == (OpenedAs.ESCALATED, "9f2c" * 8, "jo")


@pytest.mark.parametrize("changes", [{"instance": "P-00000000"}, {"given": None}, {"given": {"schemaVersion": 2}}])
def test_an_input_that_is_not_ours_is_refused(county, changes):
    """The answer is a result, so that it is not tried again."""
    assert Opened.from_json(OpenLevel(request(county, **changes))).outcome is OpenedAs.REFUSED


def test_without_the_policy_file_the_case_waits_for_it(county, monkeypatch):
    """It is a fault to put right, and never an expiry."""
    asked = request(county)
    monkeypatch.delenv("APPROVAL_POLICIES")
    directory.start()
    with pytest.raises(UnfitPolicyFile, match="APPROVAL_POLICIES"):
        OpenLevel(asked)


class KnownInstances:
    """The engine, which knows some instances, and what it was asked to start."""

    def __init__(self, *known):
        self.known, self.started = set(known), []

    async def status(self, instance_id):
        """An answer for a known one."""
        return {"runtimeStatus": "Completed"} if instance_id in self.known else None

    async def start(self, orchestration, given, instance_id):
        """Notes the start."""
        self.known.add(instance_id)
        self.started.append((orchestration, given, instance_id))
        return instance_id


ENTRIES = [
    {"n": 1, "move": 1, "at": "2026-11-25T16:40:00Z", "what": "submitted", "by": {"id": "noor"}, "how": "local"},
    {"n": 2, "move": 2, "at": "2026-11-25T16:40:00Z", "what": "opened", "opening": {}},
    {"n": 3, "move": 3, "at": "2026-11-25T16:41:00Z", "what": "unsealed", "count": 2},
    {"n": 4, "move": 4, "at": "2026-11-25T16:42:00Z", "what": "ended", "state": "approved", "by": None, "why": None},
]
NEWS = {"instance": CASE, "run": "9f2c", "entries": ENTRIES}


def announced(engine, monkeypatch, **environment):
    """What Announce gives on this engine."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(activities, "Engine", lambda _: engine)
    return asyncio.run(Announce.build().get_user_function().client_function(NEWS, SimpleNamespace()))


def test_announce_repeats_the_entries_and_starts_a_notice_for_each_move_that_concerns_somebody(monkeypatch, tmp_path):
    """The result is the record; a notice has the case and the number of the move, nothing else."""
    engine = KnownInstances()
    assert announced(engine, monkeypatch, OUTBOX=str(tmp_path)) == {"entries": ENTRIES}
    assert engine.started == [("Notice", {"case": CASE, "move": move}, f"notice-{CASE}-9f2c-{move}") for move in (2, 4)]


def test_a_second_run_of_announce_starts_no_notice_again(monkeypatch, tmp_path):
    """A start over a notice that is over would send it again."""
    engine = KnownInstances(f"notice-{CASE}-9f2c-2")
    announced(engine, monkeypatch, OUTBOX=str(tmp_path))
    announced(engine, monkeypatch)
    assert [one for _, _, one in engine.started] == [f"notice-{CASE}-9f2c-4"]


def test_without_mail_no_notice_is_started(monkeypatch):
    """Where mails can go nowhere, nothing is tried for days."""
    engine = KnownInstances()
    assert announced(engine, monkeypatch) == {"entries": ENTRIES}
    assert engine.started == []
