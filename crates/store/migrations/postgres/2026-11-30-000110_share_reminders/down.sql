ALTER TABLE shares ADD COLUMN end_set_at timestamptz;
UPDATE shares SET end_set_at = remind_from - (expires_at - remind_from)
    WHERE remind_from IS NOT NULL AND expires_at IS NOT NULL;
ALTER TABLE shares DROP COLUMN remind_from;
