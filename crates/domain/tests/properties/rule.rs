//! The access-level rule against a second, naive writing of it.

use std::collections::{BTreeSet, HashMap};

use accord_domain::access::{
    AccessLevel, MemberAccess, Relations, RoleFacts, Why, may_create, places_to_create, resolve,
    resolve_as_if_active,
};
use accord_domain::catalogue::reserved;
use accord_domain::ids::{EnvironmentId, GroupId, RoleId, ShareId};
use accord_domain::member::MemberStatus;
use accord_domain::sharing::{Item, Share};
use proptest::collection::btree_set;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use crate::world::*;

/// The rule once more, as plainly as its sentences: no steps, no index, everything by searching.
mod naive {
    use super::*;

    pub(crate) fn roles_on(
        relations: &Relations,
        shares: &[Share],
        item: Item,
    ) -> BTreeSet<RoleId> {
        let mut roles = BTreeSet::new();
        for share in shares {
            let ended = match share.expires_at {
                Some(end) => end <= now(),
                None => false,
            };
            if share.item == item && !ended {
                for role in &share.role_ids {
                    if relations.roles.contains_key(role) {
                        roles.insert(*role);
                    }
                }
            }
        }
        roles
    }

    pub(crate) fn roles_by_group(
        relations: &Relations,
        shares: &[Share],
        group: GroupId,
    ) -> BTreeSet<RoleId> {
        let own = roles_on(relations, shares, Item::Group(group));
        if !own.is_empty() {
            return own;
        }
        match relations.groups[&group] {
            Some(parent) => roles_by_group(relations, shares, parent),
            None => roles_on(relations, shares, Item::Groups),
        }
    }

    pub(crate) fn rule(
        relations: &Relations,
        shares: &[Share],
        id: EnvironmentId,
    ) -> (AccessLevel, BTreeSet<RoleId>) {
        let direct = roles_on(relations, shares, Item::Environment(id));
        if !direct.is_empty() {
            return (AccessLevel::Direct, direct);
        }
        let mut by_groups = BTreeSet::new();
        for group in &relations.environments[&id] {
            by_groups.append(&mut roles_by_group(relations, shares, *group));
        }
        if !by_groups.is_empty() {
            return (AccessLevel::Group, by_groups);
        }
        let base = roles_on(relations, shares, Item::Environments);
        let level = if base.is_empty() {
            AccessLevel::None
        } else {
            AccessLevel::Base
        };
        (level, base)
    }

    pub(crate) fn may_create(relations: &Relations, shares: &[Share], groups: &[GroupId]) -> bool {
        let allows = |roles: BTreeSet<RoleId>| {
            roles.iter().any(|role| {
                relations.roles[role]
                    .policy_ids
                    .iter()
                    .any(|policy| relations.policies[policy].contains(reserved::ENVIRONMENT_CREATE))
            })
        };
        match groups {
            [] => allows(roles_on(relations, shares, Item::Environments)),
            groups => groups
                .iter()
                .all(|group| allows(roles_by_group(relations, shares, *group))),
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_rule_agrees_with_its_naive_writing(
        relations in relations(),
        shares in shares(),
        status in select(MemberStatus::ALL),
    ) {
        let member = MemberAccess { status, account_disabled: false, shares };
        for n in 0..ENVIRONMENTS {
            let id = environment(n);
            let wanted = naive::rule(&relations, &member.shares, id);
            let would_be = resolve_as_if_active(&relations, &member, id, now());
            prop_assert_eq!(&(would_be.level, would_be.role_ids.clone()), &wanted);

            let access = resolve(&relations, &member, id, now());
            if status == MemberStatus::Active {
                prop_assert_eq!(&access, &would_be);
            } else {
                prop_assert_eq!(access.level, AccessLevel::None);
                prop_assert!(access.role_ids.is_empty() && access.actions(&relations).is_empty());
                prop_assert!(access.steps.iter().all(|step| !step.counted));
            }
        }
    }

    #[test]
    fn the_steps_prove_the_answer(relations in relations(), shares in shares()) {
        let member = MemberAccess { status: MemberStatus::Active, account_disabled: false, shares };
        for n in 0..ENVIRONMENTS {
            let access = resolve(&relations, &member, environment(n), now());
            let counted: Vec<_> = access.steps.iter().filter(|step| step.counted).collect();
            let known = |id: &&RoleId| relations.roles.contains_key(*id);
            let roles: BTreeSet<RoleId> = counted.iter().flat_map(|step| &step.role_ids).filter(known).copied().collect();
            prop_assert_eq!(&roles, &access.role_ids);
            prop_assert!(counted.iter().all(|step| step.level == access.level));
            for step in &access.steps {
                let counts = matches!(
                    step.why,
                    Why::Counted | Why::NearestAncestorWithRoles | Why::GroupsCategoryDefault
                );
                prop_assert_eq!(step.counted, counts);
                prop_assert_eq!(step.share.is_none(), step.why == Why::NoShareHere);
            }
            for action in access.actions(&relations) {
                prop_assert!(access.allows(&relations, action.as_str()));
                prop_assert!(!access.granted_by(&relations, action.as_str()).is_empty());
            }
        }
    }

    #[test]
    fn creating_agrees_with_its_naive_writing(
        relations in relations(),
        shares in shares(),
        groups in btree_set(0..GROUPS, 0..4),
    ) {
        let groups: Vec<GroupId> = groups.into_iter().map(group).collect();
        let mut member = MemberAccess { status: MemberStatus::Active, account_disabled: false, shares };
        let wanted = naive::may_create(&relations, &member.shares, &groups);
        prop_assert_eq!(may_create(&relations, &member, &groups, now()), wanted);
        let places = places_to_create(&relations, &member, now());
        let everywhere = groups.iter().all(|group| places.groups.contains(group));
        prop_assert_eq!(if groups.is_empty() { places.root } else { everywhere }, wanted);
        member.status = MemberStatus::Suspended;
        prop_assert!(!may_create(&relations, &member, &groups, now()));
    }

    #[test]
    fn the_order_of_shares_and_groups_is_nothing_to_the_rule(
        relations in relations(),
        shares in shares(),
    ) {
        let member = MemberAccess { status: MemberStatus::Active, account_disabled: false, shares };
        let mut turned = relations.clone();
        turned.environments.values_mut().for_each(|groups| groups.reverse());
        let mut other = member.clone();
        other.shares.reverse();
        for n in 0..ENVIRONMENTS {
            let one = resolve(&relations, &member, environment(n), now());
            let two = resolve(&turned, &other, environment(n), now());
            prop_assert_eq!((one.level, one.role_ids), (two.level, two.role_ids));
        }
    }
}

#[test]
fn what_does_not_exist_is_not_there() {
    let everywhere = Share {
        id: ShareId(Uuid::from_u128(1)),
        item: Item::Environments,
        role_ids: BTreeSet::from([role(0)]),
        expires_at: None,
    };
    let member = MemberAccess {
        status: MemberStatus::Active,
        account_disabled: false,
        shares: vec![everywhere],
    };
    let relations = Relations {
        roles: HashMap::from([(role(0), RoleFacts::default())]),
        ..Relations::default()
    };
    let access = resolve(&relations, &member, environment(0), now());
    assert_eq!(
        (access.level, access.steps[0].why),
        (AccessLevel::None, Why::NoSuchEnvironment)
    );
}

#[test]
fn a_circle_of_groups_still_ends() {
    let relations = Relations {
        groups: HashMap::from([(group(0), Some(group(1))), (group(1), Some(group(0)))]),
        environments: HashMap::from([(environment(0), vec![group(0)])]),
        ..Relations::default()
    };
    let member = MemberAccess {
        status: MemberStatus::Active,
        account_disabled: false,
        shares: Vec::new(),
    };
    assert_eq!(
        resolve(&relations, &member, environment(0), now()).level,
        AccessLevel::None
    );
}
