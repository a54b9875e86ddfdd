//! What picking roles does to a draft of shares. Which roles then apply where is the server's to say.

use std::collections::HashSet;

use accord_api_types::{DateTime, Item, NewShare, Share, Utc, Uuid};

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
    share_on(draft, item)
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
pub(crate) fn keep_existing(draft: &mut Vec<ShareDraft>, existing: &HashSet<Item>) {
    draft.retain(|share| existing.contains(&share.item));
}

/// The share on an item.
pub(crate) fn share_on(draft: &[ShareDraft], item: Item) -> Option<&ShareDraft> {
    draft.iter().find(|share| share.item == item)
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
