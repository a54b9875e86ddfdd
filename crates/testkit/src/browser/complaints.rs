//! What a browser has to complain about: errors, warnings, and violations of the security policy.

use std::sync::PoisonError;

use super::Browser;

/// A refusal of the server that belongs to a story: browsers write an error for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    /// How the path begins, below `/api/v1`.
    pub path: &'static str,
}

/// How the dashboard finds out that nobody is signed in.
const NOBODY_SIGNED_IN: Refusal = Refusal {
    status: 401,
    path: "/auth/refresh",
};

impl Browser {
    /// The server may refuse this from now on without failing the test.
    pub fn expects(&self, status: u16, path: &'static str) {
        let mut expected = self
            .inner
            .expected
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        expected.push(Refusal { status, path });
    }

    /// Everything that stands in the console as a warning or worse; reading it empties it.
    pub async fn complaints(&self) -> Vec<String> {
        let entries = match self.session().console().await {
            Ok(entries) => entries,
            Err(error) => return vec![format!("the console cannot be read: {error}")],
        };
        entries
            .into_iter()
            .filter(|entry| matches!(entry.level.as_str(), "WARNING" | "SEVERE"))
            .filter(|entry| !self.is_expected(&entry.source, &entry.message))
            .map(|entry| format!("{} {}", entry.level, entry.message))
            .collect()
    }

    fn is_expected(&self, source: &str, message: &str) -> bool {
        if source != "network" {
            return false;
        }
        let expected = self
            .inner
            .expected
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        expected.iter().chain([&NOBODY_SIGNED_IN]).any(|refusal| {
            let address = format!("{}/api/v1{}", self.inner.base, refusal.path);
            message.starts_with(&address)
                && message.contains(&format!("status of {}", refusal.status))
        })
    }
}
