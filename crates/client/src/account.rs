use accord_api_types::{Account, ChangePassword, Page, PageQuery, Session, UpdateAccount};
use uuid::Uuid;

use crate::{Client, Result, Versioned};

impl Client {
    /// The caller's own account.
    pub async fn account(&self) -> Result<Versioned<Account>> {
        self.get(&["account"]).read_versioned().await
    }

    /// Changes the caller's own account.
    pub async fn update_account(
        &self,
        body: &UpdateAccount,
        if_match: Option<&str>,
    ) -> Result<Versioned<Account>> {
        self.patch(&["account"])
            .body(body)
            .if_match(if_match)
            .read_versioned()
            .await
    }

    /// Makes an account that came of an invitation one that may host, where the operator lets it.
    pub async fn upgrade_account(&self) -> Result<Versioned<Account>> {
        self.post(&["account", "upgrade"]).read_versioned().await
    }

    /// Chooses another password.
    pub async fn change_password(&self, body: &ChangePassword) -> Result<()> {
        self.post(&["account", "password"]).body(body).done().await
    }

    /// Where the caller is signed in.
    pub async fn sessions(&self, query: &PageQuery) -> Result<Page<Session>> {
        self.get(&["account", "sessions"]).query(query).read().await
    }

    /// Ends all of the caller's sessions but the one that asks.
    pub async fn end_other_sessions(&self) -> Result<()> {
        self.delete(&["account", "sessions"]).done().await
    }

    /// Ends one of the caller's sessions.
    pub async fn end_session(&self, id: Uuid) -> Result<()> {
        self.delete(&["account", "sessions", &id.to_string()])
            .done()
            .await
    }
}
