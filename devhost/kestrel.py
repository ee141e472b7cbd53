"""What the web server in front of the real host, Kestrel, refuses before any function or handler sees it.

1. A request line of more than 8 KB is answered 414, more than 32 KB of headers or more than 100 of them 431.
2. What is no HTTP, a NUL in the path, a header that is not UTF-8, a ``Host`` that names none, and one that differs from
   the host in the request line are answered 400.
3. All of these are bare, and the connection is closed.
"""

from __future__ import annotations

import re
from typing import Any, Final

from aiohttp import hdrs, web
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import HttpVersion11
from aiohttp.http_exceptions import LineTooLong

LONGEST_LINE: Final = 8 * 1024
LARGEST_HEADERS: Final = 32 * 1024
MOST_HEADERS: Final = 100
_HOST: Final = re.compile(r"(?:[A-Za-z0-9!$&'()._~%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
_ABSOLUTE: Final = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
BAD_REQUEST, URI_TOO_LONG, HEADERS_TOO_LARGE = 400, 414, 431


class Server(web.Server):
    """An aiohttp server with Kestrel's limits."""

    def __init__(self, handler: Any, **options: Any) -> None:
        super().__init__(
            handler,
            max_line_size=LONGEST_LINE,
            max_field_size=LARGEST_HEADERS,
            max_headers=10 * MOST_HEADERS,
            **options,
        )

    def __call__(self) -> web.RequestHandler:
        """A protocol for a new connection."""
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    __slots__ = ()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """What is no HTTP request is answered as Kestrel does; an error of ours stays aiohttp's to tell."""
        if not BAD_REQUEST <= status < 500:  # noqa: PLR2004 - faults of the host begin there
            return super().handle_error(request, status, exc, message)
        if isinstance(exc, LineTooLong):
            status = URI_TOO_LONG if LONGEST_LINE in exc.args else HEADERS_TOO_LARGE
        elif "Too many headers" in (message or ""):
            status = HEADERS_TOO_LARGE
        request._version = HttpVersion11  # noqa: SLF001 - aiohttp takes what it could not read for HTTP/1.0
        return closing(status)


def closing(status: int) -> web.Response:
    """A bare answer after which the connection is closed."""
    response = Response(status=status, reason="URI Too Long" if status == URI_TOO_LONG else None)
    response.force_close()
    return response


class Response(web.Response):
    """An answer with the headers that it was given, in the real host's order, and no content type of its own accord."""

    async def _prepare_headers(self) -> None:
        typed = hdrs.CONTENT_TYPE in self._headers
        given = self._headers.copy()
        self._headers.clear()
        self._headers["Date"] = rfc822_formatted_time()
        self._headers["Server"] = "Kestrel"  # what a caller of the real host sees
        self._headers.extend(given)
        await super()._prepare_headers()
        if not typed:
            self._headers.pop(hdrs.CONTENT_TYPE, None)


def refusal(request: web.BaseRequest) -> int | None:
    """The status with which Kestrel refuses a request that is HTTP otherwise, or None."""
    if request.version.major == 0:  # a first line without a version
        return BAD_REQUEST
    if len(request.method) + len(request.raw_path) + len("  HTTP/1.1\r\n") > LONGEST_LINE:
        return URI_TOO_LONG
    headers = request.raw_headers
    if len(headers) > MOST_HEADERS or sum(len(name) + len(value) + 4 for name, value in headers) > LARGEST_HEADERS:
        return HEADERS_TOO_LARGE
    if not _is_host(request.headers.get(hdrs.HOST, ""), request.raw_path):
        return BAD_REQUEST
    readable = all(value.isascii() or _is_utf8(value) for _, value in headers)
    return None if readable and "%00" not in request.raw_path.partition("?")[0] else BAD_REQUEST


def _is_host(host: str, target: str) -> bool:
    """Whether it can be a host, and the one in a target that names one: clients write those to proxies."""
    absolute = _ABSOLUTE.match(target)
    return _HOST.fullmatch(host) is not None and (absolute is None or absolute[1].lower() == host.lower())


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
