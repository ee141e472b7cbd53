"""Notices on the local host, in virtual time: from a record to mails, and all that may come between.

The case here is an orchestration that announces what its input says, so that each record can be tried.
"""

import base64
import json
from contextlib import suppress
from datetime import UTC, timedelta
from decimal import Decimal

import azure.durable_functions as df
import pytest
from companies import CASE, company, submission
from mail_server import Mailbox, Server, free_port
from records import Story, closed, ended

from adapters import directory, sealing
from adapters.mail import NotSent, Outbox, kept
from approval.instants import written
from approval.notices import notice_id
from approval.seals import Purpose
from approval.submission import stored_input
from devhost.testing.host import HostDied, Refused
from functions import notices

COUNTY = company("county")
MILL_LANE = submission(
    COUNTY, "dana", {"kind": "structure", "amount": Decimal(80000), "category": 2, "departure": False}
)
RUN = "a1".ljust(32, "0")


@pytest.fixture(autouse=True)
def settings(monkeypatch, tmp_path):
    """The county's policies, keys, and an outbox."""
    for name in ("SEAL_PUBLIC_KEYS", "SMTP_HOST", "MAIL_FROM", "WEBSITE_INSTANCE_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(directory, "_read", [directory.InForce(COUNTY, "sha256:f")])
    monkeypatch.setenv("SEAL_KEY", f"2026-11:{base64.b64encode(bytes(32)).decode()}")
    monkeypatch.setenv("PUBLIC_BASE_URL", "http://localhost:7071")
    monkeypatch.setenv("OUTBOX", str(tmp_path))


@pytest.fixture
def outbox(tmp_path):
    """The mails so far: to whom, and about what, in the order of names."""
    return lambda: sorted((mail.to.partition(" <")[0], mail.subject.partition(":")[0]) for mail in kept(tmp_path))


def app_with(stories):
    """An app with our notices, whose cases announce a record in parts, one at each event."""
    app = df.DFApp()
    app.register_functions(notices.blueprint)

    @app.orchestration_trigger(context_name="context")
    def OrchFunction(context: df.DurableOrchestrationContext):  # noqa: N802
        context.set_custom_status({"state": "with approvers", "run": RUN})
        for _ in range(len(stories)):
            number = yield context.wait_for_external_event("Approval")
            yield context.call_activity("Announce", number)

    @app.activity_trigger(input_name="number")
    def Announce(number: int) -> dict:  # noqa: N802
        return {"entries": stories[number]}

    return app


def sealed(text=None):
    """The input of a case that our functions have started."""
    return stored_input(sealing.seal(text or MILL_LANE.to_text(), Purpose.INPUT))


@pytest.fixture
def case(durable_host):
    """A host with a case, whose record is that of a story up to a move, and more moves at a call."""

    def started(story, given=None, until=None):
        moves = range(1, story.move + 1)
        parts = [[entry for entry in story.record if entry["move"] == move] for move in moves]
        host = durable_host(app_with(parts))
        host.start("OrchFunction", given or sealed(), CASE)
        for move in range(1, (until or story.move) + 1):
            host.raise_event(CASE, "Approval", move - 1)
        return host

    return started


def tell(host, move, instance=None):
    """Start the notice of a move as Announce does."""
    return host.start("Notice", {"case": CASE, "move": move}, instance or notice_id(CASE, RUN, move))


def story():
    """A case in which Noor and Ruth are asked in the second move, Noor approves, and it ends."""
    told = Story().opened().acted("noor", "approve", closed("noor"))
    return told.moved(ended("approved", "noor"))


def test_whoever_is_asked_gets_one_mail(case, outbox, tmp_path):
    """With a link to the case, and the time of the move."""
    host = case(story(), until=2)
    notice = tell(host, 2)
    assert host.status(notice).output == {"noor": "sent", "ruth": "sent"}
    assert outbox() == [("Noor Haddad", "Your decision"), ("Ruth Pemberton", "Your decision")]
    mail = kept(tmp_path)[0]
    assert f"\nhttp://localhost:7071/proposals/{CASE}\n" in mail.text
    assert written(mail.at) == "2026-11-25T16:40:00Z"
    assert "Northshire highways" in mail.text


def test_nobody_is_asked_about_a_case_that_is_decided_meanwhile(case, outbox):
    """The notice of the earlier move sends nothing, those of the later ones what holds."""
    host = case(story())
    assert host.status(tell(host, 2)).output == {}
    assert outbox() == []
    assert host.status(tell(host, 3)).output == {"ruth": "sent"}
    assert host.status(tell(host, 4)).output == {"dana": "sent"}
    assert outbox() == [("Dana Okafor", "Approved"), ("Ruth Pemberton", "Not needed any more")]


def test_a_notice_that_is_early_waits_for_the_record(case, outbox):
    """Announce starts it before its own result is in the history."""
    host = case(story(), until=1)
    notice = tell(host, 2)
    host.advance(timedelta(seconds=10))
    assert (host.status(notice).runtime_status, outbox()) == ("Running", [])
    host.raise_event(CASE, "Approval", 1)
    host.advance(timedelta(seconds=20))
    assert host.status(notice).output == {"noor": "sent", "ruth": "sent"}
    assert len(outbox()) == 2


def test_a_move_that_never_comes_is_no_news(case, outbox):
    """After a minute it ends, silently."""
    host = case(story(), until=1)
    notice = tell(host, 2)
    host.advance(timedelta(minutes=2))
    assert (host.status(notice).runtime_status, host.status(notice).output) == ("Completed", {})
    assert outbox() == []


@pytest.mark.parametrize(
    "given",
    [
        {"schemaVersion": 2, "input": MILL_LANE.to_text(), "key": "2026-11", "seal": "AAAA"},
        {"schemaVersion": 1, "proposal": None},
    ],
)
def test_an_instance_that_somebody_else_has_started_sends_no_mail(case, outbox, given):
    """Its input is not sealed, whatever its record says."""
    host = case(story(), given)
    notice = tell(host, 2)
    host.advance(timedelta(minutes=2))
    assert (host.status(notice).output, outbox()) == ({}, [])


def test_the_sealed_input_of_another_case_sends_no_mail(case, outbox):
    """The id is in the sealed text."""
    text = json.dumps({**json.loads(MILL_LANE.to_text()), "case": "P-00000000"})
    host = case(story(), sealed(text))
    notice = tell(host, 2)
    host.advance(timedelta(minutes=2))
    assert (host.status(notice).output, outbox()) == ({}, [])


@pytest.mark.parametrize("instance", ["by-hand", notice_id(CASE, "another run", 2), notice_id(CASE, RUN, 3)])
def test_a_notice_that_is_started_by_hand_sends_nothing(case, outbox, instance):
    """Only the instance of the move itself sends, and the engine takes no second one of it."""
    host = case(story(), until=2)
    notice = tell(host, 2, instance)
    host.advance(timedelta(minutes=2))
    assert (host.status(notice).output, outbox()) == ({}, [])


@pytest.mark.parametrize(
    "given", [None, "x", [1], {"case": CASE}, {"case": CASE, "move": "2"}, {"case": "../x", "move": 2}]
)
def test_junk_starts_nothing(case, outbox, given):
    """It ends at once, or after its looks."""
    host = case(story(), until=2)
    notice = host.start("Notice", given, "junk")
    host.advance(timedelta(minutes=2))
    assert host.status(notice).runtime_status == "Completed"
    assert outbox() == []


def test_more_in_the_input_changes_nothing(case, outbox):
    """Whom to tell and what comes from the record."""
    host = case(story(), until=2)
    given = {"case": CASE, "move": 2, "to": "evil@evil.example", "text": "x", "instance": "x"}
    host.start("Notice", given, notice_id(CASE, RUN, 2))
    assert outbox() == [("Noor Haddad", "Your decision"), ("Ruth Pemberton", "Your decision")]


def test_a_notice_that_runs_twice_is_the_same_mails(case, outbox):
    """As after a crash: a mailbox that knows Message-ID has each once."""
    host = case(story(), until=2)
    host.run_twice("SendNotice", times=2)
    tell(host, 2)
    assert len(outbox()) == 2
    tell(host, 2)
    assert len(outbox()) == 2


def refusing(monkeypatch, *people, times=10**6):
    """The outbox does not take mails to these people, for so many tries."""
    real, left = Outbox.send, dict.fromkeys(people, times)

    async def send(self, mail):
        if left.get(mail.name, 0) > 0:
            left[mail.name] -= 1
            raise NotSent("recipient-refused", 550)
        await real(self, mail)

    monkeypatch.setattr(Outbox, "send", send)


def test_one_who_cannot_be_reached_delays_nobody(case, outbox, monkeypatch):
    """Only their mail is tried again, after one minute, two, four and so on."""
    refusing(monkeypatch, "Ruth Pemberton", times=3)
    host = case(story(), until=2)
    notice = tell(host, 2)
    assert outbox() == [("Noor Haddad", "Your decision")]
    assert host.status(notice).custom_status["done"] == {"noor": "sent"}
    assert host.status(notice).custom_status["why"] == "recipient-refused 550"
    host.advance(timedelta(minutes=6))
    assert len(outbox()) == 1
    host.advance(timedelta(minutes=2))
    assert host.status(notice).output == {"noor": "sent", "ruth": "sent"}
    assert len(outbox()) == 2
    assert len([call for call in host.calls if call[0] == "SendNotice"]) == 5


def test_after_three_days_it_fails_visibly(case, outbox, monkeypatch, caplog):
    """The instance fails, and the log says so; no address is in either. The case has not noticed."""
    refusing(monkeypatch, "Ruth Pemberton")
    host = case(story(), until=2)
    notice = tell(host, 2)
    host.advance(timedelta(days=2, hours=12))
    assert host.status(notice).runtime_status == "Running"
    host.advance(timedelta(hours=13))
    status = host.status(notice)
    assert status.runtime_status == "Failed"
    assert "1 of 2 people could not be sent the notice of move 2" in str(status.output)
    assert "county.example" not in str(status.output) + caplog.text
    assert "not-delivered" in caplog.text
    assert len(outbox()) == 1
    assert host.status(CASE).runtime_status == "Running"


def test_a_failed_notice_that_is_restarted_sends_what_still_holds(case, outbox, monkeypatch):
    """Under its own id, as the page on notices says."""
    real = Outbox.send
    refusing(monkeypatch, "Ruth Pemberton")
    host = case(story(), until=2)
    notice = tell(host, 2)
    host.advance(timedelta(days=4))
    assert host.status(notice).runtime_status == "Failed"
    monkeypatch.setattr(Outbox, "send", real)
    host.manage("POST", f"instances/{notice}/restart?restartWithNewInstanceId=false")
    host.advance(timedelta(minutes=1))
    assert host.status(notice).output == {"noor": "sent", "ruth": "sent"}
    assert len(outbox()) == 2


def test_a_decision_meanwhile_ends_the_tries(case, outbox, monkeypatch):
    """Nobody is asked late about what is decided."""
    refusing(monkeypatch, "Ruth Pemberton", times=2)
    host = case(story(), until=2)
    notice = tell(host, 2)
    host.raise_event(CASE, "Approval", 2)
    host.advance(timedelta(minutes=10))
    assert host.status(notice).output == {"noor": "sent", "ruth": "over"}
    assert outbox() == [("Noor Haddad", "Your decision")]


def test_somebody_who_has_left_the_directory_is_not_written_to(case, monkeypatch):
    """There is no address."""
    host = case(story(), until=2)
    people = {person: one for person, one in COUNTY.people.items() if person != "ruth"}
    monkeypatch.setattr(directory, "people", lambda: people)
    assert host.status(tell(host, 2)).output == {"noor": "sent", "ruth": "over"}


def test_a_setting_that_is_missing_is_tried_again(case, outbox, monkeypatch):
    """And named; once it is there the mails go."""
    monkeypatch.delenv("PUBLIC_BASE_URL")
    host = case(story(), until=2)
    notice = tell(host, 2)
    assert host.status(notice).custom_status["why"] == "setting-missing PUBLIC_BASE_URL"
    monkeypatch.setenv("PUBLIC_BASE_URL", "http://localhost:7071")
    host.advance(timedelta(minutes=2))
    assert len(outbox()) == 2


def test_an_activity_that_fails_is_tried_again(case, outbox):
    """The record, or a mail."""
    host = case(story(), until=2)
    host.fail("ReadNotices", times=1)
    host.fail("SendNotice", times=1)
    notice = tell(host, 2)
    host.advance(timedelta(minutes=4))
    assert host.status(notice).output == {"noor": "sent", "ruth": "sent"}
    assert len(outbox()) == 2


def test_times_are_in_the_zone_of_the_reader(case, tmp_path, monkeypatch):
    """Each mail has its own."""
    monkeypatch.setattr(directory, "zone_of", lambda _=None: UTC)
    host = case(story(), until=2)
    tell(host, 2)
    assert "16:40 (UTC)" in kept(tmp_path)[0].text


@pytest.fixture
def by_smtp(monkeypatch):
    """Mails go to a server, which is up between its start and its stop."""
    mailbox, port, running = Mailbox(), free_port(), []
    monkeypatch.setenv("SMTP_HOST", "localhost")
    monkeypatch.setenv("SMTP_PORT", str(port))
    monkeypatch.setenv("SMTP_TLS", "none")
    monkeypatch.setenv("MAIL_FROM", "Approvals <approvals@county.example>")

    def start():
        running.append(Server(mailbox, port))
        running[-1].start()

    def stop():
        running.pop().stop()

    mailbox.start, mailbox.stop = start, stop
    yield mailbox
    while running:
        stop()


def test_mails_go_to_a_server_that_was_down_for_a_while(case, by_smtp):
    """Once it is up, at the next try, each once."""
    host = case(story(), until=2)
    notice = tell(host, 2)
    host.advance(timedelta(minutes=20))
    assert host.status(notice).custom_status["why"] == "server-unreachable"
    by_smtp.start()
    host.advance(timedelta(minutes=12))
    assert host.status(notice).output == {"noor": "sent", "ruth": "sent"}
    assert {COUNTY.people[person].email for person in ("noor", "ruth")} == set(by_smtp.mails)
    assert by_smtp.taken == 2


def test_a_host_that_is_killed_around_a_mail_sends_each_as_one(case, by_smtp):
    """Before or after any commit: nobody is left out, and a mailbox that knows Message-ID has one mail of a move."""
    by_smtp.start()
    host = case(story(), until=2)
    before = host.commits
    tell(host, 2)
    commits = host.commits - before
    assert commits > 3
    for number in range(1, commits + 1):
        for when in ("before_commit", "after_commit"):
            by_smtp.mails.clear()
            host = case(story(), until=2)
            host.die(**{when: number})
            began = False
            try:
                tell(host, 2)
            except HostDied:
                host.restart_host()
                with suppress(Refused):  # a start that was stored is not made twice, as Announce does it
                    host.status(notice_id(CASE, RUN, 2))
                    began = True
                if not began:
                    tell(host, 2)
            host.advance(timedelta(minutes=5))
            assert {address: len(mails) for address, mails in by_smtp.mails.items()} == dict.fromkeys(by_smtp.mails, 1)
            assert len(by_smtp.mails) == 2
