use accord_api_types::{ItemKind, SharedItem};
use leptos::prelude::*;

use super::{Glyph, Icon, RelativeTime};

/// What is shared, under which roles, and until when.
#[component]
pub(crate) fn SharedItems(items: Vec<SharedItem>) -> impl IntoView {
    view! {
        <ul class="shared-items">
            {items.into_iter().map(|shared| view! { <SharedItemRow shared=shared/> }).collect_view()}
        </ul>
    }
}

#[component]
fn SharedItemRow(shared: SharedItem) -> impl IntoView {
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
                <span class="strong">{name}</span>
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
