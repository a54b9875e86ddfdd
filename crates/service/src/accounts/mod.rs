//! What people do with their own account: sign up, in and out, prove an address, change a password.

mod address;
pub(crate) mod administration;
mod api_tokens;
mod deletion;
mod export;
pub(crate) mod password;
pub(crate) mod profile;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod sign_up;
pub(crate) mod verification;

use accord_domain::email::EmailAddress;
use accord_domain::password::check_password_length;
use accord_store::accounts::Account;
use accord_store::sessions as session_rows;
use accord_store::{Conn, account_tokens};
use chrono::{DateTime, Duration, Utc};

use crate::Service;
use crate::call::RequestInfo;
use crate::error::{Result, ServiceError};
use crate::security::access_tokens::SessionCredential;
use crate::security::passwords::is_common;
use crate::security::secret_tokens::SecretToken;

pub use accord_store::accounts::Account as AccountView;
pub use accord_store::sessions::Session as SessionView;
pub use address::{AddressView, PendingAddress};
pub use api_tokens::{ApiTokenSort, ApiTokenView, CreateApiToken, MadeApiToken};
pub use export::{AccountExport, EndedCollaboration};
pub use sessions::SessionSort;

/// Somebody signed in, with what keeps them so.
#[derive(Clone, Debug)]
pub struct SignedInView {
    pub account: Account,
    pub access_token: String,
    pub access_token_lifetime: Duration,
    /// For the browser's cookie; good for one refresh.
    pub refresh_token: SecretToken,
    pub refresh_token_lifetime: Duration,
}

impl Service {
    /// Refuses a password that is too short, too long, or common; `pointer` says where it was typed.
    pub(crate) fn check_password(
        &self,
        pointer: &str,
        password: &str,
        email: &str,
        name: &str,
    ) -> Result<()> {
        check_password_length(password)
            .map_err(|error| ServiceError::invalid(pointer, error.to_string()))?;
        let local_part = email.split('@').next().unwrap_or_default();
        if is_common(password, &[email, local_part, name, "accord"]) {
            return Err(ServiceError::invalid(
                pointer,
                "This password is common or easily guessed. Several unrelated words make a good one.",
            ));
        }
        Ok(())
    }

    pub(crate) fn hash_password(&self, password: &str) -> Result<String> {
        self.passwords
            .hash(password)
            .map_err(ServiceError::internal)
    }

    /// Opens a session for the account.
    pub(crate) fn open_session(
        &self,
        tx: &mut Conn<'_>,
        account: Account,
        request: &RequestInfo,
        now: DateTime<Utc>,
    ) -> Result<SignedInView> {
        let session = SessionView {
            id: self.randomness.id(now),
            account_id: account.id,
            created_at: now,
            last_used_at: now,
            expires_at: now + self.settings.session_lifetime,
            ended_at: None,
            user_agent: request.user_agent.chars().take(400).collect(),
            network_address: request.network_address.clone(),
        };
        session_rows::insert(tx, &session)?;
        let refresh_token = SecretToken::generate(&self.randomness);
        session_rows::insert_refresh_token(tx, &refresh_token.hash(), session.id, now)?;
        self.renew(account, &session, refresh_token, now)
    }

    /// New tokens for a session that lives.
    fn renew(
        &self,
        account: Account,
        session: &SessionView,
        refresh_token: SecretToken,
        now: DateTime<Utc>,
    ) -> Result<SignedInView> {
        let credential = SessionCredential {
            account_id: account.id,
            session_id: session.id,
        };
        Ok(SignedInView {
            access_token: self
                .access_tokens
                .issue(credential, now)
                .map_err(ServiceError::internal)?,
            access_token_lifetime: self.access_tokens.lifetime(),
            refresh_token,
            refresh_token_lifetime: self.settings.session_lifetime,
            account,
        })
    }

    /// A new mailed token of that purpose; the unused ones before it die.
    fn new_account_token(
        &self,
        tx: &mut Conn<'_>,
        account: &Account,
        purpose: account_tokens::TokenPurpose,
        lifetime: Duration,
        now: DateTime<Utc>,
    ) -> Result<SecretToken> {
        let token = SecretToken::generate(&self.randomness);
        account_tokens::delete_unused(tx, account.id, purpose)?;
        account_tokens::insert(
            tx,
            &account_tokens::AccountToken {
                token_hash: token.hash(),
                account_id: account.id,
                purpose,
                email_key: account.email_key.clone(),
                created_at: now,
                expires_at: now + lifetime,
                used_at: None,
                new_email: None,
            },
        )?;
        Ok(token)
    }
}

/// The token that a link carries, if it is of one of these purposes and still good.
fn presented_token(
    tx: &mut Conn<'_>,
    token: &SecretToken,
    purposes: &[account_tokens::TokenPurpose],
    now: DateTime<Utc>,
) -> Result<account_tokens::AccountToken> {
    let found = account_tokens::find(tx, &token.hash())?
        .filter(|found| purposes.contains(&found.purpose))
        .ok_or(ServiceError::HIDDEN)?;
    if found.used_at.is_some() {
        return Err(ServiceError::LinkUsed);
    }
    if now >= found.expires_at {
        return Err(ServiceError::LinkExpired);
    }
    Ok(found)
}

/// The key of an address that came in as text; a malformed one is nobody's.
fn key_of_address(email: &str) -> Option<String> {
    EmailAddress::parse(email).ok().map(|address| address.key())
}
