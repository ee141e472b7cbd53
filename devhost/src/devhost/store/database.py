"""The store: one sqlite database, one writer, many changes in one commit.

Rules of this module:

1. Everything that belongs together is one :class:`Change`; it is in the database whole or not at all.
2. :meth:`Store.commit` answers once the change is on disk, so that what was answered with 202 survives a power cut.
   Changes that wait at the same time share one commit. It happens on the event loop's own thread: passing each change
   to a thread and back costs more than the disk does.
3. Nothing is kept in memory: an instance that waits costs disk alone.
4. Reading goes through the same connection and sees what is committed; a read-only store has a connection of its own.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from devhost.durabletask.model import Instance, Message, PendingActivity
from devhost.errors import BadState
from devhost.private_files import make_file_private
from devhost.store.connection import INSTANCE, connect
from devhost.store.errors import FileGuard, Unstored
from devhost.store.read_only import ReadOnlyStore
from devhost.store.readable import ReadableStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from devhost.store.changes import Change

HELD_POLL_S = 0.02


class Store(ReadableStore):
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
        self._db = connect(path, sync)
        self._guard = None if path is None else FileGuard(path)
        self._patience_s = patience_s
        self._give_up_at: float | None = None  # set while another process holds the database
        if path is not None:
            self._db.execute("PRAGMA busy_timeout=0")  # the event loop must not wait: a commit is tried again
        self._waiting: list[tuple[Change, asyncio.Future[None]]] = []

    def close(self) -> None:
        """Commits what waits, and closes the file."""
        self._patience_s = 0.0
        self._flush()
        self._db.close()

    def read_only(self) -> ReadOnlyStore:
        """A second connection, for another thread."""
        if self.path is None:
            raise BadState("memory", "a task hub in memory has no second reader.")
        return ReadOnlyStore(self.path)

    # ---------------------------------------------------------------- writing

    def commit(self, change: Change) -> asyncio.Future[None]:
        """Done when the change is on disk; fails with :class:`~devhost.store.errors.Unstored` if it cannot be made.

        Anything else that the event loop has ready runs first, twice, so that simultaneous changes share a commit.
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
        """One commit for all that wait; if that fails, one for each, so that one bad change affects no other."""
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
        """The newest recorded moment; 0 in an empty hub."""
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

    def tasks(self) -> list[PendingActivity]:
        """Activities that have not answered: after a crash they run again."""
        return [PendingActivity(*row) for row in self._db.execute("SELECT * FROM tasks")]


def _make_private(path: Path) -> None:
    """Keeps the database for its owner alone; its log gets the same rights from sqlite, unless it is there already."""
    with suppress(OSError):  # sqlite reports what is wrong with the file
        make_file_private(path)
        for beside in ("-wal", "-shm"):
            if path.with_name(path.name + beside).exists():
                make_file_private(path.with_name(path.name + beside))
