"""An error as an RFC 9457 problem, whether it is the service's own or one about a proposal."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from approval.errors import InvalidFields
from service.errors import ServiceError

MOST_ENTRIES = 20
PROBLEM_TYPE = "urn:problem-type:design-approval:"
# What a request may be refused with.
REFUSALS = (ServiceError, InvalidFields)


@dataclass(frozen=True, slots=True)
class Problem:
    """The members of the answer.

    Attributes:
        code: part of the HTTP contract, as is the status.
        facts: further members, for programs.
    """

    code: str
    status: int
    title: str
    detail: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def body(self) -> dict[str, object]:
        """The body of the answer.

        Example::

            {"type": "urn:problem-type:design-approval:body-not-json", "title": "The body is not JSON", "status": 400,
             "detail": "Expecting value at line 1, column 1. Send one JSON object ...", "code": "body-not-json"}
        """
        return {
            "type": PROBLEM_TYPE + self.code,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.facts,
        }


def problem_of(error: ServiceError | InvalidFields) -> Problem:
    """The problem that answers this error; of very many fields at fault it lists the first."""
    if isinstance(error, ServiceError):
        return Problem(error.code, error.status, error.title, error.detail, error.facts())
    return Problem(
        error.code,
        422,
        "Some fields need attention",
        f"{error.detail} Nothing was {error.nothing}; see errors for each, put them right and send it again.",
        {"errors": [entry.to_json() for entry in error.entries[:MOST_ENTRIES]]},
    )
