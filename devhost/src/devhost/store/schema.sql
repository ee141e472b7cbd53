-- The task hub's one database. Times are ticks of 100 ns since 1970. PRAGMA user_version holds SCHEMA_VERSION of store.py.

-- One row an instance (and an entity): what the status answer shows.
CREATE TABLE instances (
    id            TEXT PRIMARY KEY,
    execution_id  TEXT NOT NULL,
    name          TEXT NOT NULL,
    parent_id     TEXT,
    generation    INTEGER,
    status        TEXT NOT NULL,
    input         TEXT,
    output        TEXT,
    custom_status TEXT,
    created       INTEGER NOT NULL,
    updated       INTEGER NOT NULL,
    version       TEXT             -- of the orchestration, as the start asked for it
);

-- One record an episode: its rows as JSON texts, joined by commas, as the trigger payload takes them. New ones lie at the
-- end, so that a commit touches few pages however many instances there are.
CREATE TABLE history (
    instance_id TEXT NOT NULL,
    episode     INTEGER NOT NULL,
    rows        TEXT NOT NULL
);
CREATE UNIQUE INDEX history_of_instance ON history (instance_id, episode);

-- What an instance has yet to take in: one row of its history to be, or a request to an entity. Timers have a due time.
CREATE TABLE messages (
    n            INTEGER PRIMARY KEY,
    instance_id  TEXT NOT NULL,
    execution_id TEXT,            -- NULL: whatever execution is the present one
    due          INTEGER,         -- NULL: now
    at           INTEGER NOT NULL, -- when it was put here
    body         TEXT NOT NULL
);
CREATE INDEX messages_of_instance ON messages (instance_id);
CREATE INDEX messages_due ON messages (due) WHERE due IS NOT NULL;

-- Activities that were scheduled and have not answered.
CREATE TABLE tasks (
    execution_id TEXT NOT NULL,
    task_id      INTEGER NOT NULL,
    instance_id  TEXT NOT NULL,
    name         TEXT NOT NULL,
    input        TEXT,
    trace        TEXT,             -- traceparent that the activity runs under
    PRIMARY KEY (execution_id, task_id)
) WITHOUT ROWID;
CREATE INDEX tasks_of_instance ON tasks (instance_id);
