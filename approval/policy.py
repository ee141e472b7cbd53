"""Who is asked, for how long, and what happens then: the rules that a case is started with.

1. A policy is resolved once, by the starter. A running case never looks at settings again.
2. A timeout is an ISO 8601 duration in whole units, longer than nothing and at most a year.
3. Months and years are calendar ones: a month from 31 January is the end of February.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Self

from dateutil.relativedelta import relativedelta
from pydantic.alias_generators import to_camel

from approval.errors import InvalidDuration, UnreadableInput
from approval.messages import HEAD_OF_DEPARTMENT
from approval.text import unknown_character

_DURATION = re.compile(
    r"P(?=[\dT])(?:(?P<years>\d{1,9})Y)?(?:(?P<months>\d{1,9})M)?(?:(?P<weeks>\d{1,9})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.ASCII,
)
_LETTERS = frozenset("PYMWDTHS0123456789")
# A leap year, so that both P1Y and P366D are within the limit, whenever they are asked for.
_YEAR_BEGINS, _YEAR_ENDS = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)


def duration(text: str, before: int = 0) -> relativedelta:
    """The time span that an ISO 8601 duration such as ``PT20S``, ``P3D``, ``P2W``, ``P1M`` or ``P1DT12H`` stands for.

    ``before`` is how many blanks were cut off before the text; the places of characters in a refusal count them.

    Raises:
        InvalidDuration: not of that form, a fraction or a sign in it, not longer than nothing, or over a year.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        what = "It is no ISO 8601 duration in whole units. Write for example PT20S, PT48H, P3D, P2W or P1M."
        reason = unknown_character(text, _LETTERS, before)
        raise InvalidDuration(f"{reason} {what}" if reason else what)
    parts = {unit: int(digits) for unit, digits in match.groupdict().items() if digits}
    span = relativedelta(**parts)  # type: ignore[arg-type]  # the stub wants every unit spelled out
    try:
        end = _YEAR_BEGINS + span
    except (OverflowError, ValueError):
        end = datetime.max.replace(tzinfo=UTC)
    if end <= _YEAR_BEGINS:
        raise InvalidDuration("It must be longer than nothing. Write for example PT20S for 20 seconds.")
    if end > _YEAR_ENDS:
        raise InvalidDuration("It must be at most one year. Write for example P3D for three days.")
    return span


@dataclass(frozen=True, slots=True)
class Policy:
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
        """The policy as it stands in the input of an instance."""
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


# Each field with its name in JSON.
NAMES: Mapping[str, str] = {each.name: to_camel(each.name) for each in fields(Policy) if each.init}
