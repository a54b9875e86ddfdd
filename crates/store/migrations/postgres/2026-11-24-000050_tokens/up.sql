-- Tokens of programs: those of one account, and the platform's own. Only their hashes are kept.
CREATE TABLE api_tokens (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    hint text NOT NULL,
    name text NOT NULL,
    scopes text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz
);
CREATE UNIQUE INDEX api_tokens_hash_unique ON api_tokens (token_hash);
CREATE INDEX api_tokens_account ON api_tokens (account_id);

CREATE TABLE platform_tokens (
    id uuid NOT NULL PRIMARY KEY,
    token_hash bytea NOT NULL,
    hint text NOT NULL,
    name text NOT NULL,
    scopes text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz
);
CREATE UNIQUE INDEX platform_tokens_hash_unique ON platform_tokens (token_hash);

-- The token by which something was done, as it was called then.
ALTER TABLE tasks ADD COLUMN token json;
