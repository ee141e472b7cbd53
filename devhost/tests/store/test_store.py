"""A database outlives the devhost that made it."""

import sqlite3
from contextlib import closing

from devhost.durabletask.model import PendingActivity
from devhost.store.connection import SCHEMA_VERSION
from devhost.store.database import Store

FIRST_SCHEMA = """
CREATE TABLE instances (id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, name TEXT NOT NULL, parent_id TEXT,
    generation INTEGER, status TEXT NOT NULL, input TEXT, output TEXT, custom_status TEXT, created INTEGER NOT NULL,
    updated INTEGER NOT NULL);
CREATE TABLE history (instance_id TEXT NOT NULL, episode INTEGER NOT NULL, rows TEXT NOT NULL,
    PRIMARY KEY (instance_id, episode)) WITHOUT ROWID;
CREATE TABLE messages (n INTEGER PRIMARY KEY, instance_id TEXT NOT NULL, execution_id TEXT, due INTEGER,
    at INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE tasks (execution_id TEXT NOT NULL, task_id INTEGER NOT NULL, instance_id TEXT NOT NULL, name TEXT NOT NULL,
    input TEXT, PRIMARY KEY (execution_id, task_id)) WITHOUT ROWID;
INSERT INTO instances VALUES ('case', 'e', 'OrchFunction', NULL, 0, 'Running', '"1"', NULL, NULL, 1, 2);
INSERT INTO history VALUES ('case', 1, '{"b":2}'), ('case', 0, '{"a":1}');
INSERT INTO tasks VALUES ('e', 0, 'case', 'Approval', '"Approved"');
PRAGMA user_version=1;
"""


def test_a_database_of_the_first_schema_is_brought_up_to_date_with_what_is_in_it(tmp_path):
    """The open case and its activity are there, under the present schema's number."""
    path = tmp_path / "hub.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(FIRST_SCHEMA)
    store = Store(path)
    case = store.instance("case")
    tasks, history = store.tasks(), store.history("case")
    store.close()
    assert case is not None
    assert (case.status, case.updated, case.version) == ("Running", 2, None)
    assert history == ['{"a":1}', '{"b":2}']
    assert tasks == [PendingActivity("e", 0, "case", "Approval", '"Approved"', None)]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
