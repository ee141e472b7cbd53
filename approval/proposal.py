"""What an author asks to have approved, and every reason why it is refused.

1. Unknown fields are refused, with the nearest known name: a typing mistake must not silently drop an amount.
2. Nothing is guessed: a number is no title, a text is no list. Blanks around texts are cut off; nothing else of a text
   is changed.
3. What people read has something to see in it, and nothing that hides or turns what they see: ``approval.text``.
4. An answer names each field at fault once, with what to do about it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import ConfigDict, Field, JsonValue, ValidationError

from approval.amount import MOST_DECIMALS, MOST_WHOLE, ambiguity
from approval.errors import FieldError, InvalidFields
from approval.parts import (
    MOST_ATTACHMENTS,
    MOST_SUMMARY,
    MOST_TITLE,
    Amount,
    Attachment,
    Currency,
    Duration,
    Line,
    Prose,
    Shape,
    Strict,
    each_once,
)
from approval.policy.one_level import NAMES, OneLevelPolicy
from approval.text import bare


class PolicyWish(Strict):
    """What the author wants to be different from the company's policy; what is left out stays as it is.

    Example: ``{"timeout": "P3D", "approver": "Head of bridges", "escalateTo": "Director"}``
    """

    model_config = ConfigDict(alias_generator=NAMES.__getitem__)

    timeout: Duration | None = Field(
        None, description="Give the time to decide as an ISO 8601 duration, for example PT20S, P3D or P1M."
    )
    approver: Line | None = Field(None, description="Give the role that is asked, 1 to 200 characters on one line.")
    escalate_to: Line | None = Field(
        None, description="Give who gets the case if nobody decides, 1 to 200 characters on one line."
    )

    def over(self, company: OneLevelPolicy) -> OneLevelPolicy:
        """The company's policy with these wishes in it."""
        return replace(company, **self.model_dump(exclude_none=True))


class Proposal(Strict):
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


_SHAPE = Shape({"": Proposal, "attachments": Attachment, "policy": PolicyWish}, "Data of your own goes into fields.")


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
        found += _SHAPE.entries(error)
    found += _amount_and_currency(body)
    if found:
        raise InvalidFields(each_once(found))
    return proposal


def _amount_and_currency(body: Mapping[str, JsonValue]) -> Iterator[FieldError]:
    """What is wrong with the two together, also when other fields are at fault."""
    amount, currency = body.get("amount"), body.get("currency")
    if (amount is None) != (currency is None):
        absent = "currency" if currency is None else "amount"
        yield FieldError(absent, "missing", f"It is missing. {_SHAPE.hint(absent)}")
    elif isinstance(currency, str):
        reason = ambiguity(amount, bare(currency)[0])
        if reason:
            yield FieldError("amount", *reason)
