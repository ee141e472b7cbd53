"""The management API as plain calls: start, raise, query, control."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from devhost.dotnet.json_text import compact
from devhost.dotnet.paths import encoded
from devhost.testing.answers import Refused, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from devhost.testing.answers import HttpResponse


class ManagementClient(ABC):
    """What can be done through :meth:`manage`."""

    @abstractmethod
    def manage(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        """A request to the management API; ``path`` below ``/runtime/webhooks/durabletask/``.

        Raises:
            Refused: the answer's status is 400 or above.
        """

    def start(self, name: str, given: Any = None, instance_id: str | None = None) -> str:
        """Starts an orchestration as ``client.start_new`` does; answers its id."""
        body = b"" if given is None else compact(compact(given)).encode()
        return self.start_raw(name, body, instance_id)

    def start_raw(self, name: str, body: bytes = b"", instance_id: str | None = None) -> str:
        """Starts an orchestration as a POST to the management API with this body does; answers its id."""
        tail = f"/{encoded(instance_id)}" if instance_id else ""
        answer = self.manage("POST", f"orchestrators/{encoded(name)}{tail}", body)
        started: str = answer.json()["id"]
        return started

    def raise_event(self, instance_id: str, name: str, data: Any = None) -> None:
        """Raises an event as a POST with this JSON value does."""
        path = f"instances/{encoded(instance_id)}/raiseEvent/{encoded(name)}"
        self.manage("POST", path, compact(data).encode(), {"content-type": "application/json"})

    def raise_client_event(self, instance_id: str, name: str, data: Any = None) -> None:
        """Raises an event as ``client.raise_event`` does: the value arrives as a text that holds its JSON."""
        self.raise_event(instance_id, name, json.dumps(data))

    def status(self, instance_id: str) -> Status:
        """The status of an instance.

        Raises:
            Refused: there is no such instance.
        """
        body = self.manage("GET", f"instances/{encoded(instance_id)}").json()
        return Status(body["runtimeStatus"], body["name"], body["input"], body["output"], body["customStatus"])

    def history(self, instance_id: str) -> list[dict[str, Any]]:
        """The history as the status answer shows it, outputs included."""
        path = f"instances/{encoded(instance_id)}?showHistory=true&showHistoryOutput=true"
        events: list[dict[str, Any]] = self.manage("GET", path).json()["historyEvents"]
        return events

    def terminate(self, instance_id: str, reason: str = "") -> None:
        """Ends an instance at once."""
        self._operate(instance_id, "terminate", reason)

    def suspend(self, instance_id: str, reason: str = "") -> None:
        """Holds an instance."""
        self._operate(instance_id, "suspend", reason)

    def resume(self, instance_id: str, reason: str = "") -> None:
        """Lets a held instance go on."""
        self._operate(instance_id, "resume", reason)

    def rewind(self, instance_id: str, reason: str = "") -> None:
        """Sets a failed instance back to before its failure."""
        self._operate(instance_id, "rewind", reason)

    def purge(self, instance_id: str) -> None:
        """Forgets an instance that is over."""
        self.manage("DELETE", f"instances/{encoded(instance_id)}")

    def signal(self, entity: str, key: str, operation: str, data: Any = None) -> None:
        """Sends an entity a signal as the Python client does."""
        body = b"" if data is None else compact(compact(data)).encode()
        path = f"entities/{encoded(entity)}/{encoded(key)}?op={quote(operation)}"
        self.manage("POST", path, body, {"content-type": "application/json"})

    def entity(self, entity: str, key: str) -> Any:
        """The state of an entity; None where it has none."""
        try:
            return self.manage("GET", f"entities/{encoded(entity)}/{encoded(key)}").json()
        except Refused as refused:
            if refused.status == 404:  # noqa: PLR2004 - no such entity
                return None
            raise

    def _operate(self, instance_id: str, operation: str, reason: str) -> None:
        self.manage("POST", f"instances/{encoded(instance_id)}/{operation}?reason={quote(reason)}")
