"""The local endpoint of the SDK's durable client: the management API without keys, and nothing else (contract 1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from devhost.dotnet.paths import decoded
from devhost.web.callers import Callers
from devhost.web.exchange import is_below, joined, pairs, path_of
from devhost.web.kestrel import Response, closing, refusal
from devhost.web.management import Request

if TYPE_CHECKING:
    from aiohttp import web
    from yarl import URL

    from devhost.web.management_endpoint import ManagementEndpoint
    from devhost.web.refusals import Refusals

RPC: Final = "/durabletask"
RPC_PORT: Final = 17071


class RpcEndpoint:
    """Answers the durable client.

    Args:
        over_http: the management API for clients in other processes; its links hold no key if the host checks keys.
        in_process: the same for clients in this process, which made the links themselves.
        refusals: for requests from elsewhere.
    """

    def __init__(self, over_http: ManagementEndpoint, in_process: ManagementEndpoint, refusals: Refusals) -> None:
        self._over_http, self._in_process, self._refusals = over_http, in_process, refusals
        self._callers = Callers("127.0.0.1")

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        """The response to a request over HTTP."""
        refused = refusal(request)
        if refused is not None:
            return closing(refused)
        why = self._callers.wrong_host(request.headers) or self._callers.foreign(
            request.method, request.headers, strict=True
        )
        if why is not None:
            return self._refusals.response(why)
        path = path_of(request)
        if not is_below(RPC, path.lower()):
            return Response(status=404)
        try:
            return await self._over_http.respond(request, path[len(RPC) :])
        except ConnectionError:  # the caller went away before its whole body was read
            return Response(status=400)

    async def direct(self, method: str, url: URL, headers: dict[str, str], body: bytes) -> tuple[int, bytes | None]:
        """The same without a socket, for a client in this process: status and body."""
        asked = Request(
            method=method,
            path=decoded(url.raw_path)[len(RPC) :],
            query=joined(pairs(url.raw_query_string)),
            headers=headers,
            body=body,
            url=str(url),
            origin=str(url.origin()),
        )
        reply = await self._in_process.reply(asked)
        return reply.status, reply.body
