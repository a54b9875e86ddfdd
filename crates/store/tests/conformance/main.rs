//! One suite for both databases: every test runs on SQLite and on PostgreSQL.

mod accounts;
mod collaboration;
mod concurrency;
mod lists;
mod members;
mod outage;
mod outbox;
mod reach;
mod schema;
mod shares;
mod support;
mod text;
