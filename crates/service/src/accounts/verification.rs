use accord_mail::Message;
use accord_store::Conn;
use accord_store::account_tokens::{self, TokenPurpose};
use accord_store::accounts::{self, Account};
use chrono::{DateTime, Utc};

use super::presented_token;
use crate::Service;
use crate::call::{Call, Person, RequestInfo};
use crate::error::{Result, ServiceError};
use crate::security::secret_tokens::SecretToken;
use crate::tasks::{Actor, Happening};

impl Service {
    /// Proves the account's address by the mailed link, or the one that it shall have, which is its
    /// address from then on. Nobody needs to be signed in for it.
    ///
    /// # Errors
    /// Hidden for an unknown token, [`ServiceError::LinkUsed`], [`ServiceError::LinkExpired`];
    /// [`ServiceError::EmailTaken`] when the new address has got an account meanwhile.
    pub fn verify_email(&self, request: &RequestInfo, token: &SecretToken) -> Result<Account> {
        let account = self.db.write(|tx| {
            let now = self.clock.now();
            let purposes = [TokenPurpose::VerifyEmail, TokenPurpose::ChangeEmail];
            let stored = presented_token(tx, token, &purposes, now)?;
            if stored.purpose == TokenPurpose::ChangeEmail {
                return self.take_new_address(tx, &stored, request, now);
            }
            let account = accounts::lock(tx, stored.account_id)?
                .filter(|account| account.email_key == stored.email_key)
                .ok_or(ServiceError::LinkExpired)?;
            if !account_tokens::mark_used(tx, &stored.token_hash, now)? {
                return Err(ServiceError::LinkUsed);
            }
            if account.email_verified_at.is_some() {
                return Ok(account);
            }
            let after = accounts::set_verified(tx, account.id, now)?.ok_or(ServiceError::HIDDEN)?;
            let happening = Happening::new("account.verify_email");
            let actor = Actor::account_by_link(&account, request);
            self.account_changed(tx, &after, actor, happening, now)?;
            self.tell_of_waiting_invitations(tx, &after, now)?;
            Ok(after)
        })?;
        self.wake_mail_worker();
        Ok(account)
    }

    /// Mails a new link that proves the caller's address; the one before dies.
    ///
    /// # Errors
    /// [`ServiceError::AlreadyVerified`].
    pub fn resend_verification(&self, call: &Call) -> Result<()> {
        self.db.write(|tx| {
            let now = self.clock.now();
            // Locked first: it may be being deleted.
            let own = call.account_id(tx, now)?;
            accounts::lock(tx, own)?;
            let person = Person::of(tx, call, now)?;
            if person.account.email_verified_at.is_some() {
                return Err(ServiceError::AlreadyVerified);
            }
            self.queue_verification(tx, &person.account, now)
        })?;
        self.wake_mail_worker();
        Ok(())
    }

    pub(crate) fn queue_verification(
        &self,
        tx: &mut Conn<'_>,
        account: &Account,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let token = self.new_account_token(
            tx,
            account,
            TokenPurpose::VerifyEmail,
            self.settings.verification_lifetime,
            now,
        )?;
        let link = self.link("verify-email", &token);
        self.queue_mail_to_account(
            tx,
            account,
            &Message::VerifyAddress {
                name: account.name.clone(),
            },
            Some(&link),
            now,
        )
    }
}
