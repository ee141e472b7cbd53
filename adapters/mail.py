"""Mails: to a server by SMTP, or into a folder of this machine, the outbox. Both are a ``Mailer``.

1. A mail is plain text to one person, marked as sent by a program. Its id, its date and each of its bytes are the same
   at a second try, so that a mailbox can tell that it has it.
2. What people wrote gets into headers as one encoded line: it cannot add a header or a recipient.
3. Everything has a time limit. ``smtplib`` waits in a thread of its own, for ``STEP_S`` at each step.
4. No error and no log line holds an address, a text or a secret: ``NotSent`` has a reason in words of ours and the code
   of the server. The error of the library, which has the address in it, is not chained to it.

The modules for mail are imported inside the functions that use them: the app's start does not pay for them.
"""

import asyncio
import os
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from adapters import settings
from adapters.settings import MailServer, Sender
from approval.text import one_line
from service.errors import InvalidSetting, MissingSetting

if TYPE_CHECKING:
    import smtplib
    from email.message import EmailMessage

STEP_S = 20.0
LONGEST_S = 60.0
_MOST_HEADER = 250


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person.

    Attributes:
        name: of the person.
        address: as the directory has it.
        message_id: with its angle brackets, ``<3f2a…@approval.county.example>``.
        thread_id: the same for all mails about one case, so that a mail program shows them together.
        at: when what it says has happened, aware.
    """

    name: str = field(repr=False)
    address: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    message_id: str
    thread_id: str
    at: datetime


class NotSent(Exception):
    """A mail was not sent; it can be tried again.

    Attributes:
        reason: a code, such as ``recipient-refused``.
        status: the code of the server's answer; None if there was none.
    """

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(f"The mail was not sent: {reason}{f' ({status})' if status else ''}.")
        self.reason, self.status = reason, status


class Mailer(Protocol):
    """Something that takes mails."""

    async def send(self, mail: Mail) -> None:
        """The mail is taken, or was before.

        Raises:
            NotSent: it was not, as far as is known.
        """


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server.

    Attributes:
        sender: whom mails come from.
        own_host: what the app calls itself there.
        context: for tests; the machine's certificates if there is none.
    """

    server: MailServer
    sender: Sender
    own_host: str
    context: ssl.SSLContext | None = None
    step_s: float = STEP_S
    longest_s: float = LONGEST_S

    async def send(self, mail: Mail) -> None:
        """The mail is with the server, which has said so.

        Raises:
            NotSent: the server cannot be reached, does not take it, or did not say so in time.
        """
        try:
            await asyncio.wait_for(asyncio.to_thread(self._send, mail), self.longest_s)
        except TimeoutError:
            raise NotSent("too-slow") from None

    def _send(self, mail: Mail) -> None:
        import smtplib  # noqa: PLC0415 - see the module's docstring

        reason, status = "server-unreachable", None
        try:
            server = self._connected()
        except smtplib.SMTPResponseException as error:
            reason, status = "server-refused", error.smtp_code
        except (smtplib.SMTPException, OSError, ValueError):
            pass
        else:
            reason, status = self._given(server, mail)
        if reason:
            raise NotSent(reason, status)

    def _connected(self) -> "smtplib.SMTP":
        import smtplib  # noqa: PLC0415

        own, server = self.own_host, self.server
        if server.tls == "tls":
            context = self.context or ssl.create_default_context()
            return smtplib.SMTP_SSL(server.host, server.port, own, timeout=self.step_s, context=context)
        return smtplib.SMTP(server.host, server.port, own, timeout=self.step_s)

    def _given(self, server: "smtplib.SMTP", mail: Mail) -> tuple[str, int | None]:
        """Why the server has not taken the mail; an empty reason if it has."""
        import smtplib  # noqa: PLC0415

        try:
            if self.server.tls == "starttls":
                server.starttls(context=self.context or ssl.create_default_context())
            if self.server.user:
                server.login(self.server.user, self.server.password)
            self._hand_in(server, mail)
        except smtplib.SMTPRecipientsRefused as error:
            return "recipient-refused", next((code for code, _ in error.recipients.values()), None)
        except smtplib.SMTPAuthenticationError as error:
            return "sign-in-refused", error.smtp_code
        except smtplib.SMTPResponseException as error:
            return "server-refused", error.smtp_code
        except smtplib.SMTPNotSupportedError:
            return "server-cannot", None  # no TLS, no sign-in, or no addresses in this script
        except ssl.SSLError:
            return "certificate-refused", None
        except ValueError:
            return "address-unusable", None
        except (smtplib.SMTPException, OSError):
            return "connection-lost", None
        finally:
            _left(server)
        return "", None

    def _hand_in(self, server: "smtplib.SMTP", mail: Mail) -> None:
        """The very bytes: ``send_message`` of the library would write some lines in another way."""
        import smtplib  # noqa: PLC0415

        message = _message(mail, self.sender)
        options: tuple[str, ...] = ()
        to = str(message["To"].addresses[0].addr_spec)
        if not to.isascii():
            server.ehlo_or_helo_if_needed()
            if not server.has_extn("smtputf8"):
                raise smtplib.SMTPNotSupportedError
            options = ("SMTPUTF8", "BODY=8BITMIME")
        server.sendmail(self.sender.address, [to], message.as_bytes(), options)


@dataclass(frozen=True, slots=True)
class Outbox:
    """A folder of this machine with a file for each mail.

    Attributes:
        folder: made if it is not there, for its owner's eyes.
    """

    folder: Path
    sender: Sender

    async def send(self, mail: Mail) -> None:
        """The mail is in the folder: written whole, and once.

        Raises:
            NotSent: the folder cannot be written to.
        """
        try:
            self._write(self._path(mail), _message(mail, self.sender).as_bytes())
        except OSError:
            raise NotSent("outbox-unwritable") from None
        except ValueError:
            raise NotSent("address-unusable") from None

    def _path(self, mail: Mail) -> Path:
        own = mail.message_id.strip("<>").partition("@")[0]
        assert own.isalnum()
        return self.folder / f"{own}.eml"

    def _write(self, path: Path, raw: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        whole = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(raw)
            whole.replace(path)
        finally:
            whole.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail as the outbox has it.

    Attributes:
        to: name and address, as in the mail's header.
        at: its date, UTC.
    """

    to: str
    subject: str
    text: str
    message_id: str
    at: datetime


def kept(folder: Path, most: int = 200) -> tuple[KeptMail, ...]:
    """The latest mails of an outbox, the newest first. A file that is no mail is left out."""
    try:
        dated = sorted(((path.stat().st_mtime_ns, path) for path in folder.glob("*.eml")), reverse=True)[:most]
    except OSError:  # somebody clears it just now
        return ()
    found = [mail for mail in (_read(path, changed_ns) for changed_ns, path in dated) if mail is not None]
    return tuple(sorted(found, key=lambda mail: (mail.at, mail.message_id), reverse=True))


def mailer() -> Mailer:
    """Where mails go, as the settings say it: the server, otherwise the outbox.

    Raises:
        MissingSetting: there is neither, or nobody for them to come from.
        InvalidSetting: one of the settings is not usable.
    """
    server = settings.mail_server()
    if server is not None:
        return Smtp(server, settings.mail_from(), host_of_links())
    folder = settings.outbox()
    if folder is None:
        raise MissingSetting(settings.SMTP_HOST)
    try:
        return Outbox(folder, settings.mail_from())
    except MissingSetting:
        return Outbox(folder, Sender("Approvals", f"approvals@{host_of_links()}"))


def is_on() -> bool:
    """Whether mails have anywhere to go. A setting that is not usable counts, so that each notice fails visibly."""
    try:
        return settings.mail_server() is not None or settings.outbox() is not None
    except InvalidSetting:
        return True


def host_of_links() -> str:
    """The host of ``PUBLIC_BASE_URL``, which ids of mails end with.

    Raises:
        MissingSetting, InvalidSetting: there is none.
    """
    return urlsplit(settings.public_base_url()).hostname or ""


def _message(mail: Mail, sender: Sender) -> "EmailMessage":
    """The mail with its headers.

    Raises:
        ValueError: an address cannot be written.
    """
    from email.headerregistry import Address  # noqa: PLC0415
    from email.message import EmailMessage  # noqa: PLC0415
    from email.policy import SMTP, SMTPUTF8  # noqa: PLC0415
    from email.utils import format_datetime  # noqa: PLC0415

    user, _, domain = mail.address.rpartition("@")
    if not user or not domain:
        raise ValueError("no address")
    made = EmailMessage(policy=SMTP if user.isascii() else SMTPUTF8)
    made["From"] = Address(one_line(sender.name), addr_spec=sender.address)
    made["To"] = Address(one_line(mail.name), user, domain.encode("idna").decode())
    made["Subject"] = one_line(mail.subject)[:_MOST_HEADER]
    made["Date"] = format_datetime(mail.at.astimezone(UTC))
    made["Message-ID"] = mail.message_id
    made["References"] = mail.thread_id
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"  # Exchange's own word for the same
    made.set_content(mail.text, cte="quoted-printable")
    return made


def _left(server: "smtplib.SMTP") -> None:
    """Say good-bye; a mail that was taken is taken, however that goes."""
    import smtplib  # noqa: PLC0415

    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


@lru_cache(maxsize=400)  # reading one takes a millisecond, and the page of the outbox shows many
def _read(path: Path, changed_ns: int) -> KeptMail | None:
    del changed_ns  # a file that has changed is read again
    from email import message_from_bytes  # noqa: PLC0415
    from email.message import EmailMessage  # noqa: PLC0415
    from email.policy import default  # noqa: PLC0415
    from email.utils import parsedate_to_datetime  # noqa: PLC0415

    try:
        mail = message_from_bytes(path.read_bytes(), EmailMessage, policy=default)
        at = parsedate_to_datetime(str(mail["Date"])).astimezone(UTC)
        text = mail.get_content().replace("\r\n", "\n")
    except (OSError, ValueError, KeyError, LookupError, AttributeError):
        return None
    return KeptMail(str(mail["To"]), str(mail["Subject"]), text, str(mail["Message-ID"]), at)
