"""Seals: how the rules know that our own functions wrote a text, and for what.

A seal is an Ed25519 signature over the purpose and the exact text. Verifying is pure: the keys are passed in. The
orchestrator takes them from the result of ``OpenLevel``, so a replay sees the same keys. Sealing needs the private key
and is in ``adapters.sealing``.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Self

MOST_TEXT = 262_144


class Purpose(StrEnum):
    """What a text was sealed for; a seal for one purpose is none for another."""

    ACT = "act"
    INPUT = "input"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A text with its seal.

    Example, of an act: ``{"act": "<the text>", "key": "2026-11", "seal": "q83v…"}``

    Attributes:
        key: the name of the key that sealed it.
        seal: base64 of 64 bytes.
    """

    text: str
    key: str
    seal: str

    def to_json(self, purpose: Purpose) -> dict[str, str]:
        """The sealed text as JSON; the purpose is the name of the text's member."""
        return {str(purpose): self.text, "key": self.key, "seal": self.seal}

    @classmethod
    def from_json(cls, given: object, purpose: Purpose) -> Self | None:
        """What ``to_json`` wrote for this purpose, whether the seal is right or not; None if it has another form."""
        if not isinstance(given, Mapping):
            return None
        text, key, seal = (given.get(name) for name in (str(purpose), "key", "seal"))
        if not (isinstance(text, str) and isinstance(key, str) and isinstance(seal, str)):
            return None
        return cls(text, key, seal)


def signed_bytes(text: str, purpose: Purpose) -> bytes:
    """What is signed: purpose, NUL, text.

    Raises:
        UnicodeEncodeError: half a character is in the text.
    """
    return f"{purpose}\0{text}".encode()


def is_genuine(sealed: Sealed, purpose: Purpose, public_keys: Mapping[str, str]) -> bool:
    """Whether one of these keys sealed the text for this purpose.

    Args:
        sealed: the text and its seal.
        purpose: what it is going to be used for.
        public_keys: base64 of 32 bytes each, by the name of the key.
    """
    public = public_keys.get(sealed.key)
    if public is None or len(sealed.text) > MOST_TEXT:
        return False
    try:
        signed = signed_bytes(sealed.text, purpose)
    except UnicodeEncodeError:
        return False
    verifies = _act_verifies if purpose is Purpose.ACT else _verifies
    return verifies(public, sealed.seal, signed)


@lru_cache(maxsize=1_024)
def _act_verifies(public: str, seal: str, signed: bytes) -> bool:
    """As below, and kept: a case verifies the same acts at each replay. An act is short; an input may be long."""
    return _verifies(public, seal, signed)


def _verifies(public: str, seal: str, signed: bytes) -> bool:
    # Imported here: an app that seals nothing must not pay for it at its start.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(seal, validate=True), signed)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
