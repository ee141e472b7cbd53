"""``/instances``: the status of one instance, the list, and purging (contract 1.4 to 1.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from devhost.app.schedule import FIRST_MOMENT
from devhost.dotnet.query_values import boolean, enum_values, moment
from devhost.durabletask import history as h
from devhost.durabletask.status import DuplicateRowError, entity_history, rows_of, status_body
from devhost.web.management import paging
from devhost.web.management.links import tidy
from devhost.web.management.lookup import has_not_run
from devhost.web.management.replies import NO_TIME, NOT_FOUND, UNSTORABLE, Reply, as_json, bad_argument

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from devhost.durabletask.model import Instance
    from devhost.runtime.hub import Hub
    from devhost.web.management.lookup import Lookup
    from devhost.web.management.requests import Request


class InstanceHandlers:
    """The handlers.

    Args:
        hub: the running task hub.
        lookup: of its instances.
    """

    def __init__(self, hub: Hub, lookup: Lookup) -> None:
        self._hub, self._lookup = hub, lookup

    async def status(self, request: Request, parts: list[str]) -> Reply:
        """The state of ``parts[0]``: 202 while it runs, 200 when it has ended."""
        instance, query = self._lookup.find(parts[0]), request.query
        if instance is None or has_not_run(instance):
            return NOT_FOUND
        rows = None
        show_input = boolean(query.get("showinput"), default=True)
        if boolean(query.get("showhistory")) and instance.status != "Pending" and not instance.is_entity:
            rows = rows_of(self._lookup.history(instance.id))
        try:
            body = status_body(
                instance, show_input=show_input, history=rows, show_output=boolean(query.get("showhistoryoutput"))
            )
        except DuplicateRowError as error:
            return bad_argument(error)
        if instance.is_entity and boolean(query.get("showhistory")):
            body["historyEvents"] = entity_history(instance, show_input=show_input)
        if instance.status not in h.TERMINAL:
            return as_json(202, body, {"Location": tidy(request.url), "Retry-After": "5"})
        wanted_500 = boolean(query.get("returninternalservererroronfailure"))
        return as_json(500 if wanted_500 and instance.status == "Failed" else 200, body)

    async def purge(self, _: Request, parts: list[str]) -> Reply:
        """Removes ``parts[0]``, which must have ended."""
        instance = self._lookup.find(parts[0])
        if instance is None:
            return NOT_FOUND
        if instance.status not in h.TERMINAL and not instance.id.startswith("@"):
            text = (
                "Only orchestrations in a terminal state can be purged, but the orchestration with instance ID "
                f"{instance.id} has status {instance.status}"
            )
            return as_json(412, text)
        return as_json(200, {"instancesDeleted": await self._hub.operations.purge([instance.id])})

    async def list_all(self, request: Request, _: list[str]) -> Reply:
        """One page of the instances that the query names."""
        query = request.query
        top = paging.wanted_length(query)
        show_input = boolean(query.get("showinput"), default=True)
        found: list[Any] = []
        try:
            wanted = enum_values(query.get("runtimestatus"), h.STATUS_NUMBERS)
        except ValueError as error:
            return bad_argument(error)
        if top < 0:
            return UNSTORABLE
        if not wanted and not self._has_filter(query):
            show_input = True  # without any filter the extension reads every column, with or without showInput
        for instance in self._matching(query, wanted, paging.first_id(request)):
            if len(found) == top:
                return paging.page(found, instance.id)
            found.append(status_body(instance, show_input=show_input))
        return paging.page(found)

    async def purge_many(self, request: Request, _: list[str]) -> Reply:
        """Removes the instances that have ended and were created between two moments."""
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
            return bad_argument(error)
        ids = [
            instance.id
            for instance in self._lookup.shown()
            if since <= instance.created <= until and (not wanted or instance.status in wanted)
        ]
        count = await self._hub.operations.purge(ids)
        return as_json(200, {"instancesDeleted": count}) if count else NOT_FOUND

    def _moment(self, query: Mapping[str, str], name: str) -> int | None:
        return moment(query.get(name), self._hub.clock.peek())

    def _has_filter(self, query: Mapping[str, str]) -> bool:
        times = (self._moment(query, name) for name in ("createdtimefrom", "createdtimeto"))
        return bool(query.get("instanceidprefix")) or any(time not in (None, FIRST_MOMENT) for time in times)

    def _matching(self, query: Mapping[str, str], wanted: frozenset[str], first: str) -> Iterator[Instance]:
        """Instances that the query names, by id; a filter that cannot be read does not count (contract 1.6)."""
        since, until = self._moment(query, "createdtimefrom"), self._moment(query, "createdtimeto")
        if until == FIRST_MOMENT:  # the extension's own value for no limit
            until = None
        for instance in self._lookup.shown(query.get("instanceidprefix") or "", first):
            if (
                (since is None or instance.created >= since)
                and (until is None or instance.created <= until)
                and (not wanted or instance.status in wanted)
            ):
                yield instance
