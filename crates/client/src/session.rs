use std::sync::{PoisonError, RwLock};

use futures_util::lock::Mutex;

/// What clones of a client share: the access token, and the right to refresh it.
#[derive(Debug, Default)]
pub(crate) struct Session {
    token: RwLock<Option<String>>,
    /// Held while refreshing, so that calls that fail together refresh once.
    pub(crate) refreshing: Mutex<()>,
}

impl Session {
    pub(crate) fn token(&self) -> Option<String> {
        self.token
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set_token(&self, token: Option<String>) {
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = token;
    }
}
