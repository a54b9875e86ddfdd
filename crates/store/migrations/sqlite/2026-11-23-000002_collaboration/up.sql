-- What an account shares, with whom, under which roles.
-- Foreign keys carry the account along, so that a row can never point into another account.

CREATE TABLE policies (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB REFERENCES accounts (id) ON DELETE CASCADE,
    system_key TEXT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK ((account_id IS NULL) <> (system_key IS NULL))
) STRICT;
CREATE UNIQUE INDEX policies_name_unique ON policies (account_id, name_key);
CREATE UNIQUE INDEX policies_system_key_unique ON policies (system_key);

CREATE TABLE policy_actions (
    policy_id BLOB NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
    action_id TEXT NOT NULL,
    PRIMARY KEY (policy_id, action_id)
) STRICT;

CREATE TABLE roles (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT NOT NULL,
    receive_load_alerts INTEGER NOT NULL CHECK (receive_load_alerts IN (0, 1)),
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX roles_name_unique ON roles (account_id, name_key);
CREATE UNIQUE INDEX roles_account_unique ON roles (account_id, id);

CREATE TABLE role_policies (
    role_id BLOB NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    policy_id BLOB NOT NULL REFERENCES policies (id),
    PRIMARY KEY (role_id, policy_id)
) STRICT;
CREATE INDEX role_policies_policy ON role_policies (policy_id);

CREATE TABLE groups (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    parent_id BLOB,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    color TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT groups_account_unique UNIQUE (account_id, id),
    FOREIGN KEY (account_id, parent_id) REFERENCES groups (account_id, id)
) STRICT;
CREATE UNIQUE INDEX groups_name_unique ON groups (account_id, parent_id, name_key);
CREATE UNIQUE INDEX groups_root_name_unique ON groups (account_id, name_key)
    WHERE parent_id IS NULL;

CREATE TABLE environments (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    display_name TEXT,
    display_name_key TEXT NOT NULL,
    status TEXT NOT NULL,
    created_by BLOB REFERENCES accounts (id) ON DELETE SET NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX environments_name_unique ON environments (account_id, name_key);
CREATE UNIQUE INDEX environments_account_unique ON environments (account_id, id);
CREATE INDEX environments_account_created ON environments (account_id, created_at, id);
CREATE INDEX environments_created_by ON environments (created_by);

CREATE TABLE environment_groups (
    account_id BLOB NOT NULL,
    environment_id BLOB NOT NULL,
    group_id BLOB NOT NULL,
    PRIMARY KEY (environment_id, group_id),
    FOREIGN KEY (account_id, environment_id) REFERENCES environments (account_id, id)
        ON DELETE CASCADE,
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX environment_groups_account_environment
    ON environment_groups (account_id, environment_id);
CREATE INDEX environment_groups_account_group ON environment_groups (account_id, group_id);

CREATE TABLE members (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    display_name TEXT,
    display_name_key TEXT NOT NULL,
    person_id BLOB REFERENCES accounts (id) ON DELETE SET NULL,
    status TEXT NOT NULL,
    invited_at TEXT NOT NULL,
    invitation_expires_at TEXT,
    accepted_at TEXT,
    suspended_at TEXT,
    ended_at TEXT,
    label TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX members_address_unique ON members (account_id, email_key);
CREATE UNIQUE INDEX members_person_unique ON members (account_id, person_id);
CREATE UNIQUE INDEX members_account_unique ON members (account_id, id);
CREATE INDEX members_account_name ON members (account_id, display_name_key, id);
CREATE INDEX members_account_invited ON members (account_id, invited_at, id);
CREATE INDEX members_person ON members (person_id);
CREATE INDEX members_email_key ON members (email_key);

CREATE TABLE invitations (
    id BLOB NOT NULL PRIMARY KEY,
    member_id BLOB REFERENCES members (id) ON DELETE SET NULL,
    token_hash BLOB NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    state TEXT NOT NULL,
    proves_address INTEGER NOT NULL CHECK (proves_address IN (0, 1)),
    opened_at TEXT,
    ended_at TEXT
) STRICT;
CREATE UNIQUE INDEX invitations_token_unique ON invitations (token_hash);
CREATE INDEX invitations_member ON invitations (member_id);

CREATE TABLE shares (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL,
    member_id BLOB NOT NULL,
    item_kind TEXT NOT NULL,
    group_id BLOB,
    environment_id BLOB,
    expires_at TEXT,
    created_at TEXT NOT NULL,
    FOREIGN KEY (account_id, member_id) REFERENCES members (account_id, id) ON DELETE CASCADE,
    FOREIGN KEY (account_id, group_id) REFERENCES groups (account_id, id) ON DELETE CASCADE,
    FOREIGN KEY (account_id, environment_id) REFERENCES environments (account_id, id)
        ON DELETE CASCADE,
    CHECK ((item_kind = 'group') = (group_id IS NOT NULL)),
    CHECK ((item_kind = 'environment') = (environment_id IS NOT NULL)),
    CHECK (item_kind IN ('environments', 'groups', 'group', 'environment'))
) STRICT;
CREATE UNIQUE INDEX shares_account_unique ON shares (account_id, id);
CREATE UNIQUE INDEX shares_category_unique ON shares (member_id, item_kind)
    WHERE item_kind IN ('environments', 'groups');
CREATE UNIQUE INDEX shares_group_unique ON shares (member_id, group_id);
CREATE UNIQUE INDEX shares_environment_unique ON shares (member_id, environment_id);
CREATE INDEX shares_account_member ON shares (account_id, member_id);
CREATE INDEX shares_account_group ON shares (account_id, group_id);
CREATE INDEX shares_account_environment ON shares (account_id, environment_id);

CREATE TABLE share_roles (
    account_id BLOB NOT NULL,
    share_id BLOB NOT NULL,
    role_id BLOB NOT NULL,
    PRIMARY KEY (share_id, role_id),
    FOREIGN KEY (account_id, share_id) REFERENCES shares (account_id, id) ON DELETE CASCADE,
    FOREIGN KEY (account_id, role_id) REFERENCES roles (account_id, id)
) STRICT;
CREATE INDEX share_roles_account_share ON share_roles (account_id, share_id);
CREATE INDEX share_roles_account_role ON share_roles (account_id, role_id);
