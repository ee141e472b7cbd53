"""``/entities``: the state of an entity, signals to it, and the list (contract 1.9)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from devhost.dotnet.azure_storage import can_be_key
from devhost.dotnet.json_text import compact
from devhost.dotnet.newtonsoft import LooseJsonError, first_token
from devhost.dotnet.query_values import boolean, moment
from devhost.durabletask.failures import unknown_function
from devhost.runtime.entities import entity_key, entity_name, stored
from devhost.timekeeping.ticks import stamp
from devhost.web.management import paging
from devhost.web.management.replies import ACCEPTED, NOT_FOUND, UNSTORABLE, Reply, as_json, message, unsendable

if TYPE_CHECKING:
    from devhost.runtime.hub import Hub
    from devhost.web.management.lookup import Lookup
    from devhost.web.management.requests import Request

NO_ENTITY_NAME: Final = "Invalid entity id: entity name must not be a null or empty string. (Parameter 'entityName')"
BAD_ENTITY_KEY: Final = "entityKey (Parameter 'Entity keys must not contain /, \\, #, ?, or control characters.')"
_NOT_IN_KEYS: Final = re.compile(r"[/\\#?\x00-\x1f\x7f-\x9f]")


class Entities:
    """The handlers; ``parts`` are an entity's name and key.

    Args:
        hub: the running task hub.
        lookup: of its instances.
    """

    def __init__(self, hub: Hub, lookup: Lookup) -> None:
        self._hub, self._lookup = hub, lookup

    async def state(self, _: Request, parts: list[str]) -> Reply:
        """The entity's state."""
        key = "" if parts[1] == "$" else parts[1]  # only here: a signal to ``$`` goes to the entity of that key
        instance = self._lookup.stored(_entity_id(parts[0], key))
        if instance is None or instance.input is None:
            return NOT_FOUND
        kept = stored(instance)
        if "state" not in kept:  # it was called but never ran: a setting turns its function off
            return NOT_FOUND
        return as_json(200, json.loads(kept["state"]) if kept.get("state") else None)

    async def signal(self, request: Request, parts: list[str]) -> Reply:
        """Sends the operation that the query names."""
        text, value = request.text, None
        if request.body and request.is_json:
            try:
                value = first_token(text)
            except LooseJsonError as error:
                return message(400, f"Could not parse JSON content: {error}")
        elif request.body:
            value = compact(text)
        return await self._send(parts, request.query.get("op") or "", value)

    async def delete(self, _: Request, parts: list[str]) -> Reply:
        """Sends the operation ``delete``."""
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
        refused = unsendable(entity_id, operation, value)
        if refused is not None:
            return refused
        if not can_be_key(entity_id):
            self._hub.log.complain(entity_id, "a signal is lost: the key is too long to be stored, as in Azure")
            return ACCEPTED
        await self._hub.operations.signal(entity_id, operation, value)
        return ACCEPTED

    async def list_all(self, request: Request, parts: list[str]) -> Reply:
        """One page of all entities, or of those of one name.

        The page's length counts entities that have ended, which are then left out (contract 1.9).
        """
        query, now = request.query, self._hub.clock.peek()
        since, until = (moment(query.get(f"lastoperationtime{end}"), now) for end in ("from", "to"))
        top, fetch = paging.wanted_length(query), boolean(query.get("fetchstate"))
        found: list[Any] = []
        count = 0
        if top < 0:
            return UNSTORABLE
        for instance in self._lookup.walk(f"@{parts[0].lower()}@" if parts else "@", paging.first_id(request)):
            if instance.input is None or (since is not None and instance.updated < since):
                continue
            if until is not None and instance.updated > until:
                continue
            if count == top:
                if found or not top:
                    return paging.page(found, instance.id)
                count = 0  # a page that holds only ended entities is skipped
            count += 1
            kept = stored(instance)
            if not kept.get("exists") and not fetch:
                continue
            state = json.loads(kept["state"]) if fetch and kept.get("state") else None
            entity = {"name": entity_name(instance.id), "key": entity_key(instance.id)}
            found.append({"entityId": entity, "lastOperationTime": stamp(instance.updated), "state": state})
        return paging.page(found)


def _entity_id(name: str, key: str = "") -> str:
    return f"@{name.lower()}@{key}"
