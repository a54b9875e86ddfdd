//! Tokens by which the platform acts for every account; only their hashes are kept.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::schema::platform_tokens;
use crate::types::Sql;
use accord_domain::ids::{AccountId, PlatformTokenId};
use accord_domain::token::TokenScopes;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// Stands for the platform where it is told whose things a commit touched: no account has this id.
pub const PLATFORM: AccountId = AccountId(Uuid::nil());

/// A token, without what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = platform_tokens)]
pub struct PlatformToken {
    /// Its id.
    pub id: PlatformTokenId,
    /// How it begins, to recognise it by.
    pub hint: String,
    /// What the operator calls it.
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

impl PlatformToken {
    /// Whether its end has come.
    #[must_use]
    pub fn ended(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }
}

/// Stores a token.
pub fn insert(
    tx: &mut Conn<'_>,
    token: &PlatformToken,
    token_hash: &[u8],
) -> Result<(), StoreError> {
    tx.touch(PLATFORM);
    on!(tx, |c| diesel::insert_into(platform_tokens::table)
        .values((
            platform_tokens::id.eq(Sql(token.id)),
            platform_tokens::token_hash.eq(token_hash),
            platform_tokens::hint.eq(&token.hint),
            platform_tokens::name.eq(&token.name),
            platform_tokens::scopes.eq(Sql(token.scopes)),
            platform_tokens::created_at.eq(Sql(token.created_at)),
            platform_tokens::expires_at.eq(token.expires_at.map(Sql)),
            platform_tokens::last_used_at.eq(token.last_used_at.map(Sql)),
        ))
        .execute(c)
        .map(drop))
}

/// Which token this is, ended or not.
pub fn by_hash(
    tx: &mut Conn<'_>,
    token_hash: &[u8],
) -> Result<Option<PlatformTokenId>, StoreError> {
    on!(tx, |c| platform_tokens::table
        .filter(platform_tokens::token_hash.eq(token_hash))
        .select(platform_tokens::id)
        .first(c)
        .optional())
}

/// The token, ended or not.
pub fn by_id(tx: &mut Conn<'_>, id: PlatformTokenId) -> Result<Option<PlatformToken>, StoreError> {
    on!(tx, |c| platform_tokens::table
        .filter(platform_tokens::id.eq(Sql(id)))
        .select(PlatformToken::as_select())
        .first(c)
        .optional())
}

/// All of them, those that have ended included, the oldest first.
pub fn list(tx: &mut Conn<'_>) -> Result<Vec<PlatformToken>, StoreError> {
    on!(tx, |c| platform_tokens::table
        .order((platform_tokens::created_at.asc(), platform_tokens::id.asc()))
        .select(PlatformToken::as_select())
        .load(c))
}

/// Deletes a token: it is refused from then on. `false` when there is none such.
pub fn delete(tx: &mut Conn<'_>, id: PlatformTokenId) -> Result<bool, StoreError> {
    tx.touch(PLATFORM);
    on!(tx, |c| diesel::delete(
        platform_tokens::table.filter(platform_tokens::id.eq(Sql(id)))
    )
    .execute(c)
    .map(|count| count > 0))
}

/// Notes that a token was used, unless that is known of a later moment.
pub fn note_use(
    tx: &mut Conn<'_>,
    id: PlatformTokenId,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    on!(tx, |c| diesel::update(
        platform_tokens::table
            .filter(platform_tokens::id.eq(Sql(id)))
            .filter(
                platform_tokens::last_used_at
                    .is_null()
                    .or(platform_tokens::last_used_at.lt(Some(Sql(at))))
            )
    )
    .set(platform_tokens::last_used_at.eq(Some(Sql(at))))
    .execute(c)
    .map(drop))
}
