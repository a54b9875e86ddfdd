-- What people were told in the dashboard, and how they choose to be told.

-- Host, member and environment without foreign keys: a notification may say that they are gone.
CREATE TABLE notifications (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    params TEXT NOT NULL,
    host_id BLOB,
    member_id BLOB,
    environment_id BLOB,
    created_at TEXT NOT NULL,
    read_at TEXT
) STRICT;
CREATE INDEX notifications_account_created ON notifications (account_id, created_at, id);
CREATE INDEX notifications_account_unread ON notifications (account_id, created_at, id)
    WHERE read_at IS NULL;
CREATE INDEX notifications_created ON notifications (created_at);

CREATE TABLE notification_preferences (
    account_id BLOB NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    choices TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
