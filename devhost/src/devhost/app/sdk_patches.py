"""What devhost changes in the SDK that it runs, inside its own process only; ``--plain-sdk`` leaves all of it out.

Each change keeps values and types as they are, and saves more than a tenth of an approval's CPU (``bench/README.md``):

1. The SDK parses the timestamps of a history with a parser that understands any text. ``datetime.fromisoformat`` gives
   the same value for what the engine writes, and gets that parser's own kind of UTC. Any other text goes to that
   parser.
2. The SDK makes the same named tuple class again at each replay. It is made once.
3. The durable client sends HTTP requests to this very process (contract 2.2). They are passed on without a socket.
   Requests to another address go through one, and so does a URL that the server may refuse for its length.
"""

from __future__ import annotations

import importlib
import json
import re
from datetime import datetime
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any

from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_EVENTS = "azure.durable_functions.models.history.HistoryEvent"
_EXECUTOR = "azure.durable_functions.models.TaskOrchestrationExecutor"
_CLIENT = "azure.durable_functions.models.DurableOrchestrationClient"
_LONGEST_URL = 600  # in characters, of which each may become twelve bytes of escapes

_ANY_MOMENT = "2000-01-01T00:00:00Z"
_OURS = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,7})?Z")


def fast_replay() -> Callable[[], None]:
    """Makes both changes to the replay, and returns what undoes them."""
    plain_timestamps, plain_tuples = fast_timestamps(), shared_tuple_class()

    def undo() -> None:
        plain_timestamps()
        plain_tuples()

    return undo


def fast_timestamps() -> Callable[[], None]:
    """Replaces the parser of timestamps, and returns what undoes it; an SDK without such a parser stays as it is."""
    try:
        module = importlib.import_module(_EVENTS)
        slow = module.dt_parse
    except (ImportError, AttributeError):
        return lambda: None

    utc = slow(_ANY_MOMENT).tzinfo  # a class of the parser's own, which an app can see

    @lru_cache(maxsize=4096)
    def read(text: str) -> datetime:
        if _OURS.fullmatch(text) is None:
            raise ValueError(text)
        return datetime.fromisoformat(text).replace(tzinfo=utc)

    @wraps(slow)
    def parse(text: Any, *more: Any, **options: Any) -> Any:
        if not more and not options:
            try:
                return read(text)
            except (ValueError, TypeError):  # another form, no text at all, or no such day or hour
                pass
        return slow(text, *more, **options)

    module.dt_parse = parse  # type: ignore[attr-defined]

    def undo() -> None:
        module.dt_parse = slow  # type: ignore[attr-defined]

    return undo


def shared_tuple_class() -> Callable[[], None]:
    """Makes the SDK's named tuple class once, and returns what undoes it."""
    try:
        module = importlib.import_module(_EXECUTOR)
        make = module.namedtuple
    except (ImportError, AttributeError):
        return lambda: None
    module.namedtuple = lru_cache(make)  # type: ignore[attr-defined]

    def undo() -> None:
        module.namedtuple = make  # type: ignore[attr-defined]

    return undo


def direct_client(  # noqa: C901 - a few small functions in one
    base: str, respond: Callable[[str, URL, dict[str, str], bytes], Awaitable[tuple[int, bytes | None]]]
) -> Callable[[], None]:
    """Lets ``respond`` answer the durable client's requests to ``base``, and returns what undoes it."""
    try:
        module: Any = importlib.import_module(_CLIENT)
        post, get, delete = module.post_async_request, module.get_async_request, module.delete_async_request
    except (ImportError, AttributeError):
        return lambda: None

    def is_direct(url: str) -> bool:
        return url.startswith(base) and len(url) < _LONGEST_URL

    async def ask(
        method: str, url: str, body: bytes, invocation: str | None, trace: str | None = None, state: str | None = None
    ) -> list[Any]:
        headers = {"x-azure-functions-invocationid": invocation} if invocation else {}
        headers |= {name: value for name, value in (("traceparent", trace), ("tracestate", state)) if value}
        if body:
            headers["content-type"] = "application/json"
        status, text = await respond(method, URL(url), headers, body)
        return [status, json.loads(text) if text and text.strip() else None]

    async def new_post(
        url: str,
        data: Any = None,
        trace_parent: str | None = None,
        trace_state: str | None = None,
        function_invocation_id: str | None = None,
    ) -> Any:
        if not is_direct(url):
            return await post(url, data, trace_parent, trace_state, function_invocation_id)
        body = b"" if data is None else json.dumps(data).encode()
        return await ask("POST", url, body, function_invocation_id, trace_parent, trace_state)

    async def new_get(url: str, function_invocation_id: str | None = None) -> Any:
        if not is_direct(url):
            return await get(url, function_invocation_id)
        status, data = await ask("GET", url, b"", function_invocation_id)
        return [status, "" if data is None else data]

    async def new_delete(url: str, function_invocation_id: str | None = None) -> Any:
        if not is_direct(url):
            return await delete(url, function_invocation_id)
        return await ask("DELETE", url, b"", function_invocation_id)

    module.post_async_request, module.get_async_request, module.delete_async_request = new_post, new_get, new_delete

    def undo() -> None:
        module.post_async_request, module.get_async_request, module.delete_async_request = post, get, delete

    return undo
