"""The result of an episode: one change of the store, and what is to follow once it is committed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from devhost.dotnet.json_text import compact
from devhost.durabletask.model import Instance, PendingActivity
from devhost.store.changes import Change

if TYPE_CHECKING:
    from devhost.durabletask.history import Row
    from devhost.runtime import spans


@dataclass(slots=True)
class Checkpoint:
    """The result of an episode.

    Attributes:
        change: to be committed whole.
        tasks: activities to run once that is done.
        wake: ids of instances that have got a message by it.
        due: when the nearest new timer is due, or None.
        happened: sentences for the console about what happened.
        complaints: warnings about what will not happen.
        waits: names of the events that the instance waits for now.
        spans: of what is over by it, where the instance has a trace and a provider collects them.
    """

    change: Change = field(default_factory=Change)
    tasks: list[PendingActivity] = field(default_factory=list)
    wake: list[str] = field(default_factory=list)
    due: int | None = None
    happened: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    waits: tuple[str, ...] = ()
    spans: list[spans.Span] = field(default_factory=list)


def begin(change: Change, started: Row, at: int, parent_id: str | None = None, over: Instance | None = None) -> None:
    """An instance begins, or begins again: its row, and its first message (contract 4.2)."""
    of = started["OrchestrationInstance"]
    if over is not None:
        change.reset(of["InstanceId"])
    change.put_instance(
        Instance(
            id=of["InstanceId"],
            execution_id=of["ExecutionId"],
            name=started["Name"],
            parent_id=parent_id,
            generation=started["Generation"],
            status="Pending",
            input=started["Input"],
            output=None,
            custom_status=None,
            created=at,
            updated=at,
            version=started["Version"],
        )
    )
    change.send(of["InstanceId"], of["ExecutionId"], compact(started), at)


def send_to_entity(change: Change, entity_id: str, request: str, at: int) -> None:
    """A request to an entity; the first one creates it."""
    change.add_entity(entity_id, uuid.uuid4().hex, at)
    change.send(entity_id, None, request, at)
