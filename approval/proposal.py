"""What an author asks to have approved, and every reason why it cannot be taken as it is.

1. Unknown fields are refused, with the nearest known name: a typing mistake must not silently drop an amount.
2. Nothing is guessed: a number is no title, a text is no list. Blanks around texts are cut off.
3. An answer names each field at fault once, with what to do about it.
"""

import difflib
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AnyUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    TypeAdapter,
    UrlConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from approval import policy
from approval.body import path
from approval.errors import FieldError, InvalidDuration, InvalidFields
from approval.text import is_plain

MOST_TITLE = 200
MOST_SUMMARY = 4_000
MOST_ATTACHMENTS = 20
MOST_URL = 2_048
_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,3})?")


def _on_one_line(text: str) -> str:
    if not all(is_plain(char) for char in text):
        raise PydanticCustomError("not-one-line", "It holds a line break or another character that cannot be shown.")
    return text


def _exact(amount: object) -> object:
    """A JSON number or a decimal text, as the exact decimal that its digits say; binary floats would lose cents."""
    digits = amount.strip() if isinstance(amount, str) else ""
    if isinstance(amount, int | float | Decimal) and not isinstance(amount, bool):
        digits = format(Decimal(repr(amount) if isinstance(amount, float) else amount), "f").removesuffix(".0")
    if not _AMOUNT.fullmatch(digits):
        raise PydanticCustomError("not-an-amount", "It is not an amount.")
    return Decimal(digits)


_HTTPS_URL = TypeAdapter[AnyUrl](
    Annotated[AnyUrl, UrlConstraints(max_length=MOST_URL, allowed_schemes=["https"], host_required=True)]
)


def _https(url: str) -> str:
    try:
        written = str(_HTTPS_URL.validate_python(url))
    except ValidationError as error:
        raise PydanticCustomError("not-an-https-link", "It is not a complete https link.") from error
    if "@" in urlsplit(written).netloc:
        raise PydanticCustomError("link-with-password", "It holds a user name or a password; everybody would see it.")
    return written


def _timeout(text: str) -> str:
    try:
        policy.duration(text)
    except InvalidDuration as error:
        raise PydanticCustomError("not-a-duration", "{reason}", {"reason": error.detail}) from error
    return text


Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_TITLE), AfterValidator(_on_one_line)
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Attachment(_Strict):
    """A document, kept where it is; the digest says which version of it is meant.

    Example: ``{"name": "drawings.pdf", "url": "https://files.example.com/drawings.pdf", "sha256": "9f86d081…"}``
    """

    name: Line = Field(description="Give the file name, 1 to 200 characters on one line.")
    url: Annotated[str, AfterValidator(_https)] = Field(
        description="Give the whole link, beginning with https:// and without a password, "
        f"at most {MOST_URL:,} characters."
    )
    sha256: Annotated[str, StringConstraints(to_lower=True, pattern=r"^[0-9a-fA-F]{64}$")] = Field(
        description="Give the SHA-256 of the file as 64 hexadecimal digits, as sha256sum prints it."
    )


class PolicyWish(_Strict):
    """What the author wants to be different from the rules of the house; what is left out stays as it is.

    Example: ``{"timeout": "P3D", "approver": "Head of bridges", "escalateTo": "Director"}``
    """

    timeout: Annotated[str, AfterValidator(_timeout)] | None = Field(
        None, description="Give the time to decide as an ISO 8601 duration, for example PT20S, P3D or P1M."
    )
    approver: Line | None = Field(None, description="Give the role that is asked, 1 to 200 characters on one line.")
    escalate_to: Line | None = Field(
        None,
        alias="escalateTo",
        description="Give who gets the case if nobody decides, 1 to 200 characters on one line.",
    )

    def over(self, house: policy.Policy) -> policy.Policy:
        """The house's policy with these wishes in it."""
        return policy.Policy(
            self.timeout or house.timeout, self.approver or house.approver, self.escalate_to or house.escalate_to
        )


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
    summary: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_SUMMARY)] | None = Field(
        None, description=f"Say in at most {MOST_SUMMARY:,} characters what it is about, or leave it out."
    )
    amount: Annotated[Decimal, BeforeValidator(_exact)] | None = Field(
        None,
        description="Give a number of at most 12 digits and 3 decimals, not negative, "
        'and the currency beside it: "amount": 1850000, "currency": "EUR".',
    )
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = Field(
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

    @model_validator(mode="after")
    def _amount_has_currency(self) -> Self:
        if (self.amount is None) != (self.currency is None):
            absent = "currency" if self.currency is None else "amount"
            raise PydanticCustomError("amount-incomplete", "{absent}", {"absent": absent})
        return self

    def to_input(self) -> dict[str, Any]:
        """The proposal as it stands in the input of an instance; the amount as text, so that no cent is lost."""
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
    try:
        return Proposal.model_validate(body)
    except ValidationError as error:
        found = [_entry(fault) for fault in error.errors(include_url=False, include_input=False)]
        raise InvalidFields(list({entry.field: entry for entry in reversed(found)}.values())[::-1]) from error


_MODELS: Mapping[str, type[BaseModel]] = {"": Proposal, "attachments": Attachment, "policy": PolicyWish}
_SIMPLE = {
    "missing": ("missing", "It is missing."),
    "string_type": ("not-text", "It is not a text."),
    "string_too_short": ("empty", "It is empty."),
    "string_pattern_mismatch": ("wrong-form", "It does not have the right form."),
    "list_type": ("not-a-list", "It is not a list."),
    "dict_type": ("not-an-object", "It is not an object."),
    "model_type": ("not-an-object", "It is not an object."),
}


def _entry(fault: ErrorDetails) -> FieldError:
    where, kind, context = fault["loc"], fault["type"], fault.get("ctx", {})
    if kind == "amount-incomplete":
        absent = str(context["absent"])
        return FieldError(absent, "missing", f"It is missing. {_hint((absent,))}")
    if kind == "extra_forbidden":
        return FieldError(path(*where), "unknown", _unknown(where))
    if kind in {"string_too_long", "too_long"}:
        code, what = "too-long", f"It has more than {context['max_length']:,}."
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
    own = " Data of your own goes into fields." if _model_at(where) is Proposal else ""
    return f"There is no such field. {hint}{own}"
