//! The name under which a session is being refreshed. It is kept until an answer comes, so that whoever asks
//! next, after a page was left or the network failed meanwhile, repeats that attempt: the cookie alone would
//! look like a replay, which ends the session.

use uuid::Uuid;

use crate::session::Session;

/// The name of the header.
pub(crate) const REFRESH_ATTEMPT: &str = "Refresh-Attempt";

impl Session {
    /// The attempt that was never answered, or a new one.
    pub(crate) fn refresh_attempt(&self) -> String {
        let mut unanswered = self.unanswered_refresh();
        if let Some(attempt) = stored::read().or_else(|| unanswered.clone()) {
            return attempt;
        }
        let attempt = Uuid::new_v4().to_string();
        stored::write(Some(&attempt));
        *unanswered = Some(attempt.clone());
        attempt
    }

    /// An answer came: the next one is another attempt.
    pub(crate) fn refresh_answered(&self) {
        stored::write(None);
        *self.unanswered_refresh() = None;
    }
}

/// Where the next page of the same browser finds it. A browser may refuse to keep anything.
#[cfg(target_arch = "wasm32")]
mod stored {
    const KEY: &str = "accord-refresh-attempt";

    fn storage() -> Option<web_sys::Storage> {
        web_sys::window()?.local_storage().ok()?
    }

    pub(super) fn read() -> Option<String> {
        storage()?.get_item(KEY).ok()?
    }

    pub(super) fn write(attempt: Option<&str>) {
        let _ = storage().map(|storage| match attempt {
            Some(attempt) => storage.set_item(KEY, attempt),
            None => storage.remove_item(KEY),
        });
    }
}

/// A program remembers it itself.
#[cfg(not(target_arch = "wasm32"))]
mod stored {
    pub(super) const fn read() -> Option<String> {
        None
    }

    pub(super) const fn write(_attempt: Option<&str>) {}
}
