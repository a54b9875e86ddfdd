DROP INDEX idempotency_keys_credential;
ALTER TABLE idempotency_keys DROP COLUMN kept_bytes;
ALTER TABLE idempotency_keys DROP COLUMN carried_out;
CREATE INDEX idempotency_keys_credential ON idempotency_keys (credential_id, claimed_at);
