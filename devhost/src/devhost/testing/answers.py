"""What a test host answers: statuses, HTTP responses and refusals."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class HostDied(Exception):
    """The host was stopped by the fault that the test set. ``restart_host`` starts the next one."""


class Refused(Exception):
    """The management API refused what the test asked for.

    Attributes:
        status: of the answer.
        body: of the answer, parsed.
    """

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status, self.body = status, body


@dataclass(frozen=True, slots=True)
class Status:
    """The status answer of an instance.

    Attributes:
        runtime_status: ``Pending``, ``Running``, ``Completed``, ``Failed``, ``Terminated`` or ``Suspended``.
        name: of the orchestration.
        input: as the status shows it: of a client's start a text that holds JSON.
        output: parsed.
        custom_status: parsed.
    """

    runtime_status: str
    name: str
    input: Any
    output: Any
    custom_status: Any

    @property
    def is_over(self) -> bool:
        """Nothing will change any more."""
        return self.runtime_status in ("Completed", "Failed", "Terminated", "Canceled")


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What an HTTP function or the management API answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, parsed; None if there is none."""
        return json.loads(self.body) if self.body else None
