//! What the operator does from the command line.

use accord_domain::account::AccountKind;
use accord_domain::email::EmailAddress;
use accord_domain::text::DisplayName;
use accord_store::accounts::{self, Account};
use accord_store::sessions as session_rows;

use super::profile::kind_changed;
use super::sign_up::AccountToMake;
use crate::Service;
use crate::call::RequestInfo;
use crate::error::{Result, ServiceError};
use crate::tasks::{Actor, Happening};

impl Service {
    /// Makes an account whose address the operator vouches for.
    ///
    /// # Errors
    /// When the address has an account or the password is weak.
    pub fn create_account(
        &self,
        email: &EmailAddress,
        name: &DisplayName,
        kind: AccountKind,
        password: &str,
    ) -> Result<Account> {
        self.check_password("/password", password, email.as_str(), name.as_str())?;
        let password_hash = self.hash_password(password)?;
        self.db.write(|tx| {
            let now = self.clock.now();
            let account = AccountToMake {
                email,
                name,
                kind,
                password_hash: password_hash.clone(),
                email_verified: true,
            };
            let account = self.make_account(tx, account, now)?;
            self.tell_of_waiting_invitations(tx, &account, now)?;
            Ok(account)
        })
    }

    /// Every account, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn list_accounts(&self) -> Result<Vec<Account>> {
        self.db.read(|tx| Ok(accounts::list(tx)?))
    }

    /// Lets the account with that address host, or no longer.
    ///
    /// # Errors
    /// Hidden when there is no such account.
    pub fn set_account_kind(&self, email: &EmailAddress, kind: AccountKind) -> Result<Account> {
        self.db.write(|tx| {
            let now = self.clock.now();
            let found = accounts::by_email_key(tx, &email.key())?.ok_or(ServiceError::HIDDEN)?;
            let account = accounts::lock(tx, found.id)?.ok_or(ServiceError::HIDDEN)?;
            if account.kind == kind {
                return Ok(account);
            }
            let after =
                accounts::set_kind(tx, account.id, kind, now)?.ok_or(ServiceError::HIDDEN)?;
            let request = RequestInfo::default();
            let happening = kind_changed(&account, &after);
            self.account_changed(tx, &after, Actor::operator(&request), happening, now)?;
            Ok(after)
        })
    }

    /// Disables the account with that address: it cannot sign in, its sessions end, and what it hosts
    /// is frozen; or enables it again.
    ///
    /// # Errors
    /// Hidden when there is no such account.
    pub fn set_account_disabled(&self, email: &EmailAddress, disabled: bool) -> Result<Account> {
        self.db.write(|tx| {
            let now = self.clock.now();
            let found = accounts::by_email_key(tx, &email.key())?.ok_or(ServiceError::HIDDEN)?;
            // Those who share with them, too: what they gave counts no more, or again.
            self.lock_with_hosts(tx, found.id)?;
            let account = accounts::by_id(tx, found.id)?.ok_or(ServiceError::HIDDEN)?;
            if account.disabled_at.is_some() == disabled {
                return Ok(account);
            }
            if disabled {
                session_rows::end_all_of_account(tx, account.id, None, now)?;
            }
            accounts::bump_revision(tx, account.id)?;
            let after = accounts::set_disabled(tx, account.id, disabled.then_some(now), now)?
                .ok_or(ServiceError::HIDDEN)?;
            let happening = Happening::new(if disabled {
                "account.disable"
            } else {
                "account.enable"
            });
            let request = RequestInfo::default();
            self.account_changed(tx, &after, Actor::operator(&request), happening, now)?;
            Ok(after)
        })
    }
}
