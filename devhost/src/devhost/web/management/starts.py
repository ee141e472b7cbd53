"""``POST /orchestrators/NAME/ID`` starts an instance (contract 1.3)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from devhost.dotnet.azure_storage import can_be_key
from devhost.dotnet.newtonsoft import LooseJsonError, UnfinishedError, check_whole
from devhost.dotnet.query_values import number
from devhost.durabletask import history as h
from devhost.durabletask.failures import unknown_function
from devhost.durabletask.status import shown, status_body
from devhost.runtime.operations import AlreadyExistsError
from devhost.web.management.links import check_status
from devhost.web.management.replies import (
    SOMETHING_WRONG,
    UNSTORABLE,
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

SHORTEST_INTERVAL_S: Final = 0.005  # a pollingInterval of 0 must not keep the host busy
BAD_DELAY: Final = (
    "The value needs to translate in milliseconds to -1 (signifying an infinite timeout), 0, or a positive integer "
    "less than or equal to the maximum allowed timer duration. (Parameter 'delay')"
)


class Starts:
    """The handler.

    Args:
        hub: the running task hub.
        lookup: of its instances.
        names: for the links.
        default_version: of instances whose start names none (host.json: defaultVersion).
    """

    def __init__(self, hub: Hub, lookup: Lookup, names: Names, default_version: str | None) -> None:
        self._hub, self._lookup, self._names, self._default_version = hub, lookup, names, default_version

    async def start(self, request: Request, parts: list[str]) -> Reply:
        """Starts the orchestration ``parts[0]``, under the id ``parts[1]`` if there is one."""
        text = request.text
        try:
            check_whole(text)
        except UnfinishedError as error:
            refused = _unfinished(error)
            if refused is not None:
                return refused
        except LooseJsonError as error:
            return invalid_json(error)
        functions = self._hub.runner.functions
        if functions.is_off("orchestrator", parts[0]):  # a name that the app does not have is accepted, and fails
            return message(400, unknown_function("orchestrator", parts[0], functions.spelled))
        timeout, interval = number(request.query.get("timeout")), number(request.query.get("pollinginterval"))
        version = request.query.get("version", self._default_version)
        given = parts[1] if len(parts) > 1 else None
        refused = unsendable(*parts, text) if can_be_key(given or "") else UNSTORABLE
        if refused is not None:
            return refused
        try:
            trace = request.headers.get("traceparent", ""), request.headers.get("tracestate", "")
            instance_id = await self._hub.operations.start(parts[0], text or None, given, version, trace=trace)
        except AlreadyExistsError as error:
            return message(409, str(error))
        if timeout is not None and interval is not None:
            ended = await self._wait_for(instance_id, timeout, interval)
            if ended is not None:
                return ended
        return check_status(request, self._names, instance_id)

    async def _wait_for(self, instance_id: str, timeout_s: float, interval_s: float) -> Reply | None:
        """Output or status of an instance that ends in time, else None. An error leaves it running (contract 1.3)."""
        if interval_s > timeout_s:
            return message(400, f"Total timeout {timeout_s:g} should be bigger than retry timeout {interval_s:g}")
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_s
        while True:
            instance = self._lookup.stored(instance_id)
            if instance is not None and instance.status == "Completed":
                return as_json(200, shown(instance.output))
            if instance is not None and instance.status in h.TERMINAL:
                return as_json(200, status_body(instance))
            left_s = end - loop.time()
            if left_s <= 0:
                return None
            if interval_s < 0:
                return message(400, BAD_DELAY)
            await asyncio.sleep(min(max(interval_s, SHORTEST_INTERVAL_S), left_s))


def _unfinished(error: UnfinishedError) -> Reply | None:
    """The answer to a start whose body ends too early: the caller that expected an object refuses it.

    An array that ends after an item is accepted; the instance then fails on it.
    """
    if error.root != "Object":
        if error.after_value:
            return None
        words, kind = f"Unexpected end when reading token. Path '{error.outer}'.", "JsonWriterException"
    elif error.outer and not error.after_value:
        words, kind = f"Unexpected end when reading token. Path '{error.outer}'.", "JsonWriterException"
    else:
        what = "reading JSON" if error.at_start else "deserializing object"
        words, kind = f"Unexpected end when {what}. {error.place}", "JsonSerializationException"
    return exception(500, SOMETHING_WRONG, words, f"Newtonsoft.Json.{kind}")
