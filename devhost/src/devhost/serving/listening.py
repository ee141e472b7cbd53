"""Listening on ports: each endpoint of the host is served on a socket of its own."""

from __future__ import annotations

import asyncio
import socket

from aiohttp import web

from devhost.errors import BadSettings, PortTaken
from devhost.web.front import LARGEST_BODY
from devhost.web.kestrel import Server

SHUTDOWN_S = 1.0
BACKLOG = 1024


class Listeners:
    """The open ports of a host."""

    def __init__(self) -> None:
        self._runners: list[web.ServerRunner] = []

    async def open(self, handler: object, address: str, port: int, *, or_any: bool = False) -> int:
        """Listens, and answers the port.

        Args:
            handler: of the requests.
            address: to listen on.
            port: to listen on; 0 uses a free one.
            or_any: uses a free one if this one is in use.

        Raises:
            PortTaken: another process listens there.
            BadSettings: the address is no name of a host.
        """
        server = Server(handler, request_factory=_request, access_log=None, auto_decompress=False)
        runner = web.ServerRunner(server, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        self._runners.append(runner)
        try:
            sock = _listen(address, port)
        except OSError as error:
            if not or_any:
                raise PortTaken(address, port, error.strerror or str(error)) from error
            sock = _listen(address, 0)
        except (TypeError, UnicodeError):  # a name that cannot be written as domain names are
            raise BadSettings("--host", f"'{address}' is no name of a host and no address.") from None
        await web.SockSite(runner, sock, backlog=BACKLOG).start()
        opened: int = sock.getsockname()[1]
        return opened

    async def close(self) -> None:
        """Stops answering."""
        for runner in self._runners:
            await runner.cleanup()


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, port), family=family, backlog=BACKLOG)


def _request(message: object, payload: object, protocol: object, writer: object, task: object) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(
        message, payload, protocol, writer, task, loop, client_max_size=LARGEST_BODY,  # type: ignore[arg-type]
    )  # fmt: skip
