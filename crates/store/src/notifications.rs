//! Notifications: what each account was told in the dashboard.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::page::{CHUNK, Page, Position, Rows, keyset};
use crate::schema::notifications;
use crate::types::{Sql, many};
use accord_domain::ids::{AccountId, EnvironmentId, MemberId, NotificationId};
use accord_domain::notification::NotificationKind;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

/// One thing that somebody was told.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = notifications)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// Who was told, and nobody else.
    pub account_id: AccountId,
    /// Of what.
    pub kind: NotificationKind,
    /// What its words are made of.
    pub params: Value,
    /// The account that shares.
    pub host_id: Option<AccountId>,
    /// The member that it is about.
    pub member_id: Option<MemberId>,
    /// The environment that it is about.
    pub environment_id: Option<EnvironmentId>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When they said that they had read it.
    pub read_at: Option<DateTime<Utc>>,
}

/// Which of somebody's notifications.
#[derive(Clone, Copy, Debug, Default)]
pub struct NotificationFilter {
    /// Only those that are not read.
    pub unread: bool,
    /// None of this kind.
    pub without: Option<NotificationKind>,
}

/// Up to where somebody has read everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadUntil {
    /// What was there at that moment.
    Moment(DateTime<Utc>),
    /// This one and those before it.
    Notification(DateTime<Utc>, NotificationId),
}

/// Stores one.
pub fn insert(tx: &mut Conn<'_>, new: &Notification) -> Result<(), StoreError> {
    tx.touch(new.account_id);
    on!(tx, |c| diesel::insert_into(notifications::table)
        .values((
            notifications::id.eq(Sql(new.id)),
            notifications::account_id.eq(Sql(new.account_id)),
            notifications::kind.eq(Sql(new.kind)),
            notifications::params.eq(&new.params),
            notifications::host_id.eq(new.host_id.map(Sql)),
            notifications::member_id.eq(new.member_id.map(Sql)),
            notifications::environment_id.eq(new.environment_id.map(Sql)),
            notifications::created_at.eq(Sql(new.created_at)),
            notifications::read_at.eq(new.read_at.map(Sql)),
        ))
        .execute(c)
        .map(drop))
}

/// One of the account's.
pub fn by_id(
    tx: &mut Conn<'_>,
    account: AccountId,
    id: NotificationId,
) -> Result<Option<Notification>, StoreError> {
    on!(tx, |c| notifications::table
        .find(Sql(id))
        .filter(notifications::account_id.eq(Sql(account)))
        .select(Notification::as_select())
        .first(c)
        .optional())
}

/// Those of the ids that are the account's.
pub fn known(
    tx: &mut Conn<'_>,
    account: AccountId,
    ids: &[NotificationId],
) -> Result<Vec<NotificationId>, StoreError> {
    let mut found = Vec::new();
    for ids in ids.chunks(CHUNK) {
        found.extend(on!(tx, |c| notifications::table
            .filter(notifications::id.eq_any(many(ids)))
            .filter(notifications::account_id.eq(Sql(account)))
            .select(notifications::id)
            .load::<NotificationId>(c))?);
    }
    Ok(found)
}

/// A page of the account's notifications, by time.
pub fn page(
    tx: &mut Conn<'_>,
    account: AccountId,
    filter: NotificationFilter,
    page: &Page,
) -> Result<Rows<Notification>, StoreError> {
    let after = page.after_moment::<NotificationId>()?;
    let rows: Vec<Notification> = on!(tx, |c| {
        let mut query = notifications::table
            .filter(notifications::account_id.eq(Sql(account)))
            .into_boxed::<DB>();
        if filter.unread {
            query = query.filter(notifications::read_at.is_null());
        }
        if let Some(kind) = filter.without {
            query = query.filter(notifications::kind.ne(Sql(kind)));
        }
        keyset!(
            query,
            page,
            after,
            notifications::created_at,
            notifications::id
        )
        .select(Notification::as_select())
        .load(c)
    })?;
    Ok(Rows::cut(rows, page, |row| {
        Position::moment(&row.created_at, row.id)
    }))
}

/// How many the account has not read.
pub fn unread_count(
    tx: &mut Conn<'_>,
    account: AccountId,
    without: Option<NotificationKind>,
) -> Result<i64, StoreError> {
    on!(tx, |c| {
        let mut query = notifications::table
            .filter(notifications::account_id.eq(Sql(account)))
            .filter(notifications::read_at.is_null())
            .into_boxed::<DB>();
        if let Some(kind) = without {
            query = query.filter(notifications::kind.ne(Sql(kind)));
        }
        query.count().get_result(c)
    })
}

/// How many the account has not read, and the newest of all: what differs when something came or was read.
pub fn standing(
    tx: &mut Conn<'_>,
    account: AccountId,
) -> Result<(i64, Option<NotificationId>), StoreError> {
    let newest = on!(tx, |c| notifications::table
        .filter(notifications::account_id.eq(Sql(account)))
        .order((notifications::created_at.desc(), notifications::id.desc()))
        .select(notifications::id)
        .first(c)
        .optional())?;
    Ok((unread_count(tx, account, None)?, newest))
}

/// Notes that the account has read these; what was read before stays as it was noted.
pub fn mark_read(
    tx: &mut Conn<'_>,
    account: AccountId,
    ids: &[NotificationId],
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    tx.touch(account);
    let mut count = 0;
    for ids in ids.chunks(CHUNK) {
        count += on!(tx, |c| diesel::update(
            notifications::table
                .filter(notifications::id.eq_any(many(ids)))
                .filter(notifications::account_id.eq(Sql(account)))
                .filter(notifications::read_at.is_null())
        )
        .set(notifications::read_at.eq(Some(Sql(now))))
        .execute(c))?;
    }
    Ok(count)
}

/// Notes that the account has read everything up to there.
pub fn mark_read_until(
    tx: &mut Conn<'_>,
    account: AccountId,
    until: ReadUntil,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    tx.touch(account);
    macro_rules! unread {
        () => {
            notifications::table
                .filter(notifications::account_id.eq(Sql(account)))
                .filter(notifications::read_at.is_null())
        };
    }
    match until {
        ReadUntil::Moment(at) => on!(tx, |c| diesel::update(
            unread!().filter(notifications::created_at.le(Sql(at)))
        )
        .set(notifications::read_at.eq(Some(Sql(now))))
        .execute(c)),
        ReadUntil::Notification(at, id) => on!(tx, |c| diesel::update(
            unread!().filter(
                notifications::created_at
                    .lt(Sql(at))
                    .or(notifications::created_at
                        .eq(Sql(at))
                        .and(notifications::id.le(Sql(id))))
            )
        )
        .set(notifications::read_at.eq(Some(Sql(now))))
        .execute(c)),
    }
}

/// Notes that the account has read what it was told of that kind about a member.
pub fn mark_read_about_member(
    tx: &mut Conn<'_>,
    account: AccountId,
    kind: NotificationKind,
    member: MemberId,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    tx.touch(account);
    on!(tx, |c| diesel::update(
        notifications::table
            .filter(notifications::account_id.eq(Sql(account)))
            .filter(notifications::kind.eq(Sql(kind)))
            .filter(notifications::member_id.eq(Some(Sql(member))))
            .filter(notifications::read_at.is_null())
    )
    .set(notifications::read_at.eq(Some(Sql(now))))
    .execute(c))
}

/// Takes back what the account was told of that kind about a member.
pub fn delete_about_member(
    tx: &mut Conn<'_>,
    account: AccountId,
    kind: NotificationKind,
    member: MemberId,
) -> Result<usize, StoreError> {
    tx.touch(account);
    on!(tx, |c| diesel::delete(
        notifications::table
            .filter(notifications::account_id.eq(Sql(account)))
            .filter(notifications::kind.eq(Sql(kind)))
            .filter(notifications::member_id.eq(Some(Sql(member))))
    )
    .execute(c))
}

/// Changes what the words of one of the account's are made of; `false` when it is gone.
pub fn set_params(
    tx: &mut Conn<'_>,
    account: AccountId,
    id: NotificationId,
    params: &Value,
) -> Result<bool, StoreError> {
    tx.touch(account);
    on!(tx, |c| diesel::update(
        notifications::table
            .filter(notifications::id.eq(Sql(id)))
            .filter(notifications::account_id.eq(Sql(account)))
    )
    .set(notifications::params.eq(params))
    .execute(c)
    .map(|count| count > 0))
}

/// Deletes what the account was told before that moment.
pub fn delete_older(
    tx: &mut Conn<'_>,
    account: AccountId,
    before: DateTime<Utc>,
) -> Result<usize, StoreError> {
    on!(tx, |c| diesel::delete(
        notifications::table
            .filter(notifications::account_id.eq(Sql(account)))
            .filter(notifications::created_at.lt(Sql(before)))
    )
    .execute(c))
}

/// Deletes what anybody was told before that moment.
pub fn delete_all_older(tx: &mut Conn<'_>, before: DateTime<Utc>) -> Result<usize, StoreError> {
    on!(tx, |c| diesel::delete(
        notifications::table.filter(notifications::created_at.lt(Sql(before)))
    )
    .execute(c))
}
