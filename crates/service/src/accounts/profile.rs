use accord_domain::account::AccountKind;
use accord_domain::authorize::Denied;
use accord_domain::text::DisplayName;
use accord_store::accounts::{self, Account};
use serde_json::json;

use crate::Service;
use crate::call::{Call, Person};
use crate::error::{Result, ServiceError, done};
use crate::tasks::{Actor, Happening};

impl Service {
    /// The caller's own account.
    ///
    /// # Errors
    /// When not signed in.
    pub fn get_account(&self, call: &Call) -> Result<Account> {
        self.db
            .read(|tx| Ok(Person::of(tx, call, self.clock.now())?.account))
    }

    /// Changes the caller's own account; what is `None` stays.
    ///
    /// # Errors
    /// [`ServiceError::Stale`] when it is at another version than expected.
    pub fn update_account(
        &self,
        call: &Call,
        name: Option<&DisplayName>,
        expected_version: Option<i64>,
    ) -> Result<Account> {
        self.db.write(|tx| {
            let now = self.clock.now();
            let own = call.account_id(tx, now)?;
            accounts::lock(tx, own)?;
            let account = Person::of(tx, call, now)?.account;
            let name = name.map_or(account.name.as_str(), DisplayName::as_str);
            let after = done(accounts::set_name(
                tx,
                account.id,
                name,
                expected_version,
                now,
            )?)?;
            let happening = Happening::new("account.update")
                .before(json!({ "name": account.name }))
                .after(json!({ "name": after.name }));
            let actor = Actor::account(&account, &call.request);
            self.account_changed(tx, &after, actor, happening, now)?;
            Ok(after)
        })
    }

    /// Makes the caller's `member` account `billing`, so that it may host. One that is stays as it is.
    ///
    /// # Errors
    /// [`ServiceError::UpgradeClosed`]; an address must be verified first.
    pub fn upgrade_account(&self, call: &Call) -> Result<Account> {
        self.db.write(|tx| {
            let now = self.clock.now();
            let account = Person::of(tx, call, now)?.account;
            if account.kind == AccountKind::Billing {
                return Ok(account);
            }
            if !self.settings.upgrade_open {
                return Err(ServiceError::UpgradeClosed);
            }
            if account.email_verified_at.is_none() {
                return Err(Denied::EmailUnverified.into());
            }
            let after = accounts::set_kind(tx, account.id, AccountKind::Billing, now)?
                .ok_or(ServiceError::HIDDEN)?;
            let actor = Actor::account(&account, &call.request);
            self.account_changed(tx, &after, actor, kind_changed(&account, &after), now)?;
            Ok(after)
        })
    }
}

/// That the account may host now, or no longer.
pub(super) fn kind_changed(before: &Account, after: &Account) -> Happening {
    Happening::new("account.change_kind")
        .before(json!({ "kind": before.kind.as_str() }))
        .after(json!({ "kind": after.kind.as_str() }))
}
