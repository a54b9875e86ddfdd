-- Where events of an account are sent, and what was sent there.

CREATE TABLE webhooks (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    event_types TEXT NOT NULL,
    sealed_secret BLOB NOT NULL,
    sealed_former_secret BLOB,
    former_secret_until TEXT,
    switched_off_at TEXT,
    switched_off_because TEXT,
    failing_since TEXT,
    last_success_at TEXT,
    last_failure_at TEXT,
    last_error TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX webhooks_account_created ON webhooks (account_id, created_at, id);

CREATE TABLE webhook_deliveries (
    id BLOB NOT NULL PRIMARY KEY,
    webhook_id BLOB NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_type TEXT NOT NULL,
    body TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    next_attempt_at TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    claimed_until TEXT,
    last_attempt_at TEXT,
    last_duration_ms INTEGER,
    response_status INTEGER,
    response_body TEXT,
    last_error TEXT,
    finished_at TEXT
) STRICT;
CREATE INDEX webhook_deliveries_webhook_created ON webhook_deliveries (webhook_id, created_at, id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at, id)
    WHERE status = 'pending';
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (finished_at)
    WHERE finished_at IS NOT NULL;
