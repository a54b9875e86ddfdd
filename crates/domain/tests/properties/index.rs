//! The compiled index against the rule that it was made by, and changes in place against a fresh one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use accord_domain::access::{AccessLevel, MemberAccess, Relations, RoleFacts, resolve};
use accord_domain::ids::{AccountId, MemberId, PolicyId, ShareId};
use accord_domain::index::{Index, Update};
use accord_domain::member::MemberStatus;
use accord_domain::preview::{self, Bounds};
use accord_domain::sharing::{Item, Share};
use chrono::TimeDelta;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use crate::world::*;

const MEMBERS: u128 = 4;
const POLICIES: u128 = 4;

/// One account at one moment.
#[derive(Clone, Debug)]
struct World {
    relations: Relations,
    members: BTreeMap<MemberId, (AccountId, MemberAccess)>,
    frozen: bool,
}

fn owner() -> AccountId {
    AccountId(Uuid::from_u128(1))
}

fn person(n: u128) -> AccountId {
    AccountId(Uuid::from_u128(6000 + n))
}

fn policy(n: u128) -> PolicyId {
    PolicyId(Uuid::from_u128(4000 + n))
}

fn known_actions() -> Vec<String> {
    (0..6).map(|n| format!("thing.do{n}")).collect()
}

/// Some roles, each of some policies of which some are there, each of some actions.
fn roles_and_policies() -> impl Strategy<Value = Relations> {
    let policies = vec(
        proptest::option::weighted(0.8, btree_set(0_usize..6, 0..4)),
        POLICIES as usize,
    );
    let roles = vec(
        proptest::option::weighted(0.8, btree_set(0..POLICIES, 0..3)),
        ROLES as usize,
    );
    (policies, roles).prop_map(|(policies, roles)| {
        let mut relations = Relations::default();
        let names = known_actions();
        for (n, actions) in (0..).zip(policies) {
            if let Some(actions) = actions {
                let actions = actions.into_iter().map(|n| action(&names[n])).collect();
                relations.policies.insert(policy(n), actions);
            }
        }
        for (n, policies) in (0..).zip(roles) {
            if let Some(policies) = policies {
                let facts = RoleFacts {
                    policy_ids: policies.into_iter().map(policy).collect(),
                    receive_load_alerts: false,
                };
                relations.roles.insert(role(n), facts);
            }
        }
        relations
    })
}

fn world() -> impl Strategy<Value = World> {
    let member = (
        proptest::option::weighted(0.9, 0..MEMBERS),
        prop_oneof![3 => Just(MemberStatus::Active), 1 => select(MemberStatus::ALL)],
        proptest::bool::weighted(0.1),
        shares(),
    );
    (
        relations(),
        roles_and_policies(),
        vec(member, MEMBERS as usize),
        btree_set(0..GROUPS, 0..3),
        btree_set(0..ENVIRONMENTS, 0..2),
        proptest::bool::weighted(0.05),
    )
        .prop_map(
            |(mut relations, made_of, members, no_groups, no_environments, frozen)| {
                relations.roles = made_of.roles;
                relations.policies = made_of.policies;
                for n in no_groups {
                    relations.groups.remove(&group(n));
                }
                for n in no_environments {
                    relations.environments.remove(&environment(n));
                }
                // A person has one record at most.
                let mut people = BTreeSet::new();
                let members = (0..)
                    .zip(members)
                    .filter_map(|(n, (who, status, account_disabled, shares))| {
                        let who = person(who.filter(|who| people.insert(*who))?);
                        let access = MemberAccess {
                            status,
                            account_disabled,
                            shares,
                        };
                        Some((MemberId(Uuid::from_u128(7000 + n)), (who, access)))
                    })
                    .collect();
                World {
                    relations,
                    members,
                    frozen,
                }
            },
        )
}

impl World {
    fn index(&self) -> Index {
        let members = self
            .members
            .iter()
            .map(|(id, (person, access))| (*id, *person, access.clone()));
        Index::new(
            owner(),
            self.frozen,
            Update::of_everything(self.relations.clone(), members),
        )
    }

    /// The same with one person for each record, and of an account that is not frozen: one that its owner
    /// changes.
    fn of_the_same_people(mut self) -> Self {
        self.frozen = false;
        for (id, (who, _)) in &mut self.members {
            *who = person(id.0.as_u128());
        }
        self
    }

    /// What the rule says, in the index's words.
    fn by_the_rule(&self, who: AccountId, n: u128, seconds: i64) -> (AccessLevel, Vec<bool>) {
        let nothing = || (AccessLevel::None, vec![false; known_actions().len()]);
        let id = environment(n);
        if self.frozen || !self.relations.environments.contains_key(&id) {
            return nothing();
        }
        if who == owner() {
            return (AccessLevel::Owner, vec![true; known_actions().len()]);
        }
        let Some((_, member)) = self.members.values().find(|(person, _)| *person == who) else {
            return nothing();
        };
        let at = now() + TimeDelta::seconds(seconds);
        let access = resolve(&self.relations, member, id, at);
        let allowed = known_actions()
            .iter()
            .map(|action| access.allows(&self.relations, action))
            .collect();
        (access.level, allowed)
    }

    fn agrees_with(&self, index: &Index) -> Result<(), TestCaseError> {
        for who in (0..MEMBERS).map(person).chain([owner(), person(99)]) {
            for n in 0..=ENVIRONMENTS {
                for seconds in [-2, 0, 2] {
                    let decision =
                        index.decide(who, environment(n), now() + TimeDelta::seconds(seconds));
                    let allowed: Vec<bool> = known_actions()
                        .iter()
                        .map(|action| decision.allows(index.action(action)))
                        .collect();
                    let wanted = self.by_the_rule(who, n, seconds);
                    prop_assert_eq!((decision.level(), allowed), wanted, "{:?} on {}", who, n);
                }
            }
        }
        Ok(())
    }
}

/// What differs, as an update tells it.
fn differences<K: Copy + Eq + Hash + Ord, V: Clone + PartialEq>(
    before: &HashMap<K, V>,
    after: &HashMap<K, V>,
) -> Vec<(K, Option<V>)> {
    let ids: BTreeSet<K> = before.keys().chain(after.keys()).copied().collect();
    ids.into_iter()
        .filter(|id| before.get(id) != after.get(id))
        .map(|id| (id, after.get(&id).cloned()))
        .collect()
}

fn update(before: &World, after: &World) -> Update {
    let members = |world: &World| {
        let members = world.members.iter();
        members
            .map(|(id, member)| (*id, member.clone()))
            .collect::<HashMap<_, _>>()
    };
    let (members_before, members_after) = (members(before), members(after));
    // Who had access and has, under the same person, is told of share by share.
    let told_by_shares = |id: &MemberId| {
        let (Some(before), Some(after)) = (members_before.get(id), members_after.get(id)) else {
            return false;
        };
        let has = |access: &MemberAccess| access.status.gives_access() && !access.account_disabled;
        before.0 == after.0 && has(&before.1) && has(&after.1)
    };
    let (alone, whole): (Vec<_>, Vec<_>) = differences(&members_before, &members_after)
        .into_iter()
        .partition(|(id, _)| told_by_shares(id));
    let on_items = |access: &MemberAccess| {
        let shares = access.shares.iter();
        shares
            .map(|share| (share.item, share.clone()))
            .collect::<HashMap<_, _>>()
    };
    let shares = alone.into_iter().flat_map(|(id, _)| {
        let before = on_items(&members_before[&id].1);
        let after = on_items(&members_after[&id].1);
        let changed = differences(&before, &after);
        changed
            .into_iter()
            .map(move |(item, share)| (id, item, share))
    });
    Update {
        groups: differences(&before.relations.groups, &after.relations.groups),
        environments: differences(
            &before.relations.environments,
            &after.relations.environments,
        ),
        policies: differences(&before.relations.policies, &after.relations.policies),
        roles: differences(&before.relations.roles, &after.relations.roles)
            .into_iter()
            .map(|(id, role)| (id, role.map(|role| role.policy_ids)))
            .collect(),
        shares: shares.collect(),
        members: whole,
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_index_decides_as_the_rule_does(world in world()) {
        world.agrees_with(&world.index())?;
    }

    #[test]
    fn changes_in_place_come_to_the_same_as_a_fresh_index(worlds in vec(world(), 2..5)) {
        let mut index = worlds[0].index();
        for (before, after) in worlds.iter().zip(&worlds[1..]) {
            index.apply(update(before, after));
            index.set_frozen(after.frozen);
            after.agrees_with(&index)?;
        }
    }

    /// What is told again, or told though it did not change, changes nothing.
    #[test]
    fn more_may_be_told_than_changed(before in world(), after in world()) {
        let mut index = before.index();
        index.apply(update(&before, &after));
        let members = after
            .members
            .iter()
            .map(|(id, (person, access))| (*id, *person, access.clone()));
        index.apply(Update::of_everything(after.relations.clone(), members));
        index.set_frozen(after.frozen);
        after.agrees_with(&index)?;
    }

    /// Every member on every environment, before and after, by the rule itself.
    #[test]
    fn what_is_previewed_is_what_the_rule_says_before_and_after(before in world(), after in world()) {
        let before = before.of_the_same_people();
        let after = after.of_the_same_people();
        let update = update(&before, &after);
        let index = before.index();
        let mut changed = index.clone();
        changed.apply(update.clone());
        let bounds = Bounds { most_items: usize::MAX, most_pairs: usize::MAX };
        let found = preview::differences(&index, &changed, &update, now(), bounds);

        let mut wanted = BTreeMap::new();
        let all: BTreeMap<MemberId, AccountId> = before
            .members
            .iter()
            .chain(&after.members)
            .filter(|(_, (_, access))| access.status.gives_access())
            .map(|(id, (person, _))| (*id, *person))
            .collect();
        for (member, person) in all {
            for n in 0..ENVIRONMENTS {
                let had = before.by_the_rule(person, n, 0);
                let has = after.by_the_rule(person, n, 0);
                if (had.0.sees(), &had.1) != (has.0.sees(), &has.1) {
                    let only = |one: &[bool], other: &[bool]| {
                        known_actions()
                            .into_iter()
                            .zip(one.iter().zip(other))
                            .filter(|(_, (one, other))| **one && !**other)
                            .map(|(action, _)| action)
                            .collect::<Vec<_>>()
                    };
                    let gained_and_lost = (only(&has.1, &had.1), only(&had.1, &has.1));
                    wanted.insert((member, environment(n)), gained_and_lost);
                }
            }
        }
        let texts = |actions: &BTreeSet<accord_domain::catalogue::ActionId>| {
            actions.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let told: BTreeMap<_, _> = found
            .items
            .iter()
            .map(|item| {
                let pair = (item.member_id, item.environment_id);
                (pair, (texts(&item.gained), texts(&item.lost)))
            })
            .collect();
        prop_assert_eq!(&told, &wanted);
        prop_assert!(found.complete && found.pairs == wanted.len());
        let members: BTreeSet<_> = wanted.keys().map(|(member, _)| member).collect();
        prop_assert_eq!(found.members, members.len());
    }
}

/// However deep groups nest, and wherever in between one is moved.
#[test]
fn the_way_up_from_a_group_is_walked_to_its_end() {
    const DEPTH: u128 = 30;
    let (member, who) = (MemberId(Uuid::from_u128(7000)), person(0));
    let mut relations = Relations::default();
    for n in 0..DEPTH {
        let above = n.checked_sub(1).map(group);
        relations.groups.insert(group(n), above);
    }
    let bottom = group(DEPTH - 1);
    relations.environments.insert(environment(0), vec![bottom]);
    relations.roles.insert(role(0), RoleFacts::default());
    let given = |n: u128| MemberAccess {
        status: MemberStatus::Active,
        account_disabled: false,
        shares: vec![Share {
            id: ShareId(Uuid::from_u128(1)),
            item: Item::Group(group(n)),
            role_ids: [role(0)].into(),
            expires_at: None,
        }],
    };
    let everything = Update::of_everything(relations, [(member, who, given(0))]);
    let mut index = Index::new(owner(), false, everything);
    for top in 0..DEPTH {
        // Cut off above, and put back.
        for cut in [None, Some(top), top.checked_sub(1), Some(DEPTH - 1)] {
            let shared = Update {
                members: vec![(member, Some((who, given(top))))],
                ..Update::default()
            };
            index.apply(shared);
            let put = |index: &mut Index, n: u128, above: Option<u128>| {
                index.apply(Update {
                    groups: vec![(group(n), Some(above.map(group)))],
                    ..Update::default()
                });
            };
            if let Some(cut) = cut {
                put(&mut index, cut, None);
            }
            let reaches = cut.is_none_or(|cut| cut <= top);
            let wanted = if reaches {
                AccessLevel::Group
            } else {
                AccessLevel::None
            };
            let decision = index.decide(who, environment(0), now());
            assert_eq!(decision.level(), wanted, "{top} cut at {cut:?}");
            if let Some(cut) = cut {
                put(&mut index, cut, cut.checked_sub(1));
            }
        }
    }
}
