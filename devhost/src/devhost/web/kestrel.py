"""What the real host's web server, Kestrel, refuses: requests before any function or handler sees them, and answers.

1. A request line of more than 8 KB is answered 414, more than 32 KB of headers or more than 100 of them 431.
2. Bytes that are not HTTP, a NUL in the path, a header that is not UTF-8, a ``Host`` that cannot be one, and one that
   differs from the host in the request line are answered 400.
3. A request line with headers that takes more than 30 s is answered 408, and so is a body that brings fewer than 240
   bytes a second after 5 s. Only the caller is measured, not the time in which the host does not read.
4. All of these are bare, and the connection is closed.
5. A connection is closed after 130 s without a request, and cut if its caller does not read the answer.
6. An answer is a bare 500 if a header has no name that HTTP knows or a value that is not printable ASCII (a tab is),
   if it is a 205 with a body, or if its status has more than 32 bits. Kestrel itself sets the length of a body.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aiohttp import hdrs, web
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import HttpVersion11
from aiohttp.http_exceptions import LineTooLong

if TYPE_CHECKING:
    from asyncio import TimerHandle
    from collections.abc import Collection

    from aiohttp import StreamReader

LONGEST_LINE: Final = 8 * 1024
LARGEST_HEADERS: Final = 32 * 1024
MOST_HEADERS: Final = 100
_HOST: Final = re.compile(r"(?:[A-Za-z0-9!$&'()._~%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
_ABSOLUTE: Final = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
FRAMING: Final = frozenset({"content-length", "transfer-encoding"})
RESET_CONTENT, LARGEST_STATUS = 205, 2**31 - 1
BAD_REQUEST, URI_TOO_LONG, HEADERS_TOO_LARGE = 400, 414, 431


class Limits(NamedTuple):
    """How slow a caller may be; the values are Kestrel's.

    Attributes:
        idle_s: how long a connection stays open without a request.
        head_s: how long request line and headers may take from their first byte.
        body_grace_s: how long a body may take before it is measured.
        body_rate: bytes of a body that must arrive in a second.
        answer_grace_s: how long the caller may read nothing of an answer.
        answer_rate: bytes of an answer that the caller must read in a second.
        check_s: how often a body is measured.
    """

    idle_s: float = 130.0
    head_s: float = 30.0
    body_grace_s: float = 5.0
    body_rate: int = 240
    answer_grace_s: float = 5.0
    answer_rate: int = 240
    check_s: float = 1.0


class Server(web.Server):
    """An aiohttp server with Kestrel's limits."""

    def __init__(self, handler: Any, *, limits: Limits | None = None, **options: Any) -> None:
        self.limits = limits or Limits()
        super().__init__(
            handler,
            max_line_size=LONGEST_LINE,
            max_field_size=LARGEST_HEADERS,
            max_headers=10 * MOST_HEADERS,
            keepalive_timeout=self.limits.idle_s,
            **options,
        )

    def __call__(self) -> web.RequestHandler:
        """A protocol for a new connection."""
        return _Connection(self, self.limits, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    __slots__ = ("_answer_due", "_began", "_body_due", "_came", "_head_due", "_limits", "_payload")

    def __init__(self, server: Server, limits: Limits, **options: Any) -> None:
        super().__init__(server, **options)
        self._limits = limits
        self._head_due: TimerHandle | None = None
        self._body_due: TimerHandle | None = None
        self._answer_due: TimerHandle | None = None
        self._payload: StreamReader | None = None  # of the newest request
        self._began, self._came = 0.0, 0  # since when its body is measured, and the bytes since then

    @property
    def is_measured(self) -> bool:
        """Whether a head or a body is still arriving."""
        return self._head_due is not None or self._body_due is not None

    def data_received(self, data: bytes) -> None:
        """Measures how fast heads and bodies arrive."""
        count, was_body = self._request_count, self._is_body()
        super().data_received(data)
        self._came += len(data)
        has_head = self._request_count != count
        if has_head and self._messages:
            self._payload = self._messages[-1][1]
            self._began, self._came = self._loop.time(), len(data)
        if has_head or was_body:
            _off(self._head_due)
            self._head_due = None
        elif data and self._head_due is None and self.transport is not None:
            self._head_due = self._loop.call_later(self._limits.head_s, self._check_head)
        if not self._is_body():
            _off(self._body_due)
            self._body_due = None
        elif self._body_due is None:
            self._body_due = self._loop.call_later(self._limits.body_grace_s + self._limits.check_s, self._check_body)

    def pause_writing(self) -> None:
        """The caller reads the answer more slowly than the host writes it."""
        super().pause_writing()
        size = 0 if self.transport is None else self.transport.get_write_buffer_size()
        longest_s = max(self._limits.answer_grace_s, size / self._limits.answer_rate)
        self._answer_due = self._loop.call_later(longest_s, self._cut)

    def resume_writing(self) -> None:
        """The caller has caught up."""
        super().resume_writing()
        _off(self._answer_due)
        self._answer_due = None

    def connection_lost(self, exc: BaseException | None) -> None:
        """Stops all measuring."""
        for timer in (self._head_due, self._body_due, self._answer_due):
            _off(timer)
        self._head_due = self._body_due = self._answer_due = self._payload = None
        super().connection_lost(exc)

    def _is_body(self) -> bool:
        """Whether the newest request has a body that has not arrived in full."""
        return self._payload is not None and not self._payload.is_eof()

    def _check_head(self) -> None:
        self._head_due = None
        if self._current_request is None:
            self._time_out()
        else:  # the request before it is being answered: this one is not read yet
            self._head_due = self._loop.call_later(self._limits.head_s, self._check_head)

    def _check_body(self) -> None:
        self._body_due = None
        now, request = self._loop.time(), self._current_request
        if not self._is_body():
            return
        is_read = request is not None and request.content is self._payload
        if not is_read or self._reading_paused or self._buffer_paused:
            self._began, self._came = now, 0
        elif self._came < self._limits.body_rate * (now - self._began):
            self._time_out()
            return
        self._body_due = self._loop.call_later(self._limits.check_s, self._check_body)

    def _time_out(self) -> None:
        """Answers 408 and ends the connection; a handler that reads the body gets a ConnectionError."""
        if self.transport is not None:
            date = rfc822_formatted_time()
            head = f"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\nDate: {date}\r\n"
            self.transport.write(f"{head}Server: Kestrel\r\n\r\n".encode())
        self.force_close()

    def _cut(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answers bytes that are not HTTP as Kestrel does; aiohttp reports the host's own errors."""
        if not BAD_REQUEST <= status < 500:  # noqa: PLR2004 - faults of the host begin there
            return super().handle_error(request, status, exc, message)
        if isinstance(exc, LineTooLong):
            status = URI_TOO_LONG if LONGEST_LINE in exc.args else HEADERS_TOO_LARGE
        elif "Too many headers" in (message or ""):
            status = HEADERS_TOO_LARGE
        request._version = HttpVersion11  # noqa: SLF001 - aiohttp takes what it could not read for HTTP/1.0
        return closing(status)


def _off(timer: TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


def closing(status: int) -> web.Response:
    """A bare answer after which the connection is closed."""
    response = Response(status=status, reason="URI Too Long" if status == URI_TOO_LONG else None)
    response.force_close()
    return response


class Response(web.Response):
    """An answer with the given headers, in the real host's order, and without aiohttp's default content type."""

    async def _prepare_headers(self) -> None:
        typed = hdrs.CONTENT_TYPE in self._headers
        given = self._headers.copy()
        self._headers.clear()
        self._headers["Date"] = given.pop(hdrs.DATE, rfc822_formatted_time())
        self._headers["Server"] = given.pop(hdrs.SERVER, "Kestrel")  # what a caller of the real host sees
        self._headers.extend(given)
        await super()._prepare_headers()
        if not typed:
            self._headers.pop(hdrs.CONTENT_TYPE, None)


def is_sendable(status: int, headers: Collection[tuple[str, str]], body: bytes | None) -> bool:
    """Whether Kestrel sends such an answer."""
    if status > LARGEST_STATUS or (status == RESET_CONTENT and body):
        return False
    for name, value in headers:
        if not (value.isascii() and (value.isprintable() or value.replace("\t", "").isprintable()) and _is_name(name)):
            return False
    return True


@lru_cache(maxsize=256)
def _is_name(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


def refusal(request: web.BaseRequest) -> int | None:
    """The status with which Kestrel refuses a request that is HTTP otherwise, or None."""
    if request.version.major == 0:  # a first line without a version
        return BAD_REQUEST
    if len(request.method) + len(request.raw_path) + len("  HTTP/1.1\r\n") > LONGEST_LINE:
        return URI_TOO_LONG
    headers = request.raw_headers
    text = b"".join([part for header in headers for part in header])
    if len(headers) > MOST_HEADERS or len(text) + 4 * len(headers) > LARGEST_HEADERS:
        return HEADERS_TOO_LARGE
    if not _is_host(request.headers.get(hdrs.HOST, ""), request.raw_path):
        return BAD_REQUEST
    readable = text.isascii() or all(_is_utf8(value) for _, value in headers)
    return None if readable and "%00" not in request.raw_path.partition("?")[0] else BAD_REQUEST


def _is_host(host: str, target: str) -> bool:
    """Whether it can be a host, and equals the one in the target if there is one, as in a request to a proxy."""
    absolute = None if target.startswith("/") else _ABSOLUTE.match(target)
    return _HOST.fullmatch(host) is not None and (absolute is None or absolute[1].lower() == host.lower())


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
