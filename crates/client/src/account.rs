use accord_api_types::{
    Account, AccountEmail, AccountExport, ApiToken, ChangeEmail, ChangePassword, CreateApiToken,
    DeleteAccount, NewApiToken, Page, PageQuery, Session, UpdateAccount,
};
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

    /// The caller's address, and the one that waits to be proven.
    pub async fn account_email(&self) -> Result<AccountEmail> {
        self.get(&["account", "email"]).read().await
    }

    /// Asks for another address, which counts once its mailed link is followed.
    pub async fn change_email(&self, body: &ChangeEmail) -> Result<()> {
        self.post(&["account", "email"]).body(body).done().await
    }

    /// Drops the address that waits to be proven.
    pub async fn cancel_email_change(&self) -> Result<()> {
        self.delete(&["account", "email"]).done().await
    }

    /// Everything that is kept of the caller's account.
    pub async fn export_account(&self) -> Result<AccountExport> {
        self.get(&["account", "export"]).read().await
    }

    /// The same as the text of a file.
    pub async fn export_account_as_text(&self) -> Result<String> {
        self.get(&["account", "export"]).read_text().await
    }

    /// Deletes the caller's account for good. Nobody is signed in afterwards.
    pub async fn delete_account(&self, body: &DeleteAccount) -> Result<()> {
        self.delete_account_at(body, None).await
    }

    /// The same, unless the account has changed since this version.
    pub async fn delete_account_as_of(&self, body: &DeleteAccount, if_match: &str) -> Result<()> {
        self.delete_account_at(body, Some(if_match)).await
    }

    async fn delete_account_at(&self, body: &DeleteAccount, if_match: Option<&str>) -> Result<()> {
        self.delete(&["account"])
            .body(body)
            .if_match(if_match)
            .done()
            .await?;
        self.set_access_token(None);
        Ok(())
    }

    /// Where the caller is signed in.
    pub async fn sessions(&self, query: &PageQuery) -> Result<Page<Session>> {
        self.get(&["account", "sessions"]).query(query).read().await
    }

    /// One of the places where the caller is signed in.
    pub async fn session(&self, id: Uuid) -> Result<Session> {
        self.get(&["account", "sessions", &id.to_string()])
            .read()
            .await
    }

    /// The tokens by which programs call for the caller.
    pub async fn api_tokens(&self, query: &PageQuery) -> Result<Page<ApiToken>> {
        self.get(&["account", "tokens"]).query(query).read().await
    }

    /// One of those tokens.
    pub async fn api_token(&self, id: Uuid) -> Result<ApiToken> {
        self.get(&["account", "tokens", &id.to_string()])
            .read()
            .await
    }

    /// Makes a token for a program. The answer alone holds its secret.
    pub async fn create_api_token(&self, body: &CreateApiToken) -> Result<NewApiToken> {
        self.post(&["account", "tokens"]).body(body).read().await
    }

    /// Revokes a token of the caller's programs.
    pub async fn revoke_api_token(&self, id: Uuid) -> Result<()> {
        self.delete(&["account", "tokens", &id.to_string()])
            .done()
            .await
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
