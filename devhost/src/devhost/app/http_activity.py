"""The built-in HTTP activity: one call as the extension's HttpClient makes it (contract 3.4).

1. The request is what :mod:`devhost.dotnet.http_request` makes of the call; only ``Host`` and the cookies kept are
   added.
2. Redirects are followed fifty times; a POST becomes a GET on 300 to 302, anything but GET and HEAD on 303. From https
   to http none is followed. ``Authorization`` is sent only to the first address.
3. Any answer is a result, a 202 and a 500 too; nothing is unpacked, and no user info is sent.
4. A call with a token source asks for a credential; without one it fails.
5. What cannot be sent, reached or read fails the activity with .NET's words.

Recorded from the real extension: ``tests/http_activity/http_calls``.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from yarl import URL

from devhost.app.http_token import NoTokenError, token
from devhost.dotnet import http_headers as netheaders
from devhost.dotnet import http_request as httprequest
from devhost.dotnet import uri as neturi
from devhost.dotnet.charset import UnknownCharset
from devhost.dotnet.http_answer import response
from devhost.dotnet.http_cookies import Jar
from devhost.dotnet.http_request import SENDING, OutgoingRequest, RefusedError
from devhost.dotnet.json_text import compact
from devhost.durabletask.failures import Failure, HttpFailure, http_failure, http_io_failure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

UNASKED: Final = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")
MOST_REDIRECTS: Final = 50
LONGEST_CALL_S: Final = 240
CANCELED: Final = "The operation was canceled."
REDIRECTS: Final = frozenset({300, 301, 302, 303, 307, 308})
SEE_OTHER: Final = 303
KEEPS_METHOD: Final = frozenset({307, 308})
LARGEST_HEADERS: Final = 64 * 1024
UNKNOWN_NAME, NO_CONNECTION, NO_TLS, INVALID_ANSWER, ENDED, TOO_LARGE = 1, 2, 3, 9, 10, 11
COPYING: Final = "Error while copying content to a stream."
PREMATURE: Final = "The response ended prematurely."
TLS: Final = "The SSL connection could not be established, see inner exception."
LARGE: Final = f"The HTTP response headers length exceeded the set limit of {LARGEST_HEADERS} bytes."
NO_HOST_NAME: Final = "Invalid URI: The hostname could not be parsed."


@dataclass(slots=True)
class HttpClient:
    """What calls share for as long as the host runs.

    Attributes:
        session: opens connections; keeps no cookies, unpacks nothing.
        timeout_s: how long a call may take, its redirects included.
        jar: cookies that answers have set.
        token: asks for a credential for a resource.
    """

    session: aiohttp.ClientSession
    timeout_s: float = LONGEST_CALL_S
    jar: Jar = field(default_factory=Jar)
    token: Callable[[str], Awaitable[str]] = token

    @classmethod
    def opened(cls, timeout_s: float = LONGEST_CALL_S) -> HttpClient:
        """A client of its own. To be made on a running loop."""
        return cls(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                timeout=aiohttp.ClientTimeout(total=None),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                request_class=_Plain,
                read_bufsize=2**16,
                max_line_size=LARGEST_HEADERS,
                max_field_size=LARGEST_HEADERS,
            ),
            timeout_s,
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self.session.close()


class _Plain(aiohttp.ClientRequest):
    """A request without a length where .NET writes none, that does not wait for ``100 Continue``."""

    GET_METHODS = {*aiohttp.ClientRequest.GET_METHODS, *httprequest.NO_LENGTH}  # noqa: RUF012 - the library's

    def update_expect_continue(self, expect: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's
        """The header is sent, and the content after it at once."""


class _AsIs(str):
    """A method that aiohttp does not write in capitals."""

    __slots__ = ()

    def upper(self) -> str:
        return self


async def call_http(client: HttpClient, asked: Mapping[str, Any]) -> str | Failure:
    """Makes the call; its result's JSON text, or why there is none.

    Args:
        client: whose connections and cookies are used.
        asked: ``method``, ``uri``, ``content``, ``headers`` and ``tokenSource`` as the orchestrator gave them.
    """
    try:
        resource = httprequest.resource(asked)
        found = None if resource is None else await client.token(resource)
        async with asyncio.timeout(client.timeout_s):
            return await _answer(client, httprequest.shaped(asked, found))
    except TimeoutError:
        return _unhandled(CANCELED, "System.Threading.Tasks.TaskCanceledException")
    except RefusedError as error:
        return http_failure(error.text, 0, None) if error.kind is None else _unhandled(error.text, error.kind)
    except NoTokenError as error:
        return _unhandled(str(error), "Azure.Identity.CredentialUnavailableException")
    except UnknownCharset as error:
        return _unhandled(str(error), error.kind, "" if error.inner is None else f"\n ---> {error.inner}")
    except neturi.NotAnAddressError:
        return _unhandled(NO_HOST_NAME, "System.UriFormatException")


async def _answer(client: HttpClient, request: OutgoingRequest) -> str | Failure:
    for left in range(MOST_REDIRECTS, -1, -1):
        try:
            status, headers, body = await _sent(client, request)
        except TimeoutError:
            raise
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return _unsent(error, request)
        if sum(len(name) + len(value) + len(": \r\n") for name, value in headers) > LARGEST_HEADERS:
            return http_failure(LARGE, TOO_LARGE, None)
        cookies = [value for name, value in headers if name.lower() == "set-cookie"]
        client.jar.take(cookies, request.address, time.time())
        place = next((value for name, value in headers if name.lower() == "location"), "")
        if not left or status not in REDIRECTS or not _redirected(request, status, place):
            return compact(response(status, headers, body))
    raise AssertionError("the last answer counts, even a redirect")


def _unsent(error: Exception, request: OutgoingRequest) -> HttpFailure:
    """The exception of .NET for what the library could not do; a ValueError is a character that it does not send."""
    place = f"{request.address.host}:{request.address.port}"
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ServerDisconnectedError):
        text = COPYING if isinstance(error, aiohttp.ClientPayloadError) else SENDING
        return http_io_failure(text, ENDED, f"{PREMATURE} (ResponseEnded)")
    if isinstance(error, aiohttp.ClientResponseError):
        large = "Got more than" in error.message
        return http_failure(LARGE if large else SENDING, TOO_LARGE if large else INVALID_ANSWER, None)
    if not isinstance(error, aiohttp.ClientConnectorError):
        return http_failure(SENDING, 0, None)
    cause = error.os_error
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        text = cause.strerror or str(cause)
        return http_failure(f"{text} ({place})", UNKNOWN_NAME, text, cause.errno)
    if not cause.errno or isinstance(error, aiohttp.ClientSSLError) or isinstance(cause, ConnectionResetError):
        return http_failure(TLS, NO_TLS, None)
    text = _words(cause)
    return http_failure(f"{text} ({place})", NO_CONNECTION, text, cause.errno)


async def _sent(client: HttpClient, request: OutgoingRequest) -> tuple[int, list[tuple[str, str]], bytes]:
    headers = dict(request.headers)
    cookies = client.jar.line(request.address, time.time())
    if cookies:
        own = next((name for name in headers if name.lower() == "cookie"), "Cookie")
        headers[own] = f"{headers[own]}; {cookies}" if own in headers else cookies
        httprequest.check(OutgoingRequest(request.method, request.address, headers))
    chunked = _takes_chunks(headers)
    if request.content is None and request.method not in httprequest.NO_LENGTH:
        headers["Content-Length"] = "0"
    async with client.session.request(
        _AsIs(request.method), URL(request.address.target, encoded=True), data=request.content, headers=headers,
        skip_auto_headers=UNASKED, allow_redirects=False, chunked=chunked or None,
    ) as answer:  # fmt: skip
        lines = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.raw_headers]
        return answer.status, lines, await answer.read()


def _takes_chunks(headers: dict[str, str]) -> bool:
    """The request goes in chunks: then the library writes the header."""
    name = next((name for name in headers if name.lower() == "transfer-encoding"), None)
    if name is None or headers[name].lower() != "chunked":
        return False
    del headers[name]
    return True


def _redirected(request: OutgoingRequest, status: int, place: str) -> bool:
    """Turns the request to where an answer sends it; False where it is not followed."""
    if not place:
        return False
    try:
        neturi.scheme_of(place)
    except neturi.NotAnAddressError:
        return False
    address = neturi.joined(request.address, netheaders.utf8(place))
    if request.address.scheme in ("https", "wss") and address.scheme not in ("https", "wss"):
        return False
    request.address = address
    for name in [name for name in request.headers if name.lower() == "authorization"]:
        del request.headers[name]
    if status == SEE_OTHER:
        to_get = request.method not in ("GET", "HEAD")
    else:
        to_get = status not in KEEPS_METHOD and request.method == "POST"
    if to_get:
        request.method, request.content = "GET", None
        for name in [name for name in request.headers if name.lower() in ("content-type", "transfer-encoding")]:
            del request.headers[name]
    return True


def _words(error: OSError) -> str:
    """The system's words without Python's: ``Connection refused``."""
    return os.strerror(error.errno) if error.errno is not None and error.errno > 0 else str(error)


def _unhandled(text: str, kind: str, inner: str = "") -> HttpFailure:
    return HttpFailure(text, "", f"Unhandled exception while executing task: {kind}: {text}{inner}")
