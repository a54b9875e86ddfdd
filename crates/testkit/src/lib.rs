//! Databases, the running app, SMTP and browser for tests.

#[cfg(feature = "app")]
pub mod app;
#[cfg(feature = "browser")]
pub mod browser;
#[cfg(feature = "app")]
pub mod clock;
pub mod databases;
#[cfg(feature = "app")]
pub mod mailbox;
#[cfg(feature = "app")]
pub mod people;
pub mod python;
pub mod receiver;
#[cfg(feature = "app")]
pub mod schemathesis;
pub mod smtp;

#[cfg(feature = "app")]
pub use accord_server::settings;
#[cfg(feature = "app")]
pub use app::{PlatformToken, TestApp, eventually};
pub use databases::Backend;
#[cfg(feature = "app")]
pub use people::{PASSWORD, Person};
