"""The management API: one handler for both endpoints (contract 1.1).

1. A path or a verb that the API does not have is a bare 404 (contract 1.2).
2. Nothing here waits for anything but a commit. A start that waits for the end polls the status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from devhost.dotnet.charset import UnknownCharset
from devhost.dotnet.paths import NulInPathError, PathTooShortError
from devhost.dotnet.paths import parts as parts_of
from devhost.dotnet.query_values import moment
from devhost.runtime.entities import NoEntityError
from devhost.web.management import paging
from devhost.web.management.entities import Entities
from devhost.web.management.instances import InstanceHandlers
from devhost.web.management.links import PUBLIC
from devhost.web.management.lookup import Lookup
from devhost.web.management.operations import OperationHandlers, no_instance_to_restart, no_instance_to_rewind
from devhost.web.management.replies import BAD_ARGUMENT, NO_TIME, NOT_FOUND, SOMETHING_WRONG, Reply, bare, exception
from devhost.web.management.starts import Starts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from devhost.runtime.hub import Hub
    from devhost.web.management.links import Names
    from devhost.web.management.requests import Request

    Handler = Callable[[Request, list[str]], Awaitable[Reply]]

LONGEST_NAME: Final = 200  # of another task hub, in a message
NO_OBJECT: Final = "Object reference not set to an instance of an object."


class Management:
    """The handler of the whole API.

    Args:
        hub: the running task hub.
        names: for the URLs.
        default_version: of instances whose start names none (host.json: defaultVersion).
    """

    def __init__(self, hub: Hub, names: Names, default_version: str | None = None) -> None:
        self._names, self._clock = names, hub.clock
        lookup = Lookup(hub)
        instances, operations = InstanceHandlers(hub, lookup), OperationHandlers(hub, lookup, names)
        entities = Entities(hub, lookup)
        self._start = Starts(hub, lookup, names, default_version).start
        self._raise_event = operations.raise_event
        self._on_all: Mapping[str, Handler] = {"GET": instances.list_all, "DELETE": instances.purge_many}
        self._on_one: Mapping[str, Handler] = {"GET": instances.status, "DELETE": instances.purge}
        self._operations: Mapping[str, Handler] = {
            "terminate": operations.terminate,
            "suspend": operations.suspend,
            "resume": operations.resume,
            "rewind": operations.rewind,
            "restart": operations.restart,
        }
        self._list_entities = entities.list_all
        self._on_entity: Mapping[str, Handler] = {
            "GET": entities.state,
            "POST": entities.signal,
            "DELETE": entities.delete,
        }

    async def handle(self, request: Request) -> Reply:
        """The answer to any request below the API's base."""
        connection = request.query.get("connection")
        if connection and connection.lower() not in ("azurewebjobsstorage", "storage", self._names.connection.lower()):
            text = f"Unable to resolve the Azure Storage connection named '{connection}'."
            return exception(500, SOMETHING_WRONG, text, "System.InvalidOperationException")
        try:
            parts = parts_of(PUBLIC + request.path, PUBLIC)
        except NulInPathError as error:
            return exception(500, SOMETHING_WRONG, str(error), "System.InvalidOperationException")
        except PathTooShortError as error:
            return exception(400, BAD_ARGUMENT, str(error), "System.ArgumentOutOfRangeException")
        handler = self._route(request.method, parts)
        if handler is None:
            return NOT_FOUND
        if (request.query.get("taskhub") or self._names.hub).lower() != self._names.hub.lower():
            return self._in_another_hub(request, parts)
        try:
            return await handler(request, parts[1:])
        except UnknownCharset as error:
            return exception(500, SOMETHING_WRONG, str(error), error.kind)
        except NoEntityError:
            return exception(500, SOMETHING_WRONG, NO_OBJECT, "System.NullReferenceException")

    def _route(self, method: str, parts: list[str]) -> Handler | None:
        kind, count = parts[0].lower() if parts else "", len(parts)
        if kind == "orchestrators" and method == "POST" and count in (2, 3):
            return self._start
        if kind == "instances":
            if count == 1:
                return self._on_all.get(method)
            if count == 2:  # noqa: PLR2004 - instances/{id}
                return self._on_one.get(method)
            if method == "POST":
                return self._operation(parts[2].lower(), count)
        if kind == "entities":
            if count in (1, 2) and method == "GET":
                return self._list_entities
            if count <= 3:  # noqa: PLR2004 - entities/{name}/{key}; without a key it is the empty one
                return self._on_entity.get(method)
        if kind == "makeprimary" and count == 1:
            return _make_primary
        return None

    def _operation(self, name: str, count: int) -> Handler | None:
        if name == "raiseevent":
            return self._raise_event if count == 4 else None  # noqa: PLR2004 - instances/{id}/raiseEvent/{name}
        return self._operations.get(name) if count == 3 else None  # noqa: PLR2004 - instances/{id}/{operation}

    def _in_another_hub(self, request: Request, parts: list[str]) -> Reply:
        """Another task hub is empty (contract 1.1). It accepts nothing, since no host would run it."""
        kind = parts[0].lower()
        operation = parts[-1].lower() if len(parts) > 2 else ""  # noqa: PLR2004 - instances/{id}/{operation}
        if (kind == "entities" and request.method != "GET") or kind == "orchestrators":
            name = request.query["taskhub"][:LONGEST_NAME]
            text = (
                f"devhost serves the task hub '{self._names.hub}' alone, and '{name}' "
                "was asked for. Nothing was stored. Leave taskHub out, or set hubName in host.json."
            )
            return exception(400, BAD_ARGUMENT, text, "devhost.OtherTaskHub")
        if request.method == "GET" and (len(parts) == 1 or (kind == "entities" and len(parts) == 2)):  # noqa: PLR2004
            return paging.page([])
        if len(parts) == 1 and moment(request.query.get("createdtimefrom"), self._clock.peek()) is None:
            return NO_TIME
        if operation == "rewind":
            return no_instance_to_rewind(parts[1])
        return no_instance_to_restart(parts[1]) if operation == "restart" else NOT_FOUND


async def _make_primary(_: Request, __: list[str]) -> Reply:
    """Asks for the app lease. There is only one app here, so it is always primary."""
    return bare(200)
