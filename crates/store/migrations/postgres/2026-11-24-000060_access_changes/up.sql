-- What changed at which revision of an account, so that who keeps what it shares in memory reads that again
-- and nothing else. `since` is the revision before; without `things` it was too much to be listed. Only the
-- newest are kept.
CREATE TABLE access_changes (
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    revision bigint NOT NULL,
    since bigint NOT NULL,
    things json,
    PRIMARY KEY (account_id, revision)
);
