//! Choosing several of many: searched, under headings, narrowed to the chosen for review, with what the
//! one at hand comes down to.

mod model;

use std::collections::HashSet;

use leptos::html;
use leptos::prelude::*;

use super::{SearchField, dom, each, next_id};
pub(crate) use model::{Choice, chosen_ids};
use model::{Line, lines};

/// Most parts that the hint names.
const NAMED: usize = 14;

/// A list of boxes to tick. Arrow keys move among them, as the tab key does.
#[component]
pub(crate) fn ChoiceList(
    #[prop(into)] label: String,
    /// What the search is called.
    find: &'static str,
    /// Said when the search finds nothing.
    none: &'static str,
    #[prop(into)] choices: Signal<Vec<Choice>>,
    /// The ids of the chosen.
    chosen: RwSignal<HashSet<String>>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] optional: Signal<bool>,
    /// Invites to look at what a choice comes down to; without it there is no hint.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// Where the search is kept, for whoever offers to make what is not found.
    #[prop(optional)]
    looked_for: Option<RwSignal<String>>,
    /// What follows the list.
    #[prop(optional, into)]
    foot: ViewFn,
) -> impl IntoView {
    let looked_for = looked_for.unwrap_or_else(|| RwSignal::new(String::new()));
    let only_chosen = RwSignal::new(false);
    let pointed = RwSignal::new(None::<Choice>);
    let frame = NodeRef::<html::Div>::new();
    let hint_id = hint.map(|_| next_id("choice-hint"));
    let shown = Memo::new(move |_| {
        let only = only_chosen.get().then(|| chosen.get());
        choices
            .with(|choices| looked_for.with(|looked_for| lines(choices, looked_for, only.as_ref())))
    });
    let count = move || chosen.with(HashSet::len);
    let on_key = move |event: web_sys::KeyboardEvent| {
        let Some(frame) = frame.get_untracked() else {
            return;
        };
        let boxes = dom::all_below(&frame, "input[type=\"checkbox\"]");
        let at = document()
            .active_element()
            .and_then(|now| boxes.iter().position(|one| *one == now));
        if let Some(to) = dom::step(&event.key(), at, boxes.len()) {
            event.prevent_default();
            dom::focus(&boxes[to]);
        }
    };
    let row_hint = hint_id.clone();
    let line = move |line: Line| match line {
        Line::Heading(category, ids) => {
            view! { <Heading category=category ids=ids chosen=chosen/> }.into_any()
        }
        Line::Choice(choice) => {
            view! { <Row choice=choice chosen=chosen pointed=pointed hint_id=row_hint.clone()/> }
                .into_any()
        }
    };
    view! {
        <fieldset class="choice" aria-invalid=move || error.with(Option::is_some).then_some("true") tabindex="-1">
            <legend class="field-label">
                {label}
                {move || optional.get().then(|| view! { <span class="field-optional">"optional"</span> })}
            </legend>
            <div class="choice-tools">
                <SearchField label=find value=looked_for/>
                <label class="choice-only">
                    <input type="checkbox" prop:checked=move || only_chosen.get() on:change=move |event| only_chosen.set(event_target_checked(&event))/>
                    {move || format!("Only selected ({})", count())}
                </label>
            </div>
            {move || error.get().map(|error| view! { <p class="field-error" role="alert">{error}</p> })}
            <div class="choice-list" class:hinted=hint.is_some() node_ref=frame on:keydown=on_key>
                {each(move || shown.get(), Line::key, line)}
                {move || shown.with(Vec::is_empty).then(|| view! {
                    <p class="muted small">{if only_chosen.get() && count() == 0 { "Nothing is selected yet." } else { none }}</p>
                })}
            </div>
            {hint.map(|invitation| view! { <Hint id=hint_id.unwrap_or_default() pointed=pointed invitation=invitation/> })}
            {foot.run()}
        </fieldset>
    }
}

/// A heading, with how many under it are chosen and one press for all of them.
#[component]
fn Heading(category: String, ids: Vec<String>, chosen: RwSignal<HashSet<String>>) -> impl IntoView {
    let of = ids.len();
    let ids = StoredValue::new(ids);
    let count = Memo::new(move |_| {
        chosen.with(|chosen| {
            ids.with_value(|ids| ids.iter().filter(|id| chosen.contains(*id)).count())
        })
    });
    let all = move || count.get() == of;
    let toggle = move |_| {
        let every = count.get_untracked() == of;
        chosen.update(|chosen| {
            ids.with_value(|ids| {
                for id in ids {
                    if every {
                        chosen.remove(id);
                    } else {
                        chosen.insert(id.clone());
                    }
                }
            });
        });
    };
    let spoken = {
        let category = category.clone();
        move || {
            if all() {
                format!("Select none of {category}")
            } else {
                format!("Select all of {category}")
            }
        }
    };
    view! {
        <div class="choice-category">
            <span>{category}</span>
            <span class="choice-count">{move || count.get()} " of " {of}</span>
            <button class="link-button" type="button" aria-label=spoken on:click=toggle>
                {move || if all() { "None" } else { "All" }}
            </button>
        </div>
    }
}

#[component]
fn Row(
    choice: Choice,
    chosen: RwSignal<HashSet<String>>,
    pointed: RwSignal<Option<Choice>>,
    hint_id: Option<String>,
) -> impl IntoView {
    let box_id = next_id("choice");
    let note_id = (!choice.note.is_empty()).then(|| format!("{box_id}-note"));
    let described_by = [note_id.clone(), hint_id]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    let whole = StoredValue::new(choice.clone());
    let point = move || pointed.set(Some(whole.get_value()));
    let id = StoredValue::new(choice.id);
    let ticked = move || chosen.with(|chosen| id.with_value(|id| chosen.contains(id)));
    let on_change = move |event: web_sys::Event| {
        let on = event_target_checked(&event);
        chosen.update(|chosen| {
            id.with_value(|id| {
                if on {
                    chosen.insert(id.clone());
                } else {
                    chosen.remove(id);
                }
            });
        });
    };
    view! {
        <div class="checkbox" on:mouseenter=move |_| point() on:focusin=move |_| point()>
            <input
                type="checkbox"
                id=box_id.clone()
                aria-describedby=(!described_by.is_empty()).then_some(described_by)
                prop:checked=ticked
                on:change=on_change
            />
            <label for=box_id>
                {choice.color.map(|color| view! { <span class="dot" aria-hidden="true" style=("--dot", color)></span> })}
                {choice.label}
            </label>
            {note_id.map(|note_id| view! { <p class="field-hint" id=note_id>{choice.note}</p> })}
        </div>
    }
}

/// What the choice that is pointed at or has the focus comes down to.
#[component]
fn Hint(id: String, pointed: RwSignal<Option<Choice>>, invitation: &'static str) -> impl IntoView {
    view! {
        <div class="choice-hint" id=id>
            {move || match pointed.get() {
                None => view! { <p class="muted">{invitation}</p> }.into_any(),
                Some(choice) => {
                    let more = choice.parts.len().saturating_sub(NAMED);
                    view! {
                        <p class="strong">{choice.label}</p>
                        <ul class="choice-parts">
                            {choice.parts.into_iter().take(NAMED).map(|(words, id)| view! { <li title=id>{words}</li> }).collect_view()}
                            {(more > 0).then(|| view! { <li>"and " {more} " more"</li> })}
                        </ul>
                    }
                    .into_any()
                }
            }}
        </div>
    }
}
