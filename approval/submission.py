"""What a case under a policy file is started with, schema 2: the proposal with its author and its policy, and a seal.

1. The input is a text and its seal. Our own functions have checked everything in it before they sealed it; the instance
   id is in it, so it cannot start another instance.
2. ``Submission.from_text`` verifies nothing: the orchestrator has no keys. ``OpenLevel`` and everybody who shows the
   case check the seal first: ``genuine``.
3. It is read leniently, as ``approval.policy.frozen`` says, and never written again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from approval.acts import Name
from approval.errors import UnreadableInput
from approval.instants import read, written
from approval.payload import UnreadablePayload, parsed
from approval.policy.fields import FieldType, Value
from approval.policy.frozen import FrozenPolicy, value_from_json, value_to_json
from approval.seals import MOST_TEXT, Purpose, Sealed, is_genuine

SCHEMA = 2


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is kept elsewhere; the digest names the version that is meant.

    Example: ``{"name": "drawings.pdf", "url": "https://files.example.com/drawings.pdf", "sha256": "9f86d081…"}``
    """

    name: str
    url: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A proposal on its way through a policy.

    Example, of the text::

        {"case": "P-7K3M9QXV", "title": "Mill Lane bridge", "summary": null,
         "fields": {"kind": "structure", "amount": "80000.00", "category": 2, "departure": false},
         "attachments": [{"name": "drawings.pdf", "url": "https://…", "sha256": "9f86…"}],
         "author": {"id": "dana", "name": "Dana Okafor"}, "contributors": [],
         "submitted": {"how": "local", "at": "2026-11-25T16:40:00Z"}, "policy": {"name": "structures", "…": "…"},
         "digest": "sha256:…", "keyHash": null}

    Attributes:
        case: its id, which is also the id of the instance.
        values: of the fields, by name; one that may be absent and is has none.
        how: how the author was known: ``local``, ``entra`` or ``machine``.
        digest: of the body that was sent.
        key_hash: of the request's idempotency key; None if it had none.
    """

    case: str
    title: str
    summary: str | None
    values: Mapping[str, Value]
    attachments: tuple[Document, ...]
    author: Name
    contributors: tuple[Name, ...]
    how: str
    submitted_at: datetime
    policy: FrozenPolicy
    digest: str
    key_hash: str | None = None

    @property
    def amount(self) -> str | None:
        """How much money it is about, ``80000.00 GBP``: the first field of that type; None if it has none."""
        for field in self.policy.fields.values():
            if field.type is FieldType.MONEY and field.name in self.values:
                return f"{self.values[field.name]:f} {field.currency}"
        return None

    def to_text(self) -> str:
        """The text that is sealed."""
        given = {
            "case": self.case,
            "title": self.title,
            "summary": self.summary,
            "fields": {name: value_to_json(value) for name, value in self.values.items()},
            "attachments": [{"name": one.name, "url": one.url, "sha256": one.sha256} for one in self.attachments],
            "author": self.author.to_json(),
            "contributors": [one.to_json() for one in self.contributors],
            "submitted": {"how": self.how, "at": written(self.submitted_at)},
            "policy": self.policy.to_json(),
            "digest": self.digest,
            "keyHash": self.key_hash,
        }
        return json.dumps(given, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The submission that a sealed text states, whether its seal is right or not.

        Raises:
            UnreadableInput: our functions have not written it, or another version of them has.
        """
        try:
            if len(text) > MOST_TEXT:
                raise UnreadableInput("The input's text is too long.")
            given: Any = parsed(text)
            policy = FrozenPolicy.from_json(given["policy"])
            values = {
                name: value_from_json(policy.fields[name], value)
                for name, value in given["fields"].items()
                if name in policy.fields
            }
            summary, key_hash = given["summary"], given["keyHash"]
            return cls(
                case=str(given["case"]),
                title=str(given["title"]),
                summary=None if summary is None else str(summary),
                values=values,
                attachments=tuple(
                    Document(str(one["name"]), str(one["url"]), str(one["sha256"])) for one in given["attachments"]
                ),
                author=Name.from_json(given["author"]),
                contributors=tuple(map(Name.from_json, given["contributors"])),
                how=str(given["submitted"]["how"]),
                submitted_at=read(given["submitted"]["at"]),
                policy=policy,
                digest=str(given["digest"]),
                key_hash=None if key_hash is None else str(key_hash),
            )
        except (UnreadablePayload, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise UnreadableInput("The input's text is no submission.") from error


def stored_input(sealed: Sealed) -> dict[str, Any]:
    """The input of an instance, from the sealed text of its submission.

    Example: ``{"schemaVersion": 2, "input": "<the text>", "key": "2026-11", "seal": "q83v…"}``
    """
    return {"schemaVersion": SCHEMA, **sealed.to_json(Purpose.INPUT)}


def is_sealed_schema(given: object) -> bool:
    """Whether an input says that it is of schema 2."""
    return isinstance(given, Mapping) and type(given.get("schemaVersion")) is int and given["schemaVersion"] == SCHEMA


def sealed_input(given: object) -> Sealed | None:
    """The sealed text of an input of schema 2, whether its seal is right or not; None if it is no such input."""
    return Sealed.from_json(given, Purpose.INPUT) if is_sealed_schema(given) else None


def genuine(given: object, instance: str, public_keys: Mapping[str, str]) -> Submission | None:
    """The submission of an instance, if our functions have sealed it for this instance; None if they have not.

    Args:
        given: the input of the instance.
        instance: its id.
        public_keys: of all keys that have ever sealed an input which is still kept, retired ones too.

    Raises:
        UnreadableInput: it is genuine, and this version of the app cannot read it.
    """
    sealed = sealed_input(given)
    if sealed is None or not is_genuine(sealed, Purpose.INPUT, public_keys):
        return None
    submission = Submission.from_text(sealed.text)
    return submission if submission.case == instance else None
