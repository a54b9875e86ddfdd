//! Environments: the things that are shared.

use crate::conn::{Conn, on, on_unless_taken};
use crate::error::StoreError;
use crate::groups;
use crate::members;
use crate::outcome::{Insert, Update, expect_version};
use crate::page::CHUNK;
use crate::reach;
use crate::schema::{environment_groups, environments, shares};
use crate::types::{Sql, many};
use accord_domain::authorize::{Grant, ManageEnvironments, WritesEnvironments};
use accord_domain::environment::EnvironmentStatus;
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId};
use accord_domain::text::key_of;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};

mod list;
pub use list::{EnvironmentFilter, EnvironmentSort, Visible, page};

/// An environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Its id.
    pub id: EnvironmentId,
    /// Whose it is.
    pub account_id: AccountId,
    /// Its name.
    pub name: String,
    /// Its name for comparison.
    pub name_key: String,
    /// How it is shown, if otherwise.
    pub display_name: Option<String>,
    /// What the platform says it is doing.
    pub status: EnvironmentStatus,
    /// Who made it.
    pub created_by: Option<AccountId>,
    /// Counts every change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// The groups that hold it, in the order of their ids.
    pub group_ids: Vec<GroupId>,
}

/// What somebody decides about an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentContent {
    /// Its name.
    pub name: String,
    /// Its name for comparison.
    pub name_key: String,
    /// How it is shown, if otherwise.
    pub display_name: Option<String>,
    /// What the platform says it is doing.
    pub status: EnvironmentStatus,
}

/// An environment as it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEnvironment {
    /// Its id.
    pub id: EnvironmentId,
    /// What it is.
    pub content: EnvironmentContent,
    /// Who makes it.
    pub created_by: Option<AccountId>,
    /// The groups that hold it.
    pub group_ids: BTreeSet<GroupId>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = environments)]
pub(crate) struct Row {
    id: EnvironmentId,
    account_id: AccountId,
    name: String,
    name_key: String,
    display_name: Option<String>,
    status: EnvironmentStatus,
    created_by: Option<AccountId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// An environment of the account.
pub fn by_id(
    tx: &mut Conn<'_>,
    account: AccountId,
    id: EnvironmentId,
) -> Result<Option<Environment>, StoreError> {
    let row: Option<Row> = on!(tx, |c| environments::table
        .find(Sql(id))
        .filter(environments::account_id.eq(Sql(account)))
        .select(Row::as_select())
        .first(c)
        .optional())?;
    Ok(with_groups(tx, row.into_iter().collect())?.pop())
}

/// The environments with these ids, whosever they are.
pub fn by_ids(tx: &mut Conn<'_>, ids: &[EnvironmentId]) -> Result<Vec<Environment>, StoreError> {
    let mut rows = Vec::new();
    for ids in ids.chunks(CHUNK) {
        rows.extend(on!(tx, |c| environments::table
            .filter(environments::id.eq_any(many(ids)))
            .select(Row::as_select())
            .load::<Row>(c))?);
    }
    with_groups(tx, rows)
}

/// Adds an environment to the account.
pub fn insert(
    tx: &mut Conn<'_>,
    grant: &Grant<impl WritesEnvironments>,
    new: &NewEnvironment,
    now: DateTime<Utc>,
) -> Result<Insert<Environment>, StoreError> {
    let account = grant.account_id();
    let group_ids: Vec<GroupId> = new.group_ids.iter().copied().collect();
    reach::new_environment(grant, &group_ids)?;
    let content = &new.content;
    let inserted = on_unless_taken!(tx, |c| diesel::insert_into(environments::table)
        .values((
            environments::id.eq(Sql(new.id)),
            environments::account_id.eq(Sql(account)),
            environments::name.eq(&content.name),
            environments::name_key.eq(&content.name_key),
            environments::display_name.eq(content.display_name.as_deref()),
            environments::display_name_key.eq(display_name_key(content)),
            environments::status.eq(Sql(content.status)),
            environments::created_by.eq(new.created_by.map(Sql)),
            environments::version.eq(1),
            environments::created_at.eq(Sql(now)),
            environments::updated_at.eq(Sql(now)),
        ))
        .returning(Row::as_returning())
        .get_result::<Row>(c))?;
    match inserted {
        Err(rule) => Ok(Insert::Taken(rule)),
        Ok(row) => {
            tx.note_environments(account, [new.id]);
            let pairs: Vec<_> = group_ids.iter().map(|group| (new.id, *group)).collect();
            add_to_groups(tx, account, &pairs)?;
            groups::bump_versions(tx, account, &group_ids, now)?;
            Ok(Insert::Done(one_with_groups(tx, row)?))
        }
    }
}

/// Changes an environment, but not its groups.
pub fn update(
    tx: &mut Conn<'_>,
    grant: &Grant<impl WritesEnvironments>,
    id: EnvironmentId,
    content: &EnvironmentContent,
    expected_version: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Update<Environment>, StoreError> {
    reach::environment(grant, id)?;
    let account = grant.account_id();
    let version = version(tx, account, id)?;
    expect_version!(version, expected_version);
    let updated = on_unless_taken!(tx, |c| diesel::update(
        environments::table
            .find(Sql(id))
            .filter(environments::account_id.eq(Sql(account)))
    )
    .set((
        environments::name.eq(&content.name),
        environments::name_key.eq(&content.name_key),
        environments::display_name.eq(content.display_name.as_deref()),
        environments::display_name_key.eq(display_name_key(content)),
        environments::status.eq(Sql(content.status)),
        environments::version.eq(environments::version + 1),
        environments::updated_at.eq(Sql(now)),
    ))
    .returning(Row::as_returning())
    .get_result::<Row>(c))?;
    match updated {
        Err(rule) => Ok(Update::Taken(rule)),
        Ok(row) => Ok(Update::Done(one_with_groups(tx, row)?)),
    }
}

/// Makes these, and no others, the groups that hold the environment. Answers it as it is then.
pub fn set_groups(
    tx: &mut Conn<'_>,
    grant: &Grant<ManageEnvironments>,
    id: EnvironmentId,
    group_ids: &BTreeSet<GroupId>,
    now: DateTime<Utc>,
) -> Result<Option<Environment>, StoreError> {
    let account = grant.account_id();
    let Some(environment) = by_id(tx, account, id)? else {
        return Ok(None);
    };
    let before: BTreeSet<GroupId> = environment.group_ids.iter().copied().collect();
    if before == *group_ids {
        return Ok(Some(environment));
    }
    let gone: Vec<GroupId> = before.difference(group_ids).copied().collect();
    for ids in gone.chunks(CHUNK) {
        on!(tx, |c| diesel::delete(
            environment_groups::table
                .filter(environment_groups::environment_id.eq(Sql(id)))
                .filter(environment_groups::group_id.eq_any(many(ids)))
        )
        .execute(c))?;
    }
    let new: Vec<GroupId> = group_ids.difference(&before).copied().collect();
    let pairs: Vec<_> = new.iter().map(|group| (id, *group)).collect();
    add_to_groups(tx, account, &pairs)?;
    bump_versions(tx, account, &[id], now)?;
    groups::bump_versions(tx, account, &[gone, new].concat(), now)?;
    by_id(tx, account, id)
}

/// Deletes an environment and the shares on it. Answers the members who lost one; `None` when
/// the account has no such environment.
pub fn delete(
    tx: &mut Conn<'_>,
    grant: &Grant<impl WritesEnvironments>,
    id: EnvironmentId,
    now: DateTime<Utc>,
) -> Result<Option<Vec<MemberId>>, StoreError> {
    reach::environment(grant, id)?;
    let account = grant.account_id();
    let member_ids: Vec<MemberId> = on!(tx, |c| shares::table
        .filter(shares::account_id.eq(Sql(account)))
        .filter(shares::environment_id.eq(Some(Sql(id))))
        .order(shares::member_id.asc())
        .select(shares::member_id)
        .load(c))?;
    let group_ids: Vec<GroupId> = on!(tx, |c| environment_groups::table
        .filter(environment_groups::account_id.eq(Sql(account)))
        .filter(environment_groups::environment_id.eq(Sql(id)))
        .order(environment_groups::group_id.asc())
        .select(environment_groups::group_id)
        .load(c))?;
    let deleted = on!(tx, |c| diesel::delete(
        environments::table
            .find(Sql(id))
            .filter(environments::account_id.eq(Sql(account)))
    )
    .execute(c))?;
    if deleted == 0 {
        return Ok(None);
    }
    tx.note_environments(account, [id]);
    members::bump_versions(tx, account, &member_ids, now)?;
    groups::bump_versions(tx, account, &group_ids, now)?;
    Ok(Some(member_ids))
}

fn display_name_key(content: &EnvironmentContent) -> String {
    content
        .display_name
        .as_deref()
        .map(key_of)
        .unwrap_or_default()
}

fn version(
    tx: &mut Conn<'_>,
    account: AccountId,
    id: EnvironmentId,
) -> Result<Option<i64>, StoreError> {
    on!(tx, |c| environments::table
        .find(Sql(id))
        .filter(environments::account_id.eq(Sql(account)))
        .select(environments::version)
        .first(c)
        .optional())
}

/// The groups of these environments changed.
pub(crate) fn bump_versions(
    tx: &mut Conn<'_>,
    account: AccountId,
    ids: &[EnvironmentId],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.note_environments(account, ids.iter().copied());
    for ids in ids.chunks(CHUNK) {
        on!(tx, |c| diesel::update(
            environments::table
                .filter(environments::id.eq_any(many(ids)))
                .filter(environments::account_id.eq(Sql(account)))
        )
        .set((
            environments::version.eq(environments::version + 1),
            environments::updated_at.eq(Sql(now)),
        ))
        .execute(c))?;
    }
    Ok(())
}

/// The foreign keys refuse a pair of which one is another account's.
pub(crate) fn add_to_groups(
    tx: &mut Conn<'_>,
    account: AccountId,
    pairs: &[(EnvironmentId, GroupId)],
) -> Result<(), StoreError> {
    for pairs in pairs.chunks(CHUNK) {
        let rows: Vec<_> = pairs
            .iter()
            .map(|(environment, group)| {
                (
                    environment_groups::account_id.eq(Sql(account)),
                    environment_groups::environment_id.eq(Sql(*environment)),
                    environment_groups::group_id.eq(Sql(*group)),
                )
            })
            .collect();
        on!(tx, |c| diesel::insert_into(environment_groups::table)
            .values(&rows)
            .execute(c))?;
    }
    Ok(())
}

fn one_with_groups(tx: &mut Conn<'_>, row: Row) -> Result<Environment, StoreError> {
    with_groups(tx, vec![row])?
        .pop()
        .ok_or_else(|| StoreError::Internal("an environment was lost".to_owned()))
}

fn with_groups(tx: &mut Conn<'_>, rows: Vec<Row>) -> Result<Vec<Environment>, StoreError> {
    let ids: Vec<EnvironmentId> = rows.iter().map(|row| row.id).collect();
    let mut groups: HashMap<EnvironmentId, Vec<GroupId>> = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let found: Vec<(EnvironmentId, GroupId)> = on!(tx, |c| environment_groups::table
            .filter(environment_groups::environment_id.eq_any(many(ids)))
            .order((
                environment_groups::environment_id,
                environment_groups::group_id,
            ))
            .select((
                environment_groups::environment_id,
                environment_groups::group_id,
            ))
            .load(c))?;
        for (environment, group) in found {
            groups.entry(environment).or_default().push(group);
        }
    }
    Ok(rows
        .into_iter()
        .map(|row| Environment {
            group_ids: groups.remove(&row.id).unwrap_or_default(),
            id: row.id,
            account_id: row.account_id,
            name: row.name,
            name_key: row.name_key,
            display_name: row.display_name,
            status: row.status,
            created_by: row.created_by,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
        .collect())
}
