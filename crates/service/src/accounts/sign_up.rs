use accord_domain::account::AccountKind;
use accord_domain::email::EmailAddress;
use accord_domain::ids::AccountId;
use accord_domain::text::DisplayName;
use accord_store::accounts::{self, Account, NewAccount};
use accord_store::{Conn, Insert};
use chrono::{DateTime, Utc};

use super::SignedInView;
use crate::Service;
use crate::call::RequestInfo;
use crate::error::{Result, ServiceError};

/// A person who wants an account.
#[derive(Clone)]
pub struct SignUp {
    pub email: EmailAddress,
    pub password: String,
    pub name: DisplayName,
}

impl std::fmt::Debug for SignUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignUp")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

/// An account to be made by somebody who may: a person signing up or accepting, or the operator.
pub(crate) struct AccountToMake<'a> {
    pub email: &'a EmailAddress,
    pub name: &'a DisplayName,
    pub kind: AccountKind,
    pub password_hash: String,
    pub email_verified: bool,
}

impl Service {
    /// Makes a `billing` account with the example roles, mails a link that verifies its address, and
    /// signs it in.
    ///
    /// # Errors
    /// When sign-up is closed, the password is weak, or the address has an account.
    pub fn sign_up(&self, request: &RequestInfo, command: &SignUp) -> Result<SignedInView> {
        if !self.settings.sign_up_open {
            return Err(ServiceError::SignUpClosed);
        }
        let SignUp {
            email,
            password,
            name,
        } = command;
        self.check_password("/password", password, email.as_str(), name.as_str())?;
        let password_hash = self.hash_password(password)?;
        let signed_in = self.db.write(|tx| {
            let now = self.clock.now();
            let account = self.make_account(
                tx,
                AccountToMake {
                    email,
                    name,
                    kind: AccountKind::Billing,
                    password_hash: password_hash.clone(),
                    email_verified: false,
                },
                now,
            )?;
            self.queue_verification(tx, &account, now)?;
            self.open_session(tx, account, request, now)
        })?;
        self.wake_mail_worker();
        Ok(signed_in)
    }

    /// Stores the account and seeds it with the example roles.
    pub(crate) fn make_account(
        &self,
        tx: &mut Conn<'_>,
        account: AccountToMake<'_>,
        now: DateTime<Utc>,
    ) -> Result<Account> {
        let new = NewAccount {
            id: self.randomness.id::<AccountId>(now),
            kind: account.kind,
            name: account.name.as_str().to_owned(),
            email: account.email.as_str().to_owned(),
            email_key: account.email.key(),
            email_verified_at: account.email_verified.then_some(now),
            password_hash: account.password_hash,
        };
        match accounts::insert(tx, &new, now)? {
            Insert::Done(account) => {
                self.seed_example_roles(tx, account.id, now)?;
                Ok(account)
            }
            Insert::Taken(_) => Err(ServiceError::EmailTaken),
        }
    }
}
