-- From when on the people of a share may be reminded of its end: half way there from when that end was set.
ALTER TABLE shares ADD COLUMN remind_from timestamptz;
UPDATE shares SET remind_from = end_set_at + (expires_at - end_set_at) / 2
    WHERE end_set_at IS NOT NULL AND expires_at IS NOT NULL;
ALTER TABLE shares DROP COLUMN end_set_at;
