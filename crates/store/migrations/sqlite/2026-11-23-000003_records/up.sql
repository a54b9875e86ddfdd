-- What happened, what waits to be mailed, and what the program remembers about itself.

-- No foreign keys: a task outlives what it names.
CREATE TABLE tasks (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL,
    at TEXT NOT NULL,
    actor_id BLOB,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    member_id BLOB,
    environment_id BLOB,
    item TEXT,
    before TEXT,
    after TEXT,
    means TEXT NOT NULL,
    request_id TEXT NOT NULL,
    network_address TEXT NOT NULL
) STRICT;
CREATE INDEX tasks_account_at ON tasks (account_id, at, id);

CREATE TRIGGER tasks_refuse_update BEFORE UPDATE ON tasks
BEGIN
    SELECT RAISE(ABORT, 'tasks are append-only');
END;
CREATE TRIGGER tasks_refuse_delete BEFORE DELETE ON tasks
BEGIN
    SELECT RAISE(ABORT, 'tasks are append-only');
END;

CREATE TABLE outbox (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB,
    member_id BLOB,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    params TEXT NOT NULL,
    sealed_link BLOB,
    created_at TEXT NOT NULL,
    next_attempt_at TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    claimed_until TEXT,
    last_error TEXT,
    sent_at TEXT,
    gave_up_at TEXT
) STRICT;
CREATE INDEX outbox_waiting ON outbox (next_attempt_at, id)
    WHERE sent_at IS NULL AND gave_up_at IS NULL;
CREATE INDEX outbox_created ON outbox (created_at, id);
CREATE INDEX outbox_member ON outbox (member_id);

CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
