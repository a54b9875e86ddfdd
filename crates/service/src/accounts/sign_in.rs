use accord_store::accounts;
use accord_store::sessions as session_rows;

use super::{SignedInView, key_of_address};
use crate::Service;
use crate::call::Credential;
use crate::call::RequestInfo;
use crate::error::{Result, ServiceError};
use crate::security::access_tokens::SessionCredential;
use crate::security::secret_tokens::SecretToken;

/// What the browser's cookie turned out to be good for.
enum Refresh {
    Renewed(Box<SignedInView>),
    /// It was used before: somebody else has a copy, so its session ended.
    Replayed,
    Unknown,
}

impl Service {
    /// Signs in with an address and a password. An unknown address takes as long and is answered alike.
    ///
    /// # Errors
    /// [`ServiceError::InvalidCredentials`], or [`ServiceError::AccountDisabled`] after a right password.
    pub fn sign_in(
        &self,
        request: &RequestInfo,
        email: &str,
        password: &str,
    ) -> Result<SignedInView> {
        let found = match key_of_address(email) {
            Some(key) => self
                .db
                .read(|tx| Ok::<_, ServiceError>(accounts::by_email_key(tx, &key)?))?,
            None => None,
        };
        let hash = found.as_ref().map(|account| account.password_hash.as_str());
        if !self.passwords.verify(password, hash) {
            return Err(ServiceError::InvalidCredentials);
        }
        let verified = found.ok_or(ServiceError::InvalidCredentials)?;
        self.db.write(|tx| {
            let now = self.clock.now();
            // Changed while it was being verified: the new password is the one that counts. Locked, so
            // that whoever ends all sessions at this moment ends this one too.
            let account = accounts::lock(tx, verified.id)?
                .filter(|account| account.password_hash == verified.password_hash)
                .ok_or(ServiceError::InvalidCredentials)?;
            if account.disabled_at.is_some() {
                return Err(ServiceError::AccountDisabled);
            }
            self.open_session(tx, account, request, now)
        })
    }

    /// Renews a session by its refresh token, which is thereby used up. A token that comes a second
    /// time was stolen, or its thief was first: either way its session ends. Only the same `attempt`, which
    /// whoever has no more than the token cannot name, may come again, however often and all at once, and
    /// brings the same token, until that is used: a page that is left while it refreshes never sees its answer.
    ///
    /// # Errors
    /// [`ServiceError::NotSignedIn`] when the token is unknown, used, or its session over.
    pub fn refresh(
        &self,
        token: &SecretToken,
        attempt: Option<&SecretToken>,
    ) -> Result<SignedInView> {
        let hash = token.hash();
        let outcome = self.db.write(|tx| {
            let now = self.clock.now();
            let Some(session) = session_rows::of_refresh_token(tx, &hash)? else {
                return Ok(Refresh::Unknown);
            };
            let successor = attempt.map_or_else(
                || SecretToken::generate(&self.randomness),
                |attempt| token.successor(attempt),
            );
            let next = successor.hash();
            if session_rows::use_refresh_token(tx, &hash, now)? {
                session_rows::insert_refresh_token(tx, &next, session.id, now)?;
            } else if !session_rows::has_unused_refresh_token(tx, session.id, &next)? {
                session_rows::end(tx, session.account_id, session.id, now)?;
                return Ok(Refresh::Replayed);
            }
            let Some((session, account)) = session_rows::live_with_account(tx, session.id, now)?
                .filter(|(_, account)| account.disabled_at.is_none())
            else {
                return Ok(Refresh::Unknown);
            };
            session_rows::touch(tx, session.id, now + self.settings.session_lifetime, now)?;
            self.renew(account, &session, successor, now)
                .map(Box::new)
                .map(Refresh::Renewed)
        })?;
        match outcome {
            Refresh::Renewed(signed_in) => Ok(*signed_in),
            Refresh::Replayed => {
                tracing::warn!("a refresh token came a second time; its session was ended");
                Err(ServiceError::NotSignedIn)
            }
            Refresh::Unknown => Err(ServiceError::NotSignedIn),
        }
    }

    /// Ends the sessions that the caller showed, by cookie or access token. Nothing shown, nothing done.
    ///
    /// # Errors
    /// Only when the database fails.
    pub fn sign_out(
        &self,
        token: Option<&SecretToken>,
        credential: Option<Credential>,
    ) -> Result<()> {
        self.db.write(|tx| {
            let now = self.clock.now();
            if let Some(token) = token
                && let Some(session) = session_rows::of_refresh_token(tx, &token.hash())?
            {
                session_rows::end(tx, session.account_id, session.id, now)?;
            }
            if let Some(Credential::Session(SessionCredential {
                account_id,
                session_id,
            })) = credential
            {
                session_rows::end(tx, account_id, session_id, now)?;
            }
            Ok(())
        })
    }
}
