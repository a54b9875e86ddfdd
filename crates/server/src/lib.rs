//! The HTTP server of Accord and its program: routes, the caller, conversion, problem details, the
//! OpenAPI document, the embedded dashboard, settings. No SQL, no rules.

mod blocking;
mod body;
mod caller;
pub mod commands;
mod convert;
mod counted;
pub mod dashboard;
mod docs;
mod export;
mod extract;
mod idempotency;
mod limits;
mod lists;
mod mailbox;
mod metrics;
pub mod openapi;
mod problem;
mod recognise;
mod request;
mod revisions;
mod routes;
mod running;
mod scopes;
pub mod settings;
mod state;
mod streams;
mod versions;

pub use running::{Running, StartError, migrate, open_service, start};
pub use settings::Settings;
