"""The management API over HTTP; the public endpoint and the one of the SDK both use it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from devhost.store.errors import Unstored
from devhost.web.exchange import joined, query_of, response_of
from devhost.web.management import SOMETHING_WRONG, Management, Reply, Request, exception

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import web

    from devhost.runtime.ports import Log
    from devhost.web.kestrel import Response

UNSTORED: Final = "The host cannot reach its database now, and has stored nothing of this request. Try it again later."


class ManagementEndpoint:
    """Passes requests to the API, and answers if it fails.

    Args:
        management: the API.
        log: for the console.
        database: where the host stores its data, for messages.
    """

    def __init__(self, management: Management, log: Log, database: Path | None) -> None:
        self._management, self._log, self._database = management, log, database

    async def respond(self, request: web.BaseRequest, path: str) -> Response:
        """The response to a request; ``path`` is the part below the endpoint's base."""
        origin = f"http://{request.host}"
        asked = Request(
            method=request.method,
            path=path,
            query=joined(query_of(request)),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
            url=origin + request.raw_path,
            origin=origin,
        )
        reply = await self.reply(asked)
        return response_of(reply.status, reply.headers.items(), reply.body)

    async def reply(self, asked: Request) -> Reply:
        """The API's reply, for callers in this process too: 503 if the database cannot be reached."""
        try:
            return await self._management.handle(asked)
        except sqlite3.Error as error:
            trouble = Unstored.of(error, self._database)
            self._log.complain("devhost", f"{asked.method} {asked.path} could not be done: {trouble}")
            reply = exception(503, UNSTORED, str(trouble), "devhost.Unstored")
            return replace(reply, headers={**reply.headers, "Retry-After": "5"})
        except Exception as error:  # noqa: BLE001 - shown on the console; the caller gets what the extension would answer
            self._log.complain("devhost", f"{asked.method} {asked.path} failed in the host itself: {error!r}")
            return exception(500, SOMETHING_WRONG, str(error), f"devhost.{type(error).__name__}")
