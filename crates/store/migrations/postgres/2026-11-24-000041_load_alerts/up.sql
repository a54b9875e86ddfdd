-- Who was told lately of which metric of which environment, so that repeats are counted and not mailed.
CREATE TABLE load_alert_windows (
    environment_id uuid NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    metric text COLLATE "C" NOT NULL,
    opened_at timestamptz NOT NULL,
    notification_id uuid REFERENCES notifications (id) ON DELETE SET NULL,
    PRIMARY KEY (environment_id, account_id, metric)
);
CREATE INDEX load_alert_windows_account ON load_alert_windows (account_id);
CREATE INDEX load_alert_windows_notification ON load_alert_windows (notification_id);

-- Whose account a mail goes to, where it goes to one: its way out is that account's.
ALTER TABLE outbox ADD COLUMN recipient_id uuid;
