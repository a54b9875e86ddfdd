//! Ends of shares, and whether their people were told of them.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::page::CHUNK;
use crate::schema::{accounts, members, shares};
use crate::types::{Sql, many};
use accord_domain::ids::{AccountId, MemberId, ShareId};
use accord_domain::member::StoredStatus;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// A share with an end that somebody is to be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareEnd {
    /// Which share.
    pub share_id: ShareId,
    /// Whose it is.
    pub member_id: MemberId,
    /// Its end.
    pub at: DateTime<Utc>,
}

/// Shares that have ended and whose people were not told, and those that end until `soon` and whose people are
/// there and were not reminded, as far as half of their time has passed.
macro_rules! to_tell {
    ($now:expr, $soon:expr) => {
        shares::expires_at
            .assume_not_null()
            .le(Sql($soon))
            .and(shares::expires_at.is_not_null())
            .and(shares::end_told_at.is_null())
            .and(
                shares::expires_at
                    .assume_not_null()
                    .le(Sql($now))
                    .or(shares::reminded_at
                        .is_null()
                        .and(members::status.eq(Sql(StoredStatus::Active)))
                        .and(
                            shares::remind_from
                                .is_null()
                                .or(shares::remind_from.assume_not_null().le(Sql($now))),
                        )),
            )
    };
}

/// Up to `limit` accounts with such shares by their ids, from the one after that; frozen ones wait until they
/// are enabled again.
pub fn accounts_to_tell(
    tx: &mut Conn<'_>,
    now: DateTime<Utc>,
    soon: DateTime<Utc>,
    after: Option<AccountId>,
    limit: u32,
) -> Result<Vec<AccountId>, StoreError> {
    on!(tx, |c| {
        let mut query = shares::table
            .inner_join(members::table)
            .inner_join(accounts::table.on(accounts::id.eq(shares::account_id)))
            .filter(accounts::disabled_at.is_null())
            .filter(to_tell!(now, soon))
            .select(shares::account_id)
            .distinct()
            .order(shares::account_id.asc())
            .limit(i64::from(limit))
            .into_boxed::<DB>();
        if let Some(after) = after {
            query = query.filter(shares::account_id.gt(Sql(after)));
        }
        query.load(c)
    })
}

/// Up to `limit` such shares of an account, by their ends.
pub fn of_account(
    tx: &mut Conn<'_>,
    account: AccountId,
    now: DateTime<Utc>,
    soon: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<ShareEnd>, StoreError> {
    let rows: Vec<(ShareId, MemberId, Option<DateTime<Utc>>)> = on!(tx, |c| shares::table
        .inner_join(members::table)
        .filter(shares::account_id.eq(Sql(account)))
        .filter(to_tell!(now, soon))
        .order((
            shares::expires_at.asc(),
            shares::member_id.asc(),
            shares::id.asc(),
        ))
        .select((shares::id, shares::member_id, shares::expires_at))
        .limit(i64::from(limit))
        .load(c))?;
    Ok(rows
        .into_iter()
        .filter_map(|(share_id, member_id, at)| {
            Some(ShareEnd {
                share_id,
                member_id,
                at: at?,
            })
        })
        .collect())
}
/// Notes that the people of these shares were reminded of the end.
pub fn mark_reminded(
    tx: &mut Conn<'_>,
    ids: &[ShareId],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for ids in ids.chunks(CHUNK) {
        on!(tx, |c| diesel::update(
            shares::table.filter(shares::id.eq_any(many(ids)))
        )
        .set(shares::reminded_at.eq(Some(Sql(now))))
        .execute(c))?;
    }
    Ok(())
}

/// Notes that the people of these shares were told that the end has come.
pub fn mark_told(tx: &mut Conn<'_>, ids: &[ShareId], now: DateTime<Utc>) -> Result<(), StoreError> {
    for ids in ids.chunks(CHUNK) {
        on!(tx, |c| diesel::update(
            shares::table.filter(shares::id.eq_any(many(ids)))
        )
        .set(shares::end_told_at.eq(Some(Sql(now))))
        .execute(c))?;
    }
    Ok(())
}
