"""What the domain knows of JSON: numbers to the digit, how a place in a body is called, and names that are reserved."""

from typing import Self, TypeAlias

from approval.text import clip, plain

# The Durable SDK takes an object with all three for one of its own, and would build it or fail the instance.
RESERVED = frozenset({"__class__", "__module__", "__data__"})
_NAME_LENGTH = 60
# What JSON may hold, for annotations: pydantic's own alias would load all of pydantic at the start of the app.
JsonValue: TypeAlias = dict[str, "JsonValue"] | list["JsonValue"] | str | int | float | bool | None


class Number(float):
    """A JSON number with a fraction or an exponent, or ``-0``: a float to everybody, and exact to those who ask.

    Attributes:
        digits: as they were sent, ``1850000.00``.
    """

    __slots__ = ("digits",)
    digits: str

    def __new__(cls, digits: str) -> Self:
        """The number with these digits of JSON."""
        made = super().__new__(cls, digits)
        made.digits = digits
        return made


def kind_of(value: object) -> str:
    """What a value of JSON is, for a sentence: ``a number``, ``a list``; ``true`` and ``false`` are themselves."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case dict():
            return "an object"
    return "a value of that kind"


def path(*parts: str | int) -> str:
    """How a place in the body is called in answers: ``attachments[0].url``; the whole of it is ``body``.

    A character of a name that cannot be shown is given by its code: ``fields.[U+0000]``.
    """
    names = (f"[{part}]" if isinstance(part, int) else f".{clip(plain(part), _NAME_LENGTH)}" for part in parts)
    written = "".join(names)
    return written.removeprefix(".") or "body"
