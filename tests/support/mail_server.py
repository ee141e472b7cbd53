"""A mail server on loopback that keeps what it has taken, as mailboxes do: each Message-ID once."""

import socket
import ssl
from email import message_from_bytes
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


class Mailbox:
    """What the server has taken: for each recipient the mails by Message-ID, as a mailbox keeps them."""

    def __init__(self):
        self.taken, self.refuses, self.answers, self.mails = 0, (), "250 OK", {}
        self.hold = None
        self.names = []

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        """Whoever comes says a name."""
        del server, envelope
        self.names.append(hostname)
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        """Some are refused."""
        del server, session, options
        if address in self.refuses:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        """Taken, or whatever it answers."""
        del server, session
        if self.hold is not None:
            await self.hold.wait()
        if self.answers.startswith("250"):
            self.taken += 1
            mail = message_from_bytes(envelope.content, policy=default)
            for address in envelope.rcpt_tos:
                self.mails.setdefault(address, {})[mail["Message-ID"]] = mail
        return self.answers


def free_port():
    """One that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


class Server(Controller):
    """A server for one kind of encryption."""

    def __init__(self, mailbox, port, tls="none", certificate=None):
        self.tls, context = tls, ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        if certificate:
            context.load_cert_chain(certificate)
        self.own = context
        super().__init__(
            mailbox, hostname="localhost", port=port, ssl_context=context if tls == "tls" else None, ready_timeout=20
        )

    def factory(self):
        """The protocol, with a user where there is encryption."""

        def known(server, session, envelope, mechanism, given):
            del server, session, envelope, mechanism
            return AuthResult(success=(given.login, given.password) == (b"app", b"secret"), handled=False)

        return SMTP(
            self.handler,
            tls_context=self.own if self.tls == "starttls" else None,
            require_starttls=self.tls == "starttls",
            authenticator=known,
            auth_require_tls=self.tls == "starttls",
            enable_SMTPUTF8=True,
            hostname="mail.example",
        )
