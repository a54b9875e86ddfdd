//! Shares: which roles a member has on which item, and until when.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::members;
use crate::page::CHUNK;
use crate::reach;
use crate::schema::{share_roles, shares};
use crate::types::{Sql, many};
use accord_domain::authorize::{Grant, WritesShares};
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId, RoleId, ShareId};
use accord_domain::sharing::{Item, ItemKind, Share, half_way_to_end};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};

#[derive(Queryable, Selectable)]
#[diesel(table_name = shares)]
struct Row {
    id: ShareId,
    member_id: MemberId,
    item_kind: ItemKind,
    group_id: Option<GroupId>,
    environment_id: Option<EnvironmentId>,
    expires_at: Option<DateTime<Utc>>,
}

impl Row {
    fn item(&self) -> Result<Item, StoreError> {
        let id = self
            .group_id
            .map(|id| id.0)
            .or(self.environment_id.map(|id| id.0));
        Item::from_parts(self.item_kind, id)
            .map_err(|error| StoreError::Internal(error.to_string()))
    }
}

/// The shares of a member.
pub fn of_member(
    tx: &mut Conn<'_>,
    account: AccountId,
    member: MemberId,
) -> Result<Vec<Share>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| shares::table
        .filter(shares::account_id.eq(Sql(account)))
        .filter(shares::member_id.eq(Sql(member)))
        .order(shares::id.asc())
        .select(Row::as_select())
        .load(c))?;
    Ok(with_roles(tx, rows)?
        .into_iter()
        .map(|(_, share)| share)
        .collect())
}

/// The member's share on one item.
pub(crate) fn on_item(
    tx: &mut Conn<'_>,
    account: AccountId,
    member: MemberId,
    item: Item,
) -> Result<Option<Share>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| {
        let of_member = shares::table
            .filter(shares::account_id.eq(Sql(account)))
            .filter(shares::member_id.eq(Sql(member)))
            .filter(shares::item_kind.eq(Sql(item.kind())))
            .select(Row::as_select());
        match item {
            Item::Environments | Item::Groups => of_member.load(c),
            Item::Group(id) => of_member.filter(shares::group_id.eq(Some(Sql(id)))).load(c),
            Item::Environment(id) => of_member
                .filter(shares::environment_id.eq(Some(Sql(id))))
                .load(c),
        }
    })?;
    Ok(with_roles(tx, rows)?.pop().map(|(_, share)| share))
}

/// The member's shares on the categories, on these groups and on the environment; and, where they have others, one
/// of those, so that it shows that there are.
pub fn around(
    tx: &mut Conn<'_>,
    account: AccountId,
    member: MemberId,
    environment: EnvironmentId,
    groups: &[GroupId],
) -> Result<Vec<Share>, StoreError> {
    let categories = [ItemKind::Environments, ItemKind::Groups];
    let mut rows: Vec<Row> = on!(tx, |c| shares::table
        .filter(shares::account_id.eq(Sql(account)))
        .filter(shares::member_id.eq(Sql(member)))
        .filter(
            shares::environment_id
                .eq(Some(Sql(environment)))
                .or(shares::item_kind.eq(Sql(categories[0])))
                .or(shares::item_kind.eq(Sql(categories[1]))),
        )
        .select(Row::as_select())
        .load(c))?;
    for groups in groups.chunks(CHUNK) {
        rows.extend(on!(tx, |c| shares::table
            .filter(shares::account_id.eq(Sql(account)))
            .filter(shares::member_id.eq(Sql(member)))
            .filter(shares::group_id.assume_not_null().eq_any(many(groups)))
            .select(Row::as_select())
            .load::<Row>(c))?);
    }
    let other_environment: Option<Row> = on!(tx, |c| shares::table
        .filter(shares::account_id.eq(Sql(account)))
        .filter(shares::member_id.eq(Sql(member)))
        .filter(shares::environment_id.ne(Some(Sql(environment))))
        .select(Row::as_select())
        .first(c)
        .optional())?;
    let other = match other_environment {
        Some(other) => Some(other),
        // Of more than there are among these, one is another.
        None => on!(tx, |c| shares::table
            .filter(shares::account_id.eq(Sql(account)))
            .filter(shares::member_id.eq(Sql(member)))
            .filter(shares::group_id.is_not_null())
            .limit(i64::try_from(groups.len() + 1).unwrap_or(i64::MAX))
            .select(Row::as_select())
            .load::<Row>(c))?
        .into_iter()
        .find(|row| row.group_id.is_some_and(|id| !groups.contains(&id))),
    };
    rows.extend(other);
    rows.sort_by_key(|row| row.id);
    let found = with_roles(tx, rows)?.into_iter();
    Ok(found.map(|(_, share)| share).collect())
}

/// The shares of these members, of whichever accounts. Who has none is not in the answer.
pub fn of_members(
    tx: &mut Conn<'_>,
    member_ids: &[MemberId],
) -> Result<HashMap<MemberId, Vec<Share>>, StoreError> {
    let mut rows = Vec::new();
    for ids in member_ids.chunks(CHUNK) {
        rows.extend(on!(tx, |c| shares::table
            .filter(shares::member_id.eq_any(many(ids)))
            .order(shares::id.asc())
            .select(Row::as_select())
            .load::<Row>(c))?);
    }
    Ok(by_member(with_roles(tx, rows)?))
}

/// Those of the account's shares, by their members.
pub fn by_ids(
    tx: &mut Conn<'_>,
    account: AccountId,
    ids: &[ShareId],
) -> Result<HashMap<MemberId, Vec<Share>>, StoreError> {
    let mut rows = Vec::new();
    for ids in ids.chunks(CHUNK) {
        rows.extend(on!(tx, |c| shares::table
            .filter(shares::id.eq_any(many(ids)))
            .filter(shares::account_id.eq(Sql(account)))
            .order(shares::id.asc())
            .select(Row::as_select())
            .load::<Row>(c))?);
    }
    Ok(by_member(with_roles(tx, rows)?))
}

/// Every share of the account. Members without any are not in the answer.
pub fn of_account(
    tx: &mut Conn<'_>,
    account: AccountId,
) -> Result<HashMap<MemberId, Vec<Share>>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| shares::table
        .filter(shares::account_id.eq(Sql(account)))
        .order(shares::id.asc())
        .select(Row::as_select())
        .load(c))?;
    let roles: Vec<(ShareId, RoleId)> = on!(tx, |c| share_roles::table
        .filter(share_roles::account_id.eq(Sql(account)))
        .select((share_roles::share_id, share_roles::role_id))
        .load(c))?;
    Ok(by_member(join(rows, roles)?))
}

/// The direct shares of an environment, each with its member.
pub fn of_environment(
    tx: &mut Conn<'_>,
    account: AccountId,
    environment: EnvironmentId,
) -> Result<Vec<(MemberId, Share)>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| shares::table
        .filter(shares::account_id.eq(Sql(account)))
        .filter(shares::environment_id.eq(Some(Sql(environment))))
        .order(shares::id.asc())
        .select(Row::as_select())
        .load(c))?;
    with_roles(tx, rows)
}

/// Makes these, and no others, the shares of the member. An item that stays keeps its share's id;
/// the ids of the others are used as they come.
pub fn replace_all(
    tx: &mut Conn<'_>,
    grant: &Grant<impl WritesShares>,
    member: MemberId,
    new: &[Share],
    now: DateTime<Utc>,
) -> Result<Vec<Share>, StoreError> {
    reach::shares_of(grant, member)?;
    let account = grant.account_id();
    let before: HashMap<Item, Share> = of_member(tx, account, member)?
        .into_iter()
        .map(|share| (share.item, share))
        .collect();
    let keep: BTreeSet<Item> = new.iter().map(|share| share.item).collect();
    let gone: Vec<ShareId> = before
        .values()
        .filter(|share| !keep.contains(&share.item))
        .map(|share| share.id)
        .collect();
    delete_rows(tx, account, &gone)?;
    write(tx, account, member, &before, new, now)?;
    members::bump_versions(tx, account, &[member], now)?;
    of_member(tx, account, member)
}

/// Gives a member who has none of these items yet their first shares.
pub fn add_all(
    tx: &mut Conn<'_>,
    grant: &Grant<impl WritesShares>,
    member: MemberId,
    new: &[Share],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for share in new {
        reach::share(grant, member, share.item)?;
    }
    let account = grant.account_id();
    write(tx, account, member, &HashMap::new(), new, now)?;
    tx.note_shares(account, member, new.iter().map(|share| share.item));
    members::count_up(tx, account, &[member], now)
}

/// Writes the member's share on one item, in place of the one before.
pub fn upsert(
    tx: &mut Conn<'_>,
    grant: &Grant<impl WritesShares>,
    member: MemberId,
    share: &Share,
    now: DateTime<Utc>,
) -> Result<Share, StoreError> {
    reach::share(grant, member, share.item)?;
    let account = grant.account_id();
    let before = on_item(tx, account, member, share.item)?;
    let before = before
        .map(|share| (share.item, share))
        .into_iter()
        .collect();
    write(
        tx,
        account,
        member,
        &before,
        std::slice::from_ref(share),
        now,
    )?;
    tx.note_shares(account, member, [share.item]);
    members::count_up(tx, account, &[member], now)?;
    on_item(tx, account, member, share.item)?
        .ok_or_else(|| StoreError::Internal("a share was lost".to_owned()))
}

/// Deletes the member's share on one item and answers it; `None` when there was none.
pub fn delete(
    tx: &mut Conn<'_>,
    grant: &Grant<impl WritesShares>,
    member: MemberId,
    item: Item,
    now: DateTime<Utc>,
) -> Result<Option<Share>, StoreError> {
    reach::share(grant, member, item)?;
    let account = grant.account_id();
    let Some(share) = on_item(tx, account, member, item)? else {
        return Ok(None);
    };
    delete_rows(tx, account, &[share.id])?;
    tx.note_shares(account, member, [item]);
    members::count_up(tx, account, &[member], now)?;
    Ok(Some(share))
}

/// The foreign keys refuse a member, an item or a role of another account.
fn write(
    tx: &mut Conn<'_>,
    account: AccountId,
    member: MemberId,
    before: &HashMap<Item, Share>,
    new: &[Share],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut added: Vec<&Share> = Vec::new();
    let mut roles: Vec<(ShareId, RoleId)> = Vec::new();
    for share in new {
        let id = match before.get(&share.item) {
            None => {
                added.push(share);
                share.id
            }
            Some(before)
                if before.role_ids == share.role_ids && before.expires_at == share.expires_at =>
            {
                continue;
            }
            Some(before) => {
                if before.expires_at != share.expires_at {
                    set_end(tx, before.id, share.expires_at, now)?;
                }
                on!(tx, |c| diesel::delete(
                    share_roles::table.filter(share_roles::share_id.eq(Sql(before.id)))
                )
                .execute(c))?;
                before.id
            }
        };
        roles.extend(share.role_ids.iter().map(|role| (id, *role)));
    }
    insert_rows(tx, account, member, &added, now)?;
    for roles in roles.chunks(CHUNK) {
        let rows: Vec<_> = roles
            .iter()
            .map(|(share, role)| {
                (
                    share_roles::account_id.eq(Sql(account)),
                    share_roles::share_id.eq(Sql(*share)),
                    share_roles::role_id.eq(Sql(*role)),
                )
            })
            .collect();
        on!(tx, |c| diesel::insert_into(share_roles::table)
            .values(&rows)
            .execute(c))?;
    }
    Ok(())
}

/// Another end is nothing that anybody was told of yet.
fn set_end(
    tx: &mut Conn<'_>,
    id: ShareId,
    end: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    on!(tx, |c| diesel::update(shares::table.find(Sql(id)))
        .set((
            shares::expires_at.eq(end.map(Sql)),
            shares::remind_from.eq(end.map(|end| Sql(half_way_to_end(now, end)))),
            shares::reminded_at.eq(None::<Sql<DateTime<Utc>>>),
            shares::end_told_at.eq(None::<Sql<DateTime<Utc>>>),
        ))
        .execute(c)
        .map(drop))
}

fn insert_rows(
    tx: &mut Conn<'_>,
    account: AccountId,
    member: MemberId,
    added: &[&Share],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for added in added.chunks(CHUNK) {
        let rows: Vec<_> = added
            .iter()
            .map(|share| {
                let (group, environment) = match share.item {
                    Item::Environments | Item::Groups => (None, None),
                    Item::Group(id) => (Some(Sql(id)), None),
                    Item::Environment(id) => (None, Some(Sql(id))),
                };
                (
                    shares::id.eq(Sql(share.id)),
                    shares::account_id.eq(Sql(account)),
                    shares::member_id.eq(Sql(member)),
                    shares::item_kind.eq(Sql(share.item.kind())),
                    shares::group_id.eq(group),
                    shares::environment_id.eq(environment),
                    shares::expires_at.eq(share.expires_at.map(Sql)),
                    shares::remind_from
                        .eq(share.expires_at.map(|end| Sql(half_way_to_end(now, end)))),
                    shares::created_at.eq(Sql(now)),
                )
            })
            .collect();
        on!(tx, |c| diesel::insert_into(shares::table)
            .values(&rows)
            .execute(c))?;
    }
    Ok(())
}

fn delete_rows(tx: &mut Conn<'_>, account: AccountId, ids: &[ShareId]) -> Result<(), StoreError> {
    for ids in ids.chunks(CHUNK) {
        on!(tx, |c| diesel::delete(
            shares::table
                .filter(shares::id.eq_any(many(ids)))
                .filter(shares::account_id.eq(Sql(account)))
        )
        .execute(c))?;
    }
    Ok(())
}

fn with_roles(tx: &mut Conn<'_>, rows: Vec<Row>) -> Result<Vec<(MemberId, Share)>, StoreError> {
    let ids: Vec<ShareId> = rows.iter().map(|row| row.id).collect();
    let mut roles = Vec::new();
    for ids in ids.chunks(CHUNK) {
        roles.extend(on!(tx, |c| share_roles::table
            .filter(share_roles::share_id.eq_any(many(ids)))
            .select((share_roles::share_id, share_roles::role_id))
            .load::<(ShareId, RoleId)>(c))?);
    }
    join(rows, roles)
}

fn join(
    rows: Vec<Row>,
    roles: Vec<(ShareId, RoleId)>,
) -> Result<Vec<(MemberId, Share)>, StoreError> {
    let mut role_ids: HashMap<ShareId, BTreeSet<RoleId>> = HashMap::new();
    for (share, role) in roles {
        role_ids.entry(share).or_default().insert(role);
    }
    rows.into_iter()
        .map(|row| {
            let share = Share {
                id: row.id,
                item: row.item()?,
                role_ids: role_ids.remove(&row.id).unwrap_or_default(),
                expires_at: row.expires_at,
            };
            Ok((row.member_id, share))
        })
        .collect()
}

fn by_member(shares: Vec<(MemberId, Share)>) -> HashMap<MemberId, Vec<Share>> {
    let mut found: HashMap<MemberId, Vec<Share>> = HashMap::new();
    for (member, share) in shares {
        found.entry(member).or_default().push(share);
    }
    found
}
