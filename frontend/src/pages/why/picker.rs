use accord_api_types::Action;
use leptos::prelude::*;

use super::Why;
use super::model::{Line, lines};
use crate::components::{SearchField, Skeleton, each, next_id, screen};
use crate::remote::Remote;

/// Chooses one of all actions, those that are held first. Arrow keys move among them, as in any group of
/// radio buttons.
#[component]
pub(super) fn ActionPicker(why: Why, catalogue: Remote<Vec<Action>>) -> impl IntoView {
    let looked_for = RwSignal::new(String::new());
    let group = StoredValue::new(next_id("why-action"));
    view! {
        <fieldset class="why-picker">
            <legend class="field-label">"Action"</legend>
            <SearchField label="Find an action" value=looked_for/>
            {screen(catalogue, Skeleton::Rows(4), |_| false, || (), move |actions| {
                let shown = Memo::new(move |_| {
                    why.question.with(|question| {
                        let (held, counts) = question
                            .as_ref()
                            .map_or((&[] as &[String], true), |question| (&question.held, question.counts));
                        actions.with(|actions| looked_for.with(|text| lines(actions, held, counts, text)))
                    })
                });
                view! {
                    <div class="choice-list why-actions">
                        {each(
                            move || shown.get(),
                            |line| match line {
                                Line::Heading(words, count) => format!("# {words} {count}"),
                                Line::Action(action) => action.id.clone(),
                            },
                            move |line| match line {
                                Line::Heading(words, count) => view! {
                                    <div class="choice-category"><span>{words}</span><span class="choice-count">{count}</span></div>
                                }.into_any(),
                                Line::Action(action) => view! { <Row action=action why=why group=group.get_value()/> }.into_any(),
                            },
                        )}
                        {move || shown.with(Vec::is_empty).then(|| view! { <p class="muted small">"No action matches what you look for."</p> })}
                    </div>
                }
            })}
        </fieldset>
    }
}

#[component]
fn Row(action: Action, why: Why, group: String) -> impl IntoView {
    let id = next_id("why");
    let note_id = format!("{id}-note");
    let value = StoredValue::new(action.id.clone());
    let chosen = move || value.with_value(|id| why.action.with(|action| action == id));
    view! {
        <div class="checkbox">
            <input
                type="radio"
                id=id.clone()
                name=group
                value=action.id.clone()
                aria-describedby=note_id.clone()
                prop:checked=chosen
                on:change=move |_| why.action.set(value.get_value())
            />
            <label for=id>{action.title}</label>
            <p class="field-hint" id=note_id><code>{action.id}</code></p>
        </div>
    }
}
