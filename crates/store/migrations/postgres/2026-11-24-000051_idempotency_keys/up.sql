-- What was answered to a write that came with a key, for when it comes again. No foreign keys: whose the
-- credential was is part of the hash, and a row lives a day.
CREATE TABLE idempotency_keys (
    key_hash bytea NOT NULL PRIMARY KEY,
    credential_id uuid NOT NULL,
    body_hash bytea NOT NULL,
    claim_id uuid NOT NULL,
    claimed_at timestamptz NOT NULL,
    claimed_until timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    status integer,
    headers json,
    body bytea
);
CREATE INDEX idempotency_keys_credential ON idempotency_keys (credential_id, claimed_at);
CREATE INDEX idempotency_keys_expires ON idempotency_keys (expires_at);
