//! The typed client of the API, native and WASM.
//!
//! One [`Client`] is one signed-in (or signed-out) person. It keeps the access token, refreshes it once
//! when the server no longer takes it, and tries the call again. The refresh token is a cookie that no
//! code sees: the browser's own, or a jar natively.

mod account;
mod attempts;
mod auth;
mod call;
mod collaborations;
mod decisions;
mod environments;
mod error;
mod events;
mod groups;
mod invitations;
mod members;
mod notifications;
#[cfg(not(target_arch = "wasm32"))]
mod raw;
mod refresh_attempt;
mod roles;
mod service;
mod session;
pub mod tabs;
mod tasks;
mod webhooks;

pub use accord_api_types as types;
pub use attempts::Attempts;
pub use error::{Error, Result};
pub use events::Events;
#[cfg(not(target_arch = "wasm32"))]
pub use raw::RawAnswer;
pub use session::TokenListener;

use std::sync::Arc;

use session::Session;

/// A person's connection to one Accord. Clones share the session.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Arc<str>,
    session: Arc<Session>,
    attempts: Option<Attempts>,
}

impl Client {
    /// A signed-out client of the Accord at `base`: an origin such as `https://accord.example.com`,
    /// with the path it is mounted at, if there is one.
    ///
    /// # Panics
    /// Never in practice: an HTTP client without a TLS store of its own has nothing that can fail.
    #[must_use]
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::builder();
        #[cfg(not(target_arch = "wasm32"))]
        let http = http.cookie_store(true);
        Self {
            http: http
                .build()
                .expect("a plain HTTP client has nothing that can fail"),
            base: base.trim_end_matches('/').into(),
            session: Arc::default(),
            attempts: None,
        }
    }

    /// Where the Accord is, without a trailing slash.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }
}

/// A value with the version that the server stores, for `If-Match` on the next write.
#[derive(Clone, Debug, PartialEq)]
pub struct Versioned<T> {
    pub value: T,
    /// The `ETag`, quotes included.
    pub etag: Option<String>,
}

impl<T> Versioned<T> {
    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> std::ops::Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
