//! Named sets of actions: the system's, which every account sees, and each account's own.

use crate::conn::{Conn, on, on_unless_taken};
use crate::error::{StoreError, UniqueRule};
use crate::outcome::{Insert, Update, expect_version};
use crate::page::{CHUNK, Page, Position, Rows, Search, keyset};
use crate::schema::{policies, policy_actions, role_policies, roles};
use crate::types::{Sql, many};
use accord_domain::authorize::{Grant, ManagePolicies};
use accord_domain::catalogue::ActionId;
use accord_domain::ids::{AccountId, PolicyId, RoleId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::HashMap;

/// A named set of actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its id.
    pub id: PolicyId,
    /// Whose it is; the system's without one.
    pub account_id: Option<AccountId>,
    /// Its key in the catalogue, for one of the system's.
    pub system_key: Option<String>,
    /// Its name.
    pub name: String,
    /// Its name for comparison.
    pub name_key: String,
    /// What it is for.
    pub description: String,
    /// Counts every change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Its actions, in the order of their ids.
    pub action_ids: Vec<ActionId>,
}

/// What somebody decides about a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyContent {
    /// Its name.
    pub name: String,
    /// Its name for comparison.
    pub name_key: String,
    /// What it is for.
    pub description: String,
    /// Its actions, each once.
    pub action_ids: Vec<ActionId>,
}

/// What became of deleting a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum DeletePolicy {
    /// It is gone, and these roles lost it.
    Deleted {
        /// The roles that held it.
        detached_from: Vec<RoleId>,
    },
    /// Roles hold it, and it was not asked to be detached.
    InUse {
        /// The roles that hold it.
        role_ids: Vec<RoleId>,
    },
    /// The account has no such policy of its own.
    Missing,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = policies)]
struct Row {
    id: PolicyId,
    account_id: Option<AccountId>,
    system_key: Option<String>,
    name: String,
    name_key: String,
    description: String,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A page of the policies that an account sees, its own and the system's, by name.
pub fn page(
    tx: &mut Conn<'_>,
    account: AccountId,
    q: Option<&str>,
    page: &Page,
) -> Result<Rows<Policy>, StoreError> {
    let pattern = match Search::new(q) {
        Search::Nothing => return Ok(Rows::none()),
        Search::Everything => None,
        Search::Contains(pattern) => Some(pattern),
    };
    let after = page.after_text::<PolicyId>()?;
    let rows: Vec<Row> = on!(tx, |c| {
        let mut query = policies::table
            .filter(
                policies::account_id
                    .eq(Some(Sql(account)))
                    .or(policies::account_id.is_null()),
            )
            .into_boxed::<DB>();
        if let Some(pattern) = pattern {
            query = query.filter(policies::name_key.like(pattern).escape('\\'));
        }
        keyset!(query, page, after, policies::name_key, policies::id)
            .select(Row::as_select())
            .load(c)
    })?;
    let rows = Rows::cut(rows, page, |row| Position::text(&row.name_key, row.id));
    let next = rows.next;
    Ok(Rows {
        items: with_actions(tx, rows.items)?,
        next,
    })
}

/// A policy that the account sees: its own, or one of the system's.
pub fn by_id(
    tx: &mut Conn<'_>,
    account: AccountId,
    id: PolicyId,
) -> Result<Option<Policy>, StoreError> {
    let row: Option<Row> = on!(tx, |c| policies::table
        .find(Sql(id))
        .filter(
            policies::account_id
                .eq(Some(Sql(account)))
                .or(policies::account_id.is_null()),
        )
        .select(Row::as_select())
        .first(c)
        .optional())?;
    Ok(with_actions(tx, row.into_iter().collect())?.pop())
}

/// The system's policies.
pub fn system(tx: &mut Conn<'_>) -> Result<Vec<Policy>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| policies::table
        .filter(policies::account_id.is_null())
        .order(policies::name_key.asc())
        .select(Row::as_select())
        .load(c))?;
    with_actions(tx, rows)
}

/// Those of the ids that name policies which the account sees.
pub fn visible_among(
    tx: &mut Conn<'_>,
    account: AccountId,
    ids: &[PolicyId],
) -> Result<Vec<PolicyId>, StoreError> {
    let mut visible = Vec::new();
    for ids in ids.chunks(CHUNK) {
        visible.extend(on!(tx, |c| policies::table
            .filter(policies::id.eq_any(many(ids)))
            .filter(
                policies::account_id
                    .eq(Some(Sql(account)))
                    .or(policies::account_id.is_null()),
            )
            .select(policies::id)
            .load::<PolicyId>(c))?);
    }
    Ok(visible)
}

/// Adds a policy to the account.
pub fn insert(
    tx: &mut Conn<'_>,
    grant: &Grant<ManagePolicies>,
    id: PolicyId,
    content: &PolicyContent,
    now: DateTime<Utc>,
) -> Result<Insert<Policy>, StoreError> {
    if system_has_name(tx, &content.name_key)? {
        return Ok(Insert::Taken(UniqueRule::PolicyName));
    }
    let inserted = on_unless_taken!(tx, |c| diesel::insert_into(policies::table)
        .values((
            policies::id.eq(Sql(id)),
            policies::account_id.eq(Some(Sql(grant.account_id()))),
            policies::name.eq(&content.name),
            policies::name_key.eq(&content.name_key),
            policies::description.eq(&content.description),
            policies::version.eq(1),
            policies::created_at.eq(Sql(now)),
            policies::updated_at.eq(Sql(now)),
        ))
        .returning(Row::as_returning())
        .get_result::<Row>(c))?;
    match inserted {
        Err(rule) => Ok(Insert::Taken(rule)),
        Ok(row) => {
            tx.note_policies(grant.account_id(), [id]);
            add_actions(tx, id, &content.action_ids)?;
            Ok(Insert::Done(one_with_actions(tx, row)?))
        }
    }
}

/// Changes one of the account's own policies.
pub fn update(
    tx: &mut Conn<'_>,
    grant: &Grant<ManagePolicies>,
    id: PolicyId,
    content: &PolicyContent,
    expected_version: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Update<Policy>, StoreError> {
    let account = grant.account_id();
    let version = own_version(tx, account, id)?;
    expect_version!(version, expected_version);
    if system_has_name(tx, &content.name_key)? {
        return Ok(Update::Taken(UniqueRule::PolicyName));
    }
    let updated = on_unless_taken!(tx, |c| diesel::update(
        policies::table
            .find(Sql(id))
            .filter(policies::account_id.eq(Some(Sql(account))))
    )
    .set((
        policies::name.eq(&content.name),
        policies::name_key.eq(&content.name_key),
        policies::description.eq(&content.description),
        policies::version.eq(policies::version + 1),
        policies::updated_at.eq(Sql(now)),
    ))
    .returning(Row::as_returning())
    .get_result::<Row>(c))?;
    match updated {
        Err(rule) => Ok(Update::Taken(rule)),
        Ok(row) => {
            tx.note_policies(account, [id]);
            replace_actions(tx, id, &content.action_ids)?;
            Ok(Update::Done(one_with_actions(tx, row)?))
        }
    }
}

/// Deletes one of the account's own policies; roles that hold it keep it unless it is detached.
pub fn delete(
    tx: &mut Conn<'_>,
    grant: &Grant<ManagePolicies>,
    id: PolicyId,
    detach: bool,
    now: DateTime<Utc>,
) -> Result<DeletePolicy, StoreError> {
    let account = grant.account_id();
    if own_version(tx, account, id)?.is_none() {
        return Ok(DeletePolicy::Missing);
    }
    let role_ids: Vec<RoleId> = on!(tx, |c| role_policies::table
        .filter(role_policies::policy_id.eq(Sql(id)))
        .order(role_policies::role_id.asc())
        .select(role_policies::role_id)
        .load(c))?;
    if !role_ids.is_empty() && !detach {
        return Ok(DeletePolicy::InUse { role_ids });
    }
    on!(tx, |c| diesel::delete(
        role_policies::table.filter(role_policies::policy_id.eq(Sql(id)))
    )
    .execute(c))?;
    for ids in role_ids.chunks(CHUNK) {
        on!(tx, |c| diesel::update(
            roles::table
                .filter(roles::id.eq_any(many(ids)))
                .filter(roles::account_id.eq(Sql(account)))
        )
        .set((
            roles::version.eq(roles::version + 1),
            roles::updated_at.eq(Sql(now)),
        ))
        .execute(c))?;
    }
    tx.note_roles(account, role_ids.iter().copied());
    tx.note_policies(account, [id]);
    on!(tx, |c| diesel::delete(policies::table.find(Sql(id)))
        .execute(c))?;
    Ok(DeletePolicy::Deleted {
        detached_from: role_ids,
    })
}

fn own_version(
    tx: &mut Conn<'_>,
    account: AccountId,
    id: PolicyId,
) -> Result<Option<i64>, StoreError> {
    on!(tx, |c| policies::table
        .find(Sql(id))
        .filter(policies::account_id.eq(Some(Sql(account))))
        .select(policies::version)
        .first(c)
        .optional())
}

/// An account's policy beside one of the system's with the same name could not be told apart.
fn system_has_name(tx: &mut Conn<'_>, name_key: &str) -> Result<bool, StoreError> {
    on!(tx, |c| diesel::select(diesel::dsl::exists(
        policies::table
            .filter(policies::account_id.is_null())
            .filter(policies::name_key.eq(name_key))
    ))
    .get_result(c))
}

pub(crate) fn add_actions(
    tx: &mut Conn<'_>,
    id: PolicyId,
    actions: &[ActionId],
) -> Result<(), StoreError> {
    for actions in actions.chunks(CHUNK) {
        let rows: Vec<_> = actions
            .iter()
            .map(|action| {
                (
                    policy_actions::policy_id.eq(Sql(id)),
                    policy_actions::action_id.eq(action.as_str()),
                )
            })
            .collect();
        on!(tx, |c| diesel::insert_into(policy_actions::table)
            .values(&rows)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

pub(crate) fn replace_actions(
    tx: &mut Conn<'_>,
    id: PolicyId,
    actions: &[ActionId],
) -> Result<(), StoreError> {
    on!(tx, |c| diesel::delete(
        policy_actions::table.filter(policy_actions::policy_id.eq(Sql(id)))
    )
    .execute(c))?;
    add_actions(tx, id, actions)
}

pub(crate) fn action_from_text(text: String) -> Result<ActionId, StoreError> {
    ActionId::parse(&text).map_err(|error| StoreError::Internal(error.to_string()))
}

fn one_with_actions(tx: &mut Conn<'_>, row: Row) -> Result<Policy, StoreError> {
    with_actions(tx, vec![row])?
        .pop()
        .ok_or_else(|| StoreError::Internal("a policy was lost".to_owned()))
}

fn with_actions(tx: &mut Conn<'_>, rows: Vec<Row>) -> Result<Vec<Policy>, StoreError> {
    let ids: Vec<PolicyId> = rows.iter().map(|row| row.id).collect();
    let mut actions: HashMap<PolicyId, Vec<ActionId>> = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let found: Vec<(PolicyId, String)> = on!(tx, |c| policy_actions::table
            .filter(policy_actions::policy_id.eq_any(many(ids)))
            .order((policy_actions::policy_id, policy_actions::action_id))
            .select((policy_actions::policy_id, policy_actions::action_id))
            .load(c))?;
        for (id, action) in found {
            actions
                .entry(id)
                .or_default()
                .push(action_from_text(action)?);
        }
    }
    Ok(rows
        .into_iter()
        .map(|row| Policy {
            action_ids: actions.remove(&row.id).unwrap_or_default(),
            id: row.id,
            account_id: row.account_id,
            system_key: row.system_key,
            name: row.name,
            name_key: row.name_key,
            description: row.description,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
        .collect())
}

/// Names of policies, whosever they are, for who was given them.
pub fn names(tx: &mut Conn<'_>, ids: &[PolicyId]) -> Result<HashMap<PolicyId, String>, StoreError> {
    let mut names = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        names.extend(on!(tx, |c| policies::table
            .filter(policies::id.eq_any(many(ids)))
            .select((policies::id, policies::name))
            .load::<(PolicyId, String)>(c))?);
    }
    Ok(names)
}
