"""JSON as the extension's parser (Newtonsoft) reads it: looser than the standard, with Newtonsoft's own error messages.

Rules (contract 1.8):

1. Only the first token of an event's body counts; after a start's body only blanks and comments may follow.
2. Single quotes, names without quotes, comments, octal and hexadecimal numbers, ``NaN`` and ``Infinity`` (written back
   as strings), missing values between commas (``undefined``) and a comma before a closing bracket are accepted.
3. A leading comment *is* the token. ``undefined``, a comment and ``new Name(...)`` are written back as they are.
4. A refusal gives the path and the position, counted as Newtonsoft counts them.
5. A whole number has 380 digits at most.
6. The time is proportional to the length. The standard library's parser goes first (``newtonsoft_strict``), then the
   slow one (``newtonsoft_reader``).
"""

from typing import Any

from devhost.dotnet import newtonsoft_strict as strict
from devhost.dotnet.json_text import compact
from devhost.dotnet.newtonsoft_reader import Reader, UnfinishedError, written
from devhost.dotnet.newtonsoft_strict import MAX_DEPTH, depth
from devhost.dotnet.newtonsoft_text import LooseJsonError

__all__ = ["MAX_DEPTH", "LooseJsonError", "UnfinishedError", "check_whole", "depth", "first_token", "first_value"]


def first_token(text: str) -> str:
    """The first token of the text, written back compactly.

    Raises:
        LooseJsonError: there is none.
    """
    value = _strict_value(text)
    return written(Reader(text).first()) if value is None else compact(value[0])


def first_value(text: str) -> Any:
    """The first token of the text as a Python value; what is no JSON value is a :class:`Raw`.

    Raises:
        LooseJsonError: there is none.
    """
    value = _strict_value(text)
    return Reader(text).first() if value is None else value[0]


def check_whole(text: str) -> None:
    """Makes sure that the text is one value with nothing behind it but blanks and comments: the body of a start.

    Raises:
        LooseJsonError: it is not.
    """
    fast = strict.first_value(text)
    if fast is None or text[fast[1] :].strip(" \t\r\n"):
        Reader(text).whole()


def _strict_value(text: str) -> tuple[Any] | None:
    fast = strict.first_value(text)
    if fast is None or not (isinstance(fast[0], (str, dict, list)) or Reader(text, fast[1]).separated()):
        return None
    return (fast[0],)
