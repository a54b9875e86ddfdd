-- What was answered to a write that came with a key, for when it comes again. No foreign keys: whose the
-- credential was is part of the hash, and a row lives a day.
CREATE TABLE idempotency_keys (
    key_hash BLOB NOT NULL PRIMARY KEY,
    credential_id BLOB NOT NULL,
    body_hash BLOB NOT NULL,
    claim_id BLOB NOT NULL,
    claimed_at TEXT NOT NULL,
    claimed_until TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    status INTEGER,
    headers TEXT,
    body BLOB
) STRICT;
CREATE INDEX idempotency_keys_credential ON idempotency_keys (credential_id, claimed_at);
CREATE INDEX idempotency_keys_expires ON idempotency_keys (expires_at);
