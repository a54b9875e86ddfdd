-- Several former secrets of a webhook, each with an end of its own: who rotates twice still has until then.
CREATE TABLE webhook_former_secrets (
    webhook_id BLOB NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    sealed_secret BLOB NOT NULL,
    ends_at TEXT NOT NULL,
    PRIMARY KEY (webhook_id, sealed_secret)
) STRICT;
CREATE INDEX webhook_former_secrets_ends ON webhook_former_secrets (ends_at);

INSERT INTO webhook_former_secrets (webhook_id, sealed_secret, ends_at)
    SELECT id, sealed_former_secret, former_secret_until FROM webhooks
    WHERE sealed_former_secret IS NOT NULL AND former_secret_until IS NOT NULL;
ALTER TABLE webhooks DROP COLUMN former_secret_until;
ALTER TABLE webhooks DROP COLUMN sealed_former_secret;
