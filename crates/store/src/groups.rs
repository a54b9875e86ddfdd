//! Environment groups: a tree of named, coloured tags that hold environments.

use crate::conn::{Conn, on, on_unless_taken};
use crate::environments;
use crate::error::StoreError;
use crate::members;
use crate::outcome::{Insert, Update, expect_version};
use crate::page::{CHUNK, Page, Position, Rows, Search, keyset};
use crate::schema::{environment_groups, groups, shares};
use crate::types::{Sql, many};
use accord_domain::authorize::{Grant, ManageGroups};
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// An environment group.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = groups)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The group that it is in; at the root without one.
    pub parent_id: Option<GroupId>,
    /// Its name.
    pub name: String,
    /// Its name for comparison.
    pub name_key: String,
    /// Its colour, as `#rrggbb`.
    pub color: String,
    /// Counts every change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What somebody decides about a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupContent {
    /// The group that it is in; at the root without one.
    pub parent_id: Option<GroupId>,
    /// Its name.
    pub name: String,
    /// Its name for comparison.
    pub name_key: String,
    /// Its colour, as `#rrggbb`.
    pub color: String,
}

/// What went with a group that was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedGroup {
    /// The group itself and every group inside of it.
    pub group_ids: Vec<GroupId>,
    /// The environments that were in one of them; they stay.
    pub environment_ids: Vec<EnvironmentId>,
    /// The members who lost a share with it.
    pub member_ids: Vec<MemberId>,
}

/// Every group of the account.
pub fn all(tx: &mut Conn<'_>, account: AccountId) -> Result<Vec<Group>, StoreError> {
    on!(tx, |c| groups::table
        .filter(groups::account_id.eq(Sql(account)))
        .order((groups::name_key.asc(), groups::id.asc()))
        .select(Group::as_select())
        .load(c))
}

/// A page of the account's groups, by name.
pub fn page(
    tx: &mut Conn<'_>,
    account: AccountId,
    q: Option<&str>,
    page: &Page,
) -> Result<Rows<Group>, StoreError> {
    let pattern = match Search::new(q) {
        Search::Nothing => return Ok(Rows::none()),
        Search::Everything => None,
        Search::Contains(pattern) => Some(pattern),
    };
    let after = page.after_text::<GroupId>()?;
    let rows: Vec<Group> = on!(tx, |c| {
        let mut query = groups::table
            .filter(groups::account_id.eq(Sql(account)))
            .into_boxed::<DB>();
        if let Some(pattern) = pattern {
            query = query.filter(groups::name_key.like(pattern).escape('\\'));
        }
        keyset!(query, page, after, groups::name_key, groups::id)
            .select(Group::as_select())
            .load(c)
    })?;
    Ok(Rows::cut(rows, page, |row| {
        Position::text(&row.name_key, row.id)
    }))
}

/// A group of the account.
pub fn by_id(
    tx: &mut Conn<'_>,
    account: AccountId,
    id: GroupId,
) -> Result<Option<Group>, StoreError> {
    on!(tx, |c| groups::table
        .find(Sql(id))
        .filter(groups::account_id.eq(Sql(account)))
        .select(Group::as_select())
        .first(c)
        .optional())
}

/// Adds a group to the account.
pub fn insert(
    tx: &mut Conn<'_>,
    grant: &Grant<ManageGroups>,
    id: GroupId,
    content: &GroupContent,
    now: DateTime<Utc>,
) -> Result<Insert<Group>, StoreError> {
    let inserted = on_unless_taken!(tx, |c| diesel::insert_into(groups::table)
        .values((
            groups::id.eq(Sql(id)),
            groups::account_id.eq(Sql(grant.account_id())),
            groups::parent_id.eq(content.parent_id.map(Sql)),
            groups::name.eq(&content.name),
            groups::name_key.eq(&content.name_key),
            groups::color.eq(&content.color),
            groups::version.eq(1),
            groups::created_at.eq(Sql(now)),
            groups::updated_at.eq(Sql(now)),
        ))
        .returning(Group::as_returning())
        .get_result(c))?;
    Ok(match inserted {
        Ok(group) => {
            tx.note_groups(group.account_id, [id]);
            Insert::Done(group)
        }
        Err(rule) => Insert::Taken(rule),
    })
}

/// Changes or moves a group. That it does not end up inside itself is the caller's to check.
pub fn update(
    tx: &mut Conn<'_>,
    grant: &Grant<ManageGroups>,
    id: GroupId,
    content: &GroupContent,
    expected_version: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Update<Group>, StoreError> {
    let account = grant.account_id();
    let version = by_id(tx, account, id)?.map(|group| group.version);
    expect_version!(version, expected_version);
    let updated = on_unless_taken!(tx, |c| diesel::update(
        groups::table
            .find(Sql(id))
            .filter(groups::account_id.eq(Sql(account)))
    )
    .set((
        groups::parent_id.eq(content.parent_id.map(Sql)),
        groups::name.eq(&content.name),
        groups::name_key.eq(&content.name_key),
        groups::color.eq(&content.color),
        groups::version.eq(groups::version + 1),
        groups::updated_at.eq(Sql(now)),
    ))
    .returning(Group::as_returning())
    .get_result(c))?;
    Ok(match updated {
        Ok(group) => {
            tx.note_groups(account, [id]);
            Update::Done(group)
        }
        Err(rule) => Update::Taken(rule),
    })
}

/// Deletes a group with its subgroups and the shares on any of them; environments stay.
pub fn delete(
    tx: &mut Conn<'_>,
    grant: &Grant<ManageGroups>,
    id: GroupId,
    now: DateTime<Utc>,
) -> Result<Option<DeletedGroup>, StoreError> {
    let account = grant.account_id();
    let group_ids = subtree(tx, account, id)?;
    if group_ids.is_empty() {
        return Ok(None);
    }
    let mut member_ids = BTreeSet::new();
    let mut environment_ids = BTreeSet::new();
    for ids in group_ids.chunks(CHUNK) {
        member_ids.extend(on!(tx, |c| shares::table
            .filter(shares::account_id.eq(Sql(account)))
            .filter(shares::group_id.assume_not_null().eq_any(many(ids)))
            .select(shares::member_id)
            .load::<MemberId>(c))?);
        environment_ids.extend(on!(tx, |c| environment_groups::table
            .filter(environment_groups::account_id.eq(Sql(account)))
            .filter(environment_groups::group_id.eq_any(many(ids)))
            .select(environment_groups::environment_id)
            .load::<EnvironmentId>(c))?);
    }
    // The deepest first, and not by a cascade: SQLite's go no deeper than a thousand levels.
    for ids in group_ids.rchunks(CHUNK) {
        on!(tx, |c| diesel::delete(
            groups::table
                .filter(groups::id.eq_any(many(ids)))
                .filter(groups::account_id.eq(Sql(account)))
        )
        .execute(c))?;
    }
    tx.note_groups(account, group_ids.iter().copied());
    let member_ids: Vec<MemberId> = member_ids.into_iter().collect();
    members::bump_versions(tx, account, &member_ids, now)?;
    let environment_ids: Vec<EnvironmentId> = environment_ids.into_iter().collect();
    environments::bump_versions(tx, account, &environment_ids, now)?;
    Ok(Some(DeletedGroup {
        group_ids,
        environment_ids,
        member_ids,
    }))
}

/// The group and all inside of it, each after the group that it is in; empty when there is none.
fn subtree(tx: &mut Conn<'_>, account: AccountId, id: GroupId) -> Result<Vec<GroupId>, StoreError> {
    let edges: Vec<(GroupId, Option<GroupId>)> = on!(tx, |c| groups::table
        .filter(groups::account_id.eq(Sql(account)))
        .select((groups::id, groups::parent_id))
        .load(c))?;
    if !edges.iter().any(|(group, _)| *group == id) {
        return Ok(Vec::new());
    }
    let mut children: HashMap<GroupId, Vec<GroupId>> = HashMap::new();
    for (group, parent) in edges {
        if let Some(parent) = parent {
            children.entry(parent).or_default().push(group);
        }
    }
    let mut found = vec![id];
    let mut next = 0;
    while let Some(group) = found.get(next) {
        // Removing what was visited ends the walk even if the tree were ever a ring.
        found.extend(children.remove(group).unwrap_or_default());
        next += 1;
    }
    Ok(found)
}

/// Makes these, and no others, the environments that the group itself holds. Answers the
/// environments whose groups changed; `None` when the account has no such group.
pub fn set_environments(
    tx: &mut Conn<'_>,
    grant: &Grant<ManageGroups>,
    id: GroupId,
    environment_ids: &BTreeSet<EnvironmentId>,
    now: DateTime<Utc>,
) -> Result<Option<Vec<EnvironmentId>>, StoreError> {
    let account = grant.account_id();
    if by_id(tx, account, id)?.is_none() {
        return Ok(None);
    }
    let before: BTreeSet<EnvironmentId> = environments_of(tx, account, id)?.into_iter().collect();
    let gone: Vec<EnvironmentId> = before.difference(environment_ids).copied().collect();
    let new: Vec<EnvironmentId> = environment_ids.difference(&before).copied().collect();
    for ids in gone.chunks(CHUNK) {
        on!(tx, |c| diesel::delete(
            environment_groups::table
                .filter(environment_groups::group_id.eq(Sql(id)))
                .filter(environment_groups::environment_id.eq_any(many(ids)))
        )
        .execute(c))?;
    }
    let pairs: Vec<(EnvironmentId, GroupId)> =
        new.iter().map(|environment| (*environment, id)).collect();
    environments::add_to_groups(tx, account, &pairs)?;
    let changed: Vec<EnvironmentId> = gone.into_iter().chain(new).collect();
    environments::bump_versions(tx, account, &changed, now)?;
    if !changed.is_empty() {
        bump_versions(tx, account, &[id], now)?;
    }
    Ok(Some(changed))
}

/// What these groups hold changed.
pub(crate) fn bump_versions(
    tx: &mut Conn<'_>,
    account: AccountId,
    ids: &[GroupId],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for ids in ids.chunks(CHUNK) {
        on!(tx, |c| diesel::update(
            groups::table
                .filter(groups::id.eq_any(many(ids)))
                .filter(groups::account_id.eq(Sql(account)))
        )
        .set((
            groups::version.eq(groups::version + 1),
            groups::updated_at.eq(Sql(now)),
        ))
        .execute(c))?;
    }
    Ok(())
}

/// The environments that the group itself holds.
pub fn environments_of(
    tx: &mut Conn<'_>,
    account: AccountId,
    id: GroupId,
) -> Result<Vec<EnvironmentId>, StoreError> {
    on!(tx, |c| environment_groups::table
        .filter(environment_groups::account_id.eq(Sql(account)))
        .filter(environment_groups::group_id.eq(Sql(id)))
        .order(environment_groups::environment_id.asc())
        .select(environment_groups::environment_id)
        .load(c))
}

/// How many environments each of the account's groups holds itself; an empty one is left out.
pub fn environment_counts(
    tx: &mut Conn<'_>,
    account: AccountId,
) -> Result<HashMap<GroupId, i64>, StoreError> {
    let counts: Vec<(GroupId, i64)> = on!(tx, |c| environment_groups::table
        .filter(environment_groups::account_id.eq(Sql(account)))
        .group_by(environment_groups::group_id)
        .select((environment_groups::group_id, diesel::dsl::count_star()))
        .load(c))?;
    Ok(counts.into_iter().collect())
}
