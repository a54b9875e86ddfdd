//! What the compiled access index of an account is made of: all of it, or what changed.

use crate::access_changes::{SharedItem, Things};
use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::members::Member;
use crate::page::CHUNK;
use crate::relations::{environments_among, groups_among, policies_among, roles_among};
use crate::schema::environments;
use crate::types::many;
use crate::{accounts, members, relations, shares};
use accord_domain::access::MemberAccess;
use accord_domain::ids::{AccountId, EnvironmentId, MemberId, PolicyId, RoleId};
use accord_domain::index::Update;
use accord_domain::member::{MemberStatus, StoredStatus};
use accord_domain::sharing::{Item, Share};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;

/// Where more shares of one member changed than these, all of them are read.
const MOST_SHARES_ALONE: usize = 16;

/// Everything that an account shares.
pub fn everything(tx: &mut Conn<'_>, account: AccountId) -> Result<Update, StoreError> {
    let relations = relations::load(tx, account)?;
    let members = members::active_of_account(tx, account)?;
    let shares = shares::of_account(tx, account)?;
    let members = with_access(tx, members, shares)?;
    Ok(Update::of_everything(
        relations,
        members
            .into_iter()
            .map(|(id, (person, access))| (id, person, access)),
    ))
}

/// Those things of an account, as they are now.
pub fn things(
    tx: &mut Conn<'_>,
    account: AccountId,
    things: &Things,
) -> Result<Update, StoreError> {
    let roles = roles_among(tx, account, &things.roles)?.into_iter();
    let roles: HashMap<RoleId, Vec<PolicyId>> =
        roles.map(|(id, role)| (id, role.policy_ids)).collect();
    let (member_ids, shares) = split(things);
    // A role may hold a policy that was not there before.
    let mut policy_ids = things.policies.clone();
    policy_ids.extend(roles.values().flatten());
    Ok(Update {
        groups: each(&things.groups, groups_among(tx, account, &things.groups)?),
        environments: each(
            &things.environments,
            environments_among(tx, account, &things.environments)?,
        ),
        policies: each(&policy_ids, policies_among(tx, account, &policy_ids)?),
        roles: each(&things.roles, roles),
        members: each(&member_ids, members_among(tx, account, &member_ids)?),
        shares: shares_among(tx, account, &shares)?,
    })
}

/// Members to be read with all that they have been given, and shares to be read by themselves.
fn split(things: &Things) -> (BTreeSet<MemberId>, BTreeMap<MemberId, BTreeSet<Item>>) {
    let mut member_ids = things.members.clone();
    let mut shares: BTreeMap<MemberId, BTreeSet<Item>> = BTreeMap::new();
    for SharedItem { member, item } in &things.shares {
        shares.entry(*member).or_default().insert(*item);
    }
    shares.retain(|member, items| {
        if items.len() > MOST_SHARES_ALONE {
            member_ids.insert(*member);
        }
        !member_ids.contains(member)
    });
    (member_ids, shares)
}

/// What has become of those shares of members who have access.
fn shares_among(
    tx: &mut Conn<'_>,
    account: AccountId,
    wanted: &BTreeMap<MemberId, BTreeSet<Item>>,
) -> Result<Vec<(MemberId, Item, Option<Share>)>, StoreError> {
    let ids: Vec<MemberId> = wanted.keys().copied().collect();
    let members = members::by_ids(tx, account, &ids)?;
    let mut found = Vec::new();
    // Who is not active or is disabled has nothing in the index, and is read whole once that changes.
    for (id, (_, access)) in with_access(tx, members, HashMap::new())? {
        if access.account_disabled {
            continue;
        }
        for item in wanted.get(&id).into_iter().flatten() {
            found.push((id, *item, shares::on_item(tx, account, id, *item)?));
        }
    }
    Ok(found)
}

/// Each of the ids with what was found of it.
fn each<K: Copy + Eq + Hash, V>(
    ids: &BTreeSet<K>,
    mut found: HashMap<K, V>,
) -> Vec<(K, Option<V>)> {
    ids.iter().map(|id| (*id, found.remove(id))).collect()
}

/// The environment's account, if there is such an environment.
pub fn hosts_of(
    tx: &mut Conn<'_>,
    ids: &[EnvironmentId],
) -> Result<HashMap<EnvironmentId, AccountId>, StoreError> {
    let mut found = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<(EnvironmentId, AccountId)> = on!(tx, |c| environments::table
            .filter(environments::id.eq_any(many(ids)))
            .select((environments::id, environments::account_id))
            .load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

fn members_among(
    tx: &mut Conn<'_>,
    account: AccountId,
    ids: &BTreeSet<MemberId>,
) -> Result<HashMap<MemberId, (AccountId, MemberAccess)>, StoreError> {
    let ids: Vec<MemberId> = ids.iter().copied().collect();
    let members = members::by_ids(tx, account, &ids)?;
    let shares = shares::of_members(tx, &ids)?;
    with_access(tx, members, shares)
}

/// What the active ones among them have been given.
fn with_access(
    tx: &mut Conn<'_>,
    members: Vec<Member>,
    mut shares: HashMap<MemberId, Vec<Share>>,
) -> Result<HashMap<MemberId, (AccountId, MemberAccess)>, StoreError> {
    let active: Vec<(MemberId, AccountId)> = members
        .into_iter()
        .filter(|member| member.status == StoredStatus::Active)
        .filter_map(|member| Some((member.id, member.person_id?)))
        .collect();
    let people: Vec<AccountId> = active.iter().map(|(_, person)| *person).collect();
    let disabled: HashSet<AccountId> = accounts::briefs(tx, &people)?
        .into_values()
        .filter(|person| person.disabled_at.is_some())
        .map(|person| person.id)
        .collect();
    Ok(active
        .into_iter()
        .map(|(id, person)| {
            let access = MemberAccess {
                status: MemberStatus::Active,
                account_disabled: disabled.contains(&person),
                shares: shares.remove(&id).unwrap_or_default(),
            };
            (id, (person, access))
        })
        .collect())
}
