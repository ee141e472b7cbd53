"""Make the keys of the app: ``python scripts/new_keys.py``. They go to standard output, as lines of ``NAME=value``.

``--name 2026-11`` names the key that seals; its default is this month. ``--file FILE`` writes them into a file that
only you can read; one that is there stays as it is, so that the command can be run before each start. ``--public``
makes nothing: it reads a ``SEAL_KEY`` from standard input, and gives what ``SEAL_PUBLIC_KEYS`` takes of it.

docs/how-to/rotate-keys.md says what to do with them. Exit code: 0, or 1 if the input of ``--public`` is no key.
"""

import argparse
import base64
import os
import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "devhost/src"))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from devhost.shown import say  # after the path that leads to it; it needs no package


def new_keys(name: str) -> dict[str, str]:
    """The new settings; ``name`` is that of the key that seals."""
    return {
        "SEAL_KEY": f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "ID_KEY": secrets.token_urlsafe(36),
        "SESSION_KEY": secrets.token_urlsafe(36),
    }


def public_of(seal_key: str) -> str:
    """What ``SEAL_PUBLIC_KEYS`` takes of a ``SEAL_KEY``.

    Raises:
        ValueError: it is none.
    """
    name, _, seed = seal_key.strip().removeprefix("SEAL_KEY=").partition(":")
    public = Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed, validate=True)).public_key()
    return f"{name}:{base64.b64encode(public.public_bytes_raw()).decode()}"


def write_once(path: Path, text: str) -> None:
    """Write a file for its owner's eyes; one that is there stays as it is, also if another process makes it now."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        try:
            os.link(whole, path)
        except FileExistsError:
            return
    finally:
        whole.unlink(missing_ok=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say, and give the exit code."""
    parser = argparse.ArgumentParser(description="Make the keys of the app.")
    parser.add_argument("--name", default=f"{datetime.now(UTC):%Y-%m}", help="of the key that seals")
    parser.add_argument("--file", type=Path, help="where to write them, if there is no such file")
    parser.add_argument("--public", action="store_true", help="read SEAL_KEY, give its public key")
    given = parser.parse_args(arguments)
    if given.public:
        try:
            sys.stdout.write(f"{public_of(sys.stdin.read())}\n")
        except ValueError:
            say("This is no SEAL_KEY: it must be a name, a colon and 32 bytes in Base64.")
            return 1
        return 0
    text = "".join(f"{name}={value}\n" for name, value in new_keys(given.name).items())
    if given.file:
        write_once(given.file, text)
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
