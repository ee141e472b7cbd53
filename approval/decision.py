"""What somebody meant by an event: the one place that reads its payload.

How a payload looks when it reaches us depends on who raised it: the webhook passes on the JSON value of its body, the
SDK's client encodes twice, so that its text arrives in quotes and its object as JSON text. Hence:

| arrives | is read as |
|---|---|
| nothing, ``null``, the text ``null`` | approved (the original tutorial's own event) |
| ``true``, or a word of ``YES`` in any case, blanks around it or not | approved |
| ``false``, or a word of ``NO`` | rejected |
| ``{"decision": X}``, ``{"outcome": X}``, ``{"approved": X}``, X a word or a boolean | as X |
| the same with ``by`` and ``comment``, texts | as X, with who and why |
| JSON text of any of these, encoded up to three times | as what it encodes |
| anything else: numbers, lists, other words, an empty text, an object without X, two X that differ | junk |

Names in an object are taken in any case; names that we do not know are no fault. ``by`` and ``comment`` that are no
texts, or texts in which nothing can be seen, are left out; the decision counts. They become one line without blanks
around it, and the code of a character that cannot be shown replaces it: ``[U+202E]``. Nothing here raises
for any payload.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from approval import messages
from approval.json_values import kind_of
from approval.payload import UnreadablePayload, parsed
from approval.text import clip, cut, is_visible, one_line

YES = frozenset({"approved", "approve", "accepted", "accept", "yes", "true"})
NO = frozenset({"rejected", "reject", "declined", "decline", "denied", "deny", "no", "false"})
NAMES = ("decision", "outcome", "approved")
MOST_TEXT = 16_384
MOST_ENCODINGS = 3
MOST_BY = 200
MOST_COMMENT = 500
# Space in the custom status, in characters of JSON; an escaped letter takes six.
BY_LIMIT = 600
COMMENT_LIMIT = 2_400
_SHOWN = 60


class Outcome(StrEnum):
    """How somebody decided; the value is the input of the activity Approval."""

    APPROVED = messages.APPROVED
    REJECTED = messages.REJECTED


@dataclass(frozen=True, slots=True)
class Decision:
    """A clear yes or no.

    Example: ``{"decision": "reject", "by": "dana@example.com", "comment": "The bearings are missing."}``
    """

    outcome: Outcome
    by: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Junk:
    """No decision; the reason completes the sentence "ignored an event: ..."."""

    reason: str


def read(payload: object) -> Decision | Junk:
    """The meaning of an event's payload; see the table above."""
    return _read(payload, encodings=0)


def _read(payload: object, *, encodings: int) -> Decision | Junk:
    if payload is None:
        return Decision(Outcome.APPROVED)
    if isinstance(payload, Mapping):
        return _read_object(payload)
    if isinstance(payload, str):
        return _read_text(payload, encodings=encodings)
    return _read_word(payload)


def _read_text(text: str, *, encodings: int) -> Decision | Junk:
    if len(text) > MOST_TEXT:
        return Junk(f"a text of {len(text):,} characters is no decision")
    bare = text.strip()
    if bare == "null":
        return Decision(Outcome.APPROVED)
    if bare.startswith(('"', "{", "[")):
        if encodings == MOST_ENCODINGS:
            return Junk("it is encoded too many times")
        try:
            return _read(parsed(bare), encodings=encodings + 1)
        except UnreadablePayload:
            return Junk("it looks like JSON, but cannot be read")
    return _read_word(text)


def _read_word(value: object) -> Decision | Junk:
    if isinstance(value, bool):
        return Decision(Outcome.APPROVED if value else Outcome.REJECTED)
    if isinstance(value, str):
        word = value.strip().casefold()
        if word in YES | NO:
            return Decision(Outcome.APPROVED if word in YES else Outcome.REJECTED)
        return Junk(f"{clip(one_line(value), _SHOWN)!r} is neither a yes nor a no" if word else "the text is empty")
    return Junk(f"{kind_of(value)} is no decision")


def _read_object(given: Mapping[object, object]) -> Decision | Junk:
    named = [(name.strip().casefold(), value) for name, value in given.items() if isinstance(name, str)]
    verdicts = [_read_word(value) for name, value in named if name in NAMES]
    if not verdicts:
        return Junk("the object has no decision in it")
    first = verdicts[0]
    if any(verdict != first for verdict in verdicts):
        return Junk("the object says two different things")
    if isinstance(first, Junk):
        return first
    texts = {name: value for name, value in named if isinstance(value, str)}
    return Decision(
        first.outcome,
        _carried(texts.get("by"), MOST_BY, BY_LIMIT),
        _carried(texts.get("comment"), MOST_COMMENT, COMMENT_LIMIT),
    )


def _carried(text: str | None, most: int, limit: int) -> str | None:
    if text is None or not is_visible(text[:MOST_TEXT]):
        return None
    return clip(cut(one_line(text[:MOST_TEXT]), most), limit)
