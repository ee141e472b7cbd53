"""The policy of a case that names none: one role is asked, and somebody else if nobody decides in time.

1. The policy is resolved once, by the starter. A running case never reads settings again.
2. Its timeout is an ISO 8601 duration: ``approval.policy.durations``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Self

from dateutil.relativedelta import relativedelta

from approval.errors import InvalidDuration, UnreadableInput
from approval.messages import HEAD_OF_DEPARTMENT
from approval.policy.durations import duration


@dataclass(frozen=True, slots=True)
class OneLevelPolicy:
    """One level: one role is asked, and if nobody decides in time the case goes to somebody else.

    A field's name in JSON is its name here in camel case.

    Example: ``{"timeout": "PT20S", "approver": "Manager", "escalateTo": "Head of department"}``
    """

    timeout: str = "PT20S"
    approver: str = "Manager"
    escalate_to: str = HEAD_OF_DEPARTMENT
    _span: relativedelta = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read the timeout, once; a policy with one that is no duration cannot be made."""
        object.__setattr__(self, "_span", duration(self.timeout))

    def due(self, asked_at: datetime) -> datetime:
        """When the time to decide is over; aware UTC, later than ``asked_at``."""
        return asked_at.astimezone(UTC) + self._span

    def to_input(self) -> dict[str, str]:
        """The policy as the input of an instance holds it."""
        return {name: getattr(self, own) for own, name in NAMES.items()}

    @classmethod
    def from_input(cls, given: object) -> Self:
        """The policy in the input of an instance.

        Raises:
            UnreadableInput: a key is missing or not a text, or the timeout is no duration.
        """
        if not isinstance(given, Mapping):
            raise UnreadableInput("The input's policy is not an object.")
        texts = {own: text for own, name in NAMES.items() if isinstance(text := given.get(name), str)}
        if len(texts) < len(NAMES):
            *first, last = NAMES.values()
            raise UnreadableInput(f"The input's policy needs {', '.join(first)} and {last} as texts.")
        try:
            return cls(**texts)
        except InvalidDuration as error:
            raise UnreadableInput(f"The input's policy has an unusable timeout: {error.detail}") from error


def _in_json(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


# Each field with its name in JSON.
NAMES: Mapping[str, str] = {each.name: _in_json(each.name) for each in fields(OneLevelPolicy) if each.init}
