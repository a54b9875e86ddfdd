//! One suite for both databases: every test runs on SQLite and on PostgreSQL.

mod access_changes;
mod accounts;
mod changes;
mod concurrency;
mod environment_lists;
mod groups_and_environments;
mod idempotency;
mod lists;
mod members;
mod moved_rows;
mod notifications;
mod outage;
mod outbox;
mod policies_and_roles;
mod reach;
mod record;
mod schema;
mod share_ends;
mod shares;
mod support;
mod text;
mod webhooks;
