"""What a case answers to an act that does not count, and to a look at a case that is not there.

    CallerError
    ├── CaseUnknown          404   case-unknown
    ├── PolicyUnknown        404   policy-unknown
    ├── NotJson              415   content-type-not-json
    ├── QueryInvalid         400   query-invalid
    └── ActRefused
        ├── ActEarly         409   act-early
        ├── ActLate          409   act-late
        ├── ActStale         409   act-stale
        ├── ActRepeated      409   act-repeated
        ├── ActNotYours      403   act-not-yours
        ├── ActOnOwnCase     403   act-on-own-case
        └── ActIncomplete    422   act-incomplete
    OperatorError
    └── EngineSilent         503   engine-silent

``ActRefused`` is never raised itself. Each of its kind has its verdict of ``approval.acts``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from approval.acts import Verdict
from service.errors import CallerError, OperatorError


class CaseUnknown(CallerError):
    """There is no such case for the one who asks: none at all, one that was purged, or one that others may see."""

    code = "case-unknown"
    status = 404
    title = "There is no such case"

    def __init__(self) -> None:
        super().__init__(
            "There is no case of this id, or you are not one of those who may see it. Compare the id letter by letter; "
            "cases that have long been over are removed."
        )


class PolicyUnknown(CallerError):
    """The policy file in force has no policy of that name."""

    code = "policy-unknown"
    status = 404
    title = "There is no such policy"

    def __init__(self) -> None:
        super().__init__("The policies in force have none of this name. GET /api/policies lists them.")


class NotJson(CallerError):
    """A change came with another content type: a page of somebody else could send that unasked."""

    code = "content-type-not-json"
    status = 415
    title = "The body is not sent as JSON"

    def __init__(self) -> None:
        super().__init__("Nothing was changed; send the body with the header Content-Type: application/json.")


class QueryInvalid(CallerError):
    """The list was asked for in a way that it does not know.

    Attributes:
        name: of the parameter at fault.
    """

    code = "query-invalid"
    status = 400
    title = "The query is not usable"

    def __init__(self, name: str, advice: str) -> None:
        super().__init__(f"The parameter {name} is not usable. {advice}")
        self.name = name

    def facts(self) -> Mapping[str, object]:
        """Which parameter it is."""
        return {"parameter": self.name}


_IN_WORDS = {
    "expired": "rejected, as nobody had decided in time,",
    "fault": "ended by a fault of ours",
    "stopped": "stopped by whoever runs this service",
}


@dataclass(frozen=True, slots=True)
class Decided:
    """Who decided what, and when; ``by`` and ``name`` are None where it was no person.

    Example: ``{"is": "approved", "level": 2, "by": "pat", "name": "Pat Keane", "at": "2026-11-25T17:02:00Z"}``
    """

    outcome: str
    at: str
    level: int | None = None
    by: str | None = None
    name: str | None = None

    @property
    def in_words(self) -> str:
        """What comes after “it was”."""
        return _IN_WORDS.get(self.outcome, self.outcome)

    def to_json(self) -> dict[str, Any]:
        """As a member of the problem."""
        return {"is": self.outcome, "level": self.level, "by": self.by, "name": self.name, "at": self.at}


class ActRefused(CallerError):
    """Base of what a case says to an act that does not count; the case is as it was.

    Attributes:
        verdict: the word for it.
        decided: who decided, where somebody did.
    """

    verdict: ClassVar[Verdict]

    def __init__(self, detail: str, decided: Decided | None = None) -> None:
        super().__init__(detail)
        self.decided = decided

    def facts(self) -> Mapping[str, object]:
        """The verdict, and who decided."""
        return {"verdict": str(self.verdict)} | ({"decided": self.decided.to_json()} if self.decided else {})


class ActEarly(ActRefused):
    """No level is open yet."""

    code = "act-early"
    status = 409
    title = "The case is not open yet"
    verdict = Verdict.EARLY


class ActLate(ActRefused):
    """What it was for is decided or over."""

    code = "act-late"
    status = 409
    title = "It is decided already"
    verdict = Verdict.LATE


class ActStale(ActRefused):
    """It names a revision, level or opening that is not the present one."""

    code = "act-stale"
    status = 409
    title = "The case has changed since you looked"
    verdict = Verdict.STALE


class ActRepeated(ActRefused):
    """The person has voted at this level."""

    code = "act-repeated"
    status = 409
    title = "You have decided already"
    verdict = Verdict.REPEATED


class ActNotYours(ActRefused):
    """The person is not asked."""

    code = "act-not-yours"
    status = 403
    title = "It is not your turn"
    verdict = Verdict.NOT_YOURS


class ActOnOwnCase(ActRefused):
    """The person wrote the proposal, or took part in it."""

    code = "act-on-own-case"
    status = 403
    title = "Nobody decides on a proposal of their own"
    verdict = Verdict.OWN_CASE


class ActIncomplete(ActRefused):
    """The level wants a comment, or takes no abstention."""

    code = "act-incomplete"
    status = 422
    title = "Something is missing"
    verdict = Verdict.INCOMPLETE


class EngineSilent(OperatorError):
    """The engine could not be read, or did not confirm an event."""

    code = "engine-silent"
    status = 503
    title = "The workflow engine does not answer"

    def __init__(self) -> None:
        super().__init__(
            "The workflow engine did not answer. Try again in a few seconds; an act that is sent again with its "
            "Idempotency-Key counts once."
        )
