//! The tree of groups, and its depth.

use std::collections::{BTreeSet, HashMap};

use accord_domain::access::{AccessLevel, MemberAccess, Relations, RoleFacts, resolve};
use accord_domain::group_tree::{GroupError, GroupNode, GroupTree};
use accord_domain::ids::{GroupId, ShareId};
use accord_domain::member::MemberStatus;
use accord_domain::sharing::{Item, Share};
use accord_domain::text::{GroupName, group_path};
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use crate::world::*;

fn tree(parents: &[Option<u128>]) -> GroupTree {
    GroupTree::new((0..).zip(parents).map(|(n, parent)| GroupNode {
        id: group(n),
        parent_id: parent.map(group),
        name: format!("Group {n}"),
    }))
}

proptest! {
    #![proptest_config(config())]

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
        account_disabled: false,
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
}
