//! People and platforms: who may sign in, and what an account knows about itself.

use crate::changes::EVERY_REVISION;
use crate::conn::{Conn, on, on_unless_taken};
use crate::error::StoreError;
use crate::outcome::{Insert, Update};
use crate::page::CHUNK;
use crate::schema::{accounts, members, policies, roles};
use crate::types::{Sql, many};
use accord_domain::account::AccountKind;
use accord_domain::authorize::{DeleteAccount, Grant};
use accord_domain::ids::{AccountId, MemberId};
use accord_domain::member::StoredStatus;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::HashMap;

/// A person's login and what it owns.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Whether it may host a collaboration.
    pub kind: AccountKind,
    /// The person's name.
    pub name: String,
    /// The address as it was typed.
    pub email: String,
    /// The address for comparison.
    pub email_key: String,
    /// Since when the address is proven.
    pub email_verified_at: Option<DateTime<Utc>>,
    /// The password, hashed.
    pub password_hash: String,
    /// Since when it may not sign in.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Counts every change of what it shares.
    pub revision: i64,
    /// Counts every change of this row.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts what becomes of its invitations: handed over to the mail server or not, opened.
    pub invitation_news: i64,
}

impl std::fmt::Debug for Account {
    // Addresses and password hashes stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// An account as it is made.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // holds a password hash
pub struct NewAccount {
    /// Its id.
    pub id: AccountId,
    /// Whether it may host a collaboration.
    pub kind: AccountKind,
    /// The person's name.
    pub name: String,
    /// The address as it was typed.
    pub email: String,
    /// The address for comparison.
    pub email_key: String,
    /// Since when the address is proven.
    pub email_verified_at: Option<DateTime<Utc>>,
    /// The password, hashed.
    pub password_hash: String,
}

/// What others may see of an account that shares with them.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct AccountBrief {
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// Its address as it was typed.
    pub email: String,
    /// Since when it is disabled, which freezes what it hosts.
    pub disabled_at: Option<DateTime<Utc>>,
}

/// Makes an account; `Taken` when the address has one.
pub fn insert(
    tx: &mut Conn<'_>,
    new: &NewAccount,
    now: DateTime<Utc>,
) -> Result<Insert<Account>, StoreError> {
    Ok(
        match on_unless_taken!(tx, |c| diesel::insert_into(accounts::table)
            .values((
                accounts::id.eq(Sql(new.id)),
                accounts::kind.eq(Sql(new.kind)),
                accounts::name.eq(&new.name),
                accounts::email.eq(&new.email),
                accounts::email_key.eq(&new.email_key),
                accounts::email_verified_at.eq(new.email_verified_at.map(Sql)),
                accounts::password_hash.eq(&new.password_hash),
                accounts::revision.eq(1),
                accounts::version.eq(1),
                accounts::created_at.eq(Sql(now)),
                accounts::updated_at.eq(Sql(now)),
            ))
            .returning(Account::as_returning())
            .get_result(c))?
        {
            Ok(account) => Insert::Done(account),
            Err(rule) => Insert::Taken(rule),
        },
    )
}

/// The account with an id.
pub fn by_id(tx: &mut Conn<'_>, id: AccountId) -> Result<Option<Account>, StoreError> {
    on!(tx, |c| accounts::table
        .find(Sql(id))
        .select(Account::as_select())
        .first(c)
        .optional())
}

/// The account with an address.
pub fn by_email_key(tx: &mut Conn<'_>, email_key: &str) -> Result<Option<Account>, StoreError> {
    on!(tx, |c| accounts::table
        .filter(accounts::email_key.eq(email_key))
        .select(Account::as_select())
        .first(c)
        .optional())
}

/// Locks the account's row until the transaction ends: whoever changes what it shares queues
/// here. SQLite's writing transaction is that lock itself.
pub fn lock(tx: &mut Conn<'_>, id: AccountId) -> Result<Option<Account>, StoreError> {
    use crate::conn::Backend;
    let result = match &mut tx.backend {
        // Not the full `FOR UPDATE`: rows that refer to the account may be added meanwhile.
        Backend::Pg(c) => accounts::table
            .find(Sql(id))
            .select(Account::as_select())
            .for_no_key_update()
            .first(*c)
            .optional(),
        Backend::Sqlite(c) => accounts::table
            .find(Sql(id))
            .select(Account::as_select())
            .first(*c)
            .optional(),
    };
    tx.note(result)
}

/// Locks these accounts' rows, in an order that is the same for everybody.
pub fn lock_all(tx: &mut Conn<'_>, ids: &[AccountId]) -> Result<(), StoreError> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        lock(tx, id)?;
    }
    Ok(())
}

/// These accounts, by id.
pub fn by_ids(
    tx: &mut Conn<'_>,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, Account>, StoreError> {
    let mut found = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<Account> = on!(tx, |c| accounts::table
            .filter(accounts::id.eq_any(many(ids)))
            .select(Account::as_select())
            .load(c))?;
        found.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(found)
}

/// What others may see of these accounts, by id.
pub fn briefs(
    tx: &mut Conn<'_>,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, AccountBrief>, StoreError> {
    let mut found = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<AccountBrief> = on!(tx, |c| accounts::table
            .filter(accounts::id.eq_any(many(ids)))
            .select(AccountBrief::as_select())
            .load(c))?;
        found.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(found)
}

/// The revisions of these accounts.
pub fn revisions(
    tx: &mut Conn<'_>,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, i64>, StoreError> {
    let mut found = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<(AccountId, i64)> = on!(tx, |c| accounts::table
            .filter(accounts::id.eq_any(many(ids)))
            .select((accounts::id, accounts::revision))
            .load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// Every account, oldest first, for the operator.
pub fn list(tx: &mut Conn<'_>) -> Result<Vec<Account>, StoreError> {
    on!(tx, |c| accounts::table
        .order((accounts::created_at.asc(), accounts::id.asc()))
        .select(Account::as_select())
        .load(c))
}

/// Expands to an update of some columns that also counts the version.
macro_rules! set_columns {
    ($tx:expr, $id:expr, $now:expr, $($set:expr),+) => {{
        $tx.touch($id);
        on!($tx, |c| diesel::update(accounts::table.find(Sql($id)))
            .set((
                $($set,)+
                accounts::version.eq(accounts::version + 1),
                accounts::updated_at.eq(Sql($now)),
            ))
            .returning(Account::as_returning())
            .get_result(c)
            .optional())
    }};
}

/// Changes the name.
pub fn set_name(
    tx: &mut Conn<'_>,
    id: AccountId,
    name: &str,
    expected_version: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Update<Account>, StoreError> {
    let version = on!(tx, |c| accounts::table
        .find(Sql(id))
        .select(accounts::version)
        .first::<i64>(c)
        .optional())?;
    crate::outcome::expect_version!(version, expected_version);
    Ok(match set_columns!(tx, id, now, accounts::name.eq(name))? {
        Some(account) => Update::Done(account),
        None => Update::Missing,
    })
}

/// Changes the password.
pub fn set_password_hash(
    tx: &mut Conn<'_>,
    id: AccountId,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<Account>, StoreError> {
    set_columns!(tx, id, now, accounts::password_hash.eq(password_hash))
}

/// Marks the address as proven.
pub fn set_verified(
    tx: &mut Conn<'_>,
    id: AccountId,
    now: DateTime<Utc>,
) -> Result<Option<Account>, StoreError> {
    set_columns!(tx, id, now, accounts::email_verified_at.eq(Some(Sql(now))))
}

/// Changes the address to one that is proven; `Taken` when another account has it.
pub fn set_email(
    tx: &mut Conn<'_>,
    id: AccountId,
    email: &str,
    email_key: &str,
    now: DateTime<Utc>,
) -> Result<Update<Account>, StoreError> {
    tx.touch(id);
    let updated = on_unless_taken!(tx, |c| diesel::update(accounts::table.find(Sql(id)))
        .set((
            accounts::email.eq(email),
            accounts::email_key.eq(email_key),
            accounts::email_verified_at.eq(Some(Sql(now))),
            accounts::version.eq(accounts::version + 1),
            accounts::updated_at.eq(Sql(now)),
        ))
        .returning(Account::as_returning())
        .get_result(c)
        .optional())?;
    Ok(match updated {
        Ok(Some(account)) => Update::Done(account),
        Ok(None) => Update::Missing,
        Err(rule) => Update::Taken(rule),
    })
}

/// Deletes the account for good, with everything that it owns. What others keep about it stays.
pub fn delete(tx: &mut Conn<'_>, grant: &Grant<DeleteAccount>) -> Result<bool, StoreError> {
    let people: Vec<Option<AccountId>> = on!(tx, |c| members::table
        .filter(members::account_id.eq(Sql(grant.account_id())))
        .filter(members::person_id.is_not_null())
        .select(members::person_id)
        .load(c))?;
    for id in people.into_iter().flatten() {
        tx.touch(id);
    }
    let account = Sql(grant.account_id());
    tx.noted.remove(&grant.account_id());
    tx.touch_revision(grant.account_id(), EVERY_REVISION);
    // Who holds something goes before what is held: shares with their members, then roles, then
    // policies. Only the rest is left to the database.
    on!(tx, |c| diesel::delete(
        members::table.filter(members::account_id.eq(account))
    )
    .execute(c))?;
    on!(tx, |c| diesel::delete(
        roles::table.filter(roles::account_id.eq(account))
    )
    .execute(c))?;
    on!(tx, |c| diesel::delete(
        policies::table.filter(policies::account_id.eq(Some(account)))
    )
    .execute(c))?;
    on!(tx, |c| diesel::delete(accounts::table.find(account))
        .execute(c)
        .map(|count| count > 0))
}

/// Changes the kind.
pub fn set_kind(
    tx: &mut Conn<'_>,
    id: AccountId,
    kind: AccountKind,
    now: DateTime<Utc>,
) -> Result<Option<Account>, StoreError> {
    set_columns!(tx, id, now, accounts::kind.eq(Sql(kind)))
}

/// Disables the account, or enables it again, which changes what its person has been given elsewhere: the
/// revisions of those accounts are counted up too.
pub fn set_disabled(
    tx: &mut Conn<'_>,
    id: AccountId,
    disabled_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<Account>, StoreError> {
    let records: Vec<(AccountId, MemberId)> = on!(tx, |c| members::table
        .filter(members::person_id.eq(Some(Sql(id))))
        // Lists of who has access say of a suspended member, too, whether their account is disabled.
        .filter(members::status.eq_any([Sql(StoredStatus::Active), Sql(StoredStatus::Suspended),]))
        .select((members::account_id, members::id))
        .load(c))?;
    for (host, member) in records {
        tx.note_members(host, [member]);
    }
    set_columns!(tx, id, now, accounts::disabled_at.eq(disabled_at.map(Sql)))
}

/// Counts a change of what every account shares: of what comes with the platform.
pub(crate) fn bump_every_revision(tx: &mut Conn<'_>) -> Result<(), StoreError> {
    tx.touched_everybody = true;
    on!(tx, |c| diesel::update(accounts::table)
        .set(accounts::revision.eq(accounts::revision + 1))
        .execute(c)
        .map(drop))
}

/// Whether the account is disabled, and its revision.
pub fn revision(tx: &mut Conn<'_>, id: AccountId) -> Result<Option<(i64, bool)>, StoreError> {
    let found: Option<(i64, Option<DateTime<Utc>>)> = on!(tx, |c| accounts::table
        .find(Sql(id))
        .select((accounts::revision, accounts::disabled_at))
        .first(c)
        .optional())?;
    Ok(found.map(|(revision, disabled_at)| (revision, disabled_at.is_some())))
}

/// Counts up what became of the account's invitations. It comes first in a transaction, as the lock of a change does.
pub(crate) fn count_invitation_news(tx: &mut Conn<'_>, id: AccountId) -> Result<(), StoreError> {
    tx.touch(id);
    on!(tx, |c| diesel::update(accounts::table.find(Sql(id)))
        .set(accounts::invitation_news.eq(accounts::invitation_news + 1))
        .execute(c)
        .map(drop))
}

/// Counts a change of what the account shares, and answers the new revision.
pub fn bump_revision(tx: &mut Conn<'_>, id: AccountId) -> Result<i64, StoreError> {
    let revision = on!(tx, |c| diesel::update(accounts::table.find(Sql(id)))
        .set(accounts::revision.eq(accounts::revision + 1))
        .returning(accounts::revision)
        .get_result(c))?;
    tx.touch_revision(id, revision);
    tx.note_revision(id, revision);
    Ok(revision)
}
