"""The routes of devhost's pages.

::

    GET  /devhost                            the instances: status, name, q, before, after
    GET  /devhost/instances/ID               one instance; rows=all
    POST /devhost/instances/ID/ACTION        raise, terminate, suspend, resume, rewind, purge
    POST /devhost/advance                    moves virtual time
    GET  /devhost/style.css live.js icon.svg

Rules of this module:

1. Only this machine may ask, and only these pages may send a POST: :mod:`devhost.pages.guard`.
2. A GET changes nothing.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from devhost.errors import BadState
from devhost.pages import guard, views
from devhost.pages.actions import ACTIONS, Actions
from devhost.pages.instances import InstancePages
from devhost.pages.responder import HEADERS, About, Responder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from devhost.runtime.hub import Hub
    from devhost.web.management import Reply, Request

__all__ = ["About", "Pages"]

BASE: Final = views.BASE
LARGEST_FORM: Final = 4 * 1024 * 1024
ASSETS: Final = {"style.css": "text/css", "live.js": "text/javascript", "icon.svg": "image/svg+xml"}
NO_JINJA: Final = (
    "These pages need the package jinja2, which is not installed here: pip install 'durable-devhost[pages]'"
)
STALE: Final = "The form is from an earlier run of the host, or from elsewhere. Nothing was done: load the page again."


class Pages:
    """Answers everything under ``/devhost``.

    Args:
        hub: the running task hub.
        manage: the management API.
        about: the host.
    """

    def __init__(self, hub: Hub, manage: Callable[[Request], Awaitable[Reply]], about: About) -> None:
        self._responder, self._about = Responder(hub, about), about
        self._instances = InstancePages(hub, self._responder)
        self._actions = Actions(hub, manage, about.origin, self._responder, self._instances)

    def close(self) -> None:
        """Closes the connection to the store; call it before the store is closed."""
        self._responder.close()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """The response to a request for ``/devhost`` or below."""
        transport = request.transport
        peer = transport.get_extra_info("peername") if transport is not None else None
        refused = guard.refusal(peer[0] if peer else None, request.headers)
        try:
            if refused is not None:
                port = self._about.origin.rpartition(":")[2]
                return await self._responder.page(403, "refused.html", reason=refused, port=port)
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

    async def _get(self, request: web.BaseRequest, parts: list[str], query: dict[str, str]) -> web.Response:
        here = request.raw_path
        if not parts:
            return await self._instances.list_all(here, query)
        if len(parts) == 1 and parts[0] in ASSETS:
            from devhost.pages.render import asset  # noqa: PLC0415 - imported when the first page is asked for

            headers = {**HEADERS, "Cache-Control": "no-cache"}
            return web.Response(body=asset(parts[0]), content_type=ASSETS[parts[0]], charset="utf-8", headers=headers)
        if parts[0] == "instances" and len(parts) == 2:  # noqa: PLR2004 - instances/ID
            return await self._instances.one(parts[1], here, query)
        if parts[0] == "instances" and len(parts) == 3 and parts[2] in (*ACTIONS, "advance"):  # noqa: PLR2004 - the address of a form
            return self._responder.redirect(views.url_of(parts[1]))
        return await self._responder.no_page(here)

    async def _post(self, request: web.BaseRequest, parts: list[str]) -> web.Response:
        refused = guard.post_refusal(request.headers)
        if refused is not None:
            return await self._responder.message(403, "Refused", (refused,), BASE)
        if request.content_length is None or request.content_length > LARGEST_FORM:
            text = f"A form's content has a length, of {LARGEST_FORM // 1024 // 1024} MB at most. Nothing was done."
            return await self._responder.message(413, "Too large", (text,), BASE)
        text = (await request.read()).decode("utf-8", "replace")
        form = dict(parse_qsl(text, keep_blank_values=True))
        if not guard.is_token(form.get("token", ""), self._responder.token):
            return await self._responder.message(403, "Refused", (STALE,), BASE)
        if parts == ["advance"]:
            return await self._actions.advance(form)
        if len(parts) == 3 and parts[0] == "instances" and parts[2] in ACTIONS:  # noqa: PLR2004 - instances/ID/ACTION
            return await self._actions.act(parts[1], parts[2], form)
        return await self._responder.no_page(BASE)
