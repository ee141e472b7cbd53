"""A proposal under a policy file: its fields are typed by the file, and the file decides everything else about it.

1. ``fields`` holds a value for each ``[[field]]`` of the file. A value is what its declaration says, exactly: a text is
   no number, ``1`` is not ``true``, money keeps its digits. What is left out, or null, has its default.
2. Who is asked, how long they have and what happens then is in the file alone. A body that wants to say it is refused.
3. The author is a person of the file who may submit. Only a machine names him; people are the author themselves.
4. Contributors are people of the file. Like the author, they never vote on the case.
5. All faults are found at once, each with what to do about it. Texts are read as in ``approval.proposal``.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

from pydantic import Field as Part
from pydantic import JsonValue, ValidationError

from approval.acts import Name
from approval.errors import FieldError, InvalidFields
from approval.json_values import path
from approval.parts import (
    MOST_ATTACHMENTS,
    MOST_SUMMARY,
    MOST_TITLE,
    Attachment,
    Line,
    Prose,
    Shape,
    Strict,
    each_once,
    unknown,
)
from approval.policy.fields import Field, Value
from approval.policy.frozen import FrozenPolicy
from approval.policy.model import Person, Policy, PolicyFile
from approval.policy.routing import route_of
from approval.policy.values import hint, quoted, read_value
from approval.submission import Document, Submission
from approval.text import Fault, bare

MOST_CONTRIBUTORS = 20
_RULES = frozenset({
    "policy", "policies", "route", "routes", "level", "levels", "approver", "approvers", "group", "groups", "need",
    "timeout", "within", "due", "deadline", "remind", "escalateTo", "escalate_to", "escalation", "onExpiry",
    "on_expiry",
})  # fmt: skip
_DECIDED = (
    "The company's policy file decides who is asked, how long they have and what happens then; a proposal cannot. "
    "Leave it out."
)


class _Sent(Strict):
    """What everybody sends.

    Example::

        {"title": "Mill Lane bridge", "summary": "New deck.",
         "fields": {"kind": "structure", "amount": "80000.00", "category": 2}, "contributors": ["eli"],
         "attachments": [{"name": "drawings.pdf", "url": "https://files.example.com/drawings.pdf", "sha256": "9f86…"}]}
    """

    title: Line = Part(description=f"Give the proposal a title of 1 to {MOST_TITLE} characters on one line.")
    summary: Prose | None = Part(
        None, description=f"Say in at most {MOST_SUMMARY:,} characters what it is about, or leave it out."
    )
    fields: dict[str, object] | None = Part(
        None, description="Give an object with a value for each field of the policy file."
    )
    attachments: Annotated[list[Attachment], Part(max_length=MOST_ATTACHMENTS)] | None = Part(
        None, description=f"Give a list of at most {MOST_ATTACHMENTS} objects with name, url and sha256."
    )
    contributors: Annotated[list[str], Part(max_length=MOST_CONTRIBUTORS)] | None = Part(
        None, description=f"Give a list of at most {MOST_CONTRIBUTORS} ids of people of the policy file."
    )


class _SentByMachine(_Sent):
    """The same, with the author."""

    author: str = Part(description="Give the id or the e-mail address of a person of the policy file.")


@dataclass(frozen=True, slots=True)
class TypedProposal:
    """A proposal that fits the policy file.

    Attributes:
        values: of the fields, in the file's order, with the defaults; one that may be absent and is has none.
        policy: the one that the routes give it.
    """

    title: str
    summary: str | None
    values: Mapping[str, Value]
    attachments: tuple[Document, ...]
    author: Name
    contributors: tuple[Name, ...]
    policy: Policy

    def submitted(
        self,
        file: PolicyFile,
        file_digest: str,
        *,
        case: str,
        how: str,
        at: datetime,
        digest: str,
        key_hash: str | None = None,
    ) -> Submission:
        """The submission that a case is started with, with the policy frozen.

        Args:
            file: the one that the proposal was read with.
            file_digest: of its text.
            case: the id of the new case.
            how: how the author was known: ``local``, ``entra`` or ``machine``.
            at: now, aware UTC.
            digest: of the body that was sent.
            key_hash: of the request's idempotency key, if it had one.
        """
        return Submission(
            case,
            self.title,
            self.summary,
            self.values,
            self.attachments,
            self.author,
            self.contributors,
            how,
            at,
            FrozenPolicy.of(file, self.policy, file_digest),
            digest,
            key_hash,
        )


def read_typed(body: JsonValue, file: PolicyFile, author: str | None) -> TypedProposal:
    """The proposal that a body holds.

    Args:
        body: as ``service.body`` has read it.
        file: the policy file in force.
        author: the id of the person who submits; None for a machine, whose body names the author.

    Raises:
        InvalidFields: with one entry for each field at fault.
    """
    if not isinstance(body, dict):
        raise InvalidFields([FieldError("body", "not-an-object", "A proposal is an object with a title and fields.")])
    shape = _PEOPLE if author is not None else _MACHINES
    found = list(_not_theirs(body, author))
    refused = {entry.field for entry in found}
    rest = {name: value for name, value in body.items() if path(name) not in refused}
    sent: _Sent | None = None
    try:
        sent = cast("_Sent", shape.models[""].model_validate(rest))
    except ValidationError as error:
        found += [_in_fields(entry, file) for entry in shape.entries(error)]
    person = _author(body, file, author, found)
    values = _values(body.get("fields"), file.fields, found)
    contributors = list(_contributors(body.get("contributors"), file, person, found))
    if found:
        raise InvalidFields(each_once(found))
    assert sent
    assert person
    route = route_of(file.routes, values)
    assert route, "the file was checked: every proposal takes a route"
    return TypedProposal(
        sent.title,
        sent.summary or None,
        values,
        tuple(Document(one.name, one.url, one.sha256) for one in sent.attachments or ()),
        Name(person.id, person.name),
        tuple(contributors),
        file.policies[route.policy],
    )


_PEOPLE = Shape({"": _Sent, "attachments": Attachment, "contributors": _Sent, "fields": _Sent})
_MACHINES = Shape({**_PEOPLE.models, "": _SentByMachine})


def _not_theirs(body: Mapping[str, JsonValue], author: str | None) -> Iterator[FieldError]:
    """An entry for each name that is not for the sender to choose."""
    for name in body:
        if name in _RULES:
            yield FieldError(path(name), "not-allowed", _DECIDED)
        elif name == "author" and author is not None:
            yield FieldError("author", "not-allowed", "You are the author, as you are signed in. Leave it out.")


def _in_fields(entry: FieldError, file: PolicyFile) -> FieldError:
    """The entry of an unknown name, which may be that of a field of the file."""
    if entry.code == "unknown" and entry.field in file.fields:
        what = f'There is no such field here, but in fields: "fields": {{"{entry.field}": …}}.'
        return FieldError(entry.field, entry.code, what)
    return entry


def _author(
    body: Mapping[str, JsonValue], file: PolicyFile, author: str | None, found: list[FieldError]
) -> Person | None:
    sent = body.get("author") if author is None else author
    if not isinstance(sent, str):
        return None
    person = find_person(file, sent)
    if person is None:
        what = f"There is nobody {quoted(sent)} in the policy file. {_MACHINES.hint('author')}"
        found.append(FieldError("author", "unknown-person", what))
    elif not person.submits:
        found.append(FieldError("author", "not-allowed", f"{person.name} may not submit proposals here."))
    return person


def find_person(file: PolicyFile, sent: str) -> Person | None:
    """The person with this id or e-mail address, blanks around it or not."""
    text = bare(sent)[0]
    if text in file.people:
        return file.people[text]
    return next((one for one in file.people.values() if one.email.casefold() == text.casefold()), None)


def _contributors(sent: JsonValue, file: PolicyFile, author: Person | None, found: list[FieldError]) -> Iterator[Name]:
    seen: set[str] = set()
    for number, each in enumerate(sent if isinstance(sent, list) else ()):
        if not isinstance(each, str):
            continue  # pydantic has named it
        person = file.people.get(bare(each)[0])
        where = path("contributors", number)
        if person is None:
            near = difflib.get_close_matches(bare(each)[0], file.people, 1)
            advice = f"Did you mean {near[0]}?" if near else "Give the id of a person of the policy file."
            found.append(FieldError(where, "unknown-person", f"There is nobody {quoted(each)}. {advice}"))
        elif author and person.id == author.id:
            found.append(FieldError(where, "is-author", "The author is no contributor too. Leave it out."))
        elif person.id in seen:
            found.append(FieldError(where, "twice", f"{person.id} is here twice. Leave one out."))
        else:
            seen.add(person.id)
            yield Name(person.id, person.name)


def _values(sent: JsonValue, fields: Mapping[str, Field], found: list[FieldError]) -> dict[str, Value]:
    """The values of all fields; what is wrong with them is added to the entries."""
    given = sent if isinstance(sent, dict) else {}
    if sent is not None and not isinstance(sent, dict):
        return {}
    found += [unknown(("fields", name), list(fields)) for name in given if name not in fields]
    values: dict[str, Value] = {}
    for name, field in fields.items():
        one = given.get(name)
        if one is not None:
            read = read_value(field, one)
            if isinstance(read, Fault):
                found.append(FieldError(path("fields", name), read.code, f"{read.reason} {hint(field)}"))
            else:
                values[name] = read
        elif field.default is not None:
            values[name] = field.default
        elif not field.optional:
            found.append(FieldError(path("fields", name), "missing", f"It is missing. {hint(field)}"))
    return values
