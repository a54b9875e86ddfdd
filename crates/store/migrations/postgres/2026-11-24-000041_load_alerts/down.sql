ALTER TABLE outbox DROP COLUMN recipient_id;
DROP TABLE load_alert_windows;
