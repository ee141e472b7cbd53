"""What is written together: statements for one commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from devhost.store.connection import INSTANCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from devhost.durabletask.model import Instance, Message, PendingActivity


@dataclass(slots=True)
class Change:
    """Statements that are carried out together."""

    statements: list[tuple[str, Sequence[Any]]] = field(default_factory=list)

    def _add(self, sql: str, *values: Any) -> None:
        self.statements.append((sql, values))

    def put_instance(self, instance: Instance) -> None:
        """Writes the instance, over what there was under its id."""
        self._add(f"INSERT OR REPLACE INTO instances ({INSTANCE}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", *instance)  # noqa: S608

    def add_entity(self, entity_id: str, execution_id: str, at: int) -> None:
        """Creates an entity; one that is there stays as it is."""
        self._add(
            f"INSERT OR IGNORE INTO instances ({INSTANCE}) VALUES (?,?,?,NULL,NULL,'Running',NULL,NULL,NULL,?,?,NULL)",  # noqa: S608
            entity_id, execution_id, entity_id, at, at,
        )  # fmt: skip

    def set_state(
        self, instance: Instance, status: str, output: str | None, custom_status: str | None, at: int
    ) -> None:
        """Writes what an episode changes."""
        self._add(
            "UPDATE instances SET status=?, output=?, custom_status=?, updated=? WHERE id=?",
            status, output, custom_status, at, instance.id,
        )  # fmt: skip

    def add_episode(self, instance_id: str, episode: int, rows: str) -> None:
        """Appends an episode's rows to the history."""
        self._add("INSERT OR REPLACE INTO history VALUES (?,?,?)", instance_id, episode, rows)

    def clear_history(self, instance_id: str) -> None:
        """Forgets all rows of an instance."""
        self._add("DELETE FROM history WHERE instance_id=?", instance_id)

    def send(self, instance_id: str, execution_id: str | None, body: str, at: int, due: int | None = None) -> None:
        """Puts a message into the instance's inbox, to be read when it is due."""
        self._add(
            "INSERT INTO messages (instance_id, execution_id, due, at, body) VALUES (?,?,?,?,?)",
            instance_id, execution_id, due, at, body,
        )  # fmt: skip

    def taken(self, messages: Iterable[Message]) -> None:
        """Removes these messages from the inbox."""
        for message in messages:
            self._add("DELETE FROM messages WHERE n=?", message.n)

    def clear_inbox(self, instance_id: str) -> None:
        """Drops everything that still waits for the instance, timers included."""
        self._add("DELETE FROM messages WHERE instance_id=?", instance_id)

    def drop_execution(self, instance_id: str, execution_id: str) -> None:
        """Forgets the rows of an execution that is continued as new, and the messages for that execution alone."""
        self.clear_history(instance_id)
        self._add("DELETE FROM messages WHERE instance_id=? AND execution_id=?", instance_id, execution_id)

    def add_task(self, task: PendingActivity) -> None:
        """Schedules an activity."""
        self._add("INSERT OR REPLACE INTO tasks VALUES (?,?,?,?,?,?)", *task)

    def end_task(self, task: PendingActivity) -> None:
        """Removes an activity that has answered."""
        self._add("DELETE FROM tasks WHERE execution_id=? AND task_id=?", task.execution_id, task.task_id)

    def forget(self, instance_id: str) -> None:
        """Removes the instance with all that belongs to it."""
        self._add("DELETE FROM instances WHERE id=?", instance_id)
        self.reset(instance_id)

    def reset(self, instance_id: str) -> None:
        """Removes history, inbox and activities, before another start under the same id."""
        self.clear_history(instance_id)
        self.clear_inbox(instance_id)
        self._add("DELETE FROM tasks WHERE instance_id=?", instance_id)
