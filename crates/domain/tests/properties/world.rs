//! Small accounts, drawn at random: few enough things that they meet.

use std::collections::BTreeSet;

use accord_domain::access::{Relations, RoleFacts};
use accord_domain::catalogue::{ActionId, reserved};
use accord_domain::ids::{EnvironmentId, GroupId, PolicyId, RoleId, ShareId};
use accord_domain::sharing::{Item, Share};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

/// How many inputs are tried; nothing is written to disk.
pub(crate) fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

pub(crate) const GROUPS: u128 = 7;
pub(crate) const ENVIRONMENTS: u128 = 4;
/// The last two exist in no account: roles that were deleted.
pub(crate) const ROLES: u128 = 6;
pub(crate) const KNOWN_ROLES: u128 = 4;

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).expect("a time")
}

pub(crate) fn group(n: u128) -> GroupId {
    GroupId(Uuid::from_u128(1000 + n))
}

pub(crate) fn environment(n: u128) -> EnvironmentId {
    EnvironmentId(Uuid::from_u128(2000 + n))
}

pub(crate) fn role(n: u128) -> RoleId {
    RoleId(Uuid::from_u128(3000 + n))
}

pub(crate) fn action(text: &str) -> ActionId {
    ActionId::parse(text).expect("an action")
}

/// Each group's parent comes before it, so there is no cycle.
pub(crate) fn parents() -> impl Strategy<Value = Vec<Option<u128>>> {
    (0..GROUPS)
        .map(|n| {
            option::weighted(0.75, 0..n.max(1)).prop_map(move |parent| parent.filter(|p| *p < n))
        })
        .collect::<Vec<_>>()
}

pub(crate) fn relations() -> impl Strategy<Value = Relations> {
    let memberships = vec(btree_set(0..GROUPS, 0..4), ENVIRONMENTS as usize);
    (parents(), memberships).prop_map(|(parents, memberships)| {
        let mut relations = Relations::default();
        for (n, parent) in (0..).zip(parents) {
            relations.groups.insert(group(n), parent.map(group));
        }
        for (n, groups) in (0..).zip(memberships) {
            relations
                .environments
                .insert(environment(n), groups.into_iter().map(group).collect());
        }
        for n in 0..KNOWN_ROLES {
            let policy = PolicyId(Uuid::from_u128(4000 + n));
            let mut actions = BTreeSet::from([action(&format!("thing.do{n}"))]);
            if n % 2 == 0 {
                actions.insert(action(reserved::ENVIRONMENT_CREATE));
            }
            relations.policies.insert(policy, actions);
            let facts = RoleFacts {
                policy_ids: vec![policy],
                receive_load_alerts: n == 1,
            };
            relations.roles.insert(role(n), facts);
        }
        relations
    })
}

pub(crate) fn item() -> impl Strategy<Value = Item> {
    prop_oneof![
        1 => Just(Item::Environments),
        1 => Just(Item::Groups),
        4 => (0..GROUPS).prop_map(|n| Item::Group(group(n))),
        2 => (0..ENVIRONMENTS).prop_map(|n| Item::Environment(environment(n))),
    ]
}

pub(crate) fn end() -> impl Strategy<Value = Option<DateTime<Utc>>> {
    option::weighted(0.3, -1_i64..=1)
        .prop_map(|offset| offset.map(|seconds| now() + TimeDelta::seconds(seconds)))
}

pub(crate) fn shares() -> impl Strategy<Value = Vec<Share>> {
    vec((item(), btree_set(0..ROLES, 0..3), end()), 0..10).prop_map(|drawn| {
        let mut items = BTreeSet::new();
        (5000..)
            .zip(drawn)
            .filter(|(_, (item, _, _))| items.insert(*item))
            .map(|(n, (item, roles, expires_at))| Share {
                id: ShareId(Uuid::from_u128(n)),
                item,
                role_ids: roles.into_iter().map(role).collect(),
                expires_at,
            })
            .collect()
    })
}
