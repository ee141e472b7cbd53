"""What devhost changes in the SDK that it runs, inside its own process only. ``--plain-sdk`` leaves all of it out.

1. Two thirds of a replay's time go into parsing the timestamps of a history, with a parser that understands any text
   at all. ``datetime.fromisoformat`` gives the same value for what the engine writes, and that parser's own kind of UTC
   is put into it; a text of any other form still goes to that parser. A sixth goes into building one
   and the same named tuple class at each replay.
2. The durable client talks HTTP to this very process (contract 2.2). Its requests are handed over as they are, after
   the same treatment of the URL, without the way through a socket. Requests to anywhere else go the old way.
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


_ANY_MOMENT = "2000-01-01T00:00:00Z"
_OURS = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,7})?Z")


def fast_replay() -> Callable[[], None]:
    """Replaces parser and class maker, and answers what undoes it; an SDK without such places stays as it is."""
    try:
        module, executor = importlib.import_module(_EVENTS), importlib.import_module(_EXECUTOR)
        slow, make = module.dt_parse, executor.namedtuple
    except (ImportError, AttributeError):
        return lambda: None

    utc = slow(_ANY_MOMENT).tzinfo  # a class of the parser's own, which an app can see

    @lru_cache(maxsize=4096)
    def read(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=utc)

    @wraps(slow)
    def parse(text: Any, *more: Any, **options: Any) -> Any:
        if more or options or not isinstance(text, str) or not _OURS.fullmatch(text):
            return slow(text, *more, **options)
        try:
            return read(text)
        except ValueError:  # no such day or hour, in the old parser's words
            return slow(text)

    module.dt_parse = parse  # type: ignore[attr-defined]
    executor.namedtuple = lru_cache(make)  # type: ignore[attr-defined]

    def undo() -> None:
        module.dt_parse, executor.namedtuple = slow, make  # type: ignore[attr-defined]

    return undo


def direct_client(  # noqa: C901 - three small functions in one
    base: str, door: Callable[[str, URL, dict[str, str], bytes], Awaitable[tuple[int, bytes | None]]]
) -> Callable[[], None]:
    """Lets the durable client's requests to ``base`` go to ``door``, and answers what undoes it."""
    try:
        module: Any = importlib.import_module(_CLIENT)
        post, get, delete = module.post_async_request, module.get_async_request, module.delete_async_request
    except (ImportError, AttributeError):
        return lambda: None

    async def ask(
        method: str, url: str, body: bytes, invocation: str | None, trace: str | None = None, state: str | None = None
    ) -> list[Any]:
        headers = {"x-azure-functions-invocationid": invocation} if invocation else {}
        headers |= {name: value for name, value in (("traceparent", trace), ("tracestate", state)) if value}
        if body:
            headers["content-type"] = "application/json"
        status, text = await door(method, URL(url), headers, body)
        return [status, json.loads(text) if text and text.strip() else None]

    async def new_post(
        url: str,
        data: Any = None,
        trace_parent: str | None = None,
        trace_state: str | None = None,
        function_invocation_id: str | None = None,
    ) -> Any:
        if not url.startswith(base):
            return await post(url, data, trace_parent, trace_state, function_invocation_id)
        body = b"" if data is None else json.dumps(data).encode()
        return await ask("POST", url, body, function_invocation_id, trace_parent, trace_state)

    async def new_get(url: str, function_invocation_id: str | None = None) -> Any:
        if not url.startswith(base):
            return await get(url, function_invocation_id)
        status, data = await ask("GET", url, b"", function_invocation_id)
        return [status, "" if data is None else data]

    async def new_delete(url: str, function_invocation_id: str | None = None) -> Any:
        if not url.startswith(base):
            return await delete(url, function_invocation_id)
        return await ask("DELETE", url, b"", function_invocation_id)

    module.post_async_request, module.get_async_request, module.delete_async_request = new_post, new_get, new_delete

    def undo() -> None:
        module.post_async_request, module.get_async_request, module.delete_async_request = post, get, delete

    return undo
