"""The built-in HTTP activity: one call as the extension's HttpClient makes it (contract 3.4).

1. Nothing is sent that was not asked for: no Accept, no User-Agent. A content without a type is ``text/plain``.
2. Redirects are followed; any other answer is a result, a 202 and a 500 too.
3. The result holds the headers of the answer but not those of its content.
4. A connection that cannot be made fails the activity with .NET's words.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from devhost.history import compact
from devhost.runner import Failure, HttpFailure, http_failure

if TYPE_CHECKING:
    from collections.abc import Mapping

# Headers of an answer that .NET counts as the content's, which the result leaves out.
CONTENT_HEADERS = frozenset({
    "allow", "content-disposition", "content-encoding", "content-language", "content-length", "content-location",
    "content-md5", "content-range", "content-type", "expires", "last-modified",
})  # fmt: skip
UNASKED = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")
FORM = "application/x-www-form-urlencoded"
MOST_REDIRECTS = 50
NO_URI = (
    "An invalid request URI was provided. Either the request URI must be an absolute URI or BaseAddress must be set."
)
UNKNOWN_NAME, NO_CONNECTION = 1, 2


async def call_http(session: aiohttp.ClientSession, request: Mapping[str, Any]) -> str | Failure:
    """Makes the call; its result's JSON text, or why there is none.

    Args:
        session: with the timeout that a call may take.
        request: ``method``, ``uri``, ``content`` and ``headers`` as the orchestrator gave them.
    """
    url = URL(request["uri"])
    if not url.scheme:
        return _unhandled(NO_URI, "System.InvalidOperationException")
    if url.scheme not in ("http", "https"):
        return _unhandled(f"The '{url.scheme}' scheme is not supported.", "System.NotSupportedException")
    content, headers = request.get("content"), _headers(request)
    data = None if content is None else (content if isinstance(content, str) else json.dumps(content)).encode()
    if data is not None and "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = "text/plain"
    try:
        async with session.request(
            request["method"], url, data=data, headers=headers, skip_auto_headers=UNASKED, max_redirects=MOST_REDIRECTS
        ) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in CONTENT_HEADERS}
            return compact({"statusCode": answer.status, "headers": kept, "content": await answer.text()})
    except aiohttp.ClientConnectorDNSError as error:
        return http_failure(f"{error.strerror} ({error.host}:{error.port})", UNKNOWN_NAME, error.strerror, error.errno)
    except aiohttp.ClientConnectorError as error:
        text = _words(error.os_error)
        return http_failure(f"{text} ({error.host}:{error.port})", NO_CONNECTION, text, error.os_error.errno)
    except TimeoutError:
        seconds = f"{session.timeout.total or 100:g}"
        text = f"The request was canceled due to the configured HttpClient.Timeout of {seconds} seconds elapsing."
        return _unhandled(text, "System.Threading.Tasks.TaskCanceledException")
    except (aiohttp.ClientError, OSError):
        return http_failure("An error occurred while sending the request.", 0, None)


def _headers(request: Mapping[str, Any]) -> dict[str, str]:
    headers = {str(name): str(value) for name, value in (request.get("headers") or {}).items()}
    return {
        name: f"{FORM}; charset=utf-8" if name.lower() == "content-type" and value.lower() == FORM else value
        for name, value in headers.items()
    }


def _words(error: OSError) -> str:
    """The system's words without Python's: ``Connection refused``."""
    return os.strerror(error.errno) if error.errno is not None and error.errno > 0 else str(error)


def _unhandled(text: str, kind: str) -> HttpFailure:
    return HttpFailure(text, "", f"Unhandled exception while executing task: {kind}: {text}")
