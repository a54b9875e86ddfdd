//! The system policies of the platform's catalogue, as rows that roles can refer to.

use crate::accounts;
use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::policies::{self, action_from_text};
use crate::schema::{policies as table, policy_actions, role_policies};
use crate::types::Sql;
use accord_domain::catalogue::{ActionId, Catalogue, SystemPolicy};
use accord_domain::ids::PolicyId;
use accord_domain::text::key_of;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// Makes the stored system policies those of the catalogue. One that the catalogue no longer has
/// is deleted, unless a role holds it: then it stays as it was, and its actions stay in use.
pub fn sync(
    tx: &mut Conn<'_>,
    catalogue: &Catalogue,
    mut new_id: impl FnMut() -> PolicyId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut stored: HashMap<String, policies::Policy> = policies::system(tx)?
        .into_iter()
        .filter_map(|policy| Some((policy.system_key.clone()?, policy)))
        .collect();
    let mut changed = false;
    for policy in &catalogue.policies {
        match stored.remove(&policy.key) {
            Some(old) => changed |= update(tx, &old, policy, now)?,
            None => {
                insert(tx, new_id(), policy, now)?;
                changed = true;
            }
        }
    }
    for gone in stored.into_values() {
        let held: i64 = on!(tx, |c| role_policies::table
            .filter(role_policies::policy_id.eq(Sql(gone.id)))
            .count()
            .get_result(c))?;
        if held == 0 {
            on!(tx, |c| diesel::delete(table::table.find(Sql(gone.id)))
                .execute(c))?;
            changed = true;
        } else {
            tracing::warn!(
                policy = gone.name,
                "the catalogue no longer has a policy that roles hold; it stays as it was"
            );
        }
    }
    // What came with the platform before is in every account's roles.
    if changed {
        accounts::bump_every_revision(tx)?;
    }
    Ok(())
}

/// Every action that some policy names. After [`sync`], one that the catalogue lacks comes from
/// an account's own policy or from a system policy that roles still hold.
pub fn actions_in_use(tx: &mut Conn<'_>) -> Result<BTreeSet<ActionId>, StoreError> {
    let actions: Vec<String> = on!(tx, |c| policy_actions::table
        .select(policy_actions::action_id)
        .distinct()
        .load(c))?;
    actions.into_iter().map(action_from_text).collect()
}

fn insert(
    tx: &mut Conn<'_>,
    id: PolicyId,
    policy: &SystemPolicy,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    // Another instance that starts at this moment may have been first.
    on!(tx, |c| diesel::insert_into(table::table)
        .values((
            table::id.eq(Sql(id)),
            table::system_key.eq(Some(&policy.key)),
            table::name.eq(&policy.name),
            table::name_key.eq(key_of(&policy.name)),
            table::description.eq(&policy.description),
            table::version.eq(1),
            table::created_at.eq(Sql(now)),
            table::updated_at.eq(Sql(now)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    let id: PolicyId = on!(tx, |c| table::table
        .filter(table::system_key.eq(Some(&policy.key)))
        .select(table::id)
        .first(c))?;
    policies::add_actions(tx, id, &policy.actions)
}

/// Whether anything about it changed.
fn update(
    tx: &mut Conn<'_>,
    old: &policies::Policy,
    new: &SystemPolicy,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let actions: BTreeSet<&ActionId> = new.actions.iter().collect();
    let same_actions = old.action_ids.iter().collect::<BTreeSet<_>>() == actions;
    if same_actions && old.name == new.name && old.description == new.description {
        return Ok(false);
    }
    on!(tx, |c| diesel::update(table::table.find(Sql(old.id)))
        .set((
            table::name.eq(&new.name),
            table::name_key.eq(key_of(&new.name)),
            table::description.eq(&new.description),
            table::version.eq(table::version + 1),
            table::updated_at.eq(Sql(now)),
        ))
        .execute(c))?;
    policies::replace_actions(tx, old.id, &new.actions)?;
    Ok(true)
}
