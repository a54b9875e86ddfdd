use accord_api_types::{ItemKind, SharedItem, Uuid};
use leptos::prelude::*;

use super::{Glyph, Icon, RelativeTime};

/// What is shared, under which roles, and until when.
#[component]
pub(crate) fn SharedItems(
    items: Vec<SharedItem>,
    /// Whose it is, once it can be opened: each item then leads to what it brings.
    #[prop(optional, into)]
    owner: Option<Uuid>,
) -> impl IntoView {
    view! {
        <ul class="shared-items">
            {items.into_iter().map(|shared| view! { <SharedItemRow shared=shared owner=owner/> }).collect_view()}
        </ul>
    }
}

#[component]
fn SharedItemRow(shared: SharedItem, owner: Option<Uuid>) -> impl IntoView {
    let href = owner
        .filter(|_| !shared.ended)
        .map(|owner| place(&shared, owner));
    let (icon, name, note) = match shared.item.kind {
        ItemKind::Environments => (
            Icon::Layers,
            "All environments".to_owned(),
            "also those made later",
        ),
        ItemKind::Groups => (
            Icon::FolderTree,
            "All environment groups".to_owned(),
            "also those made later",
        ),
        ItemKind::Group => (Icon::Folder, shared.item_name, "group"),
        ItemKind::Environment => (Icon::Box, shared.item_name, "environment"),
    };
    view! {
        <li class="shared-item" class:ended=shared.ended>
            <Glyph icon=icon/>
            <span class="shared-item-words">
                {match href {
                    Some(href) => view! { <a class="strong" href=href>{name}</a> }.into_any(),
                    None => view! { <span class="strong">{name}</span> }.into_any(),
                }}
                " "
                <span class="muted">{note}</span>
                {shared.expires_at.map(|at| view! {
                    <span class="muted">{if shared.ended { " · ended " } else { " · ends " }}<RelativeTime at=at/></span>
                })}
            </span>
            <span class="tags">
                {shared.roles.into_iter().map(|role| {
                    let policies = role.policies.join(" · ");
                    view! { <span class="tag" title=policies><span class="tag-words">{role.name}</span></span> }
                }).collect_view()}
            </span>
        </li>
    }
}

/// Where an item leads: to the environment, or to the list narrowed to what it brings.
fn place(shared: &SharedItem, owner: Uuid) -> String {
    match (shared.item.kind, shared.item.id) {
        (ItemKind::Environment, Some(id)) => format!("/environments/{owner}/{id}"),
        (ItemKind::Group, Some(id)) => format!("/environments?owner={owner}&group={id}"),
        _ => format!("/environments?owner={owner}"),
    }
}

#[cfg(test)]
mod tests {
    use accord_api_types::Item;

    use super::*;

    #[test]
    fn every_item_leads_somewhere() {
        let owner = Uuid::from_u128(1);
        let id = Uuid::from_u128(2);
        let place = |item: Item| {
            place(
                &SharedItem {
                    item,
                    item_name: String::new(),
                    roles: Vec::new(),
                    expires_at: None,
                    ended: false,
                },
                owner,
            )
        };
        assert_eq!(
            place(Item::environment(id)),
            format!("/environments/{owner}/{id}")
        );
        assert_eq!(
            place(Item::group(id)),
            format!("/environments?owner={owner}&group={id}")
        );
        assert_eq!(place(Item::GROUPS), format!("/environments?owner={owner}"));
    }
}
