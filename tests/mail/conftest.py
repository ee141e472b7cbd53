"""A mail server on loopback, with a certificate of its own, that can be down, slow or unwilling."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.mail import Smtp
from adapters.settings import MailServer, Sender

SENDER = Sender("Approvals", "approvals@county.example")


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


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """The file of a certificate for localhost with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificate") / "localhost.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(pem) + private)
    return path


def free_port():
    """One that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


class Server(Controller):
    """A server for one kind of encryption."""

    def __init__(self, mailbox, certificate, tls, port):
        self.tls, context = tls, ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
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


@pytest.fixture
def mailbox():
    """An empty one."""
    return Mailbox()


@pytest.fixture
def serve(mailbox, certificate):
    """Start a server; the mailer that sends to it. A second call on the same port is its restart."""
    running = []

    def started(tls="none", user=None, password="", port=None, *, trusted=True, **given):
        port = port or free_port()
        server = Server(mailbox, certificate, tls, port)
        server.start()
        running.append(server)
        return mailer(port, tls, user, password, certificate if trusted else None, **given)

    started.stop = lambda: running.pop().stop()
    yield started
    for server in running:
        server.stop()


def mailer(port, tls="none", user=None, password="", trusted=None, **given):
    """One that sends to this port."""
    context = ssl.create_default_context(cafile=trusted) if trusted else None
    return Smtp(MailServer("localhost", port, tls, user, password), SENDER, "approval.example", context, **given)


def run(work):
    """The result of a coroutine."""
    return asyncio.run(work)
