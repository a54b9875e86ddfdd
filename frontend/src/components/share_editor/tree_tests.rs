use accord_api_types::{AccessLevel, AccountSummary, DateTime, EnvironmentStatus};

use super::*;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn group(number: u128, path: &str, parent: Option<u128>) -> Group {
    Group {
        id: id(number),
        name: path.rsplit('/').next().unwrap_or_default().into(),
        color: "#112233".into(),
        parent_id: parent.map(id),
        path: path.into(),
        environment_count: 0,
        updated_at: DateTime::UNIX_EPOCH,
        allowed_actions: Vec::new(),
    }
}

fn environment(number: u128, name: &str, groups: &[u128]) -> Environment {
    Environment {
        id: id(number),
        name: name.into(),
        display_name: None,
        status: EnvironmentStatus::Running,
        group_ids: groups.iter().map(|number| id(*number)).collect(),
        owner: AccountSummary {
            id: id(0),
            name: String::new(),
            email: String::new(),
        },
        created_by: None,
        access_level: AccessLevel::Owner,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        allowed_actions: Vec::new(),
        action_ids: None,
    }
}

/// Two environments without a group, one in two groups, one in the last.
fn sample() -> Tree {
    Tree::new(
        &[
            group(1, "web", None),
            group(2, "web/live", Some(1)),
            group(3, "data", None),
        ],
        &[
            environment(10, "blog", &[]),
            environment(11, "lab", &[]),
            environment(12, "shop", &[2, 3]),
            environment(13, "warehouse", &[3]),
        ],
    )
}

fn names<'t>(tree: &'t Tree, shown: &[Shown]) -> Vec<&'t str> {
    shown
        .iter()
        .map(|one| tree.lines[one.line].full_name.as_str())
        .collect()
}

const NOTHING_FOLDED: fn() -> HashSet<Item> = HashSet::new;

#[test]
fn environments_stand_under_their_groups_or_their_category() {
    let tree = sample();
    let all = tree.shown("", &NOTHING_FOLDED());
    assert_eq!(
        names(&tree, &all),
        [
            "Environments",
            "blog",
            "lab",
            "Environment groups",
            "web",
            "web/live",
            "shop",
            "data",
            "shop",
            "warehouse"
        ]
    );
    assert_eq!(
        tree.lines.iter().map(|line| line.depth).collect::<Vec<_>>(),
        [0, 1, 1, 0, 1, 2, 3, 1, 2, 2]
    );
    let keys: HashSet<_> = tree.lines.iter().map(|line| line.key).collect();
    assert_eq!(keys.len(), tree.lines.len(), "every line has its own key");
}

#[test]
fn places_are_counted_among_siblings() {
    let tree = sample();
    let all = tree.shown("", &NOTHING_FOLDED());
    let counted: Vec<_> = all.iter().map(|one| (one.place, one.siblings)).collect();
    assert_eq!(
        counted,
        [
            (1, 2),
            (1, 2),
            (2, 2),
            (2, 2),
            (1, 2),
            (1, 1),
            (1, 1),
            (2, 2),
            (1, 2),
            (2, 2)
        ]
    );
}

#[test]
fn folding_hides_all_that_hangs_below() {
    let tree = sample();
    let folded = HashSet::from([Item::group(id(1)), Item::ENVIRONMENTS]);
    assert_eq!(
        names(&tree, &tree.shown("", &folded)),
        [
            "Environments",
            "Environment groups",
            "web",
            "data",
            "shop",
            "warehouse"
        ]
    );
    assert_eq!(tree.shown("", &tree.foldable()).len(), 2);
}

#[test]
fn searching_shows_where_a_match_hangs_even_when_folded() {
    let tree = sample();
    let folded = tree.foldable();
    assert_eq!(
        names(&tree, &tree.shown(" LIVE ", &folded)),
        ["Environment groups", "web", "web/live"]
    );
    assert_eq!(
        names(&tree, &tree.shown("shop", &folded)),
        [
            "Environment groups",
            "web",
            "web/live",
            "shop",
            "data",
            "shop"
        ]
    );
    assert!(tree.shown("nothing", &folded).is_empty());
}

#[test]
fn an_environment_of_unknown_groups_is_not_lost() {
    let tree = Tree::new(&[], &[environment(10, "blog", &[7])]);
    assert_eq!(
        names(&tree, &tree.shown("", &NOTHING_FOLDED())),
        ["Environments", "blog", "Environment groups"]
    );
}

#[test]
fn everything_can_be_found_once() {
    assert_eq!(sample().items().len(), 9);
}
