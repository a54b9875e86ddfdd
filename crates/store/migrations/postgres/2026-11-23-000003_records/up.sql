-- What happened, what waits to be mailed, and what the program remembers about itself.

-- No foreign keys: a task outlives what it names.
CREATE TABLE tasks (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    action text NOT NULL,
    member_id uuid,
    environment_id uuid,
    item json,
    before json,
    after json,
    means text NOT NULL,
    request_id text NOT NULL,
    network_address text NOT NULL
);
CREATE INDEX tasks_account_at ON tasks (account_id, at, id);

CREATE FUNCTION tasks_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'tasks are append-only';
END;
$$;
CREATE TRIGGER tasks_refuse_change BEFORE UPDATE OR DELETE ON tasks
    FOR EACH ROW EXECUTE FUNCTION tasks_are_append_only();
CREATE TRIGGER tasks_refuse_truncate BEFORE TRUNCATE ON tasks
    FOR EACH STATEMENT EXECUTE FUNCTION tasks_are_append_only();

CREATE TABLE outbox (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid,
    member_id uuid,
    kind text NOT NULL,
    recipient text NOT NULL,
    params json NOT NULL,
    sealed_link bytea,
    created_at timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    claimed_until timestamptz,
    last_error text,
    sent_at timestamptz,
    gave_up_at timestamptz
);
CREATE INDEX outbox_waiting ON outbox (next_attempt_at, id)
    WHERE sent_at IS NULL AND gave_up_at IS NULL;
CREATE INDEX outbox_created ON outbox (created_at, id);
CREATE INDEX outbox_member ON outbox (member_id);

CREATE TABLE meta (
    key text COLLATE "C" NOT NULL PRIMARY KEY,
    value text NOT NULL
);
