"""What can be wrong with a proposal or in a case, each with a code that callers may rely on and a sentence.

    ApprovalError
    ├── InvalidFields           fields-invalid           a caller sent invalid fields
    └── CaseError                                        inside a running case: the failure text of the instance
        ├── UnreadableInput     input-unreadable
        ├── InvalidDuration     duration-invalid         also a ValueError
        ├── MisplacedEvent      event-misplaced
        ├── MisplacedEffect     effect-misplaced
        ├── UnfitPolicyFile     policy-file-unfit        what a running case needs has left the file
        ├── NotRecorded         outcome-not-recorded
        └── CaseFault           case-fault               it cannot go on under its policy

``ApprovalError`` and ``CaseError`` are never raised themselves. Nothing here knows HTTP: ``service.problems`` does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

_MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing to put right in a body.

    Example: ``{"field": "attachments[0].url", "code": "too-long", "detail": "It has more than 2,048 …"}``
    """

    field: str
    code: str
    detail: str

    def to_json(self) -> dict[str, str]:
        """The entry as ``errors`` of a problem lists it."""
        return {"field": self.field, "code": self.code, "detail": self.detail}


class ApprovalError(Exception):
    """Base of the tree; ``detail`` is a sentence for the person who reads it.

    Attributes:
        code: stable; callers and queries may rely on it.
        detail: this occurrence, and what to do about it.
    """

    code: ClassVar[str]

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class InvalidFields(ApprovalError):
    """What was sent is not what it should be; one entry for each field at fault.

    Attributes:
        nothing: what has not happened because of it: ``started`` or ``changed``.
    """

    code = "fields-invalid"

    def __init__(self, entries: Sequence[FieldError], nothing: str = "started") -> None:
        names = list(dict.fromkeys(entry.field for entry in entries))
        what = f"{len(entries)} field{'s need' if len(entries) > 1 else ' needs'} attention"
        shown = ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")
        super().__init__(f"{what}: {shown}.")
        self.entries, self.nothing = tuple(entries), nothing


class CaseError(ApprovalError):
    """Inside a running case; shows as the failure text of the instance, never as an HTTP answer."""


class UnreadableInput(CaseError):
    """The input of an instance is not what the starter writes."""

    code = "input-unreadable"

    def __init__(self, reason: str, advice: str = "") -> None:
        usual = "Start it through POST /api/orchestrators/OrchFunction, which stamps the input."
        super().__init__(f"{reason} {advice or usual}")


class InvalidDuration(CaseError, ValueError):
    """A text is no duration that a deadline can be made of."""

    code = "duration-invalid"


class MisplacedEvent(CaseError):
    """A review was given an event that cannot happen in its stage; it has not changed."""

    code = "event-misplaced"

    def __init__(self, stage: str, event: str) -> None:
        super().__init__(f"A review that is {stage} cannot take the event {event}.")
        self.stage, self.event = stage, event


class MisplacedEffect(CaseError):
    """A result came for an effect that does not run, or one was begun twice; nothing has changed."""

    code = "effect-misplaced"

    def __init__(self, key: str) -> None:
        super().__init__(f"The effect {key} cannot begin or end now.")
        self.key = key


class UnfitPolicyFile(CaseError):
    """A level of a running case cannot open with the policy file of today; the case waits until it is put right."""

    code = "policy-file-unfit"

    def __init__(self, level: str, what: str) -> None:
        super().__init__(f"The level {level} cannot go on. {what} The case waits until the policy file is put right.")
        self.level = level


class NotRecorded(CaseError):
    """The outcome is final, but its last activity failed repeatedly."""

    code = "outcome-not-recorded"

    def __init__(self, outcome: str, activity: str, failures: int) -> None:
        super().__init__(
            f"The proposal was {outcome}, and that stands, but the activity {activity} failed {failures} times. "
            "It is not tried again: act on the outcome by hand. The custom status says who decided what, and when."
        )


class CaseFault(CaseError):
    """A case under a policy file cannot go on: no level opens for it, or ``OpenLevel`` cannot say who is asked."""

    code = "case-fault"

    def __init__(self, why: str) -> None:
        super().__init__(f"The case ends without an outcome: {why}. Put that right, and submit the proposal again.")
        self.why = why
