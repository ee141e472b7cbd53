"""Starting instances, so that the same request sent twice is one start."""

import asyncio
import contextlib
import secrets
import time
from typing import Any
from weakref import WeakValueDictionary

from adapters.cases import decoded
from adapters.engine import Engine, IdTaken, StartFailed
from approval import case_id
from approval.json_values import JsonValue
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
    if it had come later. An instance that was purged is forgotten, so its key starts a fresh one. A case has an id of
    ``approval.case_id``; one that was started with this key before cases had such ids is found by its former id.

    Raises:
        KeyReused: the key has started an instance with another body.
        InstanceLive: the engine reports the id as taken and does not show by which instance.
        NotStarted: the engine did not answer as it should.
        ServiceError, InvalidFields: the key, a setting or the body is refused.
    """
    name = orchestration.name
    if key is None:
        given = orchestration.read(body, company_policy)
        own_id = await _free_id(engine) if orchestration.is_case else None
        return await started(engine, name, given, own_id), True
    former_id = instance_id(name, key)
    own_id, given = (
        case_id.of_key(key) if orchestration.is_case else former_id,
        orchestration.read(body, company_policy),
    )
    async with held(own_id):
        if orchestration.is_case and await _is_ours(engine, orchestration, former_id, body):
            return former_id, False
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


def held(own_id: str) -> asyncio.Lock:
    """The lock that a start of this id holds, in this process; it is there for as long as somebody has it."""
    return _starting.setdefault(own_id, asyncio.Lock())


async def looked(engine: Engine, own_id: str) -> dict[str, Any] | None:
    """The status answer of an instance, before it is started; None if there is none.

    Raises:
        NotStarted: the engine did not show it, so we cannot say.
    """
    try:
        return await engine.status(own_id)
    except Exception as error:
        latest_start.refused_at = time.monotonic()
        raise NotStarted from error


async def _free_id(engine: Engine) -> str:
    """A random id that no instance has: a start over one that is there would erase its history."""
    while True:
        own_id = case_id.of_random(secrets.token_bytes(case_id.RANDOM_BYTES))
        if await looked(engine, own_id) is None:
            return own_id


async def _is_ours(engine: Engine, orchestration: Orchestration, own_id: str, body: JsonValue) -> bool:
    """Whether there is such an instance already, started with this very body."""
    status = await looked(engine, own_id)
    if status is None:
        return False
    if orchestration.digest_of(decoded(status.get("input"))) != digest(body):
        raise KeyReused(own_id, str(status["runtimeStatus"]))
    return True
