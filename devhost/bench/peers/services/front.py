"""A web app of three routes around a library: start, decide, result."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web


async def serve(
    port: int,
    start: Callable[[Any], Awaitable[Any]],
    decide: Callable[[Any, str], Awaitable[None]],
    result: Callable[[Any], Awaitable[Any]],
) -> None:
    """Serves until the process is ended.

    Args:
        port: on loopback.
        start: takes a proposal, answers the case.
        decide: takes a case and the decision.
        result: takes a case, answers its result; None while there is none.
    """

    async def post_start(request: web.Request) -> web.Response:
        return web.json_response(await start(await request.json()), status=202)

    async def post_decide(request: web.Request) -> web.Response:
        body = await request.json()
        await decide(body["case"], body["decision"])
        return web.json_response(None, status=202)

    async def post_result(request: web.Request) -> web.Response:
        return web.json_response(await result(await request.json()))

    async def get_root(_request: web.Request) -> web.Response:
        return web.json_response(None)

    app = web.Application()
    app.router.add_post("/start", post_start)
    app.router.add_post("/decide", post_decide)
    app.router.add_post("/result", post_result)
    app.router.add_get("/", get_root)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()
