"""The two pages that show instances: the list, and one of them."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from devhost.durabletask import history as h
from devhost.durabletask.status import rows_of
from devhost.pages import views
from devhost.pages.format import search_texts
from devhost.store.read_only import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiohttp import web

    from devhost.durabletask.model import Instance
    from devhost.pages.responder import Responder
    from devhost.runtime.hub import Hub
    from devhost.store.read_only import ReadOnlyStore

BASE: Final = views.BASE
PAGE: Final = 50
LARGEST_PLACE: Final = 2**62
CENSUS_LASTS_S: Final = 1.5
NOTICES: Final = {
    "raise": "The event was sent. If the instance waits for an event of this name, it goes on now; if not, it is kept.",
    "terminate": "The instance is being terminated.",
    "suspend": "The instance is being suspended.",
    "resume": "The instance is being resumed.",
    "rewind": "The instance goes back to the point before its failure.",
    "purge": "The instance was removed.",
    "advance": "Time was moved, and everything that became due has happened.",
}


@dataclass(frozen=True, slots=True)
class _Chip:
    """A link that filters the list by a status."""

    status: str
    count: int
    url: str
    is_on: bool


class InstancePages:
    """Shows instances.

    Args:
        hub: the running task hub.
        responder: for reading and for the responses.
    """

    def __init__(self, hub: Hub, responder: Responder) -> None:
        self._hub, self._responder = hub, responder
        self._census: tuple[float, list[tuple[str, str, int]]] = (-CENSUS_LASTS_S, [])

    async def list_all(self, here: str, query: Mapping[str, str]) -> web.Response:
        """One page of the list, with the filters of the query."""
        text = query.get("q", "").strip()[:200]
        wanted = Wanted(
            status=query.get("status", ""),
            name=query.get("name", ""),
            texts=search_texts(text) if text else (),
            before=_place(query.get("before")),
            after=_place(query.get("after")),
        )
        found, census = await self._responder.read(lambda store: (store.newest(wanted, PAGE + 1), self._count(store)))
        more, now = len(found) > PAGE, self._hub.clock.peek()
        forward = wanted.after is not None
        listed = (found[1:] if forward else found[:PAGE]) if more else found
        filters = {
            key: value for key, value in (("status", wanted.status), ("name", wanted.name), ("q", text)) if value
        }

        def url(**other: Any) -> str:
            asked = urlencode({key: value for key, value in {**filters, **other}.items() if value != ""})
            return f"{BASE}?{asked}" if asked else BASE

        known = self._hub.runner.functions
        has_older, has_newer = more or forward, more if forward else wanted.before is not None
        return await self._responder.page(
            200,
            "list.html",
            here=here,
            notice=NOTICES.get(query.get("done", ""), ""),
            lines=[views.line(one, now, self._complaint(one.id, one.status)) for one in listed],
            chips=_chips(census, wanted, url),
            names=sorted({name for name, _, _ in census} | ({wanted.name} if wanted.name else set())),
            wanted=wanted,
            query=text,
            is_filtered=bool(filters),
            is_paged=forward or wanted.before is not None,
            newest_url=url() if has_newer or wanted.before is not None else "",
            newer_url=url(after=listed[0].place) if listed and has_newer else "",
            older_url=url(before=listed[-1].place) if listed and has_older else "",
            starters=[one for one in known.spelled.get("orchestrator", ()) if not known.is_off("orchestrator", one)],
        )

    async def one(
        self,
        instance_id: str,
        here: str,
        query: Mapping[str, str],
        status: int = 200,
        problems: Mapping[str, str] | None = None,
        values: Mapping[str, str] | None = None,
    ) -> web.Response:
        """One instance; ``problems`` says by action why it was refused, ``values`` is what the form had."""

        def read(store: ReadOnlyStore) -> views.InstanceDetail | None:
            instance = store.instance(instance_id)
            return None if instance is None else self._detail(store, instance, all_rows=query.get("rows") == "all")

        instance = await self._responder.read(read)
        if instance is None:
            return await self._responder.no_instance(here)
        return await self._responder.page(
            status,
            "instance.html",
            here=here,
            notice=NOTICES.get(query.get("done", ""), ""),
            problems=problems or {},
            instance=instance,
            values={"data": "", **(values or {})},
        )

    def _detail(self, store: ReadOnlyStore, instance: Instance, *, all_rows: bool) -> views.InstanceDetail:
        return views.detail(
            instance,
            rows_of(store.history(instance.id)),
            store.tasks(instance.id),
            self._hub.clock.peek(),
            waits=self._hub.queries.awaited_events(instance.id) or (),
            complaint=self._complaint(instance.id, instance.status),
            all_rows=all_rows,
        )

    def _complaint(self, instance_id: str, status: str) -> str | None:
        return None if status in h.TERMINAL else self._hub.queries.complaint(instance_id)

    def _count(self, store: ReadOnlyStore) -> list[tuple[str, str, int]]:
        """The census. It reads every instance, so it is kept for a moment."""
        counted, census = self._census
        if time.monotonic() - counted > CENSUS_LASTS_S:
            census = store.census()
            self._census = time.monotonic(), census
        return census


def _place(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdigit()):
        return None
    return min(int(text[:20]), LARGEST_PLACE)


def _chips(census: list[tuple[str, str, int]], wanted: Wanted, url: Callable[..., str]) -> list[_Chip]:
    """Links that filter by status, with how many instances of the chosen name have it."""
    counts: dict[str, int] = defaultdict(int)
    for name, status, count in census:
        if not wanted.name or name == wanted.name:
            counts[status] += count
    chips = [_Chip("All", sum(counts.values()), url(status=""), not wanted.status)]
    chips += [
        _Chip(status, counts[status], url(status=status), status == wanted.status)
        for status in views.STATUSES
        if counts[status] or status == wanted.status
    ]
    return chips
