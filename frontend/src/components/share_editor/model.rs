//! The tree of things that can be shared, and what picking roles does to a draft of shares. Which roles
//! then apply where is the server's to say.

use std::collections::HashSet;

use accord_api_types::{DateTime, Environment, Group, Item, NewShare, Share, Utc, Uuid};

use crate::components::Pick;

/// Roles on one item, not saved yet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ShareDraft {
    pub(crate) item: Item,
    pub(crate) role_ids: Vec<Uuid>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    /// Its end has passed.
    pub(crate) ended: bool,
}

impl From<Share> for ShareDraft {
    fn from(share: Share) -> Self {
        Self {
            item: share.item,
            role_ids: share.role_ids,
            expires_at: share.expires_at,
            ended: share.ended,
        }
    }
}

/// The draft as it is sent.
pub(crate) fn to_shares(draft: &[ShareDraft]) -> Vec<NewShare> {
    draft
        .iter()
        .map(|share| NewShare {
            item: share.item,
            role_ids: share.role_ids.clone(),
            expires_at: share.expires_at,
        })
        .collect()
}

/// The roles on an item.
pub(crate) fn roles_on(draft: &[ShareDraft], item: Item) -> Vec<Uuid> {
    draft
        .iter()
        .find(|share| share.item == item)
        .map(|share| share.role_ids.clone())
        .unwrap_or_default()
}

/// Does a pick made on `item` while `selected` is selected.
pub(crate) fn pick(draft: &mut Vec<ShareDraft>, item: Item, selected: &HashSet<Item>, pick: Pick) {
    match pick {
        Pick::Replace(role) => set_roles(draft, item, vec![role]),
        Pick::Clear => set_roles(draft, item, Vec::new()),
        Pick::Toggle(role) => {
            let mut roles = roles_on(draft, item);
            match roles.iter().position(|chosen| *chosen == role) {
                Some(at) => {
                    roles.remove(at);
                }
                None => roles.push(role),
            }
            set_roles(draft, item, roles);
        }
        Pick::ReplaceOnSelected(role) => {
            for item in selected
                .iter()
                .copied()
                .chain((!selected.contains(&item)).then_some(item))
            {
                set_roles(draft, item, vec![role]);
            }
        }
    }
}

/// Does a pick on everything that is selected. Toggling adds the role everywhere, unless it is
/// everywhere already.
pub(crate) fn pick_on_selected(draft: &mut Vec<ShareDraft>, selected: &HashSet<Item>, pick: Pick) {
    let everywhere = |role: Uuid, draft: &[ShareDraft]| {
        selected
            .iter()
            .all(|item| roles_on(draft, *item).contains(&role))
    };
    let adding = matches!(pick, Pick::Toggle(role) if !everywhere(role, draft));
    for item in selected.iter().copied() {
        let roles = match pick {
            Pick::Replace(role) | Pick::ReplaceOnSelected(role) => vec![role],
            Pick::Clear => Vec::new(),
            Pick::Toggle(role) => {
                let mut roles = roles_on(draft, item);
                roles.retain(|chosen| *chosen != role);
                if adding {
                    roles.push(role);
                }
                roles
            }
        };
        set_roles(draft, item, roles);
    }
}

/// The roles that all selected items have.
pub(crate) fn roles_on_all(draft: &[ShareDraft], selected: &HashSet<Item>) -> Vec<Uuid> {
    let mut selected = selected.iter();
    let Some(first) = selected.next() else {
        return Vec::new();
    };
    selected.fold(roles_on(draft, *first), |common, item| {
        let roles = roles_on(draft, *item);
        common
            .into_iter()
            .filter(|role| roles.contains(role))
            .collect()
    })
}

/// Adds a role to an item, as after making it there.
pub(crate) fn add_role(draft: &mut Vec<ShareDraft>, item: Item, role: Uuid) {
    let mut roles = roles_on(draft, item);
    if !roles.contains(&role) {
        roles.push(role);
        set_roles(draft, item, roles);
    }
}

/// Sets or clears the end of the share on an item.
pub(crate) fn set_end(draft: &mut [ShareDraft], item: Item, expires_at: Option<DateTime<Utc>>) {
    if let Some(share) = draft.iter_mut().find(|share| share.item == item) {
        share.expires_at = expires_at;
        share.ended = false;
    }
}

/// A share without roles is none.
fn set_roles(draft: &mut Vec<ShareDraft>, item: Item, role_ids: Vec<Uuid>) {
    if role_ids.is_empty() {
        draft.retain(|share| share.item != item);
    } else if let Some(share) = draft.iter_mut().find(|share| share.item == item) {
        share.role_ids = role_ids;
    } else {
        draft.push(ShareDraft {
            item,
            role_ids,
            expires_at: None,
            ended: false,
        });
    }
}

/// Takes out of a draft what does not exist any more.
pub(crate) fn keep_existing(draft: &mut Vec<ShareDraft>, rows: &[Row]) {
    draft.retain(|share| rows.iter().any(|row| row.item == share.item));
}

/// A line of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Row {
    pub(crate) item: Item,
    pub(crate) depth: usize,
    /// What the line shows.
    pub(crate) name: String,
    /// What it is called among all lines: a group's whole path.
    pub(crate) full_name: String,
    /// A second, quieter name.
    pub(crate) note: Option<String>,
    pub(crate) color: Option<String>,
    pub(crate) has_children: bool,
    /// The lines it hangs under, from the root down.
    pub(crate) ancestors: Vec<Item>,
}

/// The whole tree: all environments, then the groups as they nest. Groups come parents first.
pub(crate) fn tree(groups: &[Group], environments: &[Environment]) -> Vec<Row> {
    let category = |item, name: &str, note: &str, has_children| Row {
        item,
        depth: 0,
        name: name.into(),
        full_name: name.into(),
        note: Some(note.into()),
        color: None,
        has_children,
        ancestors: Vec::new(),
    };
    let mut rows = vec![category(
        Item::ENVIRONMENTS,
        "Environments",
        "all of them, also those made later",
        !environments.is_empty(),
    )];
    rows.extend(environments.iter().map(|environment| Row {
        item: Item::environment(environment.id),
        depth: 1,
        name: environment.name.clone(),
        full_name: environment.name.clone(),
        note: environment.display_name.clone(),
        color: None,
        has_children: false,
        ancestors: vec![Item::ENVIRONMENTS],
    }));
    rows.push(category(
        Item::GROUPS,
        "Environment groups",
        "the default for every group",
        !groups.is_empty(),
    ));
    add_groups(groups, None, &[Item::GROUPS], &mut rows);
    rows
}

fn add_groups(groups: &[Group], parent: Option<Uuid>, ancestors: &[Item], rows: &mut Vec<Row>) {
    for group in groups.iter().filter(|group| group.parent_id == parent) {
        let item = Item::group(group.id);
        rows.push(Row {
            item,
            depth: ancestors.len(),
            name: group.name.clone(),
            full_name: group.path.clone(),
            note: Some(match group.environment_count {
                0 => "empty".into(),
                1 => "1 environment".into(),
                count => format!("{count} environments"),
            }),
            color: Some(group.color.clone()),
            has_children: groups.iter().any(|child| child.parent_id == Some(group.id)),
            ancestors: ancestors.to_vec(),
        });
        let below: Vec<_> = ancestors.iter().copied().chain([item]).collect();
        add_groups(groups, Some(group.id), &below, rows);
    }
}

/// The lines to show: those that match what is looked for, with the lines they hang under; without a
/// search, all but those under a folded line.
pub(crate) fn visible(rows: &[Row], looked_for: &str, folded: &HashSet<Item>) -> Vec<Row> {
    let looked_for = looked_for.trim().to_lowercase();
    if looked_for.is_empty() {
        return rows
            .iter()
            .filter(|row| !row.ancestors.iter().any(|above| folded.contains(above)))
            .cloned()
            .collect();
    }
    let matches = |row: &Row| {
        row.depth > 0
            && (row.full_name.to_lowercase().contains(&looked_for)
                || row.note.as_ref().is_some_and(|note| {
                    row.color.is_none() && note.to_lowercase().contains(&looked_for)
                }))
    };
    let needed: HashSet<Item> = rows
        .iter()
        .filter(|row| matches(row))
        .flat_map(|row| row.ancestors.iter().copied().chain([row.item]))
        .collect();
    rows.iter()
        .filter(|row| needed.contains(&row.item))
        .cloned()
        .collect()
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
