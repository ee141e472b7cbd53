"""Starting instances: the only place that talks to the engine's client.

The client of azure-functions-durable 1.x raises bare exceptions and puts ids into addresses unquoted, so ids come
from ``approval.idempotency`` or from the engine, names from the catalogue, and errors leave as those of our tree.
"""

import asyncio
import contextlib
import json
import time
from typing import Any
from weakref import WeakValueDictionary

import azure.durable_functions as df
from pydantic import JsonValue

from approval.errors import InstanceLive, KeyReused, NotStarted
from approval.idempotency import digest, instance_id
from functions.catalogue import Orchestration

_LOOKS = 3
# The engine's own check for a live instance is no lock: two starts that overlap both succeed there (seen on extension
# 3.19.0, with two bodies). Within this process one waits for the other; across processes the look afterwards tells.
_starting: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
_TAKEN = "already exists"


class LatestStart:
    """How the latest start of this process went, for the health report.

    Attributes:
        refused_at: on ``time.monotonic``; None if the engine took it, or none was tried.
    """

    refused_at: float | None = None

    def refused_s_ago(self) -> float | None:
        """How long ago the engine refused it; None as above."""
        return None if self.refused_at is None else time.monotonic() - self.refused_at


latest_start = LatestStart()


async def start(
    client: df.DurableOrchestrationClient, orchestration: Orchestration, body: JsonValue, key: str | None
) -> tuple[str, bool]:
    """The id of the instance that this body has started, and whether now or, with the same key, at an earlier time.

    Of two requests with one key that come together the engine takes one; the other finds its instance and answers as
    if it had come later. An instance that was purged is forgotten, so its key starts a fresh one.

    Raises:
        KeyReused: the key has started an instance with another body.
        InstanceLive: the engine says the id is taken and does not show by what.
        NotStarted: the engine did not answer as it should.
        ApprovalError: whatever the orchestration's reader refuses.
    """
    try:
        return await _start(client, orchestration, body, key)
    except NotStarted:
        latest_start.refused_at = time.monotonic()
        raise


async def _start(
    client: df.DurableOrchestrationClient, orchestration: Orchestration, body: JsonValue, key: str | None
) -> tuple[str, bool]:
    name = orchestration.name
    if key is None:
        return await _started(client, name, None, orchestration.read(body)), True
    own_id, given = instance_id(name, key), orchestration.read(body)
    async with _starting.setdefault(own_id, asyncio.Lock()):
        is_new = False
        for _ in range(_LOOKS):
            if await _is_ours(client, orchestration, own_id, body):
                return own_id, is_new
            # Whether this start or another one's came through, the next look tells.
            with contextlib.suppress(InstanceLive):
                await _started(client, name, own_id, given)
                is_new = True
    raise InstanceLive(own_id)


async def _started(client: df.DurableOrchestrationClient, name: str, own_id: str | None, given: Any) -> str:
    try:
        made: str = await client.start_new(name, own_id, given)
    except Exception as error:
        if own_id is not None and _TAKEN in str(error):
            raise InstanceLive(own_id) from error
        raise NotStarted from error
    latest_start.refused_at = None
    return made


async def _is_ours(
    client: df.DurableOrchestrationClient, orchestration: Orchestration, own_id: str, body: JsonValue
) -> bool:
    """Whether there is such an instance already, started with this very body."""
    try:
        status = await client.get_status(own_id)
    except Exception as error:
        raise NotStarted from error
    if not status:  # the client answers with a falsy object, not with None
        return False
    if orchestration.digest_of(_input_of(status.input_)) != digest(body):
        raise KeyReused(own_id, status.runtime_status.name)
    return True


def _input_of(stored: Any) -> Any:
    """The input as it was given to the client, which stores it as JSON text; other doors store the value itself."""
    if not isinstance(stored, str):
        return stored
    try:
        return json.loads(stored)
    except ValueError:
        return stored
