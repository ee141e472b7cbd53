"""The store: one sqlite database, one writer, many changes in one commit.

Rules of this module:

1. Everything that belongs together is one :class:`Change`; it is in the database whole or not at all.
2. :meth:`Store.commit` answers once the change is on disk, so that what was answered with 202 survives a power cut.
   Changes that wait at the same time share one commit.
3. Nothing is kept in memory: an instance that waits costs disk alone.
4. Reading happens on the caller's thread, through a connection of its own, and sees what is committed.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from devhost.errors import BadState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

SCHEMA_VERSION = 2
INSTANCE = (
    "id, execution_id, name, parent_id, generation, status, input, output, custom_status, created, updated, version"
)
# What brings a database of an older version to the next one, by the version it has.
UPGRADES = {1: "ALTER TABLE instances ADD COLUMN version TEXT; ALTER TABLE tasks ADD COLUMN trace TEXT;"}


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


class Message(NamedTuple):
    """Something that an instance has yet to take in."""

    n: int
    execution_id: str | None
    body: str


class Task(NamedTuple):
    """An activity that has yet to answer."""

    execution_id: str
    task_id: int
    instance_id: str
    name: str
    input: str | None
    trace: str | None = None


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
        """An entity comes to be; one that is there stays as it is."""
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
        """Puts a message into the instance's inbox, to be taken in when it is due."""
        self._add(
            "INSERT INTO messages (instance_id, execution_id, due, at, body) VALUES (?,?,?,?,?)",
            instance_id, execution_id, due, at, body,
        )  # fmt: skip

    def taken(self, messages: Iterable[Message]) -> None:
        """Takes these messages out of the inbox."""
        for message in messages:
            self._add("DELETE FROM messages WHERE n=?", message.n)

    def clear_inbox(self, instance_id: str) -> None:
        """Drops whatever still waits for the instance, timers included."""
        self._add("DELETE FROM messages WHERE instance_id=?", instance_id)

    def drop_execution(self, instance_id: str, execution_id: str) -> None:
        """Forgets the rows of an execution that is continued as new, and what was meant for that one alone."""
        self.clear_history(instance_id)
        self._add("DELETE FROM messages WHERE instance_id=? AND execution_id=?", instance_id, execution_id)

    def add_task(self, task: Task) -> None:
        """Schedules an activity."""
        self._add("INSERT OR REPLACE INTO tasks VALUES (?,?,?,?,?,?)", *task)

    def end_task(self, task: Task) -> None:
        """Takes an activity that has answered off the list."""
        self._add("DELETE FROM tasks WHERE execution_id=? AND task_id=?", task.execution_id, task.task_id)

    def forget(self, instance_id: str) -> None:
        """Removes the instance with all that belongs to it."""
        self._add("DELETE FROM instances WHERE id=?", instance_id)
        self.reset(instance_id)

    def reset(self, instance_id: str) -> None:
        """Removes history, inbox and activities, for a new life under the same id."""
        self.clear_history(instance_id)
        self.clear_inbox(instance_id)
        self._add("DELETE FROM tasks WHERE instance_id=?", instance_id)


class Store:
    """A task hub on disk, or in memory for tests.

    Args:
        path: the database file; None keeps all in memory and commits at once, on the caller's thread.
        sync: sqlite's ``synchronous``: FULL survives a power cut, NORMAL only the end of this process.

    Raises:
        BadState: the file is no such database, or one of a newer devhost, or another process holds it.
    """

    def __init__(self, path: Path | None = None, sync: str = "FULL") -> None:
        self._path = path
        self._writer = _connect(path, sync)
        self._reader = self._writer if path is None else _connect(path, sync)
        self._queue: queue.SimpleQueue[tuple[Change, asyncio.Future[None]] | None] = queue.SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def close(self) -> None:
        """Commits what waits, and lets go of the file."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
        if self._reader is not self._writer:
            self._reader.close()
        self._writer.close()

    # ---------------------------------------------------------------- writing

    def commit(self, change: Change) -> asyncio.Future[None]:
        """Done when the change is on disk; fails with ``sqlite3.Error`` where it could not be made."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        if self._path is None:
            try:
                self._write([change])
            except sqlite3.Error as error:
                future.set_exception(error)
            else:
                future.set_result(None)
            return future
        if self._thread is None:
            self._loop = loop
            self._thread = threading.Thread(target=self._write_for_ever, name="devhost-writer", daemon=True)
            self._thread.start()
        self._queue.put((change, future))
        return future

    def _write(self, changes: Sequence[Change]) -> None:
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            for change in changes:
                for sql, values in change.statements:
                    self._writer.execute(sql, values)
            self._writer.execute("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise

    def _write_for_ever(self) -> None:
        ending = False
        while not ending:
            batch = []
            item = self._queue.get()
            while True:
                if item is None:
                    ending = True
                else:
                    batch.append(item)
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
            if batch:
                self._write_batch(batch)

    def _write_batch(self, batch: list[tuple[Change, asyncio.Future[None]]]) -> None:
        """One commit for all; if that fails, one for each, so that one bad change harms nobody else."""
        results: list[Exception | None]
        try:
            self._write([change for change, _ in batch])
            results = [None] * len(batch)
        except Exception as together:  # noqa: BLE001 - it is handed to the one who asked
            results = [together] if len(batch) == 1 else [self._try(change) for change, _ in batch]
        assert self._loop is not None
        self._loop.call_soon_threadsafe(_tell, [future for _, future in batch], results)

    def _try(self, change: Change) -> Exception | None:
        try:
            self._write([change])
        except Exception as error:  # noqa: BLE001 - it is handed to the one who asked
            return error
        return None

    # ---------------------------------------------------------------- reading

    def instance(self, instance_id: str) -> Instance | None:
        """The instance of exactly this id."""
        row = self._reader.execute(f"SELECT {INSTANCE} FROM instances WHERE id=?", (instance_id,)).fetchone()  # noqa: S608
        return Instance(*row) if row else None

    def history(self, instance_id: str) -> list[str]:
        """The texts of its episodes, in order."""
        found = self._reader.execute("SELECT rows FROM history WHERE instance_id=? ORDER BY episode", (instance_id,))
        return [text for (text,) in found]

    def inbox(self, instance_id: str, now: int) -> list[Message]:
        """What is due for it, in the order of arrival; a timer arrives when it is due."""
        found = self._reader.execute(
            "SELECT n, execution_id, body FROM messages WHERE instance_id=? AND (due IS NULL OR due<=?) "
            "ORDER BY coalesce(due, at), n",
            (instance_id, now),
        )
        return [Message(*row) for row in found]

    def page(self, prefix: str, after: str, limit: int) -> list[Instance]:
        """Instances in the order of their ids, from ``after`` on (that one included)."""
        found = self._reader.execute(
            f"SELECT {INSTANCE} FROM instances WHERE id>=? AND id>=? AND substr(id, 1, ?)=? ORDER BY id LIMIT ?",  # noqa: S608
            (after, prefix, len(prefix), prefix, limit),
        )
        return [Instance(*row) for row in found]

    def walk(self, prefix: str = "", after: str = "") -> Iterator[Instance]:
        """All instances under the prefix, read in slices so that nothing is held open."""
        while True:
            found = self.page(prefix, after, 500)
            yield from found
            if len(found) < 500:  # noqa: PLR2004 - the slice asked for above
                return
            after = found[-1].id + "\0"

    def ready(self, now: int) -> list[str]:
        """Ids of the instances that have something to take in."""
        found = self._reader.execute("SELECT DISTINCT instance_id FROM messages WHERE due IS NULL OR due<=?", (now,))
        return [instance_id for (instance_id,) in found]

    def fired(self, now: int) -> list[str]:
        """Ids of the instances that have a timer which is due."""
        found = self._reader.execute(
            "SELECT DISTINCT instance_id FROM (SELECT instance_id FROM messages WHERE due<=? ORDER BY due)", (now,)
        )
        return [instance_id for (instance_id,) in found]

    def next_due(self, now: int) -> int | None:
        """When the nearest timer after ``now`` is due."""
        due: int | None = self._reader.execute("SELECT min(due) FROM messages WHERE due>?", (now,)).fetchone()[0]
        return due

    def tasks(self) -> list[Task]:
        """Activities that have not answered: after a crash they run again."""
        return [Task(*row) for row in self._reader.execute("SELECT * FROM tasks")]


def _tell(futures: Sequence[asyncio.Future[None]], results: Sequence[Exception | None]) -> None:
    for future, error in zip(futures, results, strict=True):
        if not future.done():
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)


def _connect(path: Path | None, sync: str) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False, cached_statements=256)
        db.execute("PRAGMA busy_timeout=5000")
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version <= SCHEMA_VERSION:  # a newer one is left as it is
            db.execute("PRAGMA journal_mode=WAL")
            db.execute(f"PRAGMA synchronous={sync}")
        upgrade = "".join(UPGRADES[one] for one in range(version, SCHEMA_VERSION)) if version else ""
        if upgrade:
            db.executescript(f"BEGIN IMMEDIATE; {upgrade} PRAGMA user_version={SCHEMA_VERSION}; COMMIT;")
        if version == 0:
            schema = files("devhost").joinpath("schema.sql").read_text(encoding="utf-8")
            db.executescript(f"BEGIN IMMEDIATE; {schema}; PRAGMA user_version={SCHEMA_VERSION}; COMMIT;")
    except sqlite3.Error as error:
        raise BadState(path or "memory", f"the database cannot be opened: {error}.") from error
    if version > SCHEMA_VERSION:
        raise BadState(
            path or "memory",
            f"the database has schema {version}, and this devhost knows {SCHEMA_VERSION} at most; "
            "use the devhost that made it, or another --state folder.",
        )
    return db
