"""The ids of cases: ``P-`` and eight letters, which can be read out on the telephone.

1. The letters are Crockford's Base32: no I, L, O or U. What somebody types is read in any case, with O for 0, I and L
   for 1.
2. A person's request with an idempotency key has the same id each time: an HMAC over person, key and the number of the
   try, under a key of our own, so that nobody can work out the ids of others. The number goes up where an id is taken.
3. A case of one level, ``approval.policy.one_level``, needs no secret: its ids are 26 letters of a hash of its key.
4. A request without an idempotency key has a random id.
"""

import hashlib
import hmac
import re

ORCHESTRATION = "OrchFunction"  # the durable name of each case
PREFIX = "P-"
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
COUNT = 8
LONG = 26
RANDOM_BYTES = 5
_BITS = 5
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_ID = re.compile(f"{PREFIX}(?:[{LETTERS}]{{{COUNT}}}|[{LETTERS}]{{{LONG}}})", re.ASCII)


def of_request(id_key: str, person: str, key: str, number: int) -> str:
    """The id that a person's request with an idempotency key gives its case.

    Args:
        id_key: the secret under which ids are made; another one gives other ids.
        person: by id, with the way that the request came: one person's equal keys on two ways are two requests.
        key: the idempotency key.
        number: of the try, from 1.
    """
    named = f"{person}\0{key}\0{number}".encode()
    return _written(hmac.digest(id_key.encode(), named, hashlib.sha256), COUNT)


def of_key(key: str) -> str:
    """The id of a case of one level that was started with an idempotency key.

    Example: ``P-`` and 26 letters; the same for each release, so that a key finds its instance after a deployment too.
    """
    return _written(hashlib.sha256(key.encode()).digest(), LONG)


def of_random(raw: bytes) -> str:
    """The id that five random bytes give: ``P-7K3M9QXV``."""
    return _written(raw, COUNT)


def read_id(text: str) -> str | None:
    """The id that somebody means; None if it is none.

    Example: ``p-7k3m9qxv`` is ``P-7K3M9QXV``, and so is ``P-7K3M9QXV`` itself.
    """
    upper = text.strip().upper()
    if not upper.startswith(PREFIX):
        return None
    found = PREFIX + upper.removeprefix(PREFIX).translate(_READ_AS)
    return found if _ID.fullmatch(found) else None


def _written(raw: bytes, count: int) -> str:
    """The first letters of these bits."""
    bits = int.from_bytes(raw, "big") >> (8 * len(raw) - _BITS * count)
    return PREFIX + "".join(LETTERS[bits >> _BITS * place & 31] for place in range(count - 1, -1, -1))
