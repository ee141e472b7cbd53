"""Rewind: a failed history is set back to before the failure (contract 4.9)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from devhost.dotnet.json_text import compact
from devhost.durabletask import history as h

if TYPE_CHECKING:
    from devhost.durabletask.history import Row
    from devhost.durabletask.model import Instance
    from devhost.store.changes import Change
    from devhost.store.database import Store


def rewind(instance: Instance, store: Store, change: Change, reason: str | None, at: int) -> list[str]:
    """Turns the failure's rows into generic ones, here and in failed children, and sends the deepest ones a message.

    Returns:
        The ids of the instances that have got a message: those without a failed child of their own.
    """
    episodes = [json.loads(f"[{text}]") for text in store.history(instance.id)]
    rows = [row for episode in episodes for row in episode]
    failed = {row["TaskScheduledId"] for row in rows if row["EventType"] == h.TASK_FAILED}
    failed_children = {row["TaskScheduledId"] for row in rows if row["EventType"] == h.SUB_FAILED}
    for number, episode in enumerate(episodes):
        taken_back = [_generic(row) if _is_of_the_failure(row, failed) else row for row in episode]
        if taken_back != episode:
            change.add_episode(instance.id, number, ",".join(compact(row) for row in taken_back))
    change.set_state(instance, "Pending", instance.output, instance.custom_status, at)
    leaves = []
    for row in rows:
        if row["EventType"] == h.SUB_CREATED and row["EventId"] in failed_children:
            child = store.instance(row["InstanceId"])
            if child is not None and child.status == "Failed":
                leaves += rewind(child, store, change, reason, at)
    if not leaves:
        change.send(instance.id, instance.execution_id, compact(h.generic(reason, at)), at)
        leaves = [instance.id]
    return leaves


def _is_of_the_failure(row: Row, failed: set[int]) -> bool:
    kind = row["EventType"]
    if kind in (h.TASK_FAILED, h.SUB_FAILED):
        return True
    if kind == h.EXECUTION_COMPLETED:
        return bool(row["OrchestrationStatus"] == h.STATUS_NUMBERS["Failed"])
    return kind == h.TASK_SCHEDULED and row["EventId"] in failed


def _generic(row: Row) -> Row:
    kept = {key: row[key] for key in ("EventId", "IsPlayed", "Timestamp")}
    return {"Data": None, "EventType": h.GENERIC, **kept}
