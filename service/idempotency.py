"""The same request sent twice is one request: the id and the fingerprint that make it so."""

import hashlib
import json
import re

from approval.json_values import JsonValue
from service.errors import BadIdempotencyKey

MOST_KEY = 200
_KEY = re.compile(rf"[\x21-\x7e]{{1,{MOST_KEY}}}")


def instance_id(orchestration: str, key: str) -> str:
    """The id that this key gives an instance of this orchestration; only letters, digits, ``-``, so safe in any link.

    Raises:
        BadIdempotencyKey: the key is not 1 to 200 visible ASCII characters.
    """
    check_key(key)
    named = f"{orchestration}\0{key}".encode()
    return f"{orchestration}-{hashlib.sha256(named).hexdigest()[:32]}"


def check_key(key: str) -> None:
    """Nothing, if a request may have this key.

    Raises:
        BadIdempotencyKey: it is not 1 to 200 visible ASCII characters.
    """
    if not _KEY.fullmatch(key):
        raise BadIdempotencyKey(MOST_KEY)


def digest(body: JsonValue) -> str:
    """A fingerprint of what the body holds, for any white space and order of keys.

    Example: ``sha256:74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b`` for no body
    """
    plain = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(plain.encode()).hexdigest()}"
