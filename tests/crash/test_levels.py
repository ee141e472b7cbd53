"""kill -9 at random moments over cases with two levels and notices: one outcome, each mail once, no act lost."""

import contextlib
import random
from email import message_from_bytes
from email.policy import default

import pytest
from kills import Lives, live_and_die
from levels_load import SETTINGS, Clerk, Office, by_case, mail_faults, record_faults
from mail_server import Mailbox, Server
from places import ROOT

from devhost.testing.process import HostProcess, quiet_port, until

CLERKS, SEED = 3, 20_261_126
LIVES = Lives(answers=(0, 4), within_s=0.7, then_s=(0.0, 0.06), starts_s=(0.0, 0.15))
SETTLED_WITHIN_S = 40


class Mailboxes(Mailbox):
    """All that was taken, by recipient and Message-ID; a mailbox that knows Message-ID keeps one of each."""

    def __init__(self):
        super().__init__()
        self.kept = {}

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        """It is taken for good once this is answered."""
        own_id = message_from_bytes(envelope.content, policy=default)["Message-ID"]
        for address in envelope.rcpt_tos:
            self.kept.setdefault((address, own_id), set()).add(envelope.content)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def mailboxes():
    """Those of a mail server, which is up."""
    found = Mailboxes()
    server = Server(found, quiet_port())
    server.start()
    found.settings = {
        "SMTP_HOST": "localhost",
        "SMTP_PORT": str(server.port),
        "SMTP_TLS": "none",
        "MAIL_FROM": "Approvals <approvals@county.example>",
    }
    yield found
    server.stop()


@pytest.fixture
def levels_host(tmp_path, mailboxes):
    """A host with the county's policies; it is not started yet."""
    host = HostProcess(ROOT, tmp_path / "state", **SETTINGS, **mailboxes.settings)
    host.environment["PUBLIC_BASE_URL"] = host.origin
    yield host
    host.close()


@pytest.mark.parametrize("kills", [15, pytest.param(101, marks=pytest.mark.long)])
def test_no_act_is_lost_and_no_notice_doubled_over_many_kills(levels_host, mailboxes, make_client, kills):
    """All as it was promised: acts answered 200 count, a case ends once, its record has no gap, a mail comes once."""
    chance, office = random.Random(SEED), Office()
    clerks = [Clerk(make_client(levels_host), f"c{n}", SEED + n, office) for n in range(CLERKS)]
    for clerk in clerks:
        clerk.start()
    try:
        for _ in range(kills):
            live_and_die(levels_host, LIVES, chance, office.up, office.answers)
        levels_host.start()
    finally:
        office.over.set()
        for clerk in clerks:
            clerk.join()
    assert [clerk.trouble for clerk in clerks] == [None] * CLERKS, levels_host.text
    clerks[0].ask_again(office.cases)

    client, left = make_client(levels_host), []

    def settled():
        found = client.everything()
        left[:] = [
            f"{own_id} is {status['runtimeStatus']}: {status['customStatus']}"
            for own_id, status in found.items()
            if own_id.startswith("notice-") and status["runtimeStatus"] != "Completed"
        ]
        left[:] += faults(client, office, mailboxes.kept, found) if not left else []
        return not left or None

    with contextlib.suppress(AssertionError):
        until(settled, "all as promised", SETTLED_WITHIN_S)
    assert not left, "\n".join(left)
    assert not clerks[0].repeat_the_counted(office.cases)
    # The load was one: cases in number, most of them over, and kills that met requests and mails on their way.
    ended = [case for case in office.cases if case.key in office.done]
    assert len(ended) > kills / 4
    assert office.unanswered > kills / 2
    assert len(mailboxes.kept) > kills


def faults(client, office, mails, found):
    """Everything that is not as it was promised, one sentence each."""
    own, told = {case.id for case in office.cases}, []
    if len(own) != len(office.cases):
        told.append(f"{len(office.cases)} keys have {len(own)} ids")
    told += [f"the hub holds {each}" for each in found if not each.startswith("notice-") and each not in own]
    told += [f"there is a mail about {each!r}" for each in by_case(mails).keys() - own]
    for case in office.cases:
        told += [f"{case.key} is not there"] if case.id not in found else []
        told += [f"{case.id}: {request} was never answered" for request in case.requests if request.status is None]
        if case.id in found:
            told += [f"{case.id}: {fault}" for fault in case_faults(client, case, by_case(mails).get(case.id, {}))]
    return told


def case_faults(client, case, mails):
    """The same for one case."""
    status = client.status(case.id, "showHistory=true&showHistoryOutput=true")
    rows = [row for row in status["historyEvents"] if row.get("FunctionName") == "Announce" and "Result" in row]
    record = [entry for row in rows for entry in row["Result"]["entries"]]
    return [*record_faults(case, record, status), *mail_faults(case, record, mails)]
