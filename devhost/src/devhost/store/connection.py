"""Opening a database: its settings, its schema, and the way from an older schema to this one."""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from typing import TYPE_CHECKING

from devhost.errors import BadState
from devhost.store.errors import unreadable

if TYPE_CHECKING:
    from pathlib import Path


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


def connect(path: Path | None, sync: str) -> sqlite3.Connection:
    """An open database with this version's schema: a new one is made, an older one is upgraded.

    Args:
        path: of the file; None for a database in memory.
        sync: how hard SQLite syncs: ``FULL``, ``NORMAL`` or ``OFF``.

    Raises:
        BadState: the file is no such database, belongs to a newer devhost, or cannot be opened.
    """
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
            schema = files("devhost.store").joinpath("schema.sql").read_text(encoding="utf-8")
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
