use accord_api_types::ItemKind;
use leptos::prelude::*;

use super::model::{roles_on, share_on};
use super::outcomes::actions_in_words;
use super::tree::Line;
use super::{Editor, GroupTools};
use crate::components::role_picker::{names_of, spoken, summary};
use crate::components::time::{exact, short_date};
use crate::components::{AccessLevelTag, Glyph, Icon};

/// One line of the tree.
#[component]
pub(super) fn TreeLine(
    line: Line,
    editor: Editor,
    group_tools: Option<GroupTools>,
) -> impl IntoView {
    let key = line.key;
    let item = key.item;
    let Editor {
        draft,
        roles,
        folded,
        selected,
        picker,
        ..
    } = editor;
    let place = Memo::new(move |_| {
        editor
            .places
            .with(|places| places.get(&key).copied())
            .unwrap_or_default()
    });
    let among = Memo::new(move |_| {
        let one = editor.shown.with(|shown| shown.get(place.get()).copied());
        one.map(|one| (one.place, one.siblings)).unwrap_or_default()
    });
    let is_selected = Memo::new(move |_| selected.with(|selected| selected.contains(&item)));
    let is_folded = Memo::new(move |_| {
        // While searching, whatever a match hangs under is open.
        folded.with(|folded| folded.contains(&item))
            && editor.looked_for.with(|text| text.trim().is_empty())
    });
    let is_reachable = Memo::new(move |_| editor.reachable() == Some(key));
    let tab = move || if is_reachable.get() { "0" } else { "-1" };
    let names = Memo::new(move |_| {
        draft.with(|draft| roles.with(|roles| names_of(&roles_on(draft, item), roles)))
    });
    let trouble = Memo::new(move |_| editor.troubles.with(|all| all.get(&item).cloned()));
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
        .map(|(tools, id)| tools(id, is_reachable.into()));
    let full_name = StoredValue::new(line.full_name);
    let name_of = move |words: &str| format!("{words} {}", full_name.get_value());
    let has_children = line.has_children;
    view! {
        <div
            role="row"
            class="share-line"
            class:category=line.depth == 0
            id=key.element_id()
            data-row=""
            style=("--depth", line.depth.to_string())
            style=("--at", move || place.get().to_string())
            tabindex=tab
            aria-rowindex=move || (place.get() + 2).to_string()
            attr:aria-level=(line.depth + 1).to_string()
            aria-posinset=move || among.get().0.to_string()
            aria-setsize=move || among.get().1.to_string()
            aria-expanded=move || has_children.then(|| if is_folded.get() { "false" } else { "true" })
            aria-selected=move || if is_selected.get() { "true" } else { "false" }
            aria-label=move || names.with(|names| spoken(&full_name.get_value(), names))
            on:focusin=move |_| if editor.active.get_untracked() != Some(key) { editor.active.set(Some(key)) }
        >
            <span role="gridcell" class="share-check">
                <input
                    type="checkbox"
                    data-thing="check"
                    tabindex=tab
                    aria-label=name_of("Select")
                    prop:checked=move || is_selected.get()
                    on:change=move |event| editor.set_selected(item, event_target_checked(&event))
                />
            </span>
            <span role="gridcell" class="share-name">
                {if has_children { view! {
                    <button
                        class="twisty"
                        type="button"
                        tabindex="-1"
                        aria-expanded=move || if is_folded.get() { "false" } else { "true" }
                        aria-label=move || name_of(if is_folded.get() { "Unfold" } else { "Fold" })
                        on:click=move |_| editor.set_folded(item, !is_folded.get_untracked())
                    >
                        <Glyph icon=Icon::ChevronDown size=14/>
                    </button>
                }.into_any() } else { view! { <span class="twisty-space"></span> }.into_any() }}
                {match line.color {
                    Some(color) => view! { <span class="dot" aria-hidden="true" style=("--dot", color)></span> }.into_any(),
                    None => view! { <Glyph icon=icon size=14/> }.into_any(),
                }}
                <span class="share-words" title=full_name.get_value()>
                    <span class="share-title">{line.name}</span>
                    {line.note.map(|note| view! { <span class="share-note">{note}</span> })}
                </span>
                {tools}
            </span>
            <span role="gridcell" class="share-roles">
                <button
                    class="picker"
                    class:anchor=move || picker.is_open_at(key)
                    type="button"
                    data-thing="roles"
                    tabindex=tab
                    aria-haspopup="listbox"
                    aria-expanded=move || if picker.is_open_at(key) { "true" } else { "false" }
                    aria-label=move || names.with(|names| spoken(&name_of("Roles on"), names))
                    title=move || names.get()
                    on:pointerdown=move |_| picker.mouse_down(key)
                    on:click=move |_| picker.press(key)
                >
                    {move || summary(names.get())}
                    <Glyph icon=Icon::ChevronDown size=14/>
                </button>
                {move || trouble.get().map(|words| view! {
                    <span class="share-trouble" title=words><Glyph icon=Icon::TriangleAlert size=14/></span>
                })}
            </span>
            <span role="gridcell" class="share-end"><End editor=editor key=key tab=is_reachable/></span>
            <span role="gridcell" class="share-result"><Result editor=editor key=key/></span>
        </div>
    }
}

/// Until when the share holds; only where there is one.
#[component]
fn End(editor: Editor, key: super::LineKey, tab: Memo<bool>) -> impl IntoView {
    let ends = editor.ends;
    let share = Memo::new(move |_| {
        editor
            .draft
            .with(|draft| share_on(draft, key.item).map(|share| (share.expires_at, share.ended)))
    });
    let shared = Memo::new(move |_| share.get().is_some());
    let end = move || share.get().unwrap_or_default();
    let words = move || match end() {
        (_, true) => view! { <span class="end-note">"Ended"</span> }.into_any(),
        (Some(at), false) => view! { <span>{short_date(at)}</span> }.into_any(),
        (None, false) => view! { <span class="picker-none">"Never"</span> }.into_any(),
    };
    let called = move || {
        let name = editor.name_of(key);
        let when = match end() {
            (_, true) => "Ended".to_owned(),
            (at, false) => at.map_or_else(|| "Never".to_owned(), short_date),
        };
        format!("End of the share on {name}: {when}")
    };
    move || {
        shared.get().then(|| {
            view! {
                <button
                    class="end-button"
                    class:anchor=move || ends.is_open_at(key)
                    type="button"
                    data-thing="end"
                    tabindex=move || if tab.get() { "0" } else { "-1" }
                    aria-haspopup="dialog"
                    aria-expanded=move || if ends.is_open_at(key) { "true" } else { "false" }
                    aria-label=called
                    title=move || end().0.map(exact)
                    on:pointerdown=move |_| ends.mouse_down(key)
                    on:click=move |_| ends.press(key)
                >
                    <Glyph icon=Icon::Clock size=14/>
                    {words}
                </button>
            }
        })
    }
}

/// What an environment's line will have.
#[component]
fn Result(editor: Editor, key: super::LineKey) -> impl IntoView {
    let environment = key
        .item
        .id
        .filter(|_| key.item.kind == ItemKind::Environment);
    let result = Memo::new(move |_| {
        let id = environment?;
        editor.outcomes.with(|outcomes| {
            let one = outcomes.of(id)?;
            let title = format!("{}: {}", one.role_names.join(", "), actions_in_words(one));
            Some((
                one.access_level,
                (!one.role_ids.is_empty()).then_some(title),
            ))
        })
    });
    move || {
        result.get().map(|(level, title)| {
            view! { <span title=title><AccessLevelTag level=level/></span> }
        })
    }
}
