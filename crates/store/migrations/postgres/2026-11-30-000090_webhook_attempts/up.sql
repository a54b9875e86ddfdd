-- Each attempt to send to a webhook, and what came of it. Of what was sent before, the last one is known.
CREATE TABLE webhook_attempts (
    delivery_id uuid NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
    number integer NOT NULL,
    ended_at timestamptz NOT NULL,
    duration_ms bigint NOT NULL,
    response_status integer,
    error text,
    PRIMARY KEY (delivery_id, number)
);
INSERT INTO webhook_attempts (delivery_id, number, ended_at, duration_ms, response_status, error)
SELECT id, attempts, last_attempt_at, last_duration_ms, response_status, last_error
FROM webhook_deliveries
WHERE last_attempt_at IS NOT NULL AND last_duration_ms IS NOT NULL;

-- How many wait for a webhook, and which are the oldest of them.
CREATE INDEX webhook_deliveries_webhook_status ON webhook_deliveries (webhook_id, status, created_at, id);
