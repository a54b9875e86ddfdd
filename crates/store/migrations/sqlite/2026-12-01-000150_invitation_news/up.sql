-- What becomes of an account's invitations is told to whoever looks at its members: mail that was handed over or
-- not, a page that was opened.
ALTER TABLE accounts ADD COLUMN invitation_news INTEGER NOT NULL DEFAULT 0;
-- When sending was last tried in vain.
ALTER TABLE outbox ADD COLUMN failed_at TEXT;
