//! The tree of shared items, with roles on each line, until when, and what comes of it.

mod editor;
mod end_panel;
mod keys;
mod line;
pub(crate) mod model;
mod outcomes;
pub(crate) mod tree;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use accord_api_types::{Item, RoleSummary, Uuid};
use leptos::html;
use leptos::prelude::*;

use super::long_list::LongList;
use super::role_picker::RolePanel;
use super::{Glyph, Icon, Pick, RolePicker, SearchField, each, next_id};
use editor::{Editor, LinePanel};
use end_panel::EndPanel;
use line::TreeLine;
use model::{ShareDraft, pick_on_selected, roles_on, roles_on_all};
pub(crate) use outcomes::{OutcomeList, Outcomes};
use tree::{LineKey, Tree};

/// What stands at a group's line to change the groups themselves; the signal says whether the tab key
/// may reach it.
pub(crate) type GroupTools = Arc<dyn Fn(Uuid, Signal<bool>) -> AnyView + Send + Sync>;

/// More lines than this come folded.
const MANY: usize = 120;

/// Edits the shares in `draft`.
#[component]
pub(crate) fn ShareEditor(
    tree: Signal<Arc<Tree>>,
    roles: Signal<Vec<RoleSummary>>,
    draft: RwSignal<Vec<ShareDraft>>,
    outcomes: Signal<Outcomes>,
    troubles: Signal<HashMap<Item, String>>,
    /// Makes a new role; it is for this item.
    on_create_role: Callback<Item>,
    #[prop(optional)] group_tools: Option<GroupTools>,
) -> impl IntoView {
    let looked_for = RwSignal::new(String::new());
    let many = tree.with_untracked(|tree| tree.lines.len() > MANY);
    let folded = RwSignal::new(if many {
        let mut folded = tree.with_untracked(|tree| tree.foldable());
        folded.remove(&Item::GROUPS);
        folded
    } else {
        HashSet::new()
    });
    let shown = Memo::new(move |_| {
        Arc::new(tree.with(|tree| {
            looked_for.with(|looked_for| folded.with(|folded| tree.shown(looked_for, folded)))
        }))
    });
    let places = Memo::new(move |_| {
        Arc::new(tree.with(|tree| {
            shown.with(|shown| {
                let lines = shown.iter().enumerate();
                lines
                    .map(|(place, one)| (tree.lines[one.line].key, place))
                    .collect::<HashMap<_, _>>()
            })
        }))
    });
    let editor = Editor {
        tree,
        roles,
        draft,
        outcomes,
        troubles,
        looked_for,
        folded,
        selected: RwSignal::new(HashSet::new()),
        active: RwSignal::new(None),
        shown,
        places,
        picker: LinePanel::new(),
        ends: LinePanel::new(),
    };
    let hint_id = next_id("tree-hint");
    let unfolded = move || folded.with(HashSet::is_empty);
    let any_fold = move || tree.with(|tree| tree.lines.iter().any(|line| line.has_children));
    view! {
        <fieldset class="share-editor">
            <legend class="field-label">"Shared items"</legend>
            <div class="share-tools">
                <SearchField label="Find an item" value=looked_for/>
                {move || any_fold().then(|| view! {
                    <button
                        class="link-button"
                        type="button"
                        on:click=move |_| folded.set(if unfolded() { tree.with_untracked(|tree| tree.foldable()) } else { HashSet::new() })
                    >
                        {move || if unfolded() { "Fold all" } else { "Unfold all" }}
                    </button>
                })}
                <SelectedTools editor=editor/>
            </div>
            <Troubles editor=editor/>
            <TreeGrid editor=editor group_tools=group_tools hint_id=hint_id.clone()/>
            <p class="field-hint" aria-live="polite">{move || draft.with(|draft| summary(draft))}</p>
            <p class="field-hint share-keys" id=hint_id>
                <kbd>"↑ ↓"</kbd>" move · "<kbd>"← →"</kbd>" fold, and step into a line · "<kbd>"Enter"</kbd>" roles (there "<kbd>"Ctrl"</kbd>" adds, "
                <kbd>"Alt"</kbd>" sets all selected) · "<kbd>"Space"</kbd>" selects, "<kbd>"Shift ↑ ↓"</kbd>" more · "<kbd>"*"</kbd>" unfolds all"
            </p>
            <Panels editor=editor on_create_role=on_create_role/>
        </fieldset>
    }
}

/// The lines themselves: of a long tree, those near what is seen.
#[component]
fn TreeGrid(editor: Editor, group_tools: Option<GroupTools>, hint_id: String) -> impl IntoView {
    let Editor { tree, shown, .. } = editor;
    let body = NodeRef::<html::Div>::new();
    let count = Signal::derive(move || shown.with(|shown| shown.len()));
    let edition = Memo::new(move |before: Option<&usize>| {
        shown.track();
        before.map_or(0, |before| before + 1)
    });
    let list = LongList::new(
        move || body.get_untracked().map(|body| (*body).clone().into()),
        count,
        edition.into(),
    );
    let drawn = Memo::new(move |_| {
        let range = list.range();
        // The line with the focus stays, wherever the wheel goes.
        let kept = editor
            .places
            .with(|places| editor.reachable().and_then(|key| places.get(&key).copied()));
        let mut places: Vec<usize> = range.collect();
        if let Some(kept) = kept
            && let Err(at) = places.binary_search(&kept)
        {
            places.insert(at, kept);
        }
        shown.with(|shown| {
            places
                .into_iter()
                .filter_map(|place| shown.get(place).map(|one| one.line))
                .collect::<Vec<_>>()
        })
    });
    let lines = move || {
        tree.with(|tree| {
            drawn.with(|drawn| {
                drawn
                    .iter()
                    .filter_map(|at| tree.lines.get(*at).cloned())
                    .collect::<Vec<_>>()
            })
        })
    };
    let group_tools = StoredValue::new(group_tools);
    let none = Memo::new(move |_| count.get() == 0);
    view! {
        <div
            class="share-grid"
            role="treegrid"
            aria-label="Shared items"
            aria-multiselectable="true"
            aria-rowcount=move || (count.get() + 1).to_string()
            aria-colcount="5"
            aria-describedby=hint_id
            on:keydown=move |event| editor.on_key(&event)
        >
            <div role="presentation" class="share-scroller" data-scroller="">
                <div role="rowgroup" class="share-heads">
                    <div role="row" class="share-head" aria-rowindex="1">
                        <span role="columnheader"><span class="visually-hidden">"Selected"</span></span>
                        <span role="columnheader">"Item"</span>
                        <span role="columnheader">"Roles"</span>
                        <span role="columnheader">"Ends"</span>
                        <span role="columnheader">"Will have"</span>
                    </div>
                </div>
                <div
                    role="rowgroup"
                    class="share-lines"
                    node_ref=body
                    style=("--rows", move || count.get().to_string())
                >
                    {each(lines, Clone::clone, move |line| view! {
                        <TreeLine line=line editor=editor group_tools=group_tools.get_value()/>
                    }.into_any())}
                </div>
            </div>
        </div>
        {move || none.get().then(|| view! { <p class="share-none" role="status">"Nothing by this name."</p> })}
    }
}

/// The list of roles and the choice of an end, each once for all lines.
#[component]
fn Panels(editor: Editor, on_create_role: Callback<Item>) -> impl IntoView {
    let Editor {
        draft,
        roles,
        picker,
        ..
    } = editor;
    let label = Signal::derive(move || {
        let name = picker.target.get().map(|key| editor.name_of(key));
        format!("Roles on {}", name.unwrap_or_default())
    });
    let chosen = Signal::derive(move || {
        let key = picker.target.get();
        key.map(|key| draft.with(|draft| roles_on(draft, key.item)))
            .unwrap_or_default()
    });
    let on_pick = Callback::new(move |chosen: Pick| {
        if let Some(key) = picker.target.get_untracked() {
            editor.pick(key.item, chosen);
        }
    });
    let on_create = Callback::new(move |()| {
        if let Some(key) = picker.target.get_untracked() {
            on_create_role.run(key.item);
        }
    });
    view! {
        <RolePanel
            id=next_id("roles")
            class="at-line"
            panel=picker.element
            open=picker.open
            label=label
            roles=roles
            chosen=chosen
            on_pick=on_pick
            on_create=Some(on_create)
        />
        <EndPanel editor=editor/>
    }
}

/// What can be done to all selected lines at once.
#[component]
fn SelectedTools(editor: Editor) -> impl IntoView {
    let Editor {
        roles,
        draft,
        selected,
        ..
    } = editor;
    let count = Memo::new(move |_| selected.with(HashSet::len));
    let any = Memo::new(move |_| count.get() > 0);
    let common = Signal::derive(move || {
        draft.with(|draft| selected.with(|selected| roles_on_all(draft, selected)))
    });
    let on_pick = Callback::new(move |chosen: Pick| {
        draft.update(|draft| {
            selected.with_untracked(|selected| pick_on_selected(draft, selected, chosen));
        });
    });
    move || {
        any.get().then(|| {
            view! {
                <div class="share-selected">
                    <span class="small" aria-live="polite">{move || format!("{} selected", count.get())}</span>
                    <RolePicker label="Roles on the selected items" roles=roles chosen=common on_pick=on_pick/>
                    <button class="link-button" type="button" on:click=move |_| selected.set(HashSet::new())>"Deselect"</button>
                </div>
            }
        })
    }
}

/// What is wrong with shares, each leading to its line: it may be folded away or far down.
#[component]
fn Troubles(editor: Editor) -> impl IntoView {
    let troubles = Memo::new(move |_| {
        let mut troubles: Vec<(Item, String)> = editor.troubles.with(|troubles| {
            troubles
                .iter()
                .map(|(item, words)| (*item, words.clone()))
                .collect()
        });
        troubles.sort_by(|one, other| (&one.1, one.0.id).cmp(&(&other.1, other.0.id)));
        troubles
    });
    move || {
        let troubles = troubles.get();
        (!troubles.is_empty()).then(|| {
            let lines = troubles
                .into_iter()
                .map(|(item, words)| {
                    let name = editor.tree.with(|tree| {
                        tree.lines
                            .iter()
                            .find(|line| line.key.item == item)
                            .map(|line| line.full_name.clone())
                    });
                    view! {
                        <li class="field-error">
                            <Glyph icon=Icon::TriangleAlert size=14/>
                            <span>
                                <button class="link-button" type="button" on:click=move |_| editor.reveal(item)>{name.unwrap_or_default()}</button>
                                ": " {words}
                            </span>
                        </li>
                    }
                })
                .collect_view();
            view! { <div role="alert"><ul class="field-errors">{lines}</ul></div> }
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
