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
        """Whether the extension runs it as an entity, which it tells from the name alone."""
        return self.name.startswith("@")


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
