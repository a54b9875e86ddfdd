-- What an account shares, with whom, under which roles.
-- Foreign keys carry the account along, so that a row can never point into another account.

CREATE TABLE policies (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid REFERENCES accounts (id) ON DELETE CASCADE,
    system_key text COLLATE "C",
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    description text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((account_id IS NULL) <> (system_key IS NULL))
);
CREATE UNIQUE INDEX policies_name_unique ON policies (account_id, name_key);
CREATE UNIQUE INDEX policies_system_key_unique ON policies (system_key);

CREATE TABLE policy_actions (
    policy_id uuid NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
    action_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (policy_id, action_id)
);

CREATE TABLE roles (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    description text NOT NULL,
    receive_load_alerts boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX roles_name_unique ON roles (account_id, name_key);
CREATE UNIQUE INDEX roles_account_unique ON roles (account_id, id);

CREATE TABLE role_policies (
    role_id uuid NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    policy_id uuid NOT NULL REFERENCES policies (id),
    PRIMARY KEY (role_id, policy_id)
);
CREATE INDEX role_policies_policy ON role_policies (policy_id);

CREATE TABLE groups (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    parent_id uuid,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    color text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT groups_account_unique UNIQUE (account_id, id),
    FOREIGN KEY (account_id, parent_id) REFERENCES groups (account_id, id)
);
CREATE UNIQUE INDEX groups_name_unique ON groups (account_id, parent_id, name_key);
CREATE UNIQUE INDEX groups_root_name_unique ON groups (account_id, name_key)
    WHERE parent_id IS NULL;

CREATE TABLE environments (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    display_name text,
    display_name_key text COLLATE "C" NOT NULL,
    status text NOT NULL,
    created_by uuid REFERENCES accounts (id) ON DELETE SET NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX environments_name_unique ON environments (account_id, name_key);
CREATE UNIQUE INDEX environments_account_unique ON environments (account_id, id);
CREATE INDEX environments_account_created ON environments (account_id, created_at, id);
CREATE INDEX environments_created_by ON environments (created_by);

CREATE TABLE environment_groups (
    account_id uuid NOT NULL,
    environment_id uuid NOT NULL,
    group_id uuid NOT NULL,
    PRIMARY KEY (environment_id, group_id),
    FOREIGN KEY (account_id, environment_id) REFERENCES environments (account_id, id)
        ON DELETE CASCADE,
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id) ON DELETE CASCADE
);
CREATE INDEX environment_groups_account_environment
    ON environment_groups (account_id, environment_id);
CREATE INDEX environment_groups_account_group ON environment_groups (account_id, group_id);

CREATE TABLE members (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    display_name text,
    display_name_key text COLLATE "C" NOT NULL,
    person_id uuid REFERENCES accounts (id) ON DELETE SET NULL,
    status text NOT NULL,
    invited_at timestamptz NOT NULL,
    invitation_expires_at timestamptz,
    accepted_at timestamptz,
    suspended_at timestamptz,
    ended_at timestamptz,
    label text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX members_address_unique ON members (account_id, email_key);
CREATE UNIQUE INDEX members_person_unique ON members (account_id, person_id);
CREATE UNIQUE INDEX members_account_unique ON members (account_id, id);
CREATE INDEX members_account_name ON members (account_id, display_name_key, id);
CREATE INDEX members_account_invited ON members (account_id, invited_at, id);
CREATE INDEX members_person ON members (person_id);
CREATE INDEX members_email_key ON members (email_key);

CREATE TABLE invitations (
    id uuid NOT NULL PRIMARY KEY,
    member_id uuid REFERENCES members (id) ON DELETE SET NULL,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    state text NOT NULL,
    proves_address boolean NOT NULL,
    opened_at timestamptz,
    ended_at timestamptz
);
CREATE UNIQUE INDEX invitations_token_unique ON invitations (token_hash);
CREATE INDEX invitations_member ON invitations (member_id);

CREATE TABLE shares (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL,
    member_id uuid NOT NULL,
    item_kind text NOT NULL,
    group_id uuid,
    environment_id uuid,
    expires_at timestamptz,
    created_at timestamptz NOT NULL,
    FOREIGN KEY (account_id, member_id) REFERENCES members (account_id, id) ON DELETE CASCADE,
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id) ON DELETE CASCADE,
    FOREIGN KEY (account_id, environment_id) REFERENCES environments (account_id, id)
        ON DELETE CASCADE,
    CHECK ((item_kind = 'group') = (group_id IS NOT NULL)),
    CHECK ((item_kind = 'environment') = (environment_id IS NOT NULL)),
    CHECK (item_kind IN ('environments', 'groups', 'group', 'environment'))
);
CREATE UNIQUE INDEX shares_account_unique ON shares (account_id, id);
CREATE UNIQUE INDEX shares_category_unique ON shares (member_id, item_kind)
    WHERE item_kind IN ('environments', 'groups');
CREATE UNIQUE INDEX shares_group_unique ON shares (member_id, group_id);
CREATE UNIQUE INDEX shares_environment_unique ON shares (member_id, environment_id);
CREATE INDEX shares_account_member ON shares (account_id, member_id);
CREATE INDEX shares_account_group ON shares (account_id, group_id);
CREATE INDEX shares_account_environment ON shares (account_id, environment_id);

CREATE TABLE share_roles (
    account_id uuid NOT NULL,
    share_id uuid NOT NULL,
    role_id uuid NOT NULL,
    PRIMARY KEY (share_id, role_id),
    FOREIGN KEY (account_id, share_id) REFERENCES shares (account_id, id) ON DELETE CASCADE,
    FOREIGN KEY (account_id, role_id) REFERENCES roles (account_id, id)
);
CREATE INDEX share_roles_account_share ON share_roles (account_id, share_id);
CREATE INDEX share_roles_account_role ON share_roles (account_id, role_id);
