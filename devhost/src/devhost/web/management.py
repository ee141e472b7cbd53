"""The management API: one handler behind both doors (contract 1).

Rules of this module:

1. What is not a route of the API, by path or by verb, is a bare 404 (contract 1.2).
2. An error has one of three shapes: bare, message, exception. The extension's names and order of keys are kept, and
   its status codes, since the Python client makes its results and exceptions of them (contract 2.3).
3. Nothing here waits but for a commit: a start that waits for completion looks at the status now and then.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, unquote_to_bytes

from devhost.app.schedule import FIRST_MOMENT
from devhost.dotnet.azure_storage import can_be_key, can_be_sent
from devhost.dotnet.charset import UnknownCharset, media_type, text_of
from devhost.dotnet.json_text import compact
from devhost.dotnet.newtonsoft import LooseJsonError, UnfinishedError, check_whole, first_token
from devhost.dotnet.paths import NulInPathError, PathTooShortError
from devhost.dotnet.paths import parts as parts_of
from devhost.dotnet.query_values import boolean, enum_values, moment, number, whole
from devhost.durabletask import history as h
from devhost.durabletask.failures import unknown_function
from devhost.durabletask.status import DuplicateRowError, entity_history, rows_of, shown, status_body
from devhost.runtime.entities import NoEntityError, entity_key, entity_name, stored
from devhost.runtime.operations import AlreadyExistsError
from devhost.timekeeping.ticks import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from devhost.durabletask.model import Instance
    from devhost.runtime.hub import Hub

JSON = "application/json; charset=utf-8"
PUBLIC = "/runtime/webhooks/durabletask"
TOKEN = "x-ms-continuation-token"  # noqa: S105 - the header's name
PAGE = 100
SHORTEST_LOOK_S = 0.005  # a pollingInterval of 0 shall not keep the host busy
_ESCAPE = re.compile("%[0-9a-fA-F]{2}")
_ESCAPES = re.compile("(?:%[0-9a-fA-F]{2})+|%")
_PLAIN = "!$&'()*+,-./:;=@_~"  # needs no escape in a path
SOMETHING_WRONG = "Something went wrong while processing your request"
BAD_ARGUMENT = "One or more of the arguments submitted is incorrect"
BAD_JSON = "Invalid JSON content"
NO_STORAGE = "An error occurred while communicating with Azure Storage"
STORAGE_EXCEPTION = "DurableTask.AzureStorage.Storage.DurableTaskStorageException"
UNAVAILABLE = "Microsoft.Azure.WebJobs.Extensions.DurableTask.OrchestratorFunctionUnavailableException"
LONGEST_NAME = 200  # of a task hub that is told
NO_OBJECT = "Object reference not set to an instance of an object."
NO_ENTITY_NAME = "Invalid entity id: entity name must not be a null or empty string. (Parameter 'entityName')"
BAD_ENTITY_KEY = "entityKey (Parameter 'Entity keys must not contain /, \\, #, ?, or control characters.')"
_NOT_IN_KEYS = re.compile(r"[/\\#?\x00-\x1f\x7f-\x9f]")
BAD_DELAY = (
    "The value needs to translate in milliseconds to -1 (signifying an infinite timeout), 0, or a positive integer "
    "less than or equal to the maximum allowed timer duration. (Parameter 'delay')"
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request to the API, whichever door it came through.

    Attributes:
        method: upper case.
        path: as the web server hands it on (see :func:`devhost.dotnet.paths.decoded`), without the door's base.
        query: decoded; keys in lower case, several values joined by commas.
        headers: keys in lower case.
        body: as it came.
        url: the whole URL as it was asked for.
        origin: scheme and host of that URL.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    url: str
    origin: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; without a body there is no content type either."""

    status: int
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """An answer with a JSON body."""
    return Reply(status, compact(value).encode(), {"Content-Type": JSON, **(headers or {})})


def bare(status: int) -> Reply:
    """An answer without a body."""
    return Reply(status)


def message(status: int, text: str) -> Reply:
    """The message shape."""
    return as_json(status, {"Message": text})


def exception(status: int, text: str, detail: str, kind: str) -> Reply:
    """The exception shape; the stack names the API, as there is no .NET here."""
    trace = "   at Microsoft.Azure.WebJobs.Extensions.DurableTask.HttpApiHandler.HandleRequestAsync"
    body = {"Message": text, "ExceptionMessage": detail, "ExceptionType": kind, "StackTrace": trace}
    return as_json(status, body)


NOT_FOUND = bare(404)
ACCEPTED = bare(202)
UNSTORABLE = exception(500, SOMETHING_WRONG, NO_STORAGE, STORAGE_EXCEPTION)
NO_TIME = as_json(400, "Please provide value for 'createdTimeFrom' parameter.")


@dataclass(frozen=True, slots=True)
class Names:
    """What stands in the URLs: the hub, the connection, and the system key."""

    hub: str
    connection: str
    key: str

    @property
    def query(self) -> str:
        """The part behind the question mark."""
        return f"taskHub={self.hub}&connection={self.connection}" + (f"&code={self.key}" if self.key else "")


def management_urls(origin: str, names: Names, instance_id: str, *, rewind: bool) -> dict[str, str]:
    """The check-status payload; the extension's own answers leave out the rewind URL (contract 1.10)."""
    base, query = f"{origin}{PUBLIC}/instances/{instance_id}", names.query
    urls = {
        "id": instance_id,
        "statusQueryGetUri": f"{base}?{query}",
        "sendEventPostUri": f"{base}/raiseEvent/{{eventName}}?{query}",
        "terminatePostUri": f"{base}/terminate?reason={{text}}&{query}",
    }
    if rewind:
        urls["rewindPostUri"] = f"{base}/rewind?reason={{text}}&{query}"
    return urls | {
        "purgeHistoryDeleteUri": f"{base}?{query}",
        "restartPostUri": f"{base}/restart?{query}",
        "suspendPostUri": f"{base}/suspend?reason={{text}}&{query}",
        "resumePostUri": f"{base}/resume?reason={{text}}&{query}",
    }


class Management:
    """The handler.

    Args:
        hub: the running task hub.
        names: what stands in the URLs.
        default_version: of instances that are started without one (host.json: defaultVersion).
    """

    def __init__(self, hub: Hub, names: Names, default_version: str | None = None) -> None:
        self._hub, self._names, self._default_version = hub, names, default_version

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
            reply: Reply = await handler(request, parts[1:])
        except UnknownCharset as error:
            return exception(500, SOMETHING_WRONG, str(error), error.kind)
        except NoEntityError:
            return exception(500, SOMETHING_WRONG, NO_OBJECT, "System.NullReferenceException")
        return reply

    def _route(self, method: str, parts: list[str]) -> Callable[[Request, list[str]], Any] | None:
        kind, count = parts[0].lower() if parts else "", len(parts)
        if kind == "orchestrators" and method == "POST" and count in (2, 3):
            return self._start
        if kind == "instances":
            if count == 1:
                return {"GET": self._list, "DELETE": self._purge_many}.get(method)
            if count == 2:  # noqa: PLR2004 - instances/{id}
                return {"GET": self._status, "DELETE": self._purge}.get(method)
            if method == "POST":
                return self._operation(parts[2].lower(), count)
        if kind == "entities":
            if count in (1, 2) and method == "GET":
                return self._list_entities
            if count <= 3:  # noqa: PLR2004 - entities/{name}/{key}; without a key it is the empty one
                return {"GET": self._entity, "POST": self._signal, "DELETE": self._delete_entity}.get(method)
        if kind == "makeprimary" and count == 1:
            return _make_primary
        return None

    def _operation(self, name: str, count: int) -> Callable[[Request, list[str]], Any] | None:
        if name == "raiseevent":
            return self._raise_event if count == 4 else None  # noqa: PLR2004 - instances/{id}/raiseEvent/{name}
        if count != 3:  # noqa: PLR2004 - instances/{id}/{operation}
            return None
        return {
            "terminate": self._terminate,
            "suspend": self._suspend,
            "resume": self._resume,
            "rewind": self._rewind,
            "restart": self._restart,
        }.get(name)

    def _in_another_hub(self, request: Request, parts: list[str]) -> Reply:
        """Another hub is just empty (contract 1.1). It takes nothing: nobody would work on it."""
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
            return as_json(200, [], {TOKEN: ""})
        if len(parts) == 1 and self._moment(request.query, "createdtimefrom") is None:
            return NO_TIME
        return {"rewind": _none_to_rewind, "restart": _none_to_restart}.get(operation, lambda _: NOT_FOUND)(parts[1:])

    # ---------------------------------------------------------------- start

    async def _start(self, request: Request, parts: list[str]) -> Reply:
        text = _text(request)
        try:
            check_whole(text)
        except UnfinishedError as error:
            refused = _unfinished_start(error)
            if refused is not None:
                return refused
        except LooseJsonError as error:
            return exception(400, BAD_JSON, str(error), "Newtonsoft.Json.JsonReaderException")
        functions = self._hub.runner.functions
        if functions.is_off("orchestrator", parts[0]):  # a name that the app does not have is taken, and fails
            return message(400, unknown_function("orchestrator", parts[0], functions.spelled))
        timeout, interval = number(request.query.get("timeout")), number(request.query.get("pollinginterval"))
        version = request.query.get("version", self._default_version)
        given = parts[1] if len(parts) > 1 else None
        refused = _unsent(*parts, text) if can_be_key(given or "") else UNSTORABLE
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
        return self._check_status(request, instance_id)

    async def _wait_for(self, instance_id: str, timeout_s: float, interval_s: float) -> Reply | None:
        """Output or status of an instance that ends in time, else None; it was started in any case (contract 1.3)."""
        if interval_s > timeout_s:
            return message(400, f"Total timeout {timeout_s:g} should be bigger than retry timeout {interval_s:g}")
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_s
        while True:
            instance = self._hub.queries.instance(instance_id)
            if instance is not None and instance.status == "Completed":
                return as_json(200, shown(instance.output))
            if instance is not None and instance.status in h.TERMINAL:
                return as_json(200, status_body(instance))
            left_s = end - loop.time()
            if left_s <= 0:
                return None
            if interval_s < 0:
                return message(400, BAD_DELAY)
            await asyncio.sleep(min(max(interval_s, SHORTEST_LOOK_S), left_s))

    def _check_status(self, request: Request, instance_id: str) -> Reply:
        hub, connection = request.query.get("taskhub"), request.query.get("connection")
        names = Names(hub or self._names.hub, connection or self._names.connection, self._names.key)
        urls = management_urls(request.origin, names, _form_encoded(instance_id), rewind=False)
        urls["id"] = instance_id
        location = _ESCAPE.sub(_unescaped, urls["statusQueryGetUri"])
        return as_json(202, urls, {"Location": location, "Retry-After": "10"})

    # ---------------------------------------------------------------- one instance

    async def _status(self, request: Request, parts: list[str]) -> Reply:
        instance, query = self._find(parts[0]), request.query
        if instance is None or _is_not_yet(instance):
            return NOT_FOUND
        rows = None
        show_input = boolean(query.get("showinput"), default=True)
        if boolean(query.get("showhistory")) and instance.status != "Pending" and not instance.name.startswith("@"):
            rows = rows_of(self._hub.queries.history(instance.id))
        try:
            body = status_body(
                instance, show_input=show_input, history=rows, show_output=boolean(query.get("showhistoryoutput"))
            )
        except DuplicateRowError as error:
            return exception(400, BAD_ARGUMENT, str(error), "System.ArgumentException")
        if instance.name.startswith("@") and boolean(query.get("showhistory")):
            body["historyEvents"] = entity_history(instance, show_input=show_input)
        if instance.status not in h.TERMINAL:
            return as_json(202, body, {"Location": _tidy(request.url), "Retry-After": "5"})
        wanted_500 = boolean(query.get("returninternalservererroronfailure"))
        return as_json(500 if wanted_500 and instance.status == "Failed" else 200, body)

    async def _raise_event(self, request: Request, parts: list[str]) -> Reply:
        refused = self._not_live(parts[0])
        if refused is not None:
            return refused
        if not _is_json(request):
            return message(400, "Only application/json request content is supported")
        try:
            value = first_token(_text(request))
        except LooseJsonError as error:
            return exception(400, BAD_JSON, str(error), "Newtonsoft.Json.JsonReaderException")
        unsent = _unsent(parts[2], value)
        if unsent is not None:
            return unsent
        await self._hub.operations.deliver(parts[0], h.event_raised(parts[2], value, self._hub.clock.now()))
        return ACCEPTED

    async def _terminate(self, request: Request, parts: list[str]) -> Reply:
        refused = self._not_live(parts[0]) or _unsent(request.query.get("reason"))
        if refused is None:
            row = h.terminated(request.query.get("reason"), self._hub.clock.now())
            await self._hub.operations.deliver(parts[0], row)
        return refused or ACCEPTED

    async def _suspend(self, request: Request, parts: list[str]) -> Reply:
        return await self._hold(request, parts[0], "suspend")

    async def _resume(self, request: Request, parts: list[str]) -> Reply:
        return await self._hold(request, parts[0], "resume")

    async def _hold(self, request: Request, instance_id: str, what: str) -> Reply:
        refused = self._not_live(instance_id)
        if refused is not None:
            return refused
        instance = self._hub.queries.instance(instance_id)
        assert instance is not None
        if (instance.status == "Suspended") == (what == "suspend"):
            detail = (
                f"Cannot {what} the orchestration instance {instance_id} because instance is in the "
                f"{instance.status} state."
            )
            return exception(500, SOMETHING_WRONG, detail, "System.InvalidOperationException")
        unsent = _unsent(request.query.get("reason"))
        if unsent is not None:
            return unsent
        make = h.suspended if what == "suspend" else h.resumed
        await self._hub.operations.deliver(instance_id, make(request.query.get("reason"), self._hub.clock.now()))
        return ACCEPTED

    async def _rewind(self, request: Request, parts: list[str]) -> Reply:
        instance = self._find(parts[0])
        if instance is None:
            return _none_to_rewind(parts)
        if instance.status != "Failed":
            text = (
                f"This orchestration has status {instance.status}, but only orchestrations in the "
                '"Failed" state can be rewound.'
            )
            return as_json(412, text)
        await self._hub.operations.rewind(instance, request.query.get("reason"))
        return ACCEPTED

    async def _restart(self, request: Request, parts: list[str]) -> Reply:
        instance = self._find(parts[0])
        if instance is None:
            return _none_to_restart(parts)
        functions = self._hub.runner.functions
        if functions.is_off("orchestrator", instance.name):
            text = unknown_function("orchestrator", instance.name, functions.spelled)
            return exception(400, text, text, UNAVAILABLE)
        try:
            # The input is that of the status answer: its first token, and null where there was none.
            new_id = await self._hub.operations.restart(
                instance._replace(input=compact(shown(instance.input))),
                new_id=boolean(request.query.get("restartwithnewinstanceid"), default=True),
            )
        except AlreadyExistsError as error:
            text = "A non-terminal instance with this instance ID already exists."
            return exception(409, text, str(error), "DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException")
        return self._check_status(request, new_id)

    async def _purge(self, _: Request, parts: list[str]) -> Reply:
        instance = self._find(parts[0])
        if instance is None:
            return NOT_FOUND
        if instance.status not in h.TERMINAL and not instance.id.startswith("@"):
            text = (
                "Only orchestrations in a terminal state can be purged, but the orchestration with instance ID "
                f"{instance.id} has status {instance.status}"
            )
            return as_json(412, text)
        return as_json(200, {"instancesDeleted": await self._hub.operations.purge([instance.id])})

    def _find(self, instance_id: str) -> Instance | None:
        """The instance, if it is there for the outside: a child is created by its first episode."""
        instance = self._hub.queries.instance(instance_id)
        return None if instance is None or self._is_unborn(instance) else instance

    def _is_unborn(self, instance: Instance) -> bool:
        is_waiting = instance.parent_id is not None and instance.status == "Pending"
        return is_waiting and not self._hub.queries.history(instance.id)

    def _not_live(self, instance_id: str) -> Reply | None:
        instance = self._find(instance_id)
        if instance is None:
            return NOT_FOUND
        return bare(410) if instance.status in h.TERMINAL else None

    # ---------------------------------------------------------------- many

    async def _list(self, request: Request, _: list[str]) -> Reply:
        query = request.query
        top, after = whole(query.get("top"), PAGE), _untoken(request.headers.get(TOKEN))
        show_input = boolean(query.get("showinput"), default=True)
        found: list[Any] = []
        next_id = ""
        try:
            wanted = enum_values(query.get("runtimestatus"), h.STATUS_NUMBERS)
        except ValueError as error:
            return exception(400, BAD_ARGUMENT, str(error), "System.ArgumentException")
        if top < 0:
            return UNSTORABLE
        if not wanted and not self._has_filter(query):
            show_input = True  # without any filter the extension reads every column, whatever showInput says
        for instance in self._matching(query, wanted, after):
            if len(found) == top:
                next_id = instance.id
                break
            found.append(status_body(instance, show_input=show_input))
        return as_json(200, found, {TOKEN: _token(next_id)})

    def _moment(self, query: Mapping[str, str], name: str) -> int | None:
        return moment(query.get(name), self._hub.clock.look())

    def _has_filter(self, query: Mapping[str, str]) -> bool:
        times = (self._moment(query, name) for name in ("createdtimefrom", "createdtimeto"))
        return bool(query.get("instanceidprefix")) or any(time not in (None, FIRST_MOMENT) for time in times)

    def _matching(self, query: Mapping[str, str], wanted: frozenset[str], after: str) -> Iterator[Instance]:
        """Instances that the query names, by id; a filter that says nothing readable is none (contract 1.6)."""
        since, until = self._moment(query, "createdtimefrom"), self._moment(query, "createdtimeto")
        if until == FIRST_MOMENT:  # which is what the extension has where nothing was said
            until = None
        for instance in self._hub.queries.walk(query.get("instanceidprefix") or "", after):
            if (
                not _is_not_yet(instance)
                and not self._is_unborn(instance)
                and (since is None or instance.created >= since)
                and (until is None or instance.created <= until)
                and (not wanted or instance.status in wanted)
            ):
                yield instance

    async def _purge_many(self, request: Request, _: list[str]) -> Reply:
        query = request.query
        since = self._moment(query, "createdtimefrom")
        if since is None:
            return NO_TIME
        until = self._moment(query, "createdtimeto")
        until = self._hub.clock.now() if until is None else until
        # Contract 1.7: non-terminal states are struck from the list, and an empty list means no filter at all.
        try:
            wanted = enum_values(query.get("runtimestatus"), h.STATUS_NUMBERS) & h.TERMINAL
        except ValueError as error:
            return exception(400, BAD_ARGUMENT, str(error), "System.ArgumentException")
        ids = [
            instance.id
            for instance in self._hub.queries.walk()
            if since <= instance.created <= until
            and (not wanted or instance.status in wanted)
            and not _is_not_yet(instance)
            and not self._is_unborn(instance)
        ]
        count = await self._hub.operations.purge(ids)
        return as_json(200, {"instancesDeleted": count}) if count else NOT_FOUND

    # ---------------------------------------------------------------- entities

    async def _entity(self, _: Request, parts: list[str]) -> Reply:
        key = "" if parts[1] == "$" else parts[1]  # only here: a signal to ``$`` goes to the entity of that key
        instance = self._hub.queries.instance(_entity_id(parts[0], key))
        if instance is None or instance.input is None:
            return NOT_FOUND
        kept = stored(instance)
        if "state" not in kept:  # it has been called, but has never run: a setting turns its function off
            return NOT_FOUND
        return as_json(200, json.loads(kept["state"]) if kept.get("state") else None)

    async def _signal(self, request: Request, parts: list[str]) -> Reply:
        text, value = _text(request), None
        if request.body and _is_json(request):
            try:
                value = first_token(text)
            except LooseJsonError as error:
                return message(400, f"Could not parse JSON content: {error}")
        elif request.body:
            value = compact(text)
        return await self._send(parts, request.query.get("op") or "", value)

    async def _delete_entity(self, _: Request, parts: list[str]) -> Reply:
        return await self._send(parts, "delete", None)

    async def _send(self, parts: list[str], operation: str, value: str | None) -> Reply:
        if not parts:
            return message(400, NO_ENTITY_NAME)
        if len(parts) > 1 and _NOT_IN_KEYS.search(parts[1]):
            return message(400, BAD_ENTITY_KEY)
        name = parts[0].lower()
        if name not in self._hub.runner.functions.entities:
            return message(400, unknown_function("entity", name, self._hub.runner.spelled))
        entity_id = _entity_id(*parts)
        unsent = _unsent(entity_id, operation, value)
        if unsent is not None:
            return unsent
        if not can_be_key(entity_id):
            self._hub.log.complain(entity_id, "a signal is lost: the key is too long to be stored, as in Azure")
            return ACCEPTED
        await self._hub.operations.signal(entity_id, operation, value)
        return ACCEPTED

    async def _list_entities(self, request: Request, parts: list[str]) -> Reply:
        """A page is cut before the entities that have ended are left out (contract 1.9)."""
        query = request.query
        since, until = self._moment(query, "lastoperationtimefrom"), self._moment(query, "lastoperationtimeto")
        top, fetch = whole(query.get("top"), PAGE), boolean(query.get("fetchstate"))
        after = _untoken(request.headers.get(TOKEN))
        found: list[Any] = []
        next_id, count = "", 0
        if top < 0:
            return exception(500, SOMETHING_WRONG, NO_STORAGE, STORAGE_EXCEPTION)
        for instance in self._hub.queries.walk(f"@{parts[0].lower()}@" if parts else "@", after):
            if instance.input is None or (since is not None and instance.updated < since):
                continue
            if until is not None and instance.updated > until:
                continue
            if count == top:
                if found or not top:
                    next_id = instance.id
                    break
                count = 0  # a page of nothing but ended entities is skipped
            count += 1
            kept = stored(instance)
            if not kept.get("exists") and not fetch:
                continue
            state = json.loads(kept["state"]) if fetch and kept.get("state") else None
            entity = {"name": entity_name(instance.id), "key": entity_key(instance.id)}
            found.append({"entityId": entity, "lastOperationTime": stamp(instance.updated), "state": state})
        return as_json(200, found, {TOKEN: _token(next_id)})


def _unsent(*texts: str | None) -> Reply | None:
    """The answer where a message with these texts cannot be sent."""
    return None if can_be_sent(*texts) else UNSTORABLE


def _text(request: Request) -> str:
    return text_of(request.body, request.headers.get("content-type", ""))


def _is_json(request: Request) -> bool:
    kind = media_type(request.headers.get("content-type", ""))
    return kind is not None and kind.name == "application/json"


async def _make_primary(_: Request, __: list[str]) -> Reply:
    """The app lease: there is but one app here, and it is primary."""
    return bare(200)


def _form_encoded(text: str) -> str:
    return quote_plus(text, safe="()!*-._").replace("~", "%7E")


def _none_to_rewind(parts: list[str]) -> Reply:
    return as_json(404, f'No orchestration with instance ID "${parts[0]}" found.')


def _none_to_restart(parts: list[str]) -> Reply:
    detail = f"No instance with ID '{parts[0]}' was found. (Parameter 'instanceId')"
    text = "InstanceId does not match a valid orchestration instance."
    return exception(400, text, detail, "System.ArgumentException")


def _unfinished_start(error: UnfinishedError) -> Reply | None:
    """The answer to a start whose body ends too early: not the reader refuses it, but who wanted to have an object.

    An array that ends after an item is taken; the instance then fails over it.

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


def _is_not_yet(instance: Instance) -> bool:
    """Whether it is an entity that has not taken its first operation: only then it is created."""
    return instance.name.startswith("@") and instance.input is None


def _entity_id(name: str, key: str = "") -> str:
    return f"@{name.lower()}@{key}"


def _tidy(url: str) -> str:
    """The URL as .NET's Uri prints it: needless escapes undone, needed ones made (contract 1.4)."""
    path, mark, query = url.partition("?")
    scheme, slashes, rest = path.partition("://")
    host, slash, path = rest.partition("/")
    path = _ESCAPES.sub(_retold, quote(path, safe=f"%{_PLAIN}"))
    query = _ESCAPE.sub(_unescaped, query)
    return f"{scheme}{slashes}{host}{slash}{path}{mark}{query}"


def _retold(escapes: re.Match[str]) -> str:
    """Escapes of a path as .NET's Uri has them; a byte that belongs to no character stays as it was written."""
    written, result, place = escapes[0], "", 0
    if written == "%":
        return "%25"
    for letter in unquote_to_bytes(written).decode("utf-8", "surrogateescape"):
        is_stray = "\udc80" <= letter <= "\udcff"
        end = place + 3 * (1 if is_stray else len(letter.encode()))
        result += written[place:end] if is_stray else quote(letter, safe=_PLAIN)
        place = end
    return result


def _unescaped(escape: re.Match[str]) -> str:
    letter = chr(int(escape.group()[1:], 16))
    return letter if letter.isascii() and (letter.isalnum() or letter in "-._~") else escape.group().upper()


def _token(next_id: str) -> str:
    return base64.b64encode(next_id.encode()).decode() + " " if next_id else ""


def _untoken(token: str | None) -> str:
    """The id that a token stands for, if only by its form; what is no token is none at all."""
    try:
        return base64.b64decode((token or "").strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
