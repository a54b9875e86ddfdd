use std::collections::HashSet;

use accord_api_types::{Group, Uuid};
use leptos::html;
use leptos::prelude::*;

use super::model::{Line, folded_at_first, lines};
use super::{GroupDialogs, GroupMenu};
use crate::address::kept_in_address;
use crate::components::{Button, Empty, Glyph, Icon, SearchField, each, focus_row};
use crate::listing::in_words;

/// The tree of groups. Arrow keys move from line to line, unfold and fold, as in a file manager.
#[component]
pub(super) fn Tree(groups: Signal<Vec<Group>>, dialogs: GroupDialogs) -> impl IntoView {
    let looked_for = kept_in_address("q");
    let folded = RwSignal::new(groups.with_untracked(|groups| folded_at_first(groups)));
    let shown = Memo::new(move |_| {
        groups.with(|groups| {
            folded.with(|folded| looked_for.with(|looked_for| lines(groups, folded, looked_for)))
        })
    });
    let searching = move || !looked_for.with(|text| text.trim().is_empty());
    let nests = Memo::new(move |_| {
        groups.with(|groups| groups.iter().any(|group| group.parent_id.is_some()))
    });
    let all_folded = Memo::new(move |_| {
        shown.with(|shown| {
            let mut foldable = shown.iter().filter(|line| line.has_children).peekable();
            foldable.peek().is_some() && foldable.all(|line| line.is_folded)
        })
    });
    let fold_all = Callback::new(move |()| {
        folded.set(if all_folded.get_untracked() {
            HashSet::new()
        } else {
            groups.with_untracked(|groups| groups.iter().map(|group| group.id).collect())
        });
    });
    let frame = NodeRef::<html::Ul>::new();
    let on_key = move |event: web_sys::KeyboardEvent| {
        let (Some(frame), Some(at)) = (frame.get_untracked(), focused_line(&event)) else {
            return;
        };
        let Some(line) = shown.with_untracked(|shown| shown.get(at).cloned()) else {
            return;
        };
        let id = line.group.id;
        let to = match (event.key().as_str(), line.has_children, line.is_folded) {
            ("ArrowRight", true, true) => {
                folded.update(|folded| {
                    folded.remove(&id);
                });
                None
            }
            ("ArrowRight", true, false) => Some(at + 1),
            ("ArrowLeft", true, false) => {
                folded.update(|folded| {
                    folded.insert(id);
                });
                None
            }
            ("ArrowLeft", _, _) => shown.with_untracked(|shown| {
                shown
                    .iter()
                    .position(|other| Some(other.group.id) == line.group.parent_id)
            }),
            (key, _, _) => crate::components::step(key, Some(at), shown.with_untracked(Vec::len)),
        };
        let moves = matches!(
            event.key().as_str(),
            "ArrowRight" | "ArrowLeft" | "ArrowUp" | "ArrowDown" | "Home" | "End"
        );
        if moves {
            event.prevent_default();
        }
        if let Some(to) = to {
            focus_row(&frame, to);
        }
    };
    view! {
        <div class="toolbar">
            <SearchField label="Find a group" value=looked_for/>
            {move || (nests.get() && !searching()).then(|| view! {
                <Button on_press=fold_all>{move || if all_folded.get() { "Unfold all" } else { "Fold all" }}</Button>
            })}
            <span class="toolbar-end" aria-live="polite">{move || if searching() {
                format!("{} found", shown.with(Vec::len))
            } else {
                in_words(groups.with(Vec::len), "group")
            }}</span>
        </div>
        {move || shown.with(Vec::is_empty).then(|| view! {
            <Empty icon=Icon::Search title="Nothing like that" text="No group has this in its path.">
                <Button on_press=Callback::new(move |()| looked_for.set(String::new()))>"Clear the search"</Button>
            </Empty>
        })}
        <ul class="group-tree" aria-label="Environment groups" node_ref=frame on:keydown=on_key hidden=move || shown.with(Vec::is_empty)>
            {each(move || shown.get(), key, move |line| view! { <GroupLine line=line folded=folded dialogs=dialogs/> }.into_any())}
        </ul>
    }
}

/// A line stays as it is drawn while this stays the same.
fn key(line: &Line) -> impl std::hash::Hash + use<> {
    let group = &line.group;
    (
        (group.id, group.path.clone(), group.color.clone()),
        (group.environment_count, group.allowed_actions.clone()),
        (line.has_children, line.depth, line.above.clone()),
    )
}

/// Which line the focus is on, if it is on the line's own name.
fn focused_line(event: &web_sys::KeyboardEvent) -> Option<usize> {
    use wasm_bindgen::JsCast;
    let name: web_sys::Element = event.target()?.dyn_into().ok()?;
    let line = name
        .class_list()
        .contains("group-name")
        .then(|| name.closest("li").ok())
        .flatten()??;
    let mut at = 0;
    let mut before = line.previous_element_sibling();
    while let Some(line) = before {
        at += 1;
        before = line.previous_element_sibling();
    }
    Some(at)
}

#[component]
fn GroupLine(line: Line, folded: RwSignal<HashSet<Uuid>>, dialogs: GroupDialogs) -> impl IntoView {
    let Line {
        group,
        depth,
        has_children,
        above,
        ..
    } = line;
    let count = match group.environment_count {
        0 => "empty".to_owned(),
        count => in_words(count, "environment"),
    };
    let id = group.id;
    let toggle = move |_| {
        folded.update(|folded| {
            if !folded.remove(&id) {
                folded.insert(id);
            }
        });
    };
    let is_folded = move || folded.with(|folded| folded.contains(&id));
    let path = group.path.clone();
    let label = move || format!("{} {path}", if is_folded() { "Unfold" } else { "Fold" });
    view! {
        <li class="group-line" style=("--depth", depth.to_string())>
            {if has_children {
                view! {
                    <button
                        class="twisty"
                        type="button"
                        aria-expanded=move || if is_folded() { "false" } else { "true" }
                        aria-label=label
                        on:click=toggle
                    >
                        <Glyph icon=Icon::ChevronDown size=14/>
                    </button>
                }.into_any()
            } else {
                view! { <span class="twisty-space"></span> }.into_any()
            }}
            <span class="dot dot-large" aria-hidden="true" style=("--dot", group.color.clone())></span>
            <span class="group-words">
                <a class="group-name" href=format!("/environments?group={}", group.id) aria-label=group.path.clone()>
                    {above.map(|above| view! { <span class="group-above">{above}</span> })}
                    {group.name.clone()}
                </a>
                <span class="muted small">{count}</span>
            </span>
            <span class="line-end"><GroupMenu group=group dialogs=dialogs/></span>
        </li>
    }
}
