use std::sync::{Arc, MutexGuard, PoisonError, RwLock};

use futures_util::lock::Mutex;

/// What clones of a client share: the access token, and the right to refresh it.
#[derive(Debug, Default)]
pub(crate) struct Session {
    token: RwLock<Option<String>>,
    told: RwLock<Option<Told>>,
    /// Held while refreshing, so that calls that fail together refresh once.
    pub(crate) refreshing: Mutex<()>,
    unanswered_refresh: std::sync::Mutex<Option<String>>,
}

/// Hears the access tokens that refreshing brings.
pub type TokenListener = Arc<dyn Fn(&str) + Send + Sync>;

#[derive(Clone)]
struct Told(TokenListener);

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Told")
    }
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

    pub(crate) fn unanswered_refresh(&self) -> MutexGuard<'_, Option<String>> {
        self.unanswered_refresh
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Refreshing brought this one.
    pub(crate) fn refreshed(&self, token: &str) {
        self.set_token(Some(token.to_owned()));
        let told = self.told.read().unwrap_or_else(PoisonError::into_inner);
        let told = told.clone();
        if let Some(Told(tell)) = told {
            tell(token);
        }
    }

    pub(crate) fn tell_of_refreshes(&self, tell: Option<TokenListener>) {
        *self.told.write().unwrap_or_else(PoisonError::into_inner) = tell.map(Told);
    }

    /// Takes over a token that another got for the same person, unless nobody is signed in here.
    pub(crate) fn take_over(&self, token: &str) {
        let mut held = self.token.write().unwrap_or_else(PoisonError::into_inner);
        if held.is_some() {
            *held = Some(token.to_owned());
        }
    }

    /// Waits a moment for another token than this one: a tab tells of its new one before it lets the next
    /// go on, but word and turn come by different ways.
    #[cfg(target_arch = "wasm32")]
    pub(crate) async fn other_than(&self, refused: &str) {
        const LOOKS: usize = 25;
        const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(20);
        for _ in 0..LOOKS {
            if self.token().as_deref() != Some(refused) {
                return;
            }
            crate::tabs::pause(LOOK_EVERY).await;
        }
    }
}
