"""What can be read through any connection to the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devhost.durabletask.model import Instance
from devhost.store.connection import INSTANCE

if TYPE_CHECKING:
    import sqlite3


class ReadableStore:
    """One instance and its history: what the writing store and the read-only one both answer."""

    _db: sqlite3.Connection

    def instance(self, instance_id: str) -> Instance | None:
        """The instance of exactly this id."""
        row = self._db.execute(f"SELECT {INSTANCE} FROM instances WHERE id=?", (instance_id,)).fetchone()  # noqa: S608
        return Instance(*row) if row else None

    def history(self, instance_id: str) -> list[str]:
        """The texts of its episodes, in order."""
        found = self._db.execute("SELECT rows FROM history WHERE instance_id=? ORDER BY episode", (instance_id,))
        return [text for (text,) in found]
