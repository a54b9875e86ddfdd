-- Since when the present end of a share was set, when its people were reminded of it, and when they were told
-- that it had come.
ALTER TABLE shares ADD COLUMN end_set_at timestamptz;
ALTER TABLE shares ADD COLUMN reminded_at timestamptz;
ALTER TABLE shares ADD COLUMN end_told_at timestamptz;
CREATE INDEX shares_end_to_tell ON shares (expires_at) WHERE end_told_at IS NULL AND expires_at IS NOT NULL;
