-- From when on the people of a share may be reminded of its end: half way there from when that end was set.
ALTER TABLE shares ADD COLUMN remind_from TEXT;
UPDATE shares SET remind_from =
        strftime('%Y-%m-%dT%H:%M:%f', (julianday(end_set_at) + julianday(expires_at)) / 2) || '000Z'
    WHERE end_set_at IS NOT NULL AND expires_at IS NOT NULL;
ALTER TABLE shares DROP COLUMN end_set_at;
