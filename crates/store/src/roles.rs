//! Named sets of policies of one account.

use crate::conn::{Conn, on, on_unless_taken};
use crate::error::StoreError;
use crate::members;
use crate::outcome::{Insert, Update, expect_version};
use crate::page::{CHUNK, Page, Position, Rows, Search, keyset};
use crate::schema::{policies, role_policies, roles, share_roles, shares};
use crate::types::{Sql, many};
use accord_domain::authorize::{Grant, ManageRoles};
use accord_domain::ids::{AccountId, MemberId, PolicyId, RoleId, ShareId};
use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// A named set of policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Whose it is.
    pub account_id: AccountId,
    /// Its name.
    pub name: String,
    /// Its name for comparison.
    pub name_key: String,
    /// Whom it is for.
    pub description: String,
    /// Whether who has it hears of load alerts.
    pub receive_load_alerts: bool,
    /// Counts every change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Its policies, in the order of their ids.
    pub policy_ids: Vec<PolicyId>,
    /// How many shares carry it.
    pub share_count: i64,
    /// How many members have such a share.
    pub member_count: i64,
}

/// What somebody decides about a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleContent {
    /// Its name.
    pub name: String,
    /// Its name for comparison.
    pub name_key: String,
    /// Whom it is for.
    pub description: String,
    /// Whether who has it hears of load alerts.
    pub receive_load_alerts: bool,
    /// Its policies: the account's own or the system's.
    pub policy_ids: BTreeSet<PolicyId>,
}

/// What became of deleting a role.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum DeleteRole {
    /// It is gone, and the shares of these members lost it.
    Deleted {
        /// The members whose shares changed.
        member_ids: Vec<MemberId>,
        /// How many shares were left without roles and so deleted.
        deleted_shares: usize,
    },
    /// Shares carry it, and it was not asked to be detached.
    InUse {
        /// The members whose shares carry it.
        member_ids: Vec<MemberId>,
    },
    /// The account has no such role.
    Missing,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = roles)]
struct Row {
    id: RoleId,
    account_id: AccountId,
    name: String,
    name_key: String,
    description: String,
    receive_load_alerts: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A page of the account's roles, by name.
pub fn page(
    tx: &mut Conn<'_>,
    account: AccountId,
    q: Option<&str>,
    page: &Page,
) -> Result<Rows<Role>, StoreError> {
    let pattern = match Search::new(q) {
        Search::Nothing => return Ok(Rows::none()),
        Search::Everything => None,
        Search::Contains(pattern) => Some(pattern),
    };
    let after = page.after_text::<RoleId>()?;
    let rows: Vec<Row> = on!(tx, |c| {
        let mut query = roles::table
            .filter(roles::account_id.eq(Sql(account)))
            .into_boxed::<DB>();
        if let Some(pattern) = pattern {
            query = query.filter(roles::name_key.like(pattern).escape('\\'));
        }
        keyset!(query, page, after, roles::name_key, roles::id)
            .select(Row::as_select())
            .load(c)
    })?;
    let rows = Rows::cut(rows, page, |row| Position::text(&row.name_key, row.id));
    let next = rows.next;
    Ok(Rows {
        items: complete(tx, rows.items)?,
        next,
    })
}

/// A role of the account.
pub fn by_id(
    tx: &mut Conn<'_>,
    account: AccountId,
    id: RoleId,
) -> Result<Option<Role>, StoreError> {
    let row: Option<Row> = on!(tx, |c| roles::table
        .find(Sql(id))
        .filter(roles::account_id.eq(Sql(account)))
        .select(Row::as_select())
        .first(c)
        .optional())?;
    row.map(|row| one_complete(tx, row)).transpose()
}

/// Names and descriptions of those of the roles that the account has.
pub fn names_among(
    tx: &mut Conn<'_>,
    account: AccountId,
    ids: &[RoleId],
) -> Result<HashMap<RoleId, (String, String)>, StoreError> {
    let mut names = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<(RoleId, String, String)> = on!(tx, |c| roles::table
            .filter(roles::id.eq_any(many(ids)))
            .filter(roles::account_id.eq(Sql(account)))
            .select((roles::id, roles::name, roles::description))
            .load(c))?;
        names.extend(
            rows.into_iter()
                .map(|(id, name, description)| (id, (name, description))),
        );
    }
    Ok(names)
}

/// The names of each role's policies, in their order.
pub fn policy_names(
    tx: &mut Conn<'_>,
    ids: &[RoleId],
) -> Result<HashMap<RoleId, Vec<String>>, StoreError> {
    let mut names: HashMap<RoleId, Vec<String>> = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<(RoleId, String)> = on!(tx, |c| role_policies::table
            .inner_join(policies::table)
            .filter(role_policies::role_id.eq_any(many(ids)))
            .select((role_policies::role_id, policies::name))
            .load(c))?;
        for (role, name) in rows {
            names.entry(role).or_default().push(name);
        }
    }
    for names in names.values_mut() {
        names.sort();
    }
    Ok(names)
}

/// Names and descriptions of roles, whosever they are, for who was given them.
pub fn names(
    tx: &mut Conn<'_>,
    ids: &[RoleId],
) -> Result<HashMap<RoleId, (String, String)>, StoreError> {
    let mut names = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<(RoleId, String, String)> = on!(tx, |c| roles::table
            .filter(roles::id.eq_any(many(ids)))
            .select((roles::id, roles::name, roles::description))
            .load(c))?;
        names.extend(
            rows.into_iter()
                .map(|(id, name, description)| (id, (name, description))),
        );
    }
    Ok(names)
}

/// Adds a role to the account.
pub fn insert(
    tx: &mut Conn<'_>,
    grant: &Grant<ManageRoles>,
    id: RoleId,
    content: &RoleContent,
    now: DateTime<Utc>,
) -> Result<Insert<Role>, StoreError> {
    let account = grant.account_id();
    let inserted = on_unless_taken!(tx, |c| diesel::insert_into(roles::table)
        .values((
            roles::id.eq(Sql(id)),
            roles::account_id.eq(Sql(account)),
            roles::name.eq(&content.name),
            roles::name_key.eq(&content.name_key),
            roles::description.eq(&content.description),
            roles::receive_load_alerts.eq(content.receive_load_alerts),
            roles::version.eq(1),
            roles::created_at.eq(Sql(now)),
            roles::updated_at.eq(Sql(now)),
        ))
        .returning(Row::as_returning())
        .get_result::<Row>(c))?;
    match inserted {
        Err(rule) => Ok(Insert::Taken(rule)),
        Ok(row) => {
            tx.note_roles(account, [id]);
            add_policies(tx, account, id, &content.policy_ids)?;
            Ok(Insert::Done(one_complete(tx, row)?))
        }
    }
}

/// Changes a role of the account.
pub fn update(
    tx: &mut Conn<'_>,
    grant: &Grant<ManageRoles>,
    id: RoleId,
    content: &RoleContent,
    expected_version: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Update<Role>, StoreError> {
    let account = grant.account_id();
    let version = version(tx, account, id)?;
    expect_version!(version, expected_version);
    let updated = on_unless_taken!(tx, |c| diesel::update(
        roles::table
            .find(Sql(id))
            .filter(roles::account_id.eq(Sql(account)))
    )
    .set((
        roles::name.eq(&content.name),
        roles::name_key.eq(&content.name_key),
        roles::description.eq(&content.description),
        roles::receive_load_alerts.eq(content.receive_load_alerts),
        roles::version.eq(roles::version + 1),
        roles::updated_at.eq(Sql(now)),
    ))
    .returning(Row::as_returning())
    .get_result::<Row>(c))?;
    match updated {
        Err(rule) => Ok(Update::Taken(rule)),
        Ok(row) => {
            tx.note_roles(account, [id]);
            on!(tx, |c| diesel::delete(
                role_policies::table.filter(role_policies::role_id.eq(Sql(id)))
            )
            .execute(c))?;
            add_policies(tx, account, id, &content.policy_ids)?;
            Ok(Update::Done(one_complete(tx, row)?))
        }
    }
}

/// Deletes a role; one that shares carry only when it is detached from them. Shares that are left
/// without roles go with it.
pub fn delete(
    tx: &mut Conn<'_>,
    grant: &Grant<ManageRoles>,
    id: RoleId,
    detach: bool,
    now: DateTime<Utc>,
) -> Result<DeleteRole, StoreError> {
    let account = grant.account_id();
    if version(tx, account, id)?.is_none() {
        return Ok(DeleteRole::Missing);
    }
    let carried: Vec<(ShareId, MemberId)> = on!(tx, |c| share_roles::table
        .inner_join(shares::table)
        .filter(share_roles::account_id.eq(Sql(account)))
        .filter(share_roles::role_id.eq(Sql(id)))
        .select((shares::id, shares::member_id))
        .load(c))?;
    let member_ids: BTreeSet<MemberId> = carried.iter().map(|(_, member)| *member).collect();
    let member_ids: Vec<MemberId> = member_ids.into_iter().collect();
    if !carried.is_empty() && !detach {
        return Ok(DeleteRole::InUse { member_ids });
    }
    on!(tx, |c| diesel::delete(
        share_roles::table
            .filter(share_roles::account_id.eq(Sql(account)))
            .filter(share_roles::role_id.eq(Sql(id)))
    )
    .execute(c))?;
    let share_ids: Vec<ShareId> = carried.iter().map(|(share, _)| *share).collect();
    let mut deleted_shares = 0;
    for ids in share_ids.chunks(CHUNK) {
        deleted_shares += on!(tx, |c| diesel::delete(
            shares::table
                .filter(shares::id.eq_any(many(ids)))
                .filter(not(exists(
                    share_roles::table.filter(share_roles::share_id.eq(shares::id))
                )))
        )
        .execute(c))?;
    }
    members::bump_versions(tx, account, &member_ids, now)?;
    tx.note_roles(account, [id]);
    on!(tx, |c| diesel::delete(
        roles::table
            .find(Sql(id))
            .filter(roles::account_id.eq(Sql(account)))
    )
    .execute(c))?;
    Ok(DeleteRole::Deleted {
        member_ids,
        deleted_shares,
    })
}

fn version(tx: &mut Conn<'_>, account: AccountId, id: RoleId) -> Result<Option<i64>, StoreError> {
    on!(tx, |c| roles::table
        .find(Sql(id))
        .filter(roles::account_id.eq(Sql(account)))
        .select(roles::version)
        .first(c)
        .optional())
}

fn add_policies(
    tx: &mut Conn<'_>,
    account: AccountId,
    id: RoleId,
    policy_ids: &BTreeSet<PolicyId>,
) -> Result<(), StoreError> {
    let policy_ids: Vec<PolicyId> = policy_ids.iter().copied().collect();
    // No foreign key can say "of this account or of the system".
    if crate::policies::visible_among(tx, account, &policy_ids)?.len() != policy_ids.len() {
        return Err(StoreError::MissingReference);
    }
    for policy_ids in policy_ids.chunks(CHUNK) {
        let rows: Vec<_> = policy_ids
            .iter()
            .map(|policy| {
                (
                    role_policies::role_id.eq(Sql(id)),
                    role_policies::policy_id.eq(Sql(*policy)),
                )
            })
            .collect();
        on!(tx, |c| diesel::insert_into(role_policies::table)
            .values(&rows)
            .execute(c))?;
    }
    Ok(())
}

fn one_complete(tx: &mut Conn<'_>, row: Row) -> Result<Role, StoreError> {
    complete(tx, vec![row])?
        .pop()
        .ok_or_else(|| StoreError::Internal("a role was lost".to_owned()))
}

/// Adds the policies, and how many shares and members have it.
fn complete(tx: &mut Conn<'_>, rows: Vec<Row>) -> Result<Vec<Role>, StoreError> {
    let ids: Vec<RoleId> = rows.iter().map(|row| row.id).collect();
    let mut policies: HashMap<RoleId, Vec<PolicyId>> = HashMap::new();
    let mut counts: HashMap<RoleId, (i64, i64)> = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let found: Vec<(RoleId, PolicyId)> = on!(tx, |c| role_policies::table
            .filter(role_policies::role_id.eq_any(many(ids)))
            .order((role_policies::role_id, role_policies::policy_id))
            .select((role_policies::role_id, role_policies::policy_id))
            .load(c))?;
        for (role, policy) in found {
            policies.entry(role).or_default().push(policy);
        }
        let found: Vec<(RoleId, i64, i64)> = on!(tx, |c| share_roles::table
            .inner_join(shares::table)
            .filter(share_roles::role_id.eq_any(many(ids)))
            .group_by(share_roles::role_id)
            .select((
                share_roles::role_id,
                diesel::dsl::count_star(),
                diesel::dsl::count(shares::member_id).aggregate_distinct(),
            ))
            .load(c))?;
        counts.extend(
            found
                .into_iter()
                .map(|(role, shares, members)| (role, (shares, members))),
        );
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let (share_count, member_count) = counts.get(&row.id).copied().unwrap_or_default();
            Role {
                policy_ids: policies.remove(&row.id).unwrap_or_default(),
                share_count,
                member_count,
                id: row.id,
                account_id: row.account_id,
                name: row.name,
                name_key: row.name_key,
                description: row.description,
                receive_load_alerts: row.receive_load_alerts,
                version: row.version,
                created_at: row.created_at,
                updated_at: row.updated_at,
            }
        })
        .collect())
}
