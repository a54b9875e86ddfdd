//! Tokens by which programs act for one account; only their hashes are kept.

use crate::accounts::Account;
use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::schema::{accounts, api_tokens};
use crate::types::Sql;
use accord_domain::ids::{AccountId, ApiTokenId};
use accord_domain::token::TokenScopes;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// A token, without what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = api_tokens)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// Whose it is.
    pub account_id: AccountId,
    /// How it begins, to recognise it by.
    pub hint: String,
    /// What its person calls it.
    pub name: String,
    /// What it is good for.
    pub scopes: TokenScopes,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it is refused; none is never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute or so.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl ApiToken {
    /// Whether its end has come.
    #[must_use]
    pub fn ended(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }
}

/// Stores a token.
pub fn insert(tx: &mut Conn<'_>, token: &ApiToken, token_hash: &[u8]) -> Result<(), StoreError> {
    tx.touch(token.account_id);
    on!(tx, |c| diesel::insert_into(api_tokens::table)
        .values((
            api_tokens::id.eq(Sql(token.id)),
            api_tokens::account_id.eq(Sql(token.account_id)),
            api_tokens::token_hash.eq(token_hash),
            api_tokens::hint.eq(&token.hint),
            api_tokens::name.eq(&token.name),
            api_tokens::scopes.eq(Sql(token.scopes)),
            api_tokens::created_at.eq(Sql(token.created_at)),
            api_tokens::expires_at.eq(token.expires_at.map(Sql)),
            api_tokens::last_used_at.eq(token.last_used_at.map(Sql)),
        ))
        .execute(c)
        .map(drop))
}

/// Which token this is, whatever has become of it and of its account.
pub fn by_hash(
    tx: &mut Conn<'_>,
    token_hash: &[u8],
) -> Result<Option<(ApiTokenId, AccountId)>, StoreError> {
    on!(tx, |c| api_tokens::table
        .filter(api_tokens::token_hash.eq(token_hash))
        .select((api_tokens::id, api_tokens::account_id))
        .first(c)
        .optional())
}

/// The token and its account in one query, ended or not.
pub fn with_account(
    tx: &mut Conn<'_>,
    id: ApiTokenId,
) -> Result<Option<(ApiToken, Account)>, StoreError> {
    on!(tx, |c| api_tokens::table
        .inner_join(accounts::table)
        .filter(api_tokens::id.eq(Sql(id)))
        .select((ApiToken::as_select(), Account::as_select()))
        .first(c)
        .optional())
}

/// The tokens of an account, those that have ended included, the newest first.
pub fn list(tx: &mut Conn<'_>, account: AccountId) -> Result<Vec<ApiToken>, StoreError> {
    on!(tx, |c| api_tokens::table
        .filter(api_tokens::account_id.eq(Sql(account)))
        .order((api_tokens::created_at.desc(), api_tokens::id.desc()))
        .select(ApiToken::as_select())
        .load(c))
}

/// Deletes a token of an account: it is refused from then on. Answers what it was.
pub fn delete(
    tx: &mut Conn<'_>,
    account: AccountId,
    id: ApiTokenId,
) -> Result<Option<ApiToken>, StoreError> {
    tx.touch(account);
    let found: Option<ApiToken> = on!(tx, |c| api_tokens::table
        .filter(api_tokens::id.eq(Sql(id)))
        .filter(api_tokens::account_id.eq(Sql(account)))
        .select(ApiToken::as_select())
        .first(c)
        .optional())?;
    let deleted = on!(tx, |c| diesel::delete(
        api_tokens::table
            .filter(api_tokens::id.eq(Sql(id)))
            .filter(api_tokens::account_id.eq(Sql(account)))
    )
    .execute(c))?;
    Ok(found.filter(|_| deleted > 0))
}

/// Deletes all tokens of an account; answers how many.
pub fn delete_all_of_account(tx: &mut Conn<'_>, account: AccountId) -> Result<usize, StoreError> {
    tx.touch(account);
    on!(tx, |c| diesel::delete(
        api_tokens::table.filter(api_tokens::account_id.eq(Sql(account)))
    )
    .execute(c))
}

/// Notes that a token was used, unless that is known of a later moment.
pub fn note_use(tx: &mut Conn<'_>, id: ApiTokenId, at: DateTime<Utc>) -> Result<(), StoreError> {
    on!(tx, |c| diesel::update(
        api_tokens::table.filter(api_tokens::id.eq(Sql(id))).filter(
            api_tokens::last_used_at
                .is_null()
                .or(api_tokens::last_used_at.lt(Some(Sql(at))))
        )
    )
    .set(api_tokens::last_used_at.eq(Some(Sql(at))))
    .execute(c)
    .map(drop))
}
