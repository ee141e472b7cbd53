"""The body of a request that does something to a case, and every reason why it is refused.

1. It says on what somebody decides: the revision, for a vote the level too, and the opening where the caller knows it.
   So a decision never counts for something else than what was looked at.
2. A comment is read as a summary is: ``approval.parts``.
"""

from typing import Annotated

from pydantic import BeforeValidator, Field, JsonValue, ValidationError
from pydantic_core import PydanticCustomError

from approval.acts import MOST_COMMENT, VOTES, Kind
from approval.errors import FieldError, InvalidFields
from approval.parts import Prose, Shape, Strict

_MOST_NUMBER = 1_000
_KINDS = ", ".join(Kind)


def _number(sent: object) -> object:
    if type(sent) is int and 1 <= sent <= _MOST_NUMBER:
        return sent
    facts = {"code": "not-a-number", "reason": f"It is no whole number from 1 to {_MOST_NUMBER:,}."}
    raise PydanticCustomError("refused", "{reason}", facts)


_Number = Annotated[int, BeforeValidator(_number)]


class ActBody(Strict):
    """What somebody wants to do.

    Example::

        {"act": "reject", "revision": 1, "level": 2, "opening": "9f2c…", "comment": "The bearings are missing."}
    """

    act: str = Field(description=f"Say what you do: {_KINDS}.")
    revision: _Number = Field(description="Give the number of the revision that you decide on, as the case says it.")
    level: _Number | None = Field(None, description="Give the number of the level that you decide at, from 1.")
    opening: str | None = Field(None, description="Give the opening that the case says in mine, or leave it out.")
    comment: Prose | None = Field(None, description=f"Write at most {MOST_COMMENT:,} characters, or leave it out.")

    @property
    def kind(self) -> Kind:
        """What it is, as the case reads it."""
        return Kind(self.act)


_SHAPE = Shape({"": ActBody})


def read_act_body(body: JsonValue) -> ActBody:
    """The act that a body holds.

    Raises:
        InvalidFields: with one entry for each field at fault.
    """
    if not isinstance(body, dict):
        entry = FieldError("body", "not-an-object", "An act is an object with act and revision.")
        raise InvalidFields([entry], nothing="changed")
    found: list[FieldError] = []
    read: ActBody | None = None
    try:
        read = ActBody.model_validate(body)
    except ValidationError as error:
        found += _SHAPE.entries(error)
    faulty = {entry.field for entry in found}
    act, comment = body.get("act"), body.get("comment")
    if not isinstance(act, str):
        act = None  # pydantic has named it
    elif act not in set(Kind):
        found.append(FieldError("act", "unknown", f"There is no such act. Known are {_KINDS}."))
    if act in VOTES and body.get("level") is None and "level" not in faulty:
        found.append(FieldError("level", "missing", f"It is missing. {_SHAPE.hint('level')}"))
    elif act == Kind.WITHDRAW:
        found += [
            FieldError(name, "not-allowed", "A withdrawal is for the whole case. Leave it out.")
            for name in ("level", "opening")
            if body.get(name) is not None
        ]
    if isinstance(comment, str) and len(comment.strip()) > MOST_COMMENT and "comment" not in faulty:
        found.append(FieldError("comment", "too-long", f"It has more than {MOST_COMMENT:,} characters."))
    if found or read is None:
        raise InvalidFields(found, nothing="changed")
    return read
