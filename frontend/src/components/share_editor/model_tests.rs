use super::*;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

const VIEWER: Uuid = Uuid::from_u128(100);
const DEVELOPER: Uuid = Uuid::from_u128(101);

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
    keep_existing(
        &mut draft,
        &HashSet::from([Item::group(id(2)), Item::GROUPS]),
    );
    assert_eq!(
        draft.iter().map(|share| share.item).collect::<Vec<_>>(),
        [Item::group(id(2))]
    );
}
