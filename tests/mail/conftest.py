"""A mail server on loopback, with a certificate of its own, that can be down, slow or unwilling."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from mail_server import Mailbox, Server, free_port

from adapters.mail import Smtp
from adapters.settings import MailServer, Sender

SENDER = Sender("Approvals", "approvals@county.example")


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
        server = Server(mailbox, port, tls, certificate)
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
