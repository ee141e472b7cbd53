"""What the Functions host hides in the text of a function's exception before anyone sees it (contract 4.5).

1. From a word that goes before a secret, such as ``AccountKey=``, up to the next ``<``, ``"`` or ``'``, or to the end.
2. ``protocol://user:password@address:port``.
3. The stack behind the exception is left as it is.

A word is found in any case and within others: ``monkey=`` hides what follows as well.
"""

import re
from typing import Final

HIDDEN: Final = "[Hidden Credential]"
_MARK: Final = "\ufdd0"  # no character; replaces the allowed word meanwhile
_ALLOWED: Final = re.compile("PublicKeyToken=")
_WORDS: Final = (
    "Token=",
    "DefaultEndpointsProtocol=http",
    "AccountKey=",
    "Data Source=",
    "Server=",
    "Password=",
    "pwd=",
    "&amp;sig=",
    "&sig=",
    "?sig=",
    "SharedAccessKey=",
    "&amp;code=",
    "&code=",
    "?code=",
    "key=",
)
_SECRETS: Final = tuple(re.compile(f"{re.escape(word)}[^<\"']*", re.IGNORECASE | re.DOTALL) for word in _WORDS)
_WITH_PASSWORD: Final = re.compile(r"\b[a-z]+://[^:/\s]+:[^@/\s]+@[^:/\s]+:[0-9]+\b", re.IGNORECASE)


def hide_secrets(text: str) -> str:
    """The text as the host passes it on."""
    if "=" in text:
        text = _ALLOWED.sub(_MARK, text)
        for secret in _SECRETS:
            text = secret.sub(HIDDEN, text)
        text = text.replace(_MARK, "PublicKeyToken=")
    return _WITH_PASSWORD.sub(HIDDEN, text) if "://" in text else text
