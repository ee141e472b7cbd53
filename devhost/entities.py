"""Entities: a batch of requests goes in, new state and answers come out (contract 5.2)."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from devhost import history as h
from devhost.episode import MESSAGES, Step
from devhost.history import compact
from devhost.runner import Failure, Runner

if TYPE_CHECKING:
    from devhost.clock import Clock
    from devhost.store import Instance, Message

LARGEST_BATCH = 50  # maxEntityOperationBatchSize as the extension sets it


def entity_name(entity_id: str) -> str:
    """``counter`` of ``@counter@key``."""
    return entity_id.split("@", 2)[1]


def entity_key(entity_id: str) -> str:
    """``key`` of ``@counter@key``; it may hold any character, ``@`` too."""
    return entity_id.split("@", 2)[2]


def stored(instance: Instance) -> dict[str, Any]:
    """What the extension keeps of an entity: ``exists``, ``state`` as JSON text, and a sorter that is always empty."""
    kept: dict[str, Any] = json.loads(instance.input) if instance.input else {"exists": False}
    return kept


def request_from_outside(operation: str, text: str | None, at_text: str) -> str:
    """A signal that came over HTTP, as it waits for the entity."""
    request: dict[str, Any] = {"$type": MESSAGES.format("RequestMessage"), "op": operation, "signal": True}
    request |= {"input": text, "id": str(uuid.uuid4()), "requestTime": at_text}
    return compact(request)


async def run_batch(instance: Instance, inbox: list[Message], runner: Runner, clock: Clock) -> Step:
    """Runs the operations that wait, all in one call of the entity's function."""
    step, batch = Step(), inbox[:LARGEST_BATCH]
    step.change.taken(batch)
    requests = [json.loads(message.body) for message in batch]
    name, before = entity_name(instance.id), stored(instance)
    trigger = {
        "self": {"name": name, "key": entity_key(instance.id)},
        "exists": before["exists"],
        "state": before.get("state") if before["exists"] else None,
        "batch": [
            {"name": one["op"], "input": one["input"], "isSignal": bool(one.get("signal")), "id": one["id"]}
            for one in requests
        ],
    }
    answer = await runner.operate(name, compact(trigger))
    at = clock.now()
    if isinstance(answer, Failure):  # the function itself failed: no operation had an effect, each call is told so
        step.complaints.append(f"the entity function '{name}' failed: {answer.message}")
        results = [{"isError": True, "result": compact(answer.message)} for _ in requests]
        after = before
    else:
        given = json.loads(answer)
        results = given["results"]
        after = {"exists": given["entityExists"], "state": given["entityState"], "sorter": {}}
    for request, result in zip(requests, results, strict=False):
        if not request.get("signal"):
            body: dict[str, Any] = {"$type": MESSAGES.format("ResponseMessage"), "result": result["result"]}
            if result["isError"]:
                body["exceptionType"] = "Error"
            row = h.event_raised(request["id"], compact(body), at)
            step.change.send(request["parent"], request["parentExecution"], compact(row), at)
            step.wake.append(request["parent"])
    changed = instance._replace(
        input=compact(after), custom_status=compact({"entityExists": after["exists"]}), updated=at
    )
    step.change.put_instance(changed)
    step.told.append(f"{instance.id} took {len(batch)} operation(s)")
    return step
