"""What goes wrong with the database, in words: what happened, in which file, and what to do."""

from __future__ import annotations

import errno
import os
import sqlite3
from typing import TYPE_CHECKING, Self

from devhost.errors import BadState

if TYPE_CHECKING:
    from pathlib import Path

GONE = "SQLITE_GONE"  # not sqlite's: sqlite itself goes on with a file that has no name any more
DAMAGED = "Stop devhost and put a copy of the file in its place, or delete it to begin with an empty task hub."
# What to do while it runs, by the beginning of sqlite's name for the error.
ADVICE = {
    "SQLITE_FULL": "Free some disk space; devhost goes on by itself.",
    "SQLITE_IOERR": "Check whether the disk is full or failing; devhost goes on by itself when it is not.",
    "SQLITE_BUSY": "Another program holds the file: let it finish, or end it; devhost goes on by itself.",
    "SQLITE_READONLY": "Make the file and its folder writable, and start devhost again.",
    "SQLITE_CANTOPEN": "Check whether file and folder are there and writable, and start devhost again.",
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_NOTADB": DAMAGED,
    GONE: "Put the file back, or start devhost again, which then begins with an empty task hub.",
}

# The same at the start, where it ends instead.
ADVICE_AT_START = {
    "SQLITE_FULL": "Free some disk space, and start devhost again.",
    "SQLITE_IOERR": "Check whether the disk is full or failing, and start devhost again when it is not.",
    "SQLITE_BUSY": "Another program holds the file: let it finish, or end it, and start devhost again.",
}
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Unstored(sqlite3.OperationalError):
    """The database could not be read or written; a change that meets it is not stored in any part.

    Args:
        path: of the database; None for one in memory.
        what: sqlite's words.
        name: sqlite's name for the error, such as ``SQLITE_FULL``.
    """

    def __init__(self, path: Path | None, what: str, name: str) -> None:
        advice = next((text for beginning, text in ADVICE.items() if name.startswith(beginning)), "")
        super().__init__(f"{path or 'the database in memory'}: {what}. {advice}".strip())
        self.is_held = name.startswith("SQLITE_BUSY")

    @classmethod
    def of(cls, error: sqlite3.Error, path: Path | None) -> Self:
        """The same error in our words."""
        if isinstance(error, cls):
            return error
        return cls(path, str(error), getattr(error, "sqlite_errorname", ""))


def unreadable(path: Path | None, error: sqlite3.Error) -> BadState:
    """What keeps the host from starting."""
    name = getattr(error, "sqlite_errorname", "")
    said = str(Unstored.of(error, None)).partition(": ")[2]
    for beginning, advice in ADVICE_AT_START.items():
        if name.startswith(beginning):
            said = f"{error}. {advice}"
    return BadState(path or "memory", said)


def unwritable(path: Path, what: str, error: OSError) -> BadState:
    """The same for a file or folder beside the database.

    Args:
        path: of it.
        what: cannot be done, without a full stop.
        error: of the system.
    """
    advice = "Free some disk space" if error.errno in NO_ROOM else "Make it writable, or give another --state"
    return BadState(path, f"{what}: {error.strerror or error}. {advice}, and start devhost again.")


class FileGuard:
    """Notices that the database's files were removed: sqlite goes on writing to what has no name any more.

    Args:
        path: of an open database.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files: dict[str, int] = {str(path): os.stat(path).st_ino}  # noqa: PTH116 - at every commit, where a Path costs more
        self._log = f"{path}-wal"

    def check(self) -> None:
        """Asked inside each transaction.

        Raises:
            Unstored: a file is not the one any more that sqlite has open.
        """
        for file, number in self._files.items():
            if _number(file) != number:
                raise Unstored(self._path, f"{file} was removed while devhost was running", GONE)
        if self._log not in self._files:
            written = _number(self._log)
            if written is not None:
                self._files[self._log] = written


def _number(file: str) -> int | None:
    try:
        return os.stat(file).st_ino  # noqa: PTH116 - see above
    except OSError:
        return None
