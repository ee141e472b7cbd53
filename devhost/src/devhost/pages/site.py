"""The pages' routes. What they show is read on a thread of their own, what they do is done by the management API.

::

    GET  /devhost                            the instances: status, name, q, before, after
    GET  /devhost/instances/ID               one instance; rows=all
    POST /devhost/instances/ID/ACTION        raise, terminate, suspend, resume, rewind, purge
    POST /devhost/advance                    moves virtual time
    GET  /devhost/style.css live.js icon.svg

Rules of this module:

1. Only this machine, and POSTs from these pages alone: :mod:`devhost.pages.guard`.
2. A GET changes nothing. A POST that did something answers 303 to a page that says so.
3. What these pages refuse is said on the page, next to the form, and nothing was done then.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sqlite3
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlencode

from aiohttp import web

from devhost.dotnet.paths import encoded
from devhost.durabletask import history as h
from devhost.durabletask.status import rows_of
from devhost.errors import BadState
from devhost.pages import guard, views
from devhost.pages.format import DAY, HOUR, MINUTE, search_texts
from devhost.store.read_only import Wanted
from devhost.timekeeping.clock import VirtualClock
from devhost.timekeeping.ticks import SECOND
from devhost.web.callers import is_open
from devhost.web.management import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from devhost.durabletask.model import Instance
    from devhost.runtime.hub import Hub
    from devhost.store.read_only import ReadOnlyStore

T = TypeVar("T")
BASE = views.BASE
POLL = "X-Devhost-Poll"
PAGE = 50
LARGEST_FORM = 4 * 1024 * 1024
LARGEST_PLACE = 2**62
CENSUS_LASTS_S = 1.5
LONGEST_ADVANCE_S = 20.0
LAST_MOMENT = 253_000_000_000 * SECOND  # in the year 9987: behind it there are no dates
UNITS = {"seconds": SECOND, "minutes": MINUTE, "hours": HOUR, "days": DAY}
ASSETS = {"style.css": "text/css", "live.js": "text/javascript", "icon.svg": "image/svg+xml"}
HEADERS = {
    "Server": "devhost",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers send "Origin: null" from our own forms
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
NOTICES = {
    "raise": "The event was sent. If the instance waits for one of that name, it goes on now; if not, it is kept.",
    "terminate": "The instance was told to end.",
    "suspend": "The instance was told to hold.",
    "resume": "The instance was told to go on.",
    "rewind": "The instance goes back to before its failure.",
    "purge": "The instance was removed.",
    "advance": "Time was moved on, and all that fell due has happened.",
}
NO_JINJA = "These pages need the package jinja2, which is not installed here: pip install -r requirements-dev.txt"
STALE = "The form was made by an earlier run of the host, or elsewhere. Nothing was done: load the page again."
GONE = (
    "There is no such instance: it was purged, or never started, or it lives in another state folder.",
    "Ids are told apart by case. A client's answer (202) names the id it was given.",
)


@dataclass(frozen=True, slots=True)
class About:
    """What the pages say of the host.

    Attributes:
        hub: the task hub's name.
        address: that the host listens on.
        origin: where it is reached.
        has_keys: whether the host checks keys.
        hide: the text without the keys that are not to be shown.
    """

    hub: str
    address: str
    origin: str
    has_keys: bool
    hide: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class _Site:
    """What every page shows."""

    hub: str
    address: str
    origin: str
    is_open: bool
    has_keys: bool
    is_virtual: bool
    now: views.Moment
    token: str
    here: str
    notice: str
    units: tuple[str, ...] = tuple(UNITS)


@dataclass(frozen=True, slots=True)
class _Chip:
    status: str
    count: int
    url: str
    is_on: bool


class Pages:
    """Answers everything under ``/devhost``.

    Args:
        hub: the running task hub.
        manage: the management API.
        about: the host.
    """

    def __init__(self, hub: Hub, manage: Callable[[Request], Awaitable[Reply]], about: About) -> None:
        self._hub, self._manage, self._about = hub, manage, about
        self._token = secrets.token_urlsafe(24)
        self._thread = ThreadPoolExecutor(1, "devhost-pages")
        self._reader: ReadOnlyStore | None = None
        self._census: tuple[float, list[tuple[str, str, int]]] = (-CENSUS_LASTS_S, [])

    def close(self) -> None:
        """Lets go of the store; to be called before the store is closed."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        if self._reader is not None:
            self._reader.close()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to a request for ``/devhost`` or below."""
        transport = request.transport
        peer = transport.get_extra_info("peername") if transport is not None else None
        refused = guard.refusal(peer[0] if peer else None, request.headers)
        try:
            if refused is not None:
                port = self._about.origin.rpartition(":")[2]
                return await self._page(403, "refused.html", reason=refused, port=port)
            path, _, query = request.raw_path.partition("?")
            parts = [unquote(part) for part in path.split("/")[2:] if part]
            if request.method in ("GET", "HEAD"):
                return await self._get(request, parts, dict(parse_qsl(query, keep_blank_values=True)))
            if request.method == "POST":
                return await self._post(request, parts)
        except (sqlite3.Error, BadState) as error:
            return web.Response(status=500, text=f"The store cannot be read: {error}. Try again.", headers=HEADERS)
        except ModuleNotFoundError as error:
            if error.name != "jinja2":
                raise
            return web.Response(status=501, text=NO_JINJA, headers=HEADERS)
        return web.Response(
            status=405, text="These pages take GET and POST.", headers={**HEADERS, "Allow": "GET, POST"}
        )

    # ---------------------------------------------------------------- reading

    async def _get(self, request: web.BaseRequest, parts: list[str], query: dict[str, str]) -> web.Response:
        here = request.raw_path
        if not parts:
            return await self._list(here, query)
        if len(parts) == 1 and parts[0] in ASSETS:
            from devhost.pages.render import asset  # noqa: PLC0415 - costs nothing until somebody looks

            headers = {**HEADERS, "Cache-Control": "no-cache"}
            return web.Response(body=asset(parts[0]), content_type=ASSETS[parts[0]], charset="utf-8", headers=headers)
        if parts[0] == "instances" and len(parts) == 2:  # noqa: PLR2004 - instances/ID
            return await self._instance(parts[1], here, query)
        if parts[0] == "instances" and len(parts) == 3 and parts[2] in NOTICES:  # noqa: PLR2004 - a form's own address
            return self._to(views.url_of(parts[1]))
        return await self._no_page(here)

    async def _list(self, here: str, query: dict[str, str]) -> web.Response:
        text = query.get("q", "").strip()[:200]
        wanted = Wanted(
            status=query.get("status", ""),
            name=query.get("name", ""),
            texts=search_texts(text) if text else (),
            before=_place(query.get("before")),
            after=_place(query.get("after")),
        )
        found, census = await self._read(lambda store: (store.newest(wanted, PAGE + 1), self._count(store)))
        more, now = len(found) > PAGE, self._hub.clock.look()
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
        return await self._page(
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

    def _count(self, store: ReadOnlyStore) -> list[tuple[str, str, int]]:
        """The census, counted again when it is old: it looks at every instance."""
        counted, census = self._census
        if time.monotonic() - counted > CENSUS_LASTS_S:
            census = store.census()
            self._census = time.monotonic(), census
        return census

    async def _instance(
        self,
        instance_id: str,
        here: str,
        query: Mapping[str, str],
        status: int = 200,
        problems: Mapping[str, str] | None = None,
        values: Mapping[str, str] | None = None,
    ) -> web.Response:
        def read(store: ReadOnlyStore) -> views.Case | None:
            instance = store.instance(instance_id)
            return None if instance is None else self._case(store, instance, all_rows=query.get("rows") == "all")

        case = await self._read(read)
        if case is None:
            return await self._gone(here)
        return await self._page(
            status,
            "instance.html",
            here=here,
            notice=NOTICES.get(query.get("done", ""), ""),
            problems=problems or {},
            case=case,
            values={"data": "", **(values or {})},
        )

    def _case(self, store: ReadOnlyStore, instance: Instance, *, all_rows: bool) -> views.Case:
        return views.case(
            instance,
            rows_of(store.history(instance.id)),
            store.tasks(instance.id),
            self._hub.clock.look(),
            waits=self._hub.queries.awaited_events(instance.id) or (),
            complaint=self._complaint(instance.id, instance.status),
            all_rows=all_rows,
        )

    def _complaint(self, instance_id: str, status: str) -> str | None:
        return None if status in h.TERMINAL else self._hub.queries.complaint(instance_id)

    async def _gone(self, here: str) -> web.Response:
        return await self._message(404, "No such instance", GONE, here)

    async def _no_page(self, here: str) -> web.Response:
        return await self._message(404, "No such page", ("There is nothing at this address.",), here)

    # ---------------------------------------------------------------- doing

    async def _post(self, request: web.BaseRequest, parts: list[str]) -> web.Response:
        refused = guard.post_refusal(request.headers)
        if refused is not None:
            return await self._message(403, "Refused", (refused,), BASE)
        if request.content_length is None or request.content_length > LARGEST_FORM:
            text = f"A form's content has a length, of {LARGEST_FORM // 1024 // 1024} MB at most. Nothing was done."
            return await self._message(413, "Too large", (text,), BASE)
        text = (await request.read()).decode("utf-8", "replace")
        form = dict(parse_qsl(text, keep_blank_values=True))
        if not guard.is_token(form.get("token", ""), self._token):
            return await self._message(403, "Refused", (STALE,), BASE)
        if parts == ["advance"]:
            return await self._advance(form)
        if len(parts) == 3 and parts[0] == "instances" and parts[2] in NOTICES and parts[2] != "advance":  # noqa: PLR2004
            return await self._act(parts[1], parts[2], form)
        return await self._no_page(BASE)

    async def _act(self, instance_id: str, action: str, form: Mapping[str, str]) -> web.Response:
        here = views.url_of(instance_id)
        if action == "purge" and form.get("sure") != "yes":
            return await self._ask(instance_id, here)
        problem = _problem_of_event(form) if action == "raise" else None
        status = 400
        if problem is None:
            reply = await self._manage(self._request(instance_id, action, form))
            if reply.status < 400:  # noqa: PLR2004 - where refusals begin
                return self._to(f"{BASE}?done=purge" if action == "purge" else f"{here}?done={action}")
            status, problem = reply.status, _told(action, reply)
        return await self._instance(instance_id, here, {}, status, {action: problem}, form)

    async def _ask(self, instance_id: str, here: str) -> web.Response:
        """Purging is asked for twice."""
        instance = await self._read(lambda store: store.instance(instance_id))
        if instance is None:
            return await self._gone(here)
        now = self._hub.clock.look()
        return await self._page(200, "purge.html", here=here, case=views.case(instance, (), (), now))

    def _request(self, instance_id: str, action: str, form: Mapping[str, str]) -> Request:
        """The management API's request that does it."""
        path, body, headers = f"/instances/{encoded(instance_id, 2)}", b"", dict[str, str]()
        method = "DELETE" if action == "purge" else "POST"
        if action == "raise":
            path += f"/raiseEvent/{encoded(form['event'].strip(), 2)}"
            body, headers = (
                (form.get("data", "").strip() or "null").encode("utf-8", "replace"),
                {"content-type": "application/json"},
            )
        elif action != "purge":
            path += f"/{action}"
        query = {"reason": form["reason"].strip()} if form.get("reason", "").strip() else {}
        origin = self._about.origin
        return Request(method, path, query, headers, body, f"{origin}{path}", origin)

    async def _advance(self, form: Mapping[str, str]) -> web.Response:
        back = form.get("back", BASE)
        back = back.partition("?")[0] if back.startswith(f"{BASE}/instances/") else BASE
        clock = self._hub.clock
        problem, ticks = None, _ticks(form)
        if not isinstance(clock, VirtualClock):
            problem = "Time is real here. Start devhost with --virtual-time to move it."
        elif ticks is None or not 0 < ticks <= LAST_MOMENT - clock.look():
            problem = "Say how far as a number above 0, such as 20 or 1.5, and not beyond the year 9980."
        else:
            try:
                await asyncio.wait_for(self._hub.advance(ticks), LONGEST_ADVANCE_S)
            except TimeoutError:
                problem = (
                    f"Something has not come to rest within {LONGEST_ADVANCE_S:g} s, so time has moved a part of the "
                    "way only. An activity that runs for long holds virtual time up: advance again when it is done."
                )
        if problem is None:
            return self._to(f"{back}?done=advance")
        return await self._message(400, "Time was not moved", (problem,), back)

    # ---------------------------------------------------------------- answers

    async def _read(self, work: Callable[[ReadOnlyStore], T]) -> T:
        def do() -> T:
            if self._reader is None:
                self._reader = self._hub.queries.read_only()
            return work(self._reader)

        return await asyncio.get_running_loop().run_in_executor(self._thread, do)

    async def _page(self, status: int, template: str, here: str = BASE, notice: str = "", **given: Any) -> web.Response:
        about, now = self._about, self._hub.clock.look()
        site = _Site(
            hub=about.hub,
            address=about.address,
            origin=about.origin,
            is_open=is_open(about.address),
            has_keys=about.has_keys,
            is_virtual=isinstance(self._hub.clock, VirtualClock),
            now=views.moment(now, now),
            token=self._token,
            here=here,
            notice=notice,
        )

        def do() -> bytes:
            from devhost.pages.render import render  # noqa: PLC0415 - costs nothing until somebody looks

            return about.hide(render(template, site=site, **given)).encode("utf-8", "replace")

        body = await asyncio.get_running_loop().run_in_executor(self._thread, do)
        return web.Response(status=status, body=body, content_type="text/html", charset="utf-8", headers=HEADERS)

    async def _message(self, status: int, heading: str, paragraphs: tuple[str, ...], here: str) -> web.Response:
        to_list = here.partition("?")[0] == BASE or status == 404  # noqa: PLR2004
        return await self._page(
            status,
            "message.html",
            here=BASE,
            heading=heading,
            paragraphs=paragraphs,
            back_url=BASE if to_list else here,
            back_text="To the instances" if to_list else "Back to the instance",
        )

    def _to(self, url: str) -> web.Response:
        return web.Response(status=303, headers={**HEADERS, "Location": url})


def _place(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdigit()):
        return None
    return min(int(text[:20]), LARGEST_PLACE)


def _chips(census: list[tuple[str, str, int]], wanted: Wanted, url: Callable[..., str]) -> list[_Chip]:
    """Links that filter by status, with how many there are under the name that is chosen."""
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


def _problem_of_event(form: Mapping[str, str]) -> str | None:
    if not form.get("event", "").strip():
        return "Say which event: the name that the orchestrator waits for."
    data = form.get("data", "").strip()
    try:
        json.loads(data or "null")
    except (ValueError, RecursionError) as error:
        at = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        example = json.dumps(data[:40], ensure_ascii=False)
        return f"The data is not JSON{at}. Nothing was sent. A text needs its quotes: {example}"
    return None


def _ticks(form: Mapping[str, str]) -> int | None:
    try:
        return int(float(form.get("by", "").replace(",", ".")) * UNITS[form.get("unit", "")])
    except (ValueError, KeyError, OverflowError):
        return None


def _told(action: str, reply: Reply) -> str:
    """The API's refusal in a sentence."""
    if reply.status == 410:  # noqa: PLR2004
        return "The instance is over by now. Nothing was done."
    if reply.status == 404:  # noqa: PLR2004
        return "There is no such instance any more. Nothing was done."
    text = ""
    try:
        body = json.loads(reply.body or b"null")
    except ValueError:
        body = None
    if isinstance(body, dict):
        text = str(body.get("ExceptionMessage") or body.get("Message") or "")
    elif isinstance(body, str):
        text = body
    return f"The host refused to {action} it ({reply.status}). {text}".strip()
