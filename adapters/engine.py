"""The engine's instances, as the management API of the app's own host shows them.

The durable client of azure-functions-durable 1.7 reads the first page of a list only, and rebuilds what it reads. So
pages and whole status answers are fetched here, at the address that the client has: the host's own local one.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import azure.durable_functions as df

TOKEN = "x-ms-continuation-token"  # noqa: S105 - a header's name
_TIMEOUT = aiohttp.ClientTimeout(total=100)
_OK = (200, 202)
CANNOT_SHOW = 400
_NOT_FOUND = 404
_NOT_OVER = 412


class EngineFailed(Exception):
    """The engine answered with something that it should not answer.

    Attributes:
        status: of the answer.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"The engine answered {status}.")
        self.status = status


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list of instances.

    Attributes:
        answers: status answers, without inputs and histories; there may be none on a page that is not the last.
        token: to ask for the next page with; empty on the last one.
    """

    answers: tuple[dict[str, Any], ...]
    token: str


async def page(client: df.DurableOrchestrationClient, token: str = "", **query: str | int) -> Page:
    """A page of the list.

    Args:
        client: of the running function.
        token: of the page before; empty for the first page.
        query: what the management API takes, such as ``runtimeStatus`` and ``top``.

    Raises:
        EngineFailed: the answer was none.
        aiohttp.ClientError: there was no answer.
    """
    url = f"{_base(client)}instances/?{urlencode({'showInput': 'false', **query})}"
    async with (
        aiohttp.ClientSession(timeout=_TIMEOUT) as session,
        session.get(url, headers={TOKEN: token} if token else {}) as answer,
    ):
        if answer.status not in _OK:
            raise EngineFailed(answer.status)
        return Page(tuple(await answer.json(content_type=None)), answer.headers.get(TOKEN, "").strip())


async def status(
    client: df.DurableOrchestrationClient, instance_id: str, *, history: bool = False
) -> dict[str, Any] | None:
    """The status answer of an instance, with its input; None if there is none of this id.

    Raises:
        EngineFailed: the answer was none. 400 means that the engine cannot show this history.
    """
    query = "?showHistory=true&showHistoryOutput=true" if history else ""
    code, body = await client._get_async_request(f"{_base(client)}instances/{_segment(instance_id)}{query}")  # noqa: SLF001 - see above
    if code == _NOT_FOUND:
        return None
    if code not in _OK:
        raise EngineFailed(code)
    found: dict[str, Any] = body
    return found


async def purge(client: df.DurableOrchestrationClient, instance_id: str) -> bool:
    """Forget one instance that is over; False if it is gone already, or not over.

    Raises:
        EngineFailed: the answer was none.
    """
    code, _ = await client._delete_async_request(f"{_base(client)}instances/{_segment(instance_id)}")  # noqa: SLF001 - see above
    if code in (_NOT_FOUND, _NOT_OVER):
        return False
    if code not in _OK:
        raise EngineFailed(code)
    return True


def _segment(instance_id: str) -> str:
    """The id as it must stand in a path of the API, which is decoded three times: ``%2541`` would name ``A``."""
    for _ in range(3):
        instance_id = quote(instance_id, safe="")
    return instance_id


def _base(client: df.DurableOrchestrationClient) -> str:
    base: str = client._orchestration_bindings.rpc_base_url  # noqa: SLF001 - see above
    return base
