ALTER TABLE outbox DROP COLUMN failed_at;
ALTER TABLE accounts DROP COLUMN invitation_news;
