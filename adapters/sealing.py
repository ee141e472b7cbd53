"""Signs what the app vouches for: an act of a person that it has seen, and the input of a case that it has started.

1. ``approval.seals`` says what is signed, and verifies it.
2. The private key is used here only. Nothing gives it out, and no error or log line holds any of it.
3. Acts count by the present key and by the former ones that are named. A retired key verifies inputs only.
4. ``cryptography`` is imported inside the functions that use it: the app's start does not pay for it.

Source: docs/decisions/0020-seals.md
"""

import base64
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from adapters import settings
from approval.seals import Purpose, Sealed, signed_bytes
from service.errors import InvalidSetting, MissingSetting

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_TOO_NEW = (
    "This case opened its level before the key was set, so it takes no act that is sealed with it, until its next "
    "level opens. docs/how-to/rotate-keys.md says how a key is changed."
)


def seal(text: str, purpose: Purpose) -> Sealed:
    """The text with the app's seal for this purpose.

    Raises:
        MissingSetting: there is no ``SEAL_KEY``.
        InvalidSetting: it is not usable, or nobody could verify what it signs.
    """
    key = settings.seal_key()
    _public_keys()
    signature = _private(key.seed).sign(signed_bytes(text, purpose))
    return Sealed(text, key.name, base64.b64encode(signature).decode())


def check_counts_by(keys: Mapping[str, str]) -> None:
    """Nothing, if an act that is sealed now counts by these keys, or if they are not known.

    Args:
        keys: public ones, by name, as a case has them.

    Raises:
        MissingSetting: there is no ``SEAL_KEY``.
        InvalidSetting: it is not one of them: it was set after the case had opened its level.
    """
    present = settings.seal_key()
    if keys and keys.get(present.name) != public_key_of(present.seed):
        raise InvalidSetting(settings.SEAL_KEY, _TOO_NEW)


def act_keys() -> Mapping[str, str]:
    """The public keys by which acts count from now on, by name: the present one and the former ones.

    Example: ``{"2026-11": "<Base64>", "2026-10": "<Base64>"}``

    Raises:
        InvalidSetting: a key is not usable, or a former one has the present one's name and is another.
    """
    return {name: key for name, (key, is_retired) in _public_keys().items() if not is_retired}


def input_keys() -> Mapping[str, str]:
    """The public keys by which inputs are verified, by name: those for acts, and the retired ones.

    Raises:
        InvalidSetting: as for ``act_keys``.
    """
    return {name: key for name, (key, _) in _public_keys().items()}


def public_key_of(seed: bytes) -> str:
    """The public key, in Base64, of a private one of 32 bytes."""
    return base64.b64encode(_private(seed).public_key().public_bytes_raw()).decode()


def _public_keys() -> Mapping[str, tuple[str, bool]]:
    """Each public key, with whether it is retired; without ``SEAL_KEY``, the former and retired ones."""
    named = {name: (key.key, key.is_retired) for name, key in settings.seal_public_keys().items()}
    try:
        present = settings.seal_key()
    except MissingSetting:
        return named
    own = public_key_of(present.seed)
    if named.get(present.name, (own, False)) != (own, False):
        reason = f"It has another key than SEAL_KEY by the name {present.name}, or calls it retired."
        raise InvalidSetting(settings.SEAL_PUBLIC_KEYS, reason)
    return {present.name: (own, False), **named}


@lru_cache(maxsize=4)
def _private(seed: bytes) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - rule 4

    return Ed25519PrivateKey.from_private_bytes(seed)
