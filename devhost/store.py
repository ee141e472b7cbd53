"""The store: one sqlite database, one writer, many changes in one commit.

Rules of this module:

1. Everything that belongs together is one :class:`Change`; it is in the database whole or not at all.
2. :meth:`Store.commit` answers once the change is on disk, so that what was answered with 202 survives a power cut.
   Changes that wait at the same time share one commit. It happens on the event loop's own thread: to hand each change
   to a thread and back costs more than the disk does.
3. Nothing is kept in memory: an instance that waits costs disk alone.
4. Reading goes through the same connection and sees what is committed; an onlooker has a connection of its own.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from devhost.errors import BadState
from devhost.state import make_file_private
from devhost.trouble import FileGuard, Unstored, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

HELD_POLL_S = 0.02
SCHEMA_VERSION = 3
INSTANCE = (
    "id, execution_id, name, parent_id, generation, status, input, output, custom_status, created, updated, version"
)
# What brings a database of an older version to the next one, by the version it has.
UPGRADES = {
    1: "ALTER TABLE instances ADD COLUMN version TEXT; ALTER TABLE tasks ADD COLUMN trace TEXT;",
    2: """
        ALTER TABLE history RENAME TO history_by_instance;
        CREATE TABLE history (instance_id TEXT NOT NULL, episode INTEGER NOT NULL, rows TEXT NOT NULL);
        INSERT INTO history SELECT instance_id, episode, rows FROM history_by_instance;
        DROP TABLE history_by_instance;
        CREATE UNIQUE INDEX history_of_instance ON history (instance_id, episode);
    """,
}


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


class _Reader:
    """What everybody asks an open database."""

    _db: sqlite3.Connection

    def instance(self, instance_id: str) -> Instance | None:
        """The instance of exactly this id."""
        row = self._db.execute(f"SELECT {INSTANCE} FROM instances WHERE id=?", (instance_id,)).fetchone()  # noqa: S608
        return Instance(*row) if row else None

    def history(self, instance_id: str) -> list[str]:
        """The texts of its episodes, in order."""
        found = self._db.execute("SELECT rows FROM history WHERE instance_id=? ORDER BY episode", (instance_id,))
        return [text for (text,) in found]


class Store(_Reader):
    """A task hub on disk, or in memory for tests.

    Args:
        path: the database file; None keeps all in memory and commits at once, on the caller's thread.
        sync: sqlite's ``synchronous``: FULL survives a power cut, NORMAL only the end of this process.
        patience_s: how long a commit waits for another process that holds the database.

    Raises:
        BadState: the file is no such database, or one of a newer devhost, or another process holds it.
    """

    def __init__(self, path: Path | None = None, sync: str = "FULL", patience_s: float = 5.0) -> None:
        self.path = path
        if path is not None:
            _make_private(path)
        self._db = _connect(path, sync)
        self._guard = None if path is None else FileGuard(path)
        self._patience_s = patience_s
        self._give_up_at: float | None = None  # set while another process holds the database
        if path is not None:
            self._db.execute("PRAGMA busy_timeout=0")  # the event loop must not wait: a commit is tried again
        self._waiting: list[tuple[Change, asyncio.Future[None]]] = []

    def close(self) -> None:
        """Commits what waits, and lets go of the file."""
        self._patience_s = 0.0
        self._flush()
        self._db.close()

    def onlooker(self) -> Onlooker:
        """A reader for another thread."""
        if self.path is None:
            raise BadState("memory", "a task hub in memory has no second reader.")
        return Onlooker(self.path)

    # ---------------------------------------------------------------- writing

    def commit(self, change: Change) -> asyncio.Future[None]:
        """Done when the change is on disk; fails with :class:`~devhost.trouble.Unstored` where it could not be made.

        Whatever else the event loop has ready goes first, twice, so that what comes at the same time shares a commit.
        """
        if self.path is None:
            return self.commit_here(change)
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._waiting.append((change, future))
        if len(self._waiting) == 1:
            loop.call_soon(loop.call_soon, self._flush)
        return future

    def commit_here(self, change: Change) -> asyncio.Future[None]:
        """Commits before it returns: not for a host that serves."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((change, future))
        self._flush()
        return future

    def _flush(self) -> None:
        """One commit for all that wait; if that fails, one for each, so that one bad change harms nobody else."""
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        error = self._try([change for change, _ in batch])
        if error is None:
            self._give_up_at = None
        held = isinstance(error, Unstored) and error.is_held
        if held and self._waits_on(batch):
            return
        for change, future in batch:
            failed = error if error is None or held or len(batch) == 1 else self._try([change])
            if future.done():
                continue
            if failed is None:
                future.set_result(None)
            else:
                future.set_exception(failed)

    def _waits_on(self, batch: list[tuple[Change, asyncio.Future[None]]]) -> bool:
        """Puts the batch back for another attempt, unless another process has held the database for too long."""
        now = time.monotonic()
        if self._give_up_at is None:
            self._give_up_at = now + self._patience_s
        if now >= self._give_up_at:
            self._give_up_at = None
            return False
        self._waiting = batch + self._waiting
        asyncio.get_running_loop().call_later(HELD_POLL_S, self._flush)
        return True

    def _try(self, changes: Sequence[Change]) -> Exception | None:
        try:
            self._write(changes)
        except sqlite3.Error as error:
            return Unstored.of(error, self.path)
        except Exception as error:  # noqa: BLE001 - it is handed to the one who asked
            return error
        return None

    def _write(self, changes: Sequence[Change]) -> None:
        execute = self._db.execute
        execute("BEGIN IMMEDIATE")
        try:
            if self._guard is not None:
                self._guard.check()
            for change in changes:
                for sql, values in change.statements:
                    execute(sql, values)
            execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                execute("ROLLBACK")
            raise

    # ---------------------------------------------------------------- reading

    def latest(self) -> int:
        """The newest moment that is written down; 0 in an empty hub."""
        found = self._db.execute("SELECT max(updated) FROM instances UNION ALL SELECT max(at) FROM messages")
        return max(moment or 0 for (moment,) in found)

    def inbox(self, instance_id: str, now: int) -> list[Message]:
        """What is due for it, in the order of arrival; a timer arrives when it is due."""
        found = self._db.execute(
            "SELECT n, execution_id, body FROM messages WHERE instance_id=? AND (due IS NULL OR due<=?) "
            "ORDER BY coalesce(due, at), n",
            (instance_id, now),
        )
        return [Message(*row) for row in found]

    def page(self, prefix: str, after: str, limit: int) -> list[Instance]:
        """Instances in the order of their ids, from ``after`` on (that one included)."""
        found = self._db.execute(
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
        found = self._db.execute("SELECT DISTINCT instance_id FROM messages WHERE due IS NULL OR due<=?", (now,))
        return [instance_id for (instance_id,) in found]

    def fired(self, now: int) -> list[str]:
        """Ids of the instances that have a timer which is due."""
        found = self._db.execute(
            "SELECT DISTINCT instance_id FROM (SELECT instance_id FROM messages WHERE due<=? ORDER BY due)", (now,)
        )
        return [instance_id for (instance_id,) in found]

    def next_due(self, now: int) -> int | None:
        """When the nearest timer after ``now`` is due."""
        due: int | None = self._db.execute("SELECT min(due) FROM messages WHERE due>?", (now,)).fetchone()[0]
        return due

    def tasks(self) -> list[Task]:
        """Activities that have not answered: after a crash they run again."""
        return [Task(*row) for row in self._db.execute("SELECT * FROM tasks")]


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
    """Which instances a list is asked for; what is empty asks for nothing.

    Attributes:
        status: by name.
        name: of the orchestration or entity.
        texts: any of them stands in id, input, output or custom status, whatever the case of its ASCII letters.
        before: a place: older ones only.
        after: a place: the next newer ones only.
    """

    status: str = ""
    name: str = ""
    texts: tuple[str, ...] = ()
    before: int | None = None
    after: int | None = None


class Onlooker(_Reader):
    """Reads for people who watch: through a connection of its own, for a thread of its own, so that nobody waits.

    Args:
        path: of a task hub that an open :class:`Store` holds.
    """

    def __init__(self, path: Path) -> None:
        self._db = _connect(path, "FULL")
        self._db.execute("PRAGMA query_only=ON")

    def close(self) -> None:
        """Lets go of the file."""
        self._db.close()

    def tasks(self, instance_id: str) -> list[Task]:
        """Its activities that have not answered."""
        return [Task(*row) for row in self._db.execute("SELECT * FROM tasks WHERE instance_id=?", (instance_id,))]

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


def _make_private(path: Path) -> None:
    """Keeps the database for its owner alone; its log gets the same rights from sqlite, unless it is there already."""
    with suppress(OSError):  # sqlite says what is wrong with the file
        make_file_private(path)
        for beside in ("-wal", "-shm"):
            if path.with_name(path.name + beside).exists():
                make_file_private(path.with_name(path.name + beside))


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
        raise unreadable(path, error) from error
    if version > SCHEMA_VERSION:
        raise BadState(
            path or "memory",
            f"the database has schema {version}, and this devhost knows {SCHEMA_VERSION} at most; "
            "use the devhost that made it, or another --state folder.",
        )
    return db
