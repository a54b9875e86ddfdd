-- Whether a write was committed, noted in its own transaction: it is not carried out again even if its answer
-- was lost. How much is kept of the answer is counted together with the keys of a credential.
ALTER TABLE idempotency_keys ADD COLUMN carried_out boolean NOT NULL DEFAULT false;
ALTER TABLE idempotency_keys ADD COLUMN kept_bytes integer NOT NULL DEFAULT 0;
DROP INDEX idempotency_keys_credential;
CREATE INDEX idempotency_keys_credential ON idempotency_keys (credential_id, expires_at, kept_bytes);
