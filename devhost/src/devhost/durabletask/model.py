"""What a task hub keeps of its instances: plain values, read and written by the store."""

from __future__ import annotations

from typing import NamedTuple


class Instance(NamedTuple):
    """A row of ``instances``."""

    id: str
    execution_id: str
    name: str
    parent_id: str | None
    generation: int | None
    status: str
    input: str | None
    output: str | None
    custom_status: str | None
    created: int
    updated: int
    version: str | None = None

    @property
    def is_entity(self) -> bool:
        """Whether it is an entity: its name is its id. An orchestration may have a name that begins with ``@``."""
        return self.name == self.id and self.id.startswith("@")


class Message(NamedTuple):
    """Something that an instance has yet to take in."""

    n: int
    execution_id: str | None
    body: str


class PendingActivity(NamedTuple):
    """An activity that has yet to answer."""

    execution_id: str
    task_id: int
    instance_id: str
    name: str
    input: str | None
    trace: str | None = None
