"""What an author asks to have approved, and every reason why it is refused.

1. Unknown fields are refused, with the nearest known name: a typing mistake must not silently drop an amount.
2. Nothing is guessed: a number is no title, a text is no list. Blanks around texts are cut off; nothing else of a text
   is changed.
3. What people read has something to see in it, and nothing that hides or turns what they see: ``approval.text``.
4. An answer names each field at fault once, with what to do about it.
"""

import difflib
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from approval.amount import MOST_DECIMALS, MOST_WHOLE, ambiguity, read_amount
from approval.errors import FieldError, InvalidDuration, InvalidFields
from approval.json_values import path
from approval.link import MOST_URL, link_fault
from approval.policy.durations import duration
from approval.policy.one_level import NAMES, Policy
from approval.text import Fault, at, bare, fault, is_visible, unknown_character

MOST_TITLE = 200
MOST_SUMMARY = 4_000
MOST_ATTACHMENTS = 20
_CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_HEX = frozenset("0123456789abcdefABCDEF")
_CODE_LETTERS = 3
_SHA256_DIGITS = 64


def _refused(fault: Fault) -> PydanticCustomError:
    return PydanticCustomError("refused", "{reason}", {"code": fault.code, "reason": fault.reason})


def _too_long(most: int) -> Fault:
    return Fault("too-long", f"It has more than {most:,} characters.")


def _line(sent: str) -> str:
    text, before = bare(sent)
    if not text:
        raise _refused(Fault("empty", "It is empty."))
    if len(text) > MOST_TITLE:
        raise _refused(_too_long(MOST_TITLE))
    reason = fault(text, before)
    if reason:
        raise _refused(Fault("not-one-line", reason))
    return _seen(text, before)


def _seen(text: str, before: int) -> str:
    if not is_visible(text):
        raise _refused(Fault("empty", f"It has no character that can be seen. {at(text, 0, before)}."))
    return text


def _prose(sent: str) -> str:
    text, before = bare(sent)
    if len(text) > MOST_SUMMARY:
        raise _refused(_too_long(MOST_SUMMARY))
    reason = fault(text, before, lines=True)
    if reason:
        raise _refused(Fault("not-plain", reason))
    return _seen(text, before) if text else text


def _amount(sent: object) -> str:
    read = read_amount(sent)
    if isinstance(read, Fault):
        raise _refused(read)
    return read


def _link(sent: str) -> str:
    url, before = bare(sent)
    reason = link_fault(url, before)
    if reason:
        raise _refused(reason)
    return url


def _timeout(sent: str) -> str:
    text, before = bare(sent)
    try:
        duration(text, before)
    except InvalidDuration as error:
        raise _refused(Fault("not-a-duration", error.detail)) from error
    return text


def _exactly(count: int, known: Container[str], what: str) -> Callable[[str], str]:
    def read(sent: str) -> str:
        text, before = bare(sent)
        reason = unknown_character(text, known, before)
        if not reason and len(text) != count:
            reason = f"It has {'more' if len(text) > count else 'fewer'} than {count} {what}."
        if reason:
            raise _refused(Fault("wrong-form", reason))
        return text

    return read


Line = Annotated[str, AfterValidator(_line)]
Prose = Annotated[str, AfterValidator(_prose)]
Amount = Annotated[str, BeforeValidator(_amount)]
Currency = Annotated[str, AfterValidator(_exactly(_CODE_LETTERS, _CAPITALS, "capital letters"))]
Link = Annotated[str, AfterValidator(_link)]
Sha256 = Annotated[str, AfterValidator(_exactly(_SHA256_DIGITS, _HEX, "hexadecimal digits")), AfterValidator(str.lower)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Attachment(_Strict):
    """A document, kept where it is; the digest names the version that is meant.

    Example: ``{"name": "drawings.pdf", "url": "https://files.example.com/drawings.pdf", "sha256": "9f86d081…"}``
    """

    name: Line = Field(description="Give the file name, 1 to 200 characters on one line.")
    url: Link = Field(
        description="Give the whole link, beginning with https:// and without a password, "
        f"at most {MOST_URL:,} characters."
    )
    sha256: Sha256 = Field(description="Give the SHA-256 of the file as 64 hexadecimal digits, as sha256sum prints it.")


class PolicyWish(_Strict):
    """What the author wants to be different from the company's policy; what is left out stays as it is.

    Example: ``{"timeout": "P3D", "approver": "Head of bridges", "escalateTo": "Director"}``
    """

    model_config = ConfigDict(alias_generator=NAMES.__getitem__)

    timeout: Annotated[str, AfterValidator(_timeout)] | None = Field(
        None, description="Give the time to decide as an ISO 8601 duration, for example PT20S, P3D or P1M."
    )
    approver: Line | None = Field(None, description="Give the role that is asked, 1 to 200 characters on one line.")
    escalate_to: Line | None = Field(
        None, description="Give who gets the case if nobody decides, 1 to 200 characters on one line."
    )

    def over(self, company: Policy) -> Policy:
        """The company's policy with these wishes in it."""
        return replace(company, **self.model_dump(exclude_none=True))


class Proposal(_Strict):
    """A project design that somebody has to approve.

    Example::

        {"title": "Refurbish the Mill Lane bridge", "author": "dana@example.com",
         "summary": "New deck, bearings and railings.", "amount": 1850000, "currency": "EUR",
         "attachments": [{"name": "drawings.pdf", "url": "https://files.example.com/drawings.pdf", "sha256": "9f86…"}],
         "fields": {"structure": "B-0417"}, "policy": {"timeout": "P3D"}}
    """

    title: Line = Field(description=f"Give the proposal a title of 1 to {MOST_TITLE} characters on one line.")
    author: Line = Field(description="Say who proposes it, a name or an address of 1 to 200 characters on one line.")
    summary: Prose | None = Field(
        None, description=f"Say in at most {MOST_SUMMARY:,} characters what it is about, or leave it out."
    )
    amount: Amount | None = Field(
        None,
        description=f"Give a number of at most {MOST_WHOLE} digits and {MOST_DECIMALS} decimals, not negative, "
        'and the currency beside it: "amount": 1850000, "currency": "EUR".',
    )
    currency: Currency | None = Field(
        None, description="Give the three capital letters of ISO 4217, for example EUR, together with an amount."
    )
    attachments: Annotated[list[Attachment], Field(max_length=MOST_ATTACHMENTS)] | None = Field(
        None, description=f"Give a list of at most {MOST_ATTACHMENTS} objects with name, url and sha256."
    )
    fields: dict[str, JsonValue] | None = Field(
        None, description="Give an object; what is in it is kept as it is and not looked at."
    )
    policy: PolicyWish | None = Field(
        None, description="Give an object with timeout, approver or escalateTo, or leave it out."
    )

    def to_input(self) -> dict[str, Any]:
        """The proposal as the input of an instance holds it; the amount as text, to the digit."""
        return {
            key: value for key, value in self.model_dump(mode="json", exclude={"policy"}).items() if value is not None
        }


def read_proposal(body: JsonValue) -> Proposal:
    """The proposal that a body holds.

    Raises:
        InvalidFields: with one entry for each field at fault.
    """
    if not isinstance(body, dict):
        raise InvalidFields(
            [FieldError("body", "not-an-object", "A proposal is an object with a title and an author.")]
        )
    found: list[FieldError] = []
    try:
        proposal = Proposal.model_validate(body)
    except ValidationError as error:
        found += map(_entry, error.errors(include_url=False, include_input=False))
    found += _amount_and_currency(body)
    if found:
        raise InvalidFields(list({entry.field: entry for entry in reversed(found)}.values())[::-1])
    return proposal


def _amount_and_currency(body: Mapping[str, JsonValue]) -> Iterator[FieldError]:
    """What is wrong with the two together, also when other fields are at fault."""
    amount, currency = body.get("amount"), body.get("currency")
    if (amount is None) != (currency is None):
        absent = "currency" if currency is None else "amount"
        yield FieldError(absent, "missing", f"It is missing. {_hint((absent,))}")
    elif isinstance(currency, str):
        reason = ambiguity(amount, bare(currency)[0])
        if reason:
            yield FieldError("amount", *reason)


_MODELS: Mapping[str, type[BaseModel]] = {"": Proposal, "attachments": Attachment, "policy": PolicyWish}
_SIMPLE = {
    "missing": ("missing", "It is missing."),
    "string_type": ("not-text", "It is not a text."),
    "list_type": ("not-a-list", "It is not a list."),
    "dict_type": ("not-an-object", "It is not an object."),
    "model_type": ("not-an-object", "It is not an object."),
}


def _entry(fault: ErrorDetails) -> FieldError:
    where, kind, context = fault["loc"], fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        return FieldError(path(*where), "unknown", _unknown(where))
    if kind == "refused":
        code, what = str(context["code"]), str(context["reason"])
    elif kind == "too_long":
        code, what = "too-long", f"It has more than {context['max_length']:,} {where[-1]}."
    else:
        code, what = _SIMPLE.get(kind, (kind.replace("_", "-"), fault["msg"]))
    return FieldError(path(*where), code, " ".join(filter(None, (what, _hint(where)))))


def _model_at(where: tuple[int | str, ...]) -> type[BaseModel]:
    return _MODELS[str(where[0]) if len(where) > 1 else ""]


def _hint(where: tuple[int | str, ...]) -> str:
    names = [part for part in where if isinstance(part, str)]
    model = _model_at(tuple(names))
    for name, field in model.model_fields.items():
        if names and names[-1] in {name, field.alias}:
            return field.description or ""
    return ""


def _unknown(where: tuple[int | str, ...]) -> str:
    known = [field.alias or name for name, field in _model_at(where).model_fields.items()]
    given = str(where[-1])
    near = difflib.get_close_matches(given.casefold(), [name.casefold() for name in known], n=1)
    meant = next((name for name in known if near and name.casefold() == near[0]), None)
    hint = f"Did you mean {meant}?" if meant else f"Known are {', '.join(known)}."
    odd = next((place for place, char in enumerate(given) if not " " <= char <= "~"), None)
    if odd is not None and (meant or not is_visible(given[odd])):
        hint = f"{at(given, odd)}. {hint}"
    own = " Data of your own goes into fields." if _model_at(where) is Proposal else ""
    return f"There is no such field. {hint}{own}"
