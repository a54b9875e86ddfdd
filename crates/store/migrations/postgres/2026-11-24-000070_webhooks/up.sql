-- Where events of an account are sent, and what was sent there.

CREATE TABLE webhooks (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    url text NOT NULL,
    description text NOT NULL,
    event_types json NOT NULL,
    sealed_secret bytea NOT NULL,
    sealed_former_secret bytea,
    former_secret_until timestamptz,
    switched_off_at timestamptz,
    switched_off_because text,
    failing_since timestamptz,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    last_error text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX webhooks_account_created ON webhooks (account_id, created_at, id);

CREATE TABLE webhook_deliveries (
    id uuid NOT NULL PRIMARY KEY,
    webhook_id uuid NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_type text NOT NULL,
    body text NOT NULL,
    status text NOT NULL,
    created_at timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    failures integer NOT NULL,
    claimed_until timestamptz,
    last_attempt_at timestamptz,
    last_duration_ms bigint,
    response_status integer,
    response_body text,
    last_error text,
    finished_at timestamptz
);
CREATE INDEX webhook_deliveries_webhook_created ON webhook_deliveries (webhook_id, created_at, id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at, id)
    WHERE status = 'pending';
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (finished_at)
    WHERE finished_at IS NOT NULL;
