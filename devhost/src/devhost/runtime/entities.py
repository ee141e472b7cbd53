"""Entities: a batch of requests goes in, new state and answers come out (contract 5.2)."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from devhost.dotnet.json_text import compact
from devhost.durabletask import history as h
from devhost.durabletask.failures import FUNCTION_FAILED_OF, Failure, disabled_entity
from devhost.runtime.checkpoint import Checkpoint
from devhost.timekeeping.ticks import SECOND, parse, stamp

if TYPE_CHECKING:
    from devhost.durabletask.history import Row
    from devhost.durabletask.model import Instance, Message
    from devhost.runtime.ports import Runner
    from devhost.timekeeping.clock import Clock

REORDER_WINDOW, BETWEEN_COLLECTIONS = 1800 * SECOND, 10 * SECOND
MESSAGES = "Microsoft.Azure.WebJobs.Extensions.DurableTask.{0}, Microsoft.Azure.WebJobs.Extensions.DurableTask"
LARGEST_BATCH = 50  # maxEntityOperationBatchSize as the extension sets it


class NoEntityError(Exception):
    """An instance has the id of an entity, and is none."""


def entity_name(entity_id: str) -> str:
    """``counter`` of ``@counter@key``; empty if the id has no such form."""
    return entity_id.split("@", 2)[1] if entity_id.count("@") > 1 else ""


def entity_key(entity_id: str) -> str:
    """``key`` of ``@counter@key``; it may hold any character, ``@`` too. Empty if the id has no such form."""
    return entity_id.split("@", 2)[2] if entity_id.count("@") > 1 else ""


def stored(instance: Instance) -> dict[str, Any]:
    """What the extension keeps of an entity: ``exists`` (left out for no), ``state`` as JSON text, and the sorter.

    Raises:
        NoEntityError: it is an orchestration whose id is that of an entity.
    """
    kept = json.loads(instance.input) if instance.input else {}
    if not isinstance(kept, dict):
        raise NoEntityError
    return kept


def request_from_outside(operation: str, text: str | None, at_text: str) -> str:
    """A signal that came over HTTP, as it waits for the entity."""
    request: dict[str, Any] = {"$type": MESSAGES.format("RequestMessage"), "op": operation, "signal": True}
    request |= {"input": text, "id": str(uuid.uuid4()), "requestTime": at_text}
    return compact(request)


async def run_batch(instance: Instance, inbox: list[Message], runner: Runner, clock: Clock) -> Checkpoint | None:
    """Runs the operations that wait, all in one call of the entity's function; None while they have to wait.

    An entity is an orchestration to the engine: it can be suspended, which holds its operations, and terminated, which
    ends it for good. An event does nothing to it.
    """
    checkpoint, output = Checkpoint(), instance.output
    bodies = [(message, json.loads(message.body)) for message in inbox]
    controls = [(message, body) for message, body in bodies if "EventType" in body]
    operations = [(message, body) for message, body in bodies if "EventType" not in body][:LARGEST_BATCH]
    for _, body in controls:
        try:
            instance = _controlled(instance, body, clock.now())
        except NoEntityError:
            checkpoint.complaints.append(
                f"its name '{instance.name}' begins with @, so the extension takes it for an entity, and its input is "
                "not what an entity stores: it stays as it is for ever, as in Azure"
            )
    if instance.status == "Suspended":
        if not controls:
            return None
        operations = []
    checkpoint.change.taken(message for message, _ in controls + operations)
    if operations and instance.status != "Terminated":
        # It continues as new by that, and a reason that came along is forgotten.
        instance = instance._replace(output=output)
        instance = await _operated(instance, [body for _, body in operations], checkpoint, runner, clock)
    checkpoint.change.put_instance(instance)
    return checkpoint


def _controlled(instance: Instance, row: Row, at: int) -> Instance:
    """The entity after a message that is no operation."""
    kind = row["EventType"]
    if kind in (h.SUSPENDED, h.RESUMED):
        status = "Suspended" if kind == h.SUSPENDED else "Running"
        return instance._replace(status=status, output=row["Reason"] or instance.output, updated=at)
    if kind == h.EXECUTION_TERMINATED:
        return instance._replace(status="Terminated", output=row["Input"], updated=at)
    if kind == h.EXECUTION_STARTED:  # an entity that was restarted under a new id: it has a state, and no caller
        shown = compact({"entityExists": True} if stored(instance).get("exists") else {})
        return instance._replace(status="Running", custom_status=shown, created=at, updated=at)
    return instance._replace(created=at, updated=at)


async def _operated(
    instance: Instance, requests: list[Row], checkpoint: Checkpoint, runner: Runner, clock: Clock
) -> Instance:
    """The entity after these operations; their answers go into the checkpoint."""
    name, before = entity_name(instance.id), stored(instance)
    if runner.functions.is_off("entity", name):
        return _refused(instance, requests, checkpoint, runner, clock.now())
    exists = before.get("exists", False)
    trigger = {
        "self": {"name": name, "key": entity_key(instance.id)},
        "exists": exists,
        "state": before.get("state") if exists else None,
        "batch": [
            {"name": one["op"], "input": one["input"], "isSignal": bool(one.get("signal")), "id": one["id"]}
            for one in requests
        ],
    }
    answer = await runner.operate(name, compact(trigger))
    at = clock.now()
    if isinstance(answer, Failure):
        checkpoint.complaints.append(
            f"the entity function '{name}' failed: {answer.message}. The extension runs it again for ever and answers "
            f"nobody; here the {len(requests)} operation(s) are dropped"
        )
        return instance
    given = json.loads(answer)
    after: dict[str, Any] = {"exists": True} if given["entityExists"] else {}
    after |= {"state": given["entityState"], "sorter": _sorted(before.get("sorter") or {}, requests)}
    for request, result in zip(requests, given["results"], strict=False):
        if not request.get("signal"):
            body: dict[str, Any] = {"$type": MESSAGES.format("ResponseMessage"), "result": result["result"]}
            if result["isError"]:
                body["exceptionType"] = "Error"
            _respond(request, body, checkpoint, at)
    checkpoint.happened.append(f"{instance.id} took {len(requests)} operation(s)")
    shown = compact({"entityExists": True} if given["entityExists"] else {})
    return instance._replace(input=compact(after), custom_status=shown, created=at, updated=at)


def _refused(instance: Instance, requests: list[Row], checkpoint: Checkpoint, runner: Runner, at: int) -> Instance:
    """The entity after operations that came while a setting turns it off: its state stays, they are lost.

    A caller gets the extension's exception; a sender of a signal gets nothing (seen on the extension 3.19.0).
    """
    name, kept = entity_name(instance.id), stored(instance)
    thrown = disabled_entity(name, runner.spelled)
    signals = sum(bool(request.get("signal")) for request in requests)
    for request in requests:
        if not request.get("signal"):
            _respond(request, {"result": thrown, "exceptionType": FUNCTION_FAILED_OF}, checkpoint, at)
    if signals:
        checkpoint.complaints.append(
            f"the entity function '{name}' is disabled: {signals} signal(s) to it are lost, as in Azure"
        )
    kept["sorter"] = _sorted(kept.get("sorter") or {}, requests)
    return instance._replace(input=compact(kept), created=at, updated=at)


def _respond(request: Row, body: Row, checkpoint: Checkpoint, at: int) -> None:
    row = h.event_raised(request["id"], compact(body), at)
    checkpoint.change.send(request["parent"], request["parentExecution"], compact(row), at)
    checkpoint.wake.append(request["parent"])


def _sorted(sorter: Row, requests: list[Row]) -> Row:
    """The sorter's book: from whom the last request came, and when; here they always come in order (contract 5.2)."""
    last: dict[str, Any] = dict(sorter.get("ReceivedFromInstance") or {})
    horizon: str | None = sorter.get("ReceiveHorizon")
    for one in requests:
        label = one.get("Timestamp")
        if label is None or one.get("parent") is None:
            continue
        if horizon is None or parse(horizon) + REORDER_WINDOW + BETWEEN_COLLECTIONS < parse(label):
            horizon = stamp(parse(label) - REORDER_WINDOW, "Z" if label.endswith("Z") else "")
            last = {sender: one for sender, one in last.items() if parse(one["Last"]) >= parse(horizon)}
        last[one["parent"]] = {"Last": label, "ExecutionId": one["parentExecution"]}
    book: Row = {"ReceivedFromInstance": last} if last else {}
    return book | ({"ReceiveHorizon": horizon} if horizon is not None else {})
