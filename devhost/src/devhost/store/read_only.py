"""A second connection to the database, which only reads: for a thread of its own, such as that of the pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from devhost.durabletask.model import PendingActivity
from devhost.store.connection import connect
from devhost.store.readable import ReadableStore

if TYPE_CHECKING:
    from pathlib import Path


HAS_TEXT = " OR ".join(f"{column} LIKE ? ESCAPE '!'" for column in ("id", "input", "output", "custom_status"))


class Listed(NamedTuple):
    """An instance in a list, with the place that it was made at: a later one has a greater place."""

    place: int
    id: str
    name: str
    status: str
    created: int
    updated: int
    custom_status: str | None
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which instances a list is asked for; an empty filter matches all.

    Attributes:
        status: by name.
        name: of the orchestration or entity.
        texts: any of them occurs in id, input, output or custom status, in any case of its ASCII letters.
        before: a place: older ones only.
        after: a place: the next newer ones only.
    """

    status: str = ""
    name: str = ""
    texts: tuple[str, ...] = ()
    before: int | None = None
    after: int | None = None


class ReadOnlyStore(ReadableStore):
    """Reads through a connection of its own, on a thread of its own, so that the event loop does not wait for it.

    Args:
        path: of a task hub that an open :class:`Store` holds.
    """

    def __init__(self, path: Path) -> None:
        self._db = connect(path, "FULL")
        self._db.execute("PRAGMA query_only=ON")

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def tasks(self, instance_id: str) -> list[PendingActivity]:
        """Its activities that have not answered."""
        return [
            PendingActivity(*row) for row in self._db.execute("SELECT * FROM tasks WHERE instance_id=?", (instance_id,))
        ]

    def newest(self, wanted: Wanted, limit: int) -> list[Listed]:
        """The instances that are wanted, newest first, so many at most."""
        where, values = ["1"], list[Any]()
        for column, value in (("status", wanted.status), ("name", wanted.name)):
            if value:
                where.append(f"{column}=?")
                values.append(value)
        if wanted.texts:
            where.append(f"({' OR '.join([HAS_TEXT] * len(wanted.texts))})")
            values += [_like(text) for text in wanted.texts for _ in range(HAS_TEXT.count("?"))]
        if wanted.before is not None:
            where.append("rowid<?")
            values.append(wanted.before)
        if wanted.after is not None:
            where.append("rowid>?")
            values.append(wanted.after)
        order = "ASC" if wanted.after is not None else "DESC"
        found = self._db.execute(
            "SELECT rowid, id, name, status, created, updated, custom_status, parent_id FROM instances "  # noqa: S608
            f"WHERE {' AND '.join(where)} ORDER BY rowid {order} LIMIT ?",
            (*values, limit),
        )
        listed = [Listed(*row) for row in found]
        return listed[::-1] if wanted.after is not None else listed

    def census(self) -> list[tuple[str, str, int]]:
        """How many instances there are, by name and status."""
        return self._db.execute("SELECT name, status, count(*) FROM instances GROUP BY name, status").fetchall()


def _like(text: str) -> str:
    escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"
