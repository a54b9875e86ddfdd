use accord_mail::Message;
use accord_store::account_tokens::{self, TokenPurpose};
use accord_store::accounts::{self, Account};
use accord_store::api_tokens;
use accord_store::sessions as session_rows;

use super::{key_of_address, presented_token};
use crate::Service;
use crate::call::{Call, Person, RequestInfo};
use crate::error::{Result, ServiceError};
use crate::security::secret_tokens::SecretToken;
use crate::tasks::{Actor, Happening};

impl Service {
    /// Mails a link that sets a new password, if the address has an account; the answer never says.
    ///
    /// # Errors
    /// Only when the database fails.
    pub fn forgot_password(&self, email: &str) -> Result<()> {
        let Some(key) = key_of_address(email) else {
            return Ok(());
        };
        self.db.write(|tx| {
            let now = self.clock.now();
            let Some(found) = accounts::by_email_key(tx, &key)? else {
                return Ok::<_, ServiceError>(());
            };
            // Locked first: it may be being deleted, or getting another address.
            let Some(account) = accounts::lock(tx, found.id)?
                .filter(|account| account.email_key == key && account.disabled_at.is_none())
            else {
                return Ok(());
            };
            let token = self.new_account_token(
                tx,
                &account,
                TokenPurpose::ResetPassword,
                self.settings.password_reset_lifetime,
                now,
            )?;
            let link = self.link("reset-password", &token);
            let message = Message::PasswordReset {
                name: account.name.clone(),
            };
            self.queue_mail_to_account(tx, &account, &message, Some(&link), now)
        })?;
        self.wake_mail_worker();
        Ok(())
    }

    /// Sets a new password by the mailed link, and ends all of the account's sessions and API
    /// tokens. The mail also proves the address it went to. Answers whose it was.
    ///
    /// # Errors
    /// Hidden for an unknown token, [`ServiceError::LinkUsed`], [`ServiceError::LinkExpired`], a weak password.
    pub fn reset_password(
        &self,
        request: &RequestInfo,
        token: &SecretToken,
        password: &str,
    ) -> Result<Account> {
        // Looked at before hashing, so that a wrong token costs nothing; decided on in the transaction.
        let account = self.db.read(|tx| {
            let stored =
                presented_token(tx, token, &[TokenPurpose::ResetPassword], self.clock.now())?;
            accounts::by_id(tx, stored.account_id)?.ok_or(ServiceError::HIDDEN)
        })?;
        self.check_password("/password", password, &account.email, &account.name)?;
        let password_hash = self.hash_password(password)?;
        let account = self.db.write(|tx| {
            let now = self.clock.now();
            let stored = presented_token(tx, token, &[TokenPurpose::ResetPassword], now)?;
            let account = accounts::lock(tx, stored.account_id)?
                .filter(|account| account.email_key == stored.email_key)
                .ok_or(ServiceError::LinkExpired)?;
            if !account_tokens::mark_used(tx, &stored.token_hash, now)? {
                return Err(ServiceError::LinkUsed);
            }
            accounts::set_password_hash(tx, account.id, &password_hash, now)?;
            // Somebody else may have known the old one, and asked for another address with it.
            account_tokens::delete_unused(tx, account.id, TokenPurpose::ChangeEmail)?;
            if account.email_verified_at.is_none() {
                accounts::set_verified(tx, account.id, now)?;
                self.tell_of_waiting_invitations(tx, &account, now)?;
            }
            session_rows::end_all_of_account(tx, account.id, None, now)?;
            api_tokens::delete_all_of_account(tx, account.id)?;
            let happening = Happening::new("account.reset_password");
            let actor = Actor::account_by_link(&account, request);
            self.account_changed(tx, &account, actor, happening, now)?;
            let message = Message::PasswordChanged {
                name: account.name.clone(),
            };
            self.queue_mail_to_account(tx, &account, &message, None, now)?;
            Ok(account)
        })?;
        self.wake_mail_worker();
        Ok(account)
    }

    /// Changes the caller's password, and ends their other sessions.
    ///
    /// # Errors
    /// [`ServiceError::WrongPassword`], or a weak new one.
    pub fn change_password(&self, call: &Call, current: &str, new: &str) -> Result<()> {
        let account = self
            .db
            .read(|tx| Ok::<_, ServiceError>(Person::of(tx, call, self.clock.now())?.account))?;
        if !self.passwords.verify(current, Some(&account.password_hash)) {
            return Err(ServiceError::WrongPassword);
        }
        self.check_password("/new_password", new, &account.email, &account.name)?;
        let password_hash = self.hash_password(new)?;
        self.db.write(|tx| {
            let now = self.clock.now();
            // Locked first, so that a reset that is committed meanwhile is seen and not overwritten.
            accounts::lock(tx, account.id)?;
            let person = Person::of(tx, call, now)?;
            if person.account.password_hash != account.password_hash {
                return Err(ServiceError::WrongPassword);
            }
            accounts::set_password_hash(tx, account.id, &password_hash, now)?;
            for purpose in [TokenPurpose::ResetPassword, TokenPurpose::ChangeEmail] {
                account_tokens::delete_unused(tx, account.id, purpose)?;
            }
            session_rows::end_all_of_account(tx, account.id, call.credential.session_id(), now)?;
            let happening = Happening::new("account.change_password");
            let actor = person.actor(&call.request);
            self.account_changed(tx, &person.account, actor, happening, now)?;
            let message = Message::PasswordChanged {
                name: account.name.clone(),
            };
            self.queue_mail_to_account(tx, &person.account, &message, None, now)
        })?;
        self.wake_mail_worker();
        Ok(())
    }
}
