//! Properties that hold for any input, the access-level rule against a second, naive writing of it.

use std::collections::{BTreeSet, HashMap};

use accord_domain::access::{
    AccessLevel, MemberAccess, Relations, RoleFacts, Why, may_create, resolve, resolve_as_if_active,
};
use accord_domain::catalogue::{ActionId, reserved};
use accord_domain::group_tree::{GroupError, GroupNode, GroupTree};
use accord_domain::ids::{EnvironmentId, GroupId, PolicyId, RoleId, ShareId};
use accord_domain::member::{MemberEvent, MemberStatus, Outcome, transition};
use accord_domain::sharing::{Item, Share, ShareDraft, ShareError, check_drafts, shares_to_copy};
use accord_domain::text::{Description, EmailAddress, GroupName, Name, group_path, key_of};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

const GROUPS: u128 = 7;
const ENVIRONMENTS: u128 = 4;
/// The last two exist in no account: roles that were deleted.
const ROLES: u128 = 6;
const KNOWN_ROLES: u128 = 4;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).expect("a time")
}

fn group(n: u128) -> GroupId {
    GroupId(Uuid::from_u128(1000 + n))
}

fn environment(n: u128) -> EnvironmentId {
    EnvironmentId(Uuid::from_u128(2000 + n))
}

fn role(n: u128) -> RoleId {
    RoleId(Uuid::from_u128(3000 + n))
}

fn action(text: &str) -> ActionId {
    ActionId::parse(text).expect("an action")
}

/// Each group's parent comes before it, so there is no cycle.
fn parents() -> impl Strategy<Value = Vec<Option<u128>>> {
    (0..GROUPS)
        .map(|n| {
            option::weighted(0.75, 0..n.max(1)).prop_map(move |parent| parent.filter(|p| *p < n))
        })
        .collect::<Vec<_>>()
}

fn relations() -> impl Strategy<Value = Relations> {
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

fn item() -> impl Strategy<Value = Item> {
    prop_oneof![
        1 => Just(Item::Environments),
        1 => Just(Item::Groups),
        4 => (0..GROUPS).prop_map(|n| Item::Group(group(n))),
        2 => (0..ENVIRONMENTS).prop_map(|n| Item::Environment(environment(n))),
    ]
}

fn end() -> impl Strategy<Value = Option<DateTime<Utc>>> {
    option::weighted(0.3, -1_i64..=1)
        .prop_map(|offset| offset.map(|seconds| now() + TimeDelta::seconds(seconds)))
}

fn shares() -> impl Strategy<Value = Vec<Share>> {
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
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_rule_agrees_with_its_naive_writing(
        relations in relations(),
        shares in shares(),
        status in select(MemberStatus::ALL),
    ) {
        let member = MemberAccess { status, shares };
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
        let member = MemberAccess { status: MemberStatus::Active, shares };
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
        let mut member = MemberAccess { status: MemberStatus::Active, shares };
        let wanted = naive::may_create(&relations, &member.shares, &groups);
        prop_assert_eq!(may_create(&relations, &member, &groups, now()), wanted);
        member.status = MemberStatus::Suspended;
        prop_assert!(!may_create(&relations, &member, &groups, now()));
    }

    #[test]
    fn the_order_of_shares_and_groups_is_nothing_to_the_rule(
        relations in relations(),
        shares in shares(),
    ) {
        let member = MemberAccess { status: MemberStatus::Active, shares };
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

    #[test]
    fn checked_shares_are_what_was_asked(
        drafts in vec((item(), vec((0..ROLES).prop_map(role), 0..4), end()), 0..8),
    ) {
        let drafts: Vec<ShareDraft> = drafts
            .into_iter()
            .map(|(item, role_ids, expires_at)| ShareDraft { item, role_ids, expires_at })
            .collect();
        let at_fault = (0..drafts.len()).find(|index| {
            let draft = &drafts[*index];
            draft.role_ids.is_empty()
                || drafts[..*index].iter().any(|before| before.item == draft.item)
                || draft.expires_at.is_some_and(|end| end <= now())
        });
        match check_drafts(&drafts, &[], now()) {
            Err(error) => prop_assert_eq!(error.index(), at_fault),
            Ok(checked) => {
                prop_assert_eq!(at_fault, None);
                prop_assert_eq!(checked.len(), drafts.len());
                for (share, draft) in checked.iter().zip(&drafts) {
                    prop_assert_eq!(share.item, draft.item);
                    prop_assert_eq!(&share.role_ids, &draft.role_ids.iter().copied().collect::<BTreeSet<_>>());
                }
            }
        }
    }

    #[test]
    fn a_copy_has_the_shares_that_have_not_ended(shares in shares()) {
        let copied = shares_to_copy(&shares, now());
        for share in &shares {
            let wanted = !share.ended(now()) && !share.role_ids.is_empty();
            prop_assert_eq!(copied.iter().any(|copy| copy.item == share.item), wanted);
        }
        prop_assert!(copied.len() <= shares.len());
    }

    #[test]
    fn any_order_of_events_keeps_the_life_legal(events in vec(select(MemberEvent::ALL), 0..30)) {
        let mut status = MemberStatus::Pending;
        for event in events {
            match transition(status, event) {
                Err(refused) => prop_assert_eq!((refused.status, refused.event), (status, event)),
                Ok(done) => {
                    let Outcome::Becomes(to) = done.to else { break };
                    // A new link exists exactly where the record waits for a decision again.
                    prop_assert_eq!(done.new_invitation, MemberStatus::from(to) == MemberStatus::Pending);
                    prop_assert!(!done.delete_shares || MemberStatus::from(to) == MemberStatus::Removed);
                    status = to.into();
                }
            }
        }
    }

    #[test]
    fn the_tree_of_groups_is_consistent(parents in parents(), moved in 0..GROUPS, target in option::of(0..GROUPS + 1)) {
        let tree = tree(&parents);
        for n in 0..GROUPS {
            let above = tree.ancestors(group(n));
            prop_assert_eq!(above.first().copied(), parents[n as usize].map(group));
            let path = tree.path(group(n)).expect("it exists");
            prop_assert_eq!(path.split('/').count(), above.len() + 1);
            let names = group_path(&path).expect("a path");
            let found = tree.find(&names);
            prop_assert_eq!((found.found, found.missing.len()), (Some(group(n)), 0));
            let below: BTreeSet<GroupId> = tree.subtree(group(n)).into_iter().collect();
            let wanted: BTreeSet<GroupId> = (0..GROUPS)
                .map(group)
                .filter(|other| *other == group(n) || tree.ancestors(*other).contains(&group(n)))
                .collect();
            prop_assert_eq!(below, wanted);
        }
        let wanted = match target {
            Some(GROUPS) => Err(GroupError::Unknown(group(GROUPS))),
            Some(target) if tree.subtree(group(moved)).contains(&group(target)) => Err(GroupError::Cycle),
            _ => Ok(()),
        };
        prop_assert_eq!(tree.check_move(group(moved), target.map(group)), wanted);
    }

    #[test]
    fn keys_are_stable(text in "\\PC{0,40}|[İıΣςσßẞǅKÅﬃ\u{301}\u{307}\u{345}a-zA-Z]{0,12}") {
        let key = key_of(&text);
        prop_assert_eq!(key_of(&key), key);
    }

    #[test]
    fn what_was_parsed_parses_to_itself(text in any::<String>()) {
        if let Ok(name) = Name::parse(&text) {
            prop_assert_eq!(Name::parse(name.as_str()), Ok(name.clone()));
            prop_assert!(name.as_str().chars().count() <= 100);
            prop_assert!(!name.as_str().chars().any(char::is_control));
        }
        if let Ok(description) = Description::parse(&text) {
            prop_assert_eq!(Description::parse(description.as_str()), Ok(description));
        }
    }

    #[test]
    fn an_address_keeps_its_key(local in "[a-zA-ZäÖñ0-9.+_-]{1,20}", domain in "[a-zA-Zäß0-9-]{1,10}\\.(com|DE|рф|み)") {
        if let Ok(address) = EmailAddress::parse(&format!("{local}@{domain}")) {
            let again = EmailAddress::parse(&address.key()).expect("a key is an address");
            prop_assert_eq!(again.key(), address.key());
            prop_assert!(address.ascii_domain().is_ascii());
            let mailed = EmailAddress::parse(&address.deliverable()).expect("so is what mail goes to");
            prop_assert_eq!(mailed.key(), address.key());
        }
    }
}

fn tree(parents: &[Option<u128>]) -> GroupTree {
    GroupTree::new((0..).zip(parents).map(|(n, parent)| GroupNode {
        id: group(n),
        parent_id: parent.map(group),
        name: format!("Group {n}"),
    }))
}

/// Deep enough that recursion, or work that grows with the square, would show.
const DEEP: u128 = 10_000;

#[test]
fn ten_thousand_nested_groups_are_no_trouble() {
    let parents: Vec<Option<u128>> = (0..DEEP).map(|n| n.checked_sub(1)).collect();
    let tree = tree(&parents);
    let (top, bottom) = (group(0), group(DEEP - 1));
    assert_eq!(tree.ancestors(bottom).len(), 9_999);
    assert_eq!(tree.subtree(top).len(), 10_000);
    assert_eq!(
        tree.path(bottom).map(|path| path.split('/').count()),
        Some(10_000)
    );
    assert_eq!(tree.check_move(top, Some(bottom)), Err(GroupError::Cycle));
    assert_eq!(tree.check_move(bottom, Some(top)), Ok(()));

    let id = environment(0);
    let relations = Relations {
        groups: (0..)
            .zip(&parents)
            .map(|(n, parent)| (group(n), parent.map(group)))
            .collect(),
        environments: HashMap::from([(id, vec![bottom])]),
        roles: HashMap::from([(role(0), RoleFacts::default())]),
        policies: HashMap::new(),
    };
    let share = Share {
        id: ShareId(Uuid::from_u128(1)),
        item: Item::Group(top),
        role_ids: BTreeSet::from([role(0)]),
        expires_at: None,
    };
    let member = MemberAccess {
        status: MemberStatus::Active,
        shares: vec![share],
    };
    let access = resolve(&relations, &member, id, now());
    assert_eq!(
        (access.level, access.role_ids),
        (AccessLevel::Group, BTreeSet::from([role(0)]))
    );
}

#[test]
fn a_tree_with_an_unknown_parent_or_a_cycle_still_ends() {
    let orphan = tree(&[Some(5)]);
    assert_eq!(orphan.ancestors(group(0)), []);
    assert_eq!(orphan.path(group(0)).as_deref(), Some("Group 0"));
    let name = GroupName::parse("gROUP 0").expect("a name");
    assert_eq!(orphan.child_named(None, &name), Some(group(0)));

    let circle = tree(&[Some(1), Some(0)]);
    assert_eq!(circle.ancestors(group(0)), [group(1)]);
    assert_eq!(circle.subtree(group(0)).len(), 2);
    let relations = Relations {
        groups: HashMap::from([(group(0), Some(group(1))), (group(1), Some(group(0)))]),
        environments: HashMap::from([(environment(0), vec![group(0)])]),
        ..Relations::default()
    };
    let member = MemberAccess {
        status: MemberStatus::Active,
        shares: Vec::new(),
    };
    assert_eq!(
        resolve(&relations, &member, environment(0), now()).level,
        AccessLevel::None
    );
}

#[test]
fn an_unknown_group_or_environment_is_refused() {
    let tree = tree(&[None]);
    assert_eq!(
        tree.check_move(group(9), None),
        Err(GroupError::Unknown(group(9)))
    );
    assert_eq!(tree.path(group(9)), None);
    assert_eq!(tree.subtree(group(9)), []);
    let names = group_path("Group 0/new/newer").expect("a path");
    let found = tree.find(&names);
    assert_eq!(
        (found.found, found.missing),
        (Some(group(0)), names[1..].to_vec())
    );

    let everywhere = Share {
        id: ShareId(Uuid::from_u128(1)),
        item: Item::Environments,
        role_ids: BTreeSet::from([role(0)]),
        expires_at: None,
    };
    let member = MemberAccess {
        status: MemberStatus::Active,
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
fn an_ended_share_may_stay_as_it_is_but_not_be_changed() {
    let stored = Share {
        id: ShareId(Uuid::from_u128(1)),
        item: Item::Environments,
        role_ids: BTreeSet::from([role(0)]),
        expires_at: Some(now() - TimeDelta::days(1)),
    };
    let draft = ShareDraft {
        item: stored.item,
        role_ids: vec![role(0)],
        expires_at: stored.expires_at,
    };
    let check = |draft: &ShareDraft| {
        check_drafts(
            std::slice::from_ref(draft),
            std::slice::from_ref(&stored),
            now(),
        )
    };
    assert!(check(&draft).is_ok());
    let finer = ShareDraft {
        expires_at: draft
            .expires_at
            .map(|end| end + TimeDelta::nanoseconds(900)),
        ..draft.clone()
    };
    assert!(
        check(&finer).is_ok(),
        "times are compared as finely as they are stored"
    );
    let extended = ShareDraft {
        expires_at: Some(now() + TimeDelta::days(1)),
        ..draft.clone()
    };
    assert!(check(&extended).is_ok());
    let other_roles = ShareDraft {
        role_ids: vec![role(1)],
        ..draft
    };
    assert_eq!(check(&other_roles), Err(ShareError::EndInPast { index: 0 }));
    let other_end = ShareDraft {
        expires_at: Some(now()),
        ..draft
    };
    assert_eq!(check(&other_end), Err(ShareError::EndInPast { index: 0 }));
}

#[test]
fn more_than_two_thousand_shares_are_refused() {
    let draft = |n| ShareDraft {
        item: Item::Group(group(n)),
        role_ids: vec![role(0)],
        expires_at: None,
    };
    let drafts: Vec<ShareDraft> = (0..2001).map(draft).collect();
    assert_eq!(
        check_drafts(&drafts, &[], now()),
        Err(ShareError::TooMany { count: 2001 })
    );
    assert_eq!(
        check_drafts(&drafts[..2000], &[], now()).map(|checked| checked.len()),
        Ok(2000)
    );
}
