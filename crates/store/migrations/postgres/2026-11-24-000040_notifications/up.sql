-- What people were told in the dashboard, and how they choose to be told.

-- Host, member and environment without foreign keys: a notification may say that they are gone.
CREATE TABLE notifications (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind text NOT NULL,
    params json NOT NULL,
    host_id uuid,
    member_id uuid,
    environment_id uuid,
    created_at timestamptz NOT NULL,
    read_at timestamptz
);
CREATE INDEX notifications_account_created ON notifications (account_id, created_at, id);
CREATE INDEX notifications_account_unread ON notifications (account_id, created_at, id)
    WHERE read_at IS NULL;
CREATE INDEX notifications_created ON notifications (created_at);

CREATE TABLE notification_preferences (
    account_id uuid NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    choices json NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL
);
