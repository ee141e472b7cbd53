"""Mails to a server and into the outbox: what both promise, and what can go wrong with each."""

import asyncio
import logging
import smtplib
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from adapters import mail as mails
from adapters.mail import KeptMail, Mail, NotSent, Outbox, Smtp, kept, mailer
from adapters.settings import Sender
from service.errors import MissingSetting

AT = datetime(2026, 11, 25, 16, 40, tzinfo=UTC)
SENDER = Sender("Approvals", "approvals@county.example")
MAIL = Mail(
    name="Noor Haddad",
    address="noor@county.example",
    subject="Your decision: Mill Lane bridge",
    text="“Mill Lane bridge” waits.\n\nOpen the proposal:\nhttps://approval.example/proposals/P-7K3M9QXV\n",
    message_id=f"<{'a' * 40}@approval.example>",
    thread_id="<P-7K3M9QXV@approval.example>",
    at=AT,
)


def text_in(mail):
    """The text of a mail, with the line ends of this machine."""
    return mail.get_content().replace("\r\n", "\n")


def send(to, mail=MAIL):
    """Send it."""
    asyncio.run(to.send(mail))


@pytest.fixture(params=["server", "outbox"])
def taken(request, tmp_path):
    """A mailer, and a look at what it has taken: for each recipient the mails by Message-ID."""
    if request.param == "outbox":

        def from_files():
            found = {}
            for path in tmp_path.glob("*.eml"):
                mail = message_from_bytes(path.read_bytes(), policy=default)
                found.setdefault(mail["To"].addresses[0].addr_spec, {})[mail["Message-ID"]] = mail
            return found

        return Outbox(tmp_path, SENDER), from_files
    mailbox, serve = request.getfixturevalue("mailbox"), request.getfixturevalue("serve")
    return serve(), lambda: mailbox.mails


class TestEveryMailer:
    """What a server and the outbox both do."""

    def test_a_mail_gets_to_its_person_as_it_is(self, taken):
        """Plain text in UTF-8, from whom it comes and to whom it goes, marked as a program's."""
        to, look = taken
        send(to)
        (mail,) = look()["noor@county.example"].values()
        assert text_in(mail) == MAIL.text
        assert mail.get_content_type() == "text/plain"
        assert (mail["From"], mail["To"]) == (
            "Approvals <approvals@county.example>",
            "Noor Haddad <noor@county.example>",
        )
        assert (mail["Subject"], mail["Message-ID"]) == (MAIL.subject, MAIL.message_id)
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["Date"].datetime == AT
        assert mail["References"] == MAIL.thread_id

    def test_a_second_try_is_the_same_mail(self, taken):
        """A mailbox that knows Message-ID has it once, to the byte."""
        to, look = taken
        send(to)
        (first,) = look()["noor@county.example"].values()
        before = first.as_bytes()
        send(to)
        (second,) = look()["noor@county.example"].values()
        assert second.as_bytes() == before

    def test_names_and_texts_of_any_script_arrive(self, taken):
        """Also a name with what is special in a header."""
        to, look = taken
        name, subject = 'Zoë "Mill, Lane" 王秀英 <x@y.example>', "Entscheidung: Brücke № 7 " + "ä" * 100
        send(to, replace(MAIL, name=name, subject=subject))
        (mail,) = look()["noor@county.example"].values()
        assert mail["To"].addresses[0].display_name == name
        assert mail["Subject"] == subject

    @pytest.mark.parametrize("part", ["name", "subject"])
    def test_nobody_can_add_a_header_or_a_recipient(self, taken, part):
        """What people wrote is one encoded line."""
        to, look = taken
        text = "x\r\nBcc: evil@evil.example\r\n\r\nBody\x00\u2028"
        send(to, replace(MAIL, **{part: text}))
        assert set(look()) == {"noor@county.example"}
        (mail,) = look()["noor@county.example"].values()
        assert mail["Bcc"] is None
        assert text_in(mail) == MAIL.text

    @pytest.mark.parametrize(
        "address", ["a@b.example\r\nBcc: evil@evil.example", "a\n@b.example", "a@b\n.example", "@", ""]
    )
    def test_an_address_that_cannot_be_one_is_refused(self, taken, address):
        """By a reason that does not repeat it."""
        to, look = taken
        with pytest.raises(NotSent, match=r"address-unusable|recipient-refused|server-refused") as refused:
            send(to, replace(MAIL, address=address))
        assert "example" not in str(refused.value)
        assert look() == {}

    def test_an_address_in_another_script_is_written_as_the_protocol_has_it(self, taken):
        """The host as its xn-- form."""
        to, look = taken
        send(to, replace(MAIL, address="noor@brücke.example"))
        assert set(look()) == {"noor@xn--brcke-lva.example"}

    def test_lines_that_mean_something_to_a_mail_server_arrive(self, taken):
        """A dot alone, From at the beginning, and a very long line."""
        to, look = taken
        text = f".\nFrom x\n..\n{'long ' * 400}\n"
        send(to, replace(MAIL, text=text))
        (mail,) = look()["noor@county.example"].values()
        assert text_in(mail) == text


class TestServer:
    """A server, and all that can go wrong with it."""

    @pytest.mark.parametrize("tls", ["starttls", "tls"])
    def test_the_app_signs_in_over_an_encrypted_connection(self, serve, mailbox, tls):
        """With a certificate that the machine trusts."""
        send(serve(tls, "app", "secret"))
        assert mailbox.taken == 1
        assert set(mailbox.names) == {"approval.example"}

    @pytest.mark.parametrize("tls", ["starttls", "tls"])
    def test_a_certificate_that_nobody_vouches_for_is_refused(self, serve, mailbox, tls):
        """The password never leaves."""
        with pytest.raises(NotSent, match=r"certificate-refused|server-unreachable"):
            send(serve(tls, "app", "secret", trusted=False))
        assert mailbox.taken == 0

    def test_a_wrong_password_is_said_to_be_one(self, serve):
        """With the server's code, and without the password."""
        with pytest.raises(NotSent, match=r"sign-in-refused \(535\)") as refused:
            send(serve("starttls", "app", "canary"))
        assert "canary" not in str(refused.value)

    def test_a_server_without_encryption_gets_nothing(self, serve, mailbox):
        """Where encryption was asked for."""
        plain = serve("none")
        with pytest.raises(NotSent, match="server-cannot"):
            send(replace(plain, server=replace(plain.server, tls="starttls")))
        assert mailbox.taken == 0

    def test_a_mailbox_with_a_name_in_another_script_needs_a_server_that_can(self, serve, mailbox, monkeypatch):
        """It says so before anything is sent."""
        mail = replace(MAIL, address="zoë@county.example")
        send(serve(), mail)
        assert set(mailbox.mails) == {"zoë@county.example"}
        monkeypatch.setattr(smtplib.SMTP, "has_extn", lambda *_: False)
        with pytest.raises(NotSent, match="server-cannot"):
            send(serve(), mail)

    def test_a_server_that_is_down_and_then_up_takes_the_mail_at_the_next_try(self, serve, mailbox):
        """Nothing is remembered of the first try."""
        to = serve()
        serve.stop()
        with pytest.raises(NotSent, match="server-unreachable"):
            send(to)
        serve(port=to.server.port)
        send(to)
        assert mailbox.taken == 1

    def test_a_recipient_that_is_refused_is_said_to_be(self, serve, mailbox):
        """With the server's code, without the address."""
        mailbox.refuses = ("noor@county.example",)
        with pytest.raises(NotSent, match=r"recipient-refused \(550\)") as refused:
            send(serve())
        assert "noor" not in str(refused.value)

    @pytest.mark.parametrize(("answers", "code"), [("451 4.3.0 later", 451), ("554 5.7.1 no", 554)])
    def test_a_mail_that_is_refused_is_said_to_be(self, serve, mailbox, answers, code):
        """It can be tried again."""
        mailbox.answers = answers
        with pytest.raises(NotSent, match=rf"server-refused \({code}\)"):
            send(serve())

    def test_a_server_that_does_not_answer_is_not_waited_for(self, serve, mailbox):
        """Each step has its time."""
        mailbox.hold = asyncio.Event()
        with pytest.raises(NotSent, match=r"connection-lost|too-slow"):
            send(serve(step_s=0.2))

    def test_the_whole_of_it_has_its_time_too(self, monkeypatch):
        """Although each step may be in time."""
        done = threading.Event()
        monkeypatch.setattr(Smtp, "_send", lambda *_: done.wait(20))
        to = Smtp(None, SENDER, "x", longest_s=0.05)

        async def timed():
            with pytest.raises(NotSent, match="too-slow"):
                await to.send(MAIL)
            done.set()

        asyncio.run(timed())

    def test_nothing_of_a_failure_names_the_person(self, serve, mailbox, caplog):
        """Not its chain, which a host would log, and not the log."""
        caplog.set_level(logging.DEBUG, "adapters")
        mailbox.refuses = ("noor@county.example",)
        with pytest.raises(NotSent) as refused:
            send(serve())
        assert refused.value.__cause__ is None
        assert refused.value.__context__ is None or refused.value.__suppress_context__
        assert "noor" not in repr(refused.value)
        assert "noor" not in repr(MAIL).lower()
        assert "county" not in caplog.text


class TestOutbox:
    """The folder."""

    def test_a_mail_is_one_file_for_its_owners_eyes(self, tmp_path):
        """Also after a second try; nothing else is left behind."""
        folder = tmp_path / "state/outbox"
        for _ in range(2):
            send(Outbox(folder, SENDER))
        (path,) = folder.iterdir()
        assert path.name == f"{'a' * 40}.eml"
        assert (path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)

    def test_a_folder_that_cannot_be_written_to_is_said_to_be(self, tmp_path):
        """It can be tried again."""
        (tmp_path / "outbox").write_text("", encoding="utf-8")
        with pytest.raises(NotSent, match="outbox-unwritable"):
            send(Outbox(tmp_path / "outbox", SENDER))

    def test_the_latest_mails_are_read_back(self, tmp_path):
        """The newest first; a file that is no mail is left out, and a folder that is not there has none."""
        assert kept(tmp_path / "none") == ()
        for number in range(3):
            at = AT.replace(hour=16 + number)
            send(Outbox(tmp_path, SENDER), replace(MAIL, message_id=f"<{number}@approval.example>", at=at))
        (tmp_path / "x.eml").write_bytes(b"\xff\x00")
        (tmp_path / "y.eml").write_bytes(b"Date: x\n\ny")
        found = kept(tmp_path)
        assert [mail.message_id for mail in found] == [f"<{number}@approval.example>" for number in (2, 1, 0)]
        assert found[2] == KeptMail(
            "Noor Haddad <noor@county.example>", MAIL.subject, MAIL.text, found[2].message_id, AT
        )
        assert len(kept(tmp_path, 2)) <= 2


class TestSettings:
    """Where mails go."""

    @pytest.fixture(autouse=True)
    def plain(self, monkeypatch):
        """No setting of the machine reaches a test."""
        for name in ("SMTP_HOST", "SMTP_PORT", "SMTP_USER", "SMTP_PASSWORD", "SMTP_TLS", "MAIL_FROM", "OUTBOX"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PUBLIC_BASE_URL", "https://approval.example:8443")

    def test_a_server_goes_before_the_outbox(self, monkeypatch):
        """It calls itself by the host of the links."""
        monkeypatch.setenv("SMTP_HOST", "mail.example")
        monkeypatch.setenv("MAIL_FROM", "approvals@county.example")
        monkeypatch.setenv("OUTBOX", "outbox")
        found = mailer()
        assert isinstance(found, Smtp)
        assert found.own_host == "approval.example"

    def test_the_outbox_needs_nothing_else(self, monkeypatch, tmp_path):
        """Not even a sender."""
        monkeypatch.setenv("OUTBOX", str(tmp_path))
        assert mailer() == Outbox(tmp_path, Sender("Approvals", "approvals@approval.example"))

    def test_without_both_the_setting_is_named(self, monkeypatch):
        """And where a server has nobody to send for."""
        with pytest.raises(MissingSetting, match="SMTP_HOST"):
            mailer()
        monkeypatch.setenv("SMTP_HOST", "mail.example")
        with pytest.raises(MissingSetting, match="MAIL_FROM"):
            mailer()


def test_the_apps_start_does_not_pay_for_mail():
    """The library is imported where a mail is sent."""
    code = "import sys, adapters.mail; sys.exit('smtplib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=mails.settings.APP_FOLDER).returncode == 0
