//! Rows, queries and migrations, alike on SQLite and PostgreSQL.
//!
//! Everything here runs inside a transaction that the caller opened with [`Db::read`] or
//! [`Db::write`]. Times and ids are passed in; nothing is decided here. Writes to what an account
//! shares take a `Grant` of the domain and touch only the account that the grant names.

mod changes;
mod conn;
mod db;
mod error;
mod migrations;
mod outcome;
mod page;
mod pool;
mod reach;
mod schema;
mod takeover;
mod types;

pub mod access_changes;
pub mod access_index;
pub mod account_tokens;
pub mod accounts;
pub mod api_tokens;
pub mod catalogue;
pub mod environments;
pub mod groups;
pub mod idempotency;
pub mod invitations;
pub mod load_alerts;
pub mod members;
pub mod meta;
pub mod notification_preferences;
pub mod notifications;
pub mod outbox;
pub mod platform_tokens;
pub mod policies;
pub mod relations;
pub mod roles;
pub mod sessions;
pub mod share_ends;
pub mod shares;
pub mod tasks;
pub mod webhook_attempts;
pub mod webhook_deliveries;
pub mod webhook_secrets;
pub mod webhook_standing;
pub mod webhooks;

pub use changes::{Change, Changes, EVERY_REVISION, News, Observer};
pub use conn::Conn;
pub use db::{DatabaseKind, Db, PoolState, Rehearsal, take_written};
pub use error::{StoreError, UniqueRule};
pub use outcome::{Insert, Update};
pub use page::{Order, Page, Position, Rows};
pub use takeover::{NOTE_PAUSE, Takeover};
