ALTER TABLE shares ADD COLUMN end_set_at TEXT;
UPDATE shares SET end_set_at =
        strftime('%Y-%m-%dT%H:%M:%f', 2 * julianday(remind_from) - julianday(expires_at)) || '000Z'
    WHERE remind_from IS NOT NULL AND expires_at IS NOT NULL;
ALTER TABLE shares DROP COLUMN remind_from;
