-- The newest one alone stays.
ALTER TABLE webhooks ADD COLUMN sealed_former_secret BLOB;
ALTER TABLE webhooks ADD COLUMN former_secret_until TEXT;
UPDATE webhooks SET
    sealed_former_secret = (SELECT f.sealed_secret FROM webhook_former_secrets f
        WHERE f.webhook_id = webhooks.id ORDER BY f.ends_at DESC, f.sealed_secret LIMIT 1),
    former_secret_until = (SELECT f.ends_at FROM webhook_former_secrets f
        WHERE f.webhook_id = webhooks.id ORDER BY f.ends_at DESC, f.sealed_secret LIMIT 1);
DROP TABLE webhook_former_secrets;
