"""What devhost changes in the SDK that it runs, inside its own process only. ``--plain-sdk`` leaves all of it out.

1. Two thirds of a replay's time go into parsing the timestamps of a history, with a parser that understands any text
   at all. ``datetime.fromisoformat`` gives the same value for what the engine writes; a text that it does not know
   still goes to the old parser. A sixth goes into making one and the same named tuple class anew at each replay.
2. The durable client talks HTTP to a door of this very process. Its requests are handed over as they are, after the
   same treatment of the URL, without the way through a socket. Requests to anywhere else go the old way.
"""

from __future__ import annotations

import importlib
import json
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_EVENTS = "azure.durable_functions.models.history.HistoryEvent"
_EXECUTOR = "azure.durable_functions.models.TaskOrchestrationExecutor"
_CLIENT = "azure.durable_functions.models.DurableOrchestrationClient"


def fast_replay() -> Callable[[], None]:
    """Replaces parser and class maker, and answers what undoes it; an SDK without such places stays as it is."""
    try:
        module, executor = importlib.import_module(_EVENTS), importlib.import_module(_EXECUTOR)
        slow, make = module.dt_parse, executor.namedtuple
    except (ImportError, AttributeError):
        return lambda: None

    @lru_cache(maxsize=4096)
    def parse(text: str) -> datetime:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            found: datetime = slow(text)
            return found

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
        if trace:
            headers |= {"traceparent": trace, "tracestate": state or ""}
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
