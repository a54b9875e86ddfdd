//! Signed-in browsers and programs, and the refresh tokens that keep them signed in.

use crate::accounts::Account;
use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::schema::{accounts, refresh_tokens, sessions};
use crate::types::Sql;
use accord_domain::ids::{AccountId, SessionId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// One signed-in browser or program.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Session {
    /// Its id, which access tokens name.
    pub id: SessionId,
    /// Whose it is.
    pub account_id: AccountId,
    /// When somebody signed in.
    pub created_at: DateTime<Utc>,
    /// When it was last refreshed.
    pub last_used_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// When it was ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// What the browser calls itself.
    pub user_agent: String,
    /// Where the request came from.
    pub network_address: String,
}

/// Stores a session.
pub fn insert(tx: &mut Conn<'_>, session: &Session) -> Result<(), StoreError> {
    tx.touch(session.account_id);
    on!(tx, |c| diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(Sql(session.id)),
            sessions::account_id.eq(Sql(session.account_id)),
            sessions::created_at.eq(Sql(session.created_at)),
            sessions::last_used_at.eq(Sql(session.last_used_at)),
            sessions::expires_at.eq(Sql(session.expires_at)),
            sessions::ended_at.eq(session.ended_at.map(Sql)),
            sessions::user_agent.eq(&session.user_agent),
            sessions::network_address.eq(&session.network_address),
        ))
        .execute(c)
        .map(drop))
}

/// The session and its account in one query, while it has neither ended nor expired.
pub fn live_with_account(
    tx: &mut Conn<'_>,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<Option<(Session, Account)>, StoreError> {
    on!(tx, |c| sessions::table
        .inner_join(accounts::table)
        .filter(sessions::id.eq(Sql(id)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(Sql(now)))
        .select((Session::as_select(), Account::as_select()))
        .first(c)
        .optional())
}

/// The sessions of an account that have neither ended nor expired, the last used first.
pub fn list_live(
    tx: &mut Conn<'_>,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<Vec<Session>, StoreError> {
    on!(tx, |c| sessions::table
        .filter(sessions::account_id.eq(Sql(account)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(Sql(now)))
        .order((sessions::last_used_at.desc(), sessions::id.desc()))
        .select(Session::as_select())
        .load(c))
}

/// How many sessions of an account live, and which of them began last: what differs when somebody signed in
/// or a session ended.
pub fn standing(
    tx: &mut Conn<'_>,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<(i64, Option<SessionId>), StoreError> {
    macro_rules! live {
        () => {
            sessions::table
                .filter(sessions::account_id.eq(Sql(account)))
                .filter(sessions::ended_at.is_null())
                .filter(sessions::expires_at.gt(Sql(now)))
        };
    }
    let newest = on!(tx, |c| live!()
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .select(sessions::id)
        .first(c)
        .optional())?;
    let count = on!(tx, |c| live!().count().get_result(c))?;
    Ok((count, newest))
}

/// Notes that a session was used, and extends it.
pub fn touch(
    tx: &mut Conn<'_>,
    id: SessionId,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    on!(tx, |c| diesel::update(sessions::table.find(Sql(id)))
        .set((
            sessions::last_used_at.eq(Sql(now)),
            sessions::expires_at.eq(Sql(expires_at)),
        ))
        .execute(c)
        .map(drop))
}

/// Ends a session of an account; `false` when it has none such that has not ended.
pub fn end(
    tx: &mut Conn<'_>,
    account: AccountId,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    tx.touch(account);
    on!(tx, |c| diesel::update(
        sessions::table
            .filter(sessions::id.eq(Sql(id)))
            .filter(sessions::account_id.eq(Sql(account)))
            .filter(sessions::ended_at.is_null())
    )
    .set(sessions::ended_at.eq(Some(Sql(now))))
    .execute(c)
    .map(|count| count > 0))
}

/// Ends every session of an account but the one to keep; answers how many.
pub fn end_all_of_account(
    tx: &mut Conn<'_>,
    account: AccountId,
    keep: Option<SessionId>,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    tx.touch(account);
    let keep: Vec<Sql<SessionId>> = keep.into_iter().map(Sql).collect();
    on!(tx, |c| diesel::update(
        sessions::table
            .filter(sessions::account_id.eq(Sql(account)))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::id.ne_all(keep))
    )
    .set(sessions::ended_at.eq(Some(Sql(now))))
    .execute(c))
}

/// Stores a refresh token.
pub fn insert_refresh_token(
    tx: &mut Conn<'_>,
    token_hash: &[u8],
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    on!(tx, |c| diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(token_hash),
            refresh_tokens::session_id.eq(Sql(session)),
            refresh_tokens::created_at.eq(Sql(now)),
        ))
        .execute(c)
        .map(drop))
}

/// The session of a refresh token, ended or not; of a used token, too.
pub fn of_refresh_token(
    tx: &mut Conn<'_>,
    token_hash: &[u8],
) -> Result<Option<Session>, StoreError> {
    on!(tx, |c| refresh_tokens::table
        .inner_join(sessions::table)
        .filter(refresh_tokens::token_hash.eq(token_hash))
        .select(Session::as_select())
        .first(c)
        .optional())
}

/// Uses a refresh token up; `false` when it was used before, also by somebody at this moment.
pub fn use_refresh_token(
    tx: &mut Conn<'_>,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    on!(tx, |c| diesel::update(
        refresh_tokens::table
            .filter(refresh_tokens::token_hash.eq(token_hash))
            .filter(refresh_tokens::used_at.is_null())
    )
    .set(refresh_tokens::used_at.eq(Some(Sql(now))))
    .execute(c)
    .map(|count| count > 0))
}

/// Whether a session has this refresh token, and nobody has used it.
pub fn has_unused_refresh_token(
    tx: &mut Conn<'_>,
    session: SessionId,
    token_hash: &[u8],
) -> Result<bool, StoreError> {
    on!(tx, |c| diesel::select(diesel::dsl::exists(
        refresh_tokens::table
            .filter(refresh_tokens::token_hash.eq(token_hash))
            .filter(refresh_tokens::session_id.eq(Sql(session)))
            .filter(refresh_tokens::used_at.is_null())
    ))
    .get_result(c))
}

/// Deletes sessions, and their refresh tokens, that ended or expired before a moment.
pub fn delete_over(tx: &mut Conn<'_>, before: DateTime<Utc>) -> Result<usize, StoreError> {
    on!(tx, |c| diesel::delete(
        sessions::table.filter(
            sessions::expires_at
                .lt(Sql(before))
                .nullable()
                .or(sessions::ended_at.lt(Some(Sql(before))))
        )
    )
    .execute(c))
}

/// Deletes refresh tokens that were used before a moment, of sessions that go on. The one that was used last
/// stays: its answer may have been lost.
pub fn delete_used_refresh_tokens(
    tx: &mut Conn<'_>,
    before: DateTime<Utc>,
) -> Result<usize, StoreError> {
    on!(tx, |c| diesel::delete(
        refresh_tokens::table
            .filter(refresh_tokens::used_at.lt(Some(Sql(before))))
            .filter(diesel::dsl::exists(
                sessions::table
                    .filter(sessions::id.eq(refresh_tokens::session_id))
                    .filter(
                        sessions::last_used_at
                            .nullable()
                            .gt(refresh_tokens::used_at)
                    )
            ))
    )
    .execute(c))
}
