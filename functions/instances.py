"""Starting instances, so that the same request sent twice is one start."""

import asyncio
import contextlib
import json
import time
from typing import Any
from weakref import WeakValueDictionary

from pydantic import JsonValue

from adapters.engine import Engine, IdTaken, StartFailed
from functions.catalogue import CompanyPolicy, Orchestration
from service.errors import InstanceLive, KeyReused, NotStarted
from service.idempotency import digest, instance_id

_LOOKS = 3
# The engine's own check for a live instance is no lock: two starts that overlap both succeed there (seen on extension
# 3.19.0, with two bodies). Within this process one waits for the other; across processes a query afterwards shows it.
_starting: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


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
    engine: Engine, orchestration: Orchestration, body: JsonValue, key: str | None, company_policy: CompanyPolicy
) -> tuple[str, bool]:
    """The id of the instance that this body has started, and whether now or, with the same key, at an earlier time.

    Of two requests with one key that come together the engine takes one; the other finds its instance and answers as
    if it had come later. An instance that was purged is forgotten, so its key starts a fresh one.

    Raises:
        KeyReused: the key has started an instance with another body.
        InstanceLive: the engine reports the id as taken and does not show by which instance.
        NotStarted: the engine did not answer as it should.
        ServiceError, InvalidFields: the key, a setting or the body is refused.
    """
    name = orchestration.name
    if key is None:
        return await started(engine, name, orchestration.read(body, company_policy)), True
    own_id, given = instance_id(name, key), orchestration.read(body, company_policy)
    async with _starting.setdefault(own_id, asyncio.Lock()):
        is_new = False
        for _ in range(_LOOKS):
            if await _is_ours(engine, orchestration, own_id, body):
                return own_id, is_new
            # The next query shows whether this start or another one's came through.
            with contextlib.suppress(InstanceLive):
                await started(engine, name, given, own_id)
                is_new = True
    raise InstanceLive(own_id)


async def started(engine: Engine, name: str, given: Any, own_id: str | None = None) -> str:
    """The id of a new instance.

    Raises:
        InstanceLive: the id is taken.
        NotStarted: the engine did not confirm the start.
    """
    try:
        made = await engine.start(name, given, own_id)
    except IdTaken as error:
        raise InstanceLive(str(own_id)) from error
    except StartFailed as error:
        latest_start.refused_at = time.monotonic()
        raise NotStarted from error
    latest_start.refused_at = None
    return made


async def _is_ours(engine: Engine, orchestration: Orchestration, own_id: str, body: JsonValue) -> bool:
    """Whether there is such an instance already, started with this very body."""
    try:
        status = await engine.status(own_id)
    except Exception as error:
        latest_start.refused_at = time.monotonic()
        raise NotStarted from error
    if status is None:
        return False
    if orchestration.digest_of(_input_of(status.get("input"))) != digest(body):
        raise KeyReused(own_id, str(status["runtimeStatus"]))
    return True


def _input_of(stored: Any) -> Any:
    """The input as it was given to the client, which stores it as JSON text; other starters store the value itself."""
    if not isinstance(stored, str):
        return stored
    try:
        return json.loads(stored)
    except ValueError:
        return stored
