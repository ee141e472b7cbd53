"""``POST /instances/ID/OPERATION``: what a caller does with one instance (contract 1.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from devhost.dotnet.json_text import compact
from devhost.dotnet.newtonsoft import LooseJsonError, first_token
from devhost.dotnet.query_values import boolean
from devhost.durabletask import history as h
from devhost.durabletask.failures import unknown_function
from devhost.durabletask.status import shown
from devhost.runtime.operations import AlreadyExistsError
from devhost.web.management.links import check_status
from devhost.web.management.replies import (
    ACCEPTED,
    SOMETHING_WRONG,
    Reply,
    as_json,
    exception,
    invalid_json,
    message,
    unsendable,
)

if TYPE_CHECKING:
    from devhost.runtime.hub import Hub
    from devhost.web.management.links import Names
    from devhost.web.management.lookup import Lookup
    from devhost.web.management.requests import Request

UNAVAILABLE: Final = "Microsoft.Azure.WebJobs.Extensions.DurableTask.OrchestratorFunctionUnavailableException"


class OperationHandlers:
    """The handlers; ``parts[0]`` is the instance's id.

    Args:
        hub: the running task hub.
        lookup: of its instances.
        names: for the links.
    """

    def __init__(self, hub: Hub, lookup: Lookup, names: Names) -> None:
        self._hub, self._lookup, self._names = hub, lookup, names

    async def raise_event(self, request: Request, parts: list[str]) -> Reply:
        """Sends the event ``parts[2]``; its data is the first JSON token of the body."""
        refused = self._lookup.not_live(parts[0])
        if refused is not None:
            return refused
        if not request.is_json:
            return message(400, "Only application/json request content is supported")
        try:
            value = first_token(request.text)
        except LooseJsonError as error:
            return invalid_json(error)
        refused = unsendable(parts[2], value)
        if refused is not None:
            return refused
        await self._hub.operations.deliver(parts[0], h.event_raised(parts[2], value, self._hub.clock.now()))
        return ACCEPTED

    async def terminate(self, request: Request, parts: list[str]) -> Reply:
        """Ends the instance."""
        refused = self._lookup.not_live(parts[0]) or unsendable(request.query.get("reason"))
        if refused is None:
            row = h.terminated(request.query.get("reason"), self._hub.clock.now())
            await self._hub.operations.deliver(parts[0], row)
        return refused or ACCEPTED

    async def suspend(self, request: Request, parts: list[str]) -> Reply:
        """Suspends the instance until it is resumed."""
        return await self._set_suspended(request, parts[0], "suspend")

    async def resume(self, request: Request, parts: list[str]) -> Reply:
        """Lets a suspended instance go on."""
        return await self._set_suspended(request, parts[0], "resume")

    async def _set_suspended(self, request: Request, instance_id: str, what: str) -> Reply:
        refused = self._lookup.not_live(instance_id)
        if refused is not None:
            return refused
        instance = self._lookup.stored(instance_id)
        assert instance is not None
        if (instance.status == "Suspended") == (what == "suspend"):
            detail = (
                f"Cannot {what} the orchestration instance {instance_id} because instance is in the "
                f"{instance.status} state."
            )
            return exception(500, SOMETHING_WRONG, detail, "System.InvalidOperationException")
        refused = unsendable(request.query.get("reason"))
        if refused is not None:
            return refused
        make = h.suspended if what == "suspend" else h.resumed
        await self._hub.operations.deliver(instance_id, make(request.query.get("reason"), self._hub.clock.now()))
        return ACCEPTED

    async def rewind(self, request: Request, parts: list[str]) -> Reply:
        """Runs a failed instance again from before its failure."""
        instance = self._lookup.find(parts[0])
        if instance is None:
            return no_instance_to_rewind(parts[0])
        if instance.status != "Failed":
            text = (
                f"This orchestration has status {instance.status}, but only orchestrations in the "
                '"Failed" state can be rewound.'
            )
            return as_json(412, text)
        await self._hub.operations.rewind(instance, request.query.get("reason"))
        return ACCEPTED

    async def restart(self, request: Request, parts: list[str]) -> Reply:
        """Starts the instance's orchestration again with its input, under a new id or its own."""
        instance = self._lookup.find(parts[0])
        if instance is None:
            return no_instance_to_restart(parts[0])
        functions = self._hub.runner.functions
        if functions.is_off("orchestrator", instance.name):
            text = unknown_function("orchestrator", instance.name, functions.spelled)
            return exception(400, text, text, UNAVAILABLE)
        try:
            # The input is the one in the status answer: the first token of the original, or null if there was none.
            new_id = await self._hub.operations.restart(
                instance._replace(input=compact(shown(instance.input))),
                new_id=boolean(request.query.get("restartwithnewinstanceid"), default=True),
            )
        except AlreadyExistsError as error:
            text = "A non-terminal instance with this instance ID already exists."
            return exception(409, text, str(error), "DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException")
        return check_status(request, self._names, new_id)


def no_instance_to_rewind(instance_id: str) -> Reply:
    """The answer to a rewind of an instance that does not exist; the extension writes the ``$``."""
    return as_json(404, f'No orchestration with instance ID "${instance_id}" found.')


def no_instance_to_restart(instance_id: str) -> Reply:
    """The answer to a restart of an instance that does not exist."""
    detail = f"No instance with ID '{instance_id}' was found. (Parameter 'instanceId')"
    text = "InstanceId does not match a valid orchestration instance."
    return exception(400, text, detail, "System.ArgumentException")
