//! Single-use tokens that were mailed to prove an address or to set a new password.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::schema::account_tokens;
use crate::types::{Sql, words};
use accord_domain::ids::AccountId;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenPurpose {
    /// Proves the address.
    VerifyEmail,
    /// Sets a new password.
    ResetPassword,
    /// Proves the address that the account shall have from then on.
    ChangeEmail,
}

impl TokenPurpose {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::ChangeEmail => "change_email",
        }
    }
}

impl std::str::FromStr for TokenPurpose {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::VerifyEmail, Self::ResetPassword, Self::ChangeEmail]
            .into_iter()
            .find(|purpose| purpose.as_str() == word)
            .ok_or(())
    }
}

words!(TokenPurpose);

/// A mailed token; only its hash is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = account_tokens)]
pub struct AccountToken {
    /// The token, hashed.
    pub token_hash: Vec<u8>,
    /// Whose it is.
    pub account_id: AccountId,
    /// What it is good for.
    pub purpose: TokenPurpose,
    /// The address it was mailed to, for comparison.
    pub email_key: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
    /// When it was used.
    pub used_at: Option<DateTime<Utc>>,
    /// The address that the account shall have, as it was typed.
    pub new_email: Option<String>,
}

/// Stores a token.
pub fn insert(tx: &mut Conn<'_>, token: &AccountToken) -> Result<(), StoreError> {
    on!(tx, |c| diesel::insert_into(account_tokens::table)
        .values((
            account_tokens::token_hash.eq(&token.token_hash),
            account_tokens::account_id.eq(Sql(token.account_id)),
            account_tokens::purpose.eq(Sql(token.purpose)),
            account_tokens::email_key.eq(&token.email_key),
            account_tokens::created_at.eq(Sql(token.created_at)),
            account_tokens::expires_at.eq(Sql(token.expires_at)),
            account_tokens::used_at.eq(token.used_at.map(Sql)),
            account_tokens::new_email.eq(token.new_email.as_deref()),
        ))
        .execute(c)
        .map(drop))
}

/// The token with a hash, whatever became of it.
pub fn find(tx: &mut Conn<'_>, token_hash: &[u8]) -> Result<Option<AccountToken>, StoreError> {
    on!(tx, |c| account_tokens::table
        .find(token_hash)
        .select(AccountToken::as_select())
        .first(c)
        .optional())
}

/// The account's token of a purpose that waits to be used.
pub fn unused(
    tx: &mut Conn<'_>,
    account: AccountId,
    purpose: TokenPurpose,
    now: DateTime<Utc>,
) -> Result<Option<AccountToken>, StoreError> {
    on!(tx, |c| account_tokens::table
        .filter(account_tokens::account_id.eq(Sql(account)))
        .filter(account_tokens::purpose.eq(Sql(purpose)))
        .filter(account_tokens::used_at.is_null())
        .filter(account_tokens::expires_at.gt(Sql(now)))
        .order(account_tokens::created_at.desc())
        .select(AccountToken::as_select())
        .first(c)
        .optional())
}

/// Uses a token up; `false` when it was used before, also by somebody at this moment.
pub fn mark_used(
    tx: &mut Conn<'_>,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    on!(tx, |c| diesel::update(
        account_tokens::table
            .filter(account_tokens::token_hash.eq(token_hash))
            .filter(account_tokens::used_at.is_null())
    )
    .set(account_tokens::used_at.eq(Some(Sql(now))))
    .execute(c)
    .map(|count| count > 0))
}

/// Deletes the account's unused tokens of a purpose, so that only a newer one is good.
pub fn delete_unused(
    tx: &mut Conn<'_>,
    account: AccountId,
    purpose: TokenPurpose,
) -> Result<usize, StoreError> {
    on!(tx, |c| diesel::delete(
        account_tokens::table
            .filter(account_tokens::account_id.eq(Sql(account)))
            .filter(account_tokens::purpose.eq(Sql(purpose)))
            .filter(account_tokens::used_at.is_null())
    )
    .execute(c))
}

/// Deletes tokens that were used, or have ended, before a moment.
pub fn delete_over(tx: &mut Conn<'_>, before: DateTime<Utc>) -> Result<usize, StoreError> {
    on!(tx, |c| diesel::delete(
        account_tokens::table.filter(
            account_tokens::expires_at
                .lt(Sql(before))
                .nullable()
                .or(account_tokens::used_at.lt(Some(Sql(before))))
        )
    )
    .execute(c))
}
