"""``POST /admin/functions/NAME`` runs a function that is not called over HTTP (contract 6.4)."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from devhost.app.indexer import Kind
from devhost.web.exchange import json_response, query_of
from devhost.web.kestrel import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from aiohttp import web

    from devhost.app.indexer import App, Function
    from devhost.web.keys import Keys


class AdminEndpoint:
    """Answers requests below ``/admin``.

    Args:
        app: whose functions may be run.
        keys: checked if given.
        run: runs a function as its trigger would, with the input of the request.
    """

    def __init__(self, app: App, keys: Keys | None, run: Callable[[Function, Any], Coroutine[Any, Any, None]]) -> None:
        self._app, self._keys, self._run = app, keys, run
        self._running: set[asyncio.Task[None]] = set()

    async def respond(self, request: web.BaseRequest, path: str) -> Response:
        """202 when the function has been started."""
        parts = path.strip("/").split("/")
        if self._keys is not None and not self._keys.check_admin(request.headers, dict(query_of(request))):
            return Response(status=401)
        is_ours = request.method == "POST" and [part.lower() for part in parts[:-1]] == ["admin", "functions"]
        function = self._app.function(parts[-1]) if is_ours else None
        if function is None:
            return Response(status=404)
        if function.kind in (Kind.ORCHESTRATION, Kind.ACTIVITY, Kind.ENTITY):
            text = f"{function.name} is a durable {function.kind}: only the engine runs it. Start it through a client."
            return json_response(400, {"Message": text})
        body = await request.read()
        try:
            given = json.loads(body).get("input") if body.strip() else None
        except (ValueError, AttributeError, RecursionError):
            text = 'The body must be a JSON object such as {"input": "..."}, or empty.'
            return json_response(400, {"Message": text})
        running = asyncio.get_running_loop().create_task(self._run(function, given))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return Response(status=202)
