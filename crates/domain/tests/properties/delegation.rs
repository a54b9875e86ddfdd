//! The rule of delegation against a second, naive writing of it, which tries every moment.

use std::collections::BTreeSet;

use accord_domain::access::{MemberAccess, Relations};
use accord_domain::catalogue::ActionId;
use accord_domain::delegation::{Delegation, DirectRoles, NotDelegated, Term};
use accord_domain::ids::{EnvironmentId, GroupId, MemberId, RoleId, ShareId};
use accord_domain::member::MemberStatus;
use accord_domain::sharing::{Item, Share};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use crate::world::*;

/// Ends are drawn on whole seconds from just before now to this long after.
const SECONDS: i64 = 5;
const DELEGATE: MemberId = MemberId(Uuid::from_u128(1));
const OTHER: MemberId = MemberId(Uuid::from_u128(2));

fn in_half_seconds(halves: i64) -> DateTime<Utc> {
    now() + TimeDelta::milliseconds(halves * 500)
}

/// Now, and every half second until long after the last end.
fn moments() -> impl Iterator<Item = DateTime<Utc>> {
    (0..(SECONDS + 2) * 2).map(in_half_seconds)
}

fn an_end() -> impl Strategy<Value = Option<DateTime<Utc>>> {
    option::weighted(0.5, -1..=SECONDS).prop_map(|end| end.map(|s| in_half_seconds(s * 2)))
}

fn shares_with_ends() -> impl Strategy<Value = Vec<Share>> {
    let on = prop_oneof![3 => Just(Item::Environment(environment(0))), 4 => item()];
    vec((on, btree_set(0..ROLES, 1..3), an_end()), 0..7).prop_map(|drawn| {
        let mut items = BTreeSet::new();
        (6000..)
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

fn change() -> impl Strategy<Value = Option<DirectRoles>> {
    let roles = btree_set((0..ROLES).prop_map(role), 1..3);
    option::weighted(0.7, (roles, an_end())).prop_map(|drawn| {
        drawn.map(|(role_ids, expires_at)| DirectRoles {
            role_ids,
            expires_at,
        })
    })
}

/// The sentences of the rule, one after the other, by searching.
mod naive {
    use super::*;

    fn roles_on(
        relations: &Relations,
        shares: &[Share],
        item: Item,
        at: DateTime<Utc>,
    ) -> Vec<RoleId> {
        shares
            .iter()
            .filter(|share| share.item == item && share.expires_at.is_none_or(|end| at < end))
            .flat_map(|share| share.role_ids.iter().copied())
            .filter(|role| relations.roles.contains_key(role))
            .collect()
    }

    fn by_group(
        relations: &Relations,
        shares: &[Share],
        group: GroupId,
        at: DateTime<Utc>,
    ) -> Vec<RoleId> {
        let own = roles_on(relations, shares, Item::Group(group), at);
        match (own.is_empty(), relations.groups[&group]) {
            (false, _) => own,
            (true, Some(parent)) => by_group(relations, shares, parent, at),
            (true, None) => roles_on(relations, shares, Item::Groups, at),
        }
    }

    pub(super) fn actions(
        relations: &Relations,
        shares: &[Share],
        id: EnvironmentId,
        at: DateTime<Utc>,
    ) -> BTreeSet<ActionId> {
        let mut roles = roles_on(relations, shares, Item::Environment(id), at);
        if roles.is_empty() {
            for group in &relations.environments[&id] {
                roles.extend(by_group(relations, shares, *group, at));
            }
        }
        if roles.is_empty() {
            roles = roles_on(relations, shares, Item::Environments, at);
        }
        of_roles(relations, &roles)
    }

    pub(super) fn of_roles(relations: &Relations, roles: &[RoleId]) -> BTreeSet<ActionId> {
        let mut actions = BTreeSet::new();
        for role in roles.iter().filter_map(|role| relations.roles.get(role)) {
            for policy in &role.policy_ids {
                actions.extend(relations.policies[policy].iter().cloned());
            }
        }
        actions
    }

    pub(super) fn may(
        relations: &Relations,
        own: &[Share],
        shares: &[Share],
        id: EnvironmentId,
        after: Option<&DirectRoles>,
    ) -> bool {
        let held_now = actions(relations, own, id, now());
        let mut touched: Vec<RoleId> = Vec::new();
        let mut changed = Vec::new();
        for share in shares {
            if share.item == Item::Environment(id) {
                touched.extend(&share.role_ids);
            } else {
                changed.push(share.clone());
            }
        }
        if let Some(after) = after {
            touched.extend(&after.role_ids);
            changed.push(Share {
                id: ShareId(Uuid::from_u128(9999)),
                item: Item::Environment(id),
                role_ids: after.role_ids.clone(),
                expires_at: after.expires_at,
            });
        }
        if !of_roles(relations, &touched).is_subset(&held_now) {
            return false;
        }
        moments().all(|at| {
            let had = actions(relations, shares, id, at);
            let held_then = actions(relations, own, id, at);
            actions(relations, &changed, id, at)
                .into_iter()
                .filter(|action| !had.contains(action))
                .all(|gained| held_now.contains(&gained) && held_then.contains(&gained))
        })
    }
}

fn active(shares: &[Share]) -> MemberAccess {
    MemberAccess {
        status: MemberStatus::Active,
        account_disabled: false,
        shares: shares.to_vec(),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn delegation_agrees_with_its_naive_writing(
        relations in relations(),
        own in shares_with_ends(),
        shares in shares_with_ends(),
        after in change(),
    ) {
        let shop = environment(0);
        let delegation = Delegation::new(&relations, DELEGATE, &active(&own), shop, now());
        let answer = delegation.check(OTHER, &shares, after.as_ref());
        let wanted = naive::may(&relations, &own, &shares, shop, after.as_ref());
        prop_assert_eq!(answer.is_ok(), wanted, "{:?}", answer);
        prop_assert_eq!(delegation.check(DELEGATE, &shares, after.as_ref()), Err(NotDelegated::Own));
    }

    #[test]
    fn a_refusal_names_what_is_lacking(
        relations in relations(),
        own in shares_with_ends(),
        shares in shares_with_ends(),
        after in change(),
    ) {
        let shop = environment(0);
        let delegation = Delegation::new(&relations, DELEGATE, &active(&own), shop, now());
        if let Err(refusal) = delegation.check(OTHER, &shares, after.as_ref()) {
            let at = refusal.from().unwrap_or(now());
            let held = naive::actions(&relations, &own, shop, at);
            let held_now = naive::actions(&relations, &own, shop, now());
            let lacking = refusal.action_ids();
            prop_assert!(!lacking.is_empty());
            prop_assert!(lacking.iter().all(|action| !held.contains(action) || !held_now.contains(action)));
        }
    }

    #[test]
    fn a_role_can_be_given_until_the_end_of_its_term(relations in relations(), own in shares_with_ends()) {
        let shop = environment(0);
        let delegation = Delegation::new(&relations, DELEGATE, &active(&own), shop, now());
        let gives = |role: RoleId, expires_at| {
            let after = DirectRoles { role_ids: BTreeSet::from([role]), expires_at };
            naive::may(&relations, &own, &[], shop, Some(&after))
        };
        for role in (0..KNOWN_ROLES).map(role) {
            match delegation.term_of(role) {
                Some(Term::Unlimited) => prop_assert!(gives(role, None)),
                Some(Term::Until(end)) => {
                    prop_assert!(gives(role, Some(end)));
                    prop_assert!(!gives(role, Some(end + TimeDelta::milliseconds(500))));
                }
                None => prop_assert!(!gives(role, Some(in_half_seconds(1)))),
            }
        }
    }
}
