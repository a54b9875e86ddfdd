-- Under which name of the caller's a refresh token was used, and the token it brought: where the answer was
-- lost, the same attempt may come again.
ALTER TABLE refresh_tokens ADD COLUMN attempt_hash bytea;
ALTER TABLE refresh_tokens ADD COLUMN successor_hash bytea;
