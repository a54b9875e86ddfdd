//! What the access-level rule walks over, of one account, in a handful of queries.

use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::page::CHUNK;
use crate::policies::{action_from_text, visible_among};
use crate::schema::{
    environment_groups, environments, groups, policies, policy_actions, role_policies, roles,
};
use crate::types::{Sql, many};
use accord_domain::access::{Relations, RoleFacts};
use accord_domain::catalogue::ActionId;
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, PolicyId, RoleId};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// Everything that one account owns, as far as access is concerned.
pub fn load(tx: &mut Conn<'_>, account: AccountId) -> Result<Relations, StoreError> {
    Ok(Relations {
        groups: load_groups(tx, account)?,
        environments: load_environments(tx, account)?,
        roles: load_roles(tx, account)?,
        policies: load_policies(tx, account)?,
    })
}

/// The same as far as one environment is concerned: itself, the groups that it is in up to the root, and every role
/// and policy. Whatever else the account owns stays where it is.
pub fn load_around(
    tx: &mut Conn<'_>,
    account: AccountId,
    environment: EnvironmentId,
) -> Result<Relations, StoreError> {
    Ok(Relations {
        roles: load_roles(tx, account)?,
        policies: load_policies(tx, account)?,
        ..load_place(tx, account, environment)?
    })
}

/// The same without any role.
pub fn load_place(
    tx: &mut Conn<'_>,
    account: AccountId,
    environment: EnvironmentId,
) -> Result<Relations, StoreError> {
    let mut environments = environments_among(tx, account, &BTreeSet::from([environment]))?;
    let mut groups = HashMap::new();
    let mut next: BTreeSet<GroupId> = environments.values().flatten().copied().collect();
    while !next.is_empty() {
        groups.extend(groups_among(tx, account, &next)?);
        let parents = next.iter().filter_map(|id| *groups.get(id)?);
        next = parents.filter(|id| !groups.contains_key(id)).collect();
    }
    for group_ids in environments.values_mut() {
        group_ids.sort_unstable();
    }
    Ok(Relations {
        groups,
        environments,
        ..Relations::default()
    })
}

/// Adds those of the account's roles, with their policies.
pub fn add_roles(
    tx: &mut Conn<'_>,
    account: AccountId,
    relations: &mut Relations,
    ids: &BTreeSet<RoleId>,
) -> Result<(), StoreError> {
    let roles = roles_among(tx, account, ids)?;
    let held = roles.values().flat_map(|role| &role.policy_ids);
    let policies = policies_among(tx, account, &held.copied().collect())?;
    relations.roles.extend(roles);
    relations.policies.extend(policies);
    Ok(())
}

fn load_groups(
    tx: &mut Conn<'_>,
    account: AccountId,
) -> Result<HashMap<GroupId, Option<GroupId>>, StoreError> {
    let rows: Vec<(GroupId, Option<GroupId>)> = on!(tx, |c| groups::table
        .filter(groups::account_id.eq(Sql(account)))
        .select((groups::id, groups::parent_id))
        .load(c))?;
    Ok(rows.into_iter().collect())
}

fn load_environments(
    tx: &mut Conn<'_>,
    account: AccountId,
) -> Result<HashMap<EnvironmentId, Vec<GroupId>>, StoreError> {
    let ids: Vec<EnvironmentId> = on!(tx, |c| environments::table
        .filter(environments::account_id.eq(Sql(account)))
        .select(environments::id)
        .load(c))?;
    let mut found: HashMap<EnvironmentId, Vec<GroupId>> =
        ids.into_iter().map(|id| (id, Vec::new())).collect();
    let pairs: Vec<(EnvironmentId, GroupId)> = on!(tx, |c| environment_groups::table
        .filter(environment_groups::account_id.eq(Sql(account)))
        .order((
            environment_groups::environment_id,
            environment_groups::group_id,
        ))
        .select((
            environment_groups::environment_id,
            environment_groups::group_id,
        ))
        .load(c))?;
    for (environment, group) in pairs {
        found.entry(environment).or_default().push(group);
    }
    Ok(found)
}

fn load_roles(
    tx: &mut Conn<'_>,
    account: AccountId,
) -> Result<HashMap<RoleId, RoleFacts>, StoreError> {
    let rows: Vec<(RoleId, bool)> = on!(tx, |c| roles::table
        .filter(roles::account_id.eq(Sql(account)))
        .select((roles::id, roles::receive_load_alerts))
        .load(c))?;
    let mut found: HashMap<RoleId, RoleFacts> = rows
        .into_iter()
        .map(|(id, receive_load_alerts)| {
            let facts = RoleFacts {
                policy_ids: Vec::new(),
                receive_load_alerts,
            };
            (id, facts)
        })
        .collect();
    let pairs: Vec<(RoleId, PolicyId)> = on!(tx, |c| role_policies::table
        .inner_join(roles::table)
        .filter(roles::account_id.eq(Sql(account)))
        .order((role_policies::role_id, role_policies::policy_id))
        .select((role_policies::role_id, role_policies::policy_id))
        .load(c))?;
    for (role, policy) in pairs {
        found.entry(role).or_default().policy_ids.push(policy);
    }
    Ok(found)
}

fn load_policies(
    tx: &mut Conn<'_>,
    account: AccountId,
) -> Result<HashMap<PolicyId, BTreeSet<ActionId>>, StoreError> {
    let ids: Vec<PolicyId> = on!(tx, |c| policies::table
        .filter(
            policies::account_id
                .eq(Some(Sql(account)))
                .or(policies::account_id.is_null()),
        )
        .select(policies::id)
        .load(c))?;
    let mut found: HashMap<PolicyId, BTreeSet<ActionId>> =
        ids.into_iter().map(|id| (id, BTreeSet::new())).collect();
    let pairs: Vec<(PolicyId, String)> = on!(tx, |c| policy_actions::table
        .inner_join(policies::table)
        .filter(
            policies::account_id
                .eq(Some(Sql(account)))
                .or(policies::account_id.is_null()),
        )
        .select((policy_actions::policy_id, policy_actions::action_id))
        .load(c))?;
    for (policy, action) in pairs {
        found
            .entry(policy)
            .or_default()
            .insert(action_from_text(action)?);
    }
    Ok(found)
}

/// The groups among these, with the group that each is in.
pub(crate) fn groups_among(
    tx: &mut Conn<'_>,
    account: AccountId,
    ids: &BTreeSet<GroupId>,
) -> Result<HashMap<GroupId, Option<GroupId>>, StoreError> {
    let ids: Vec<GroupId> = ids.iter().copied().collect();
    let mut found = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<(GroupId, Option<GroupId>)> = on!(tx, |c| groups::table
            .filter(groups::id.eq_any(many(ids)))
            .filter(groups::account_id.eq(Sql(account)))
            .select((groups::id, groups::parent_id))
            .load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// The environments among these, with the groups that each is in.
pub(crate) fn environments_among(
    tx: &mut Conn<'_>,
    account: AccountId,
    ids: &BTreeSet<EnvironmentId>,
) -> Result<HashMap<EnvironmentId, Vec<GroupId>>, StoreError> {
    let ids: Vec<EnvironmentId> = ids.iter().copied().collect();
    let mut found: HashMap<EnvironmentId, Vec<GroupId>> = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let there: Vec<EnvironmentId> = on!(tx, |c| environments::table
            .filter(environments::id.eq_any(many(ids)))
            .filter(environments::account_id.eq(Sql(account)))
            .select(environments::id)
            .load(c))?;
        found.extend(there.iter().map(|id| (*id, Vec::new())));
        let pairs: Vec<(EnvironmentId, GroupId)> = on!(tx, |c| environment_groups::table
            .filter(environment_groups::environment_id.eq_any(many(&there)))
            .select((
                environment_groups::environment_id,
                environment_groups::group_id,
            ))
            .load(c))?;
        for (environment, group) in pairs {
            found.entry(environment).or_default().push(group);
        }
    }
    Ok(found)
}

/// The roles among these.
pub(crate) fn roles_among(
    tx: &mut Conn<'_>,
    account: AccountId,
    ids: &BTreeSet<RoleId>,
) -> Result<HashMap<RoleId, RoleFacts>, StoreError> {
    let ids: Vec<RoleId> = ids.iter().copied().collect();
    let mut found: HashMap<RoleId, RoleFacts> = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<(RoleId, bool)> = on!(tx, |c| roles::table
            .filter(roles::id.eq_any(many(ids)))
            .filter(roles::account_id.eq(Sql(account)))
            .select((roles::id, roles::receive_load_alerts))
            .load(c))?;
        let there: Vec<RoleId> = rows.iter().map(|(id, _)| *id).collect();
        for (id, receive_load_alerts) in rows {
            let facts = found.entry(id).or_default();
            facts.receive_load_alerts = receive_load_alerts;
        }
        let pairs: Vec<(RoleId, PolicyId)> = on!(tx, |c| role_policies::table
            .filter(role_policies::role_id.eq_any(many(&there)))
            .order((role_policies::role_id, role_policies::policy_id))
            .select((role_policies::role_id, role_policies::policy_id))
            .load(c))?;
        for (role, policy) in pairs {
            found.entry(role).or_default().policy_ids.push(policy);
        }
    }
    Ok(found)
}

/// The policies among these that the account has or the system brings, with the actions of each.
pub(crate) fn policies_among(
    tx: &mut Conn<'_>,
    account: AccountId,
    ids: &BTreeSet<PolicyId>,
) -> Result<HashMap<PolicyId, BTreeSet<ActionId>>, StoreError> {
    let ids: Vec<PolicyId> = ids.iter().copied().collect();
    let there = visible_among(tx, account, &ids)?;
    let mut found: HashMap<PolicyId, BTreeSet<ActionId>> =
        there.iter().map(|id| (*id, BTreeSet::new())).collect();
    for there in there.chunks(CHUNK) {
        let pairs: Vec<(PolicyId, String)> = on!(tx, |c| policy_actions::table
            .filter(policy_actions::policy_id.eq_any(many(there)))
            .select((policy_actions::policy_id, policy_actions::action_id))
            .load(c))?;
        for (policy, action) in pairs {
            found
                .entry(policy)
                .or_default()
                .insert(action_from_text(action)?);
        }
    }
    Ok(found)
}
