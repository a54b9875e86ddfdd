use accord_api_types::{AccessLevel, AccountSummary, EnvironmentStatus};

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

fn environment(number: u128, name: &str) -> Environment {
    Environment {
        id: id(number),
        name: name.into(),
        display_name: None,
        status: EnvironmentStatus::Running,
        group_ids: Vec::new(),
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

fn sample() -> Vec<Row> {
    tree(
        &[
            group(1, "web", None),
            group(2, "web/live", Some(1)),
            group(3, "data", None),
        ],
        &[environment(10, "shop"), environment(11, "blog")],
    )
}

fn names(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row.full_name.as_str()).collect()
}

const VIEWER: Uuid = Uuid::from_u128(100);
const DEVELOPER: Uuid = Uuid::from_u128(101);

#[test]
fn the_tree_has_both_categories_and_nested_groups() {
    let rows = sample();
    assert_eq!(
        names(&rows),
        [
            "Environments",
            "shop",
            "blog",
            "Environment groups",
            "web",
            "web/live",
            "data"
        ]
    );
    assert_eq!(
        rows.iter().map(|row| row.depth).collect::<Vec<_>>(),
        [0, 1, 1, 0, 1, 2, 1]
    );
    assert!(rows[4].has_children && !rows[5].has_children);
}

#[test]
fn folding_hides_what_hangs_below() {
    let folded = HashSet::from([Item::group(id(1)), Item::ENVIRONMENTS]);
    assert_eq!(
        names(&visible(&sample(), "", &folded)),
        ["Environments", "Environment groups", "web", "data"]
    );
}

#[test]
fn searching_shows_where_the_match_hangs_even_when_folded() {
    let folded = HashSet::from([Item::GROUPS]);
    assert_eq!(
        names(&visible(&sample(), " LIVE ", &folded)),
        ["Environment groups", "web", "web/live"]
    );
    assert_eq!(
        names(&visible(&sample(), "shop", &folded)),
        ["Environments", "shop"]
    );
    assert!(visible(&sample(), "nothing", &folded).is_empty());
}

#[test]
fn a_click_replaces_and_ctrl_adds_or_takes_away() {
    let (mut draft, item, nothing) = (Vec::new(), Item::environment(id(10)), HashSet::new());
    pick(&mut draft, item, &nothing, Pick::Replace(VIEWER));
    pick(&mut draft, item, &nothing, Pick::Toggle(DEVELOPER));
    assert_eq!(roles_on(&draft, item), [VIEWER, DEVELOPER]);
    pick(&mut draft, item, &nothing, Pick::Toggle(VIEWER));
    assert_eq!(roles_on(&draft, item), [DEVELOPER]);
    pick(&mut draft, item, &nothing, Pick::Replace(VIEWER));
    assert_eq!(roles_on(&draft, item), [VIEWER]);
}

#[test]
fn a_share_without_roles_is_none() {
    let (mut draft, nothing) = (Vec::new(), HashSet::new());
    pick(&mut draft, Item::GROUPS, &nothing, Pick::Toggle(VIEWER));
    pick(&mut draft, Item::GROUPS, &nothing, Pick::Toggle(VIEWER));
    assert!(draft.is_empty());
    pick(&mut draft, Item::GROUPS, &nothing, Pick::Replace(VIEWER));
    pick(&mut draft, Item::GROUPS, &nothing, Pick::Clear);
    assert!(draft.is_empty());
}

#[test]
fn alt_replaces_on_all_that_is_selected_and_on_the_line_itself() {
    let mut draft = Vec::new();
    let selected = HashSet::from([Item::environment(id(10)), Item::environment(id(11))]);
    pick(
        &mut draft,
        Item::environment(id(10)),
        &selected,
        Pick::Replace(DEVELOPER),
    );
    pick(
        &mut draft,
        Item::GROUPS,
        &selected,
        Pick::ReplaceOnSelected(VIEWER),
    );
    for item in [
        Item::environment(id(10)),
        Item::environment(id(11)),
        Item::GROUPS,
    ] {
        assert_eq!(roles_on(&draft, item), [VIEWER]);
    }
    assert_eq!(draft.len(), 3);
}

#[test]
fn toggling_on_a_selection_adds_until_everybody_has_it() {
    let mut draft = Vec::new();
    let selected = HashSet::from([Item::ENVIRONMENTS, Item::GROUPS]);
    pick(&mut draft, Item::GROUPS, &selected, Pick::Replace(VIEWER));
    pick_on_selected(&mut draft, &selected, Pick::Toggle(VIEWER));
    assert_eq!(roles_on_all(&draft, &selected), [VIEWER]);
    pick_on_selected(&mut draft, &selected, Pick::Toggle(VIEWER));
    assert!(draft.is_empty());
}

#[test]
fn changing_roles_keeps_the_end_and_extending_revives() {
    let end = DateTime::UNIX_EPOCH;
    let mut draft = vec![ShareDraft {
        item: Item::GROUPS,
        role_ids: vec![VIEWER],
        expires_at: Some(end),
        ended: true,
    }];
    pick(
        &mut draft,
        Item::GROUPS,
        &HashSet::new(),
        Pick::Toggle(DEVELOPER),
    );
    assert_eq!((draft[0].expires_at, draft[0].ended), (Some(end), true));
    set_end(&mut draft, Item::GROUPS, None);
    assert_eq!((draft[0].expires_at, draft[0].ended), (None, false));
}

#[test]
fn a_new_role_is_added_to_what_is_there() {
    let mut draft = Vec::new();
    add_role(&mut draft, Item::GROUPS, VIEWER);
    add_role(&mut draft, Item::GROUPS, DEVELOPER);
    add_role(&mut draft, Item::GROUPS, DEVELOPER);
    assert_eq!(roles_on(&draft, Item::GROUPS), [VIEWER, DEVELOPER]);
}

#[test]
fn what_was_removed_meanwhile_leaves_the_draft() {
    let mut draft = Vec::new();
    add_role(&mut draft, Item::group(id(2)), VIEWER);
    add_role(&mut draft, Item::group(id(99)), VIEWER);
    keep_existing(&mut draft, &sample());
    assert_eq!(
        draft.iter().map(|share| share.item).collect::<Vec<_>>(),
        [Item::group(id(2))]
    );
}
