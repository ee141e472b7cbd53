"""The workflow engine, as the app uses it: start, status, events, list, purge. Only this module calls the client.

The durable client of azure-functions-durable 1.7 raises bare exceptions, reads the first page of a list only, and
rebuilds what it reads. So pages and status answers are fetched here, at the address that the client has: the host's
own local one. The client puts ids and names into addresses as they are: the ids come from the engine, from
``service.idempotency`` or are constants, and the names come from the registry.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import azure.durable_functions as df
import azure.functions as func

TOKEN = "x-ms-continuation-token"  # noqa: S105 - a header's name
_TIMEOUT = aiohttp.ClientTimeout(total=100)
_OK = (200, 202)
CANNOT_SHOW = 400
_NOT_FOUND = 404
_GONE = 410
_NOT_OVER = 412
_TAKEN = "already exists"


class EngineFailed(Exception):
    """The engine answered with something that it should not answer.

    Attributes:
        status: of the answer.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"The engine answered {status}.")
        self.status = status


class StartFailed(Exception):
    """The engine did not confirm a start; it may have happened."""


class IdTaken(StartFailed):
    """The engine refused a start because a live instance has the id."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list of instances.

    Attributes:
        answers: status answers, without inputs and histories; there may be none on a page that is not the last.
        token: to ask for the next page with; empty on the last one.
    """

    answers: tuple[dict[str, Any], ...]
    token: str


class Engine:
    """The instances of the app's own host."""

    def __init__(self, client: df.DurableOrchestrationClient) -> None:
        """Args: the durable client that the running function was given."""
        self._client = client

    async def start(self, orchestration: str, given: Any, instance_id: str | None = None) -> str:
        """The id of a new instance; the engine makes one if none is given.

        Raises:
            IdTaken: a live instance has the id.
            StartFailed: the engine did not confirm the start.
        """
        try:
            made: str = await self._client.start_new(orchestration, instance_id, given)
        except Exception as error:
            if instance_id is not None and _TAKEN in str(error):
                raise IdTaken(instance_id) from error
            raise StartFailed(orchestration) from error
        return made

    async def status(
        self, instance_id: str, *, history: bool = False, with_input: bool = True
    ) -> dict[str, Any] | None:
        """The status answer of an instance; None if there is none of this id.

        Raises:
            EngineFailed: the answer was none. 400 means that the engine cannot show this history.
        """
        query = "?showHistory=true&showHistoryOutput=true" if history else "?" if not with_input else ""
        query += "" if with_input else "&showInput=false"
        code, body = await self._client._get_async_request(self._address(instance_id) + query)  # noqa: SLF001 - see above
        if code == _NOT_FOUND:
            return None
        if code not in _OK:
            raise EngineFailed(code)
        found: dict[str, Any] = body
        return found

    async def send_event(self, instance_id: str, event: str, payload: Any) -> bool:
        """Send an event with this JSON value; False if there is no such instance, or it is over.

        The client's own ``raise_event`` would encode the value twice.

        Raises:
            EngineFailed: the engine did not confirm it; it may have happened.
        """
        url = f"{self._address(instance_id)}/raiseEvent/{quote(event, safe='')}"
        code, _ = await self._client._post_async_request(url, payload)  # noqa: SLF001 - see above
        if code in (_NOT_FOUND, _GONE):
            return False
        if code not in _OK:
            raise EngineFailed(code)
        return True

    async def page(self, token: str = "", **query: str | int) -> Page:
        """A page of the list.

        Args:
            token: of the page before; empty for the first page.
            query: what the management API takes, such as ``runtimeStatus`` and ``top``.

        Raises:
            EngineFailed: the answer was none.
            aiohttp.ClientError: there was no answer.
        """
        url = f"{self._base}instances/?{urlencode({'showInput': 'false', **query})}"
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.get(url, headers={TOKEN: token} if token else {}) as answer,
        ):
            if answer.status not in _OK:
                raise EngineFailed(answer.status)
            return Page(tuple(await answer.json(content_type=None)), answer.headers.get(TOKEN, "").strip())

    async def pages(self, *, seconds: float, most: int, **query: str | int) -> AsyncIterator[Page]:
        """The list from its beginning, page by page, as far as the bounds allow. The last page has no token.

        Args:
            seconds: how long it may take; a page that does not come in time ends it.
            most: how many pages at most.
            query: as for ``page``.

        Raises:
            TimeoutError: not even the first page came in time.
            EngineFailed: as for ``page``.
            aiohttp.ClientError: as for ``page``.
        """
        token, end = "", time.monotonic() + seconds
        for number in range(most):
            try:
                found = await asyncio.wait_for(self.page(token, **query), end - time.monotonic())
            except TimeoutError:
                if number == 0:
                    raise
                return
            yield found
            token = found.token
            if not token:
                return

    async def purge(self, instance_id: str) -> bool:
        """Forget one instance that is over; False if it is gone already, or not over.

        Raises:
            EngineFailed: the answer was none.
        """
        code, _ = await self._client._delete_async_request(self._address(instance_id))  # noqa: SLF001 - see above
        if code in (_NOT_FOUND, _NOT_OVER):
            return False
        if code not in _OK:
            raise EngineFailed(code)
        return True

    async def entity_state(self, entity: str, key: str) -> Any:
        """The state of an entity; None if nothing has been sent to it."""
        return (await self._client.read_entity_state(df.EntityId(entity, key))).entity_state

    async def answer_within(
        self, request: func.HttpRequest, instance_id: str, *, seconds: int, look_every_ms: int
    ) -> func.HttpResponse:
        """200 with the instance's output if it is over in time, else 202 with its links."""
        answer: func.HttpResponse = await self._client.wait_for_completion_or_create_check_status_response(
            request, instance_id, seconds * 1000, look_every_ms
        )
        return answer

    def links(self, instance_id: str) -> Mapping[str, str]:
        """The addresses that the engine gives out for an instance, by name. They hold a key."""
        found: Mapping[str, str] = self._client.create_http_management_payload(instance_id)
        return found

    def _address(self, instance_id: str) -> str:
        """The API decodes a path three times: a ``%2541`` that is encoded once would name ``A``."""
        for _ in range(3):
            instance_id = quote(instance_id, safe="")
        return f"{self._base}instances/{instance_id}"

    @property
    def _base(self) -> str:
        base: str = self._client._orchestration_bindings.rpc_base_url  # noqa: SLF001 - see above
        return base
