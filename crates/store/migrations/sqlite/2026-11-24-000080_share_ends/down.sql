DROP INDEX shares_end_to_tell;
ALTER TABLE shares DROP COLUMN end_told_at;
ALTER TABLE shares DROP COLUMN reminded_at;
ALTER TABLE shares DROP COLUMN end_set_at;
