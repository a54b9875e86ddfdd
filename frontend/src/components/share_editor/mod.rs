//! The tree of shared items, with roles on each line.

pub(crate) mod model;

use std::collections::HashSet;
use std::sync::Arc;

use accord_api_types::{Item, ItemKind, RoleSummary, Uuid};
use leptos::prelude::*;

use super::{Glyph, Icon, Pick, RolePicker, SearchField, each};
use crate::components::share_editor::model::{
    Row, ShareDraft, pick, pick_on_selected, roles_on, roles_on_all, visible,
};
use crate::components::time::DateTimeField;

/// What stands at a group's line to change the groups themselves.
pub(crate) type GroupTools = Arc<dyn Fn(Uuid) -> AnyView + Send + Sync>;

/// Edits the shares in `draft`.
#[component]
pub(crate) fn ShareEditor(
    rows: Signal<Vec<Row>>,
    roles: Signal<Vec<RoleSummary>>,
    draft: RwSignal<Vec<ShareDraft>>,
    /// Makes a new role; it is for this item.
    on_create_role: Callback<Item>,
    #[prop(optional)] group_tools: Option<GroupTools>,
) -> impl IntoView {
    let looked_for = RwSignal::new(String::new());
    let folded = RwSignal::new(HashSet::<Item>::new());
    let selected = RwSignal::new(HashSet::<Item>::new());
    let shown = Memo::new(move |_| {
        rows.with(|rows| {
            looked_for.with(|looked_for| folded.with(|folded| visible(rows, looked_for, folded)))
        })
    });
    let context = LineContext {
        roles,
        draft,
        folded,
        selected,
        on_create_role,
    };
    let group_tools = StoredValue::new(group_tools);
    let none = move || shown.with(Vec::is_empty);
    view! {
        <fieldset class="share-editor">
            <legend class="field-label">"Shared items"</legend>
            <div class="share-tools">
                <SearchField label="Find an item" value=looked_for/>
                <SelectedTools context=context/>
            </div>
            <ul class="share-tree">
                {each(move || shown.get(), |row| row.clone(), move |row| view! {
                    <Line row=row context=context group_tools=group_tools.get_value()/>
                }.into_any())}
                {move || none().then(|| view! { <li class="share-none">"Nothing by this name."</li> })}
            </ul>
            <p class="field-hint" aria-live="polite">{move || summary(&draft.get())}</p>
        </fieldset>
    }
}

#[derive(Clone, Copy)]
struct LineContext {
    roles: Signal<Vec<RoleSummary>>,
    draft: RwSignal<Vec<ShareDraft>>,
    folded: RwSignal<HashSet<Item>>,
    selected: RwSignal<HashSet<Item>>,
    on_create_role: Callback<Item>,
}

/// What can be done to all selected lines at once; without a selection, how to get one.
#[component]
fn SelectedTools(context: LineContext) -> impl IntoView {
    let LineContext {
        roles,
        draft,
        selected,
        ..
    } = context;
    let count = Memo::new(move |_| selected.with(HashSet::len));
    let common = Signal::derive(move || {
        draft.with(|draft| selected.with(|selected| roles_on_all(draft, selected)))
    });
    let on_pick = Callback::new(move |chosen: Pick| {
        draft.update(|draft| {
            selected.with_untracked(|selected| pick_on_selected(draft, selected, chosen));
        });
    });
    move || {
        (count.get() > 0).then(|| {
            view! {
                <div class="share-selected">
                    <span class="small">{move || format!("{} selected", count.get())}</span>
                    <RolePicker label="Roles on the selected items" roles=roles chosen=common on_pick=on_pick/>
                    <button class="link-button" type="button" on:click=move |_| selected.set(HashSet::new())>"Deselect"</button>
                </div>
            }
        })
    }
}

#[component]
fn Line(row: Row, context: LineContext, group_tools: Option<GroupTools>) -> impl IntoView {
    let LineContext {
        roles,
        draft,
        folded,
        selected,
        on_create_role,
    } = context;
    let item = row.item;
    let chosen = Signal::derive(move || draft.with(|draft| roles_on(draft, item)));
    let on_pick = Callback::new(move |chosen: Pick| {
        draft.update(|draft| {
            selected.with_untracked(|selected| pick(draft, item, selected, chosen));
        });
    });
    let is_selected = move || selected.with(|selected| selected.contains(&item));
    let is_folded = move || folded.with(|folded| folded.contains(&item));
    let toggle_in = move |set: RwSignal<HashSet<Item>>| {
        set.update(|set| {
            if !set.remove(&item) {
                set.insert(item);
            }
        });
    };
    let icon = match item.kind {
        ItemKind::Environments => Icon::Layers,
        ItemKind::Groups => Icon::FolderTree,
        ItemKind::Group => Icon::Folder,
        ItemKind::Environment => Icon::Box,
    };
    let tools = (item.kind == ItemKind::Group)
        .then_some(group_tools)
        .flatten()
        .zip(item.id)
        .map(|(tools, id)| tools(id));
    let full_name = row.full_name.clone();
    let fold_label = {
        let full_name = full_name.clone();
        move || {
            format!(
                "{} {full_name}",
                if is_folded() { "Unfold" } else { "Fold" }
            )
        }
    };
    view! {
        <li
            class="share-line"
            class:category=row.depth == 0
            data-selected=move || is_selected().then_some("true")
            style=("--depth", row.depth.to_string())
        >
            <input
                type="checkbox"
                aria-label=format!("Select {full_name}")
                prop:checked=is_selected
                on:change=move |_| toggle_in(selected)
            />
            <span class="share-name">
                {if row.has_children { view! {
                    <button
                        class="twisty"
                        type="button"
                        aria-expanded=move || if is_folded() { "false" } else { "true" }
                        aria-label=fold_label
                        on:click=move |_| toggle_in(folded)
                    >
                        <Glyph icon=Icon::ChevronDown size=14/>
                    </button>
                }.into_any() } else { view! { <span class="twisty-space"></span> }.into_any() }}
                {match row.color {
                    Some(color) => view! { <span class="dot" aria-hidden="true" style=("--dot", color)></span> }.into_any(),
                    None => view! { <Glyph icon=icon size=14/> }.into_any(),
                }}
                <span class="share-words">
                    <span class="share-title" title=full_name.clone()>{row.name}</span>
                    {row.note.map(|note| view! { <span class="share-note">{note}</span> })}
                </span>
                {tools}
            </span>
            <span class="share-roles">
                <RolePicker
                    label=format!("Roles on {full_name}")
                    roles=roles
                    chosen=chosen
                    on_pick=on_pick
                    on_create=Callback::new(move |()| on_create_role.run(item))
                />
                <EndField name=full_name item=item draft=draft/>
            </span>
        </li>
    }
}

/// Until when the share holds; only where there is one.
#[component]
fn EndField(name: String, item: Item, draft: RwSignal<Vec<ShareDraft>>) -> impl IntoView {
    let share = Memo::new(move |_| {
        draft.with(|draft| {
            draft
                .iter()
                .find(|share| share.item == item)
                .map(|share| (share.expires_at, share.ended))
        })
    });
    let shared = Memo::new(move |_| share.get().is_some());
    let ended = Signal::derive(move || share.get().is_some_and(|(_, ended)| ended));
    let value = Signal::derive(move || share.get().and_then(|(expires_at, _)| expires_at));
    let on_change = Callback::new(move |at| draft.update(|draft| model::set_end(draft, item, at)));
    move || {
        shared.get().then(|| {
            view! { <DateTimeField label=format!("End of the share on {name}") value=value ended=ended on_change=on_change/> }
        })
    }
}

fn summary(draft: &[ShareDraft]) -> String {
    match draft.len() {
        0 => "Nothing is shared yet. Choose roles on a line; you can also do that later.".into(),
        1 => "1 item is shared.".into(),
        count => format!("{count} items are shared."),
    }
}
