use accord_api_types::{Action, Task, Uuid};
use leptos::prelude::*;

use super::changes::{Change, How, changes};
use super::model::{Narrowing, address, by_means, deed, doer};
use crate::components::{Avatar, RelativeTime, each};

/// The entries, the newest first.
#[component]
pub(super) fn TaskList(
    tasks: Signal<Vec<Task>>,
    narrowing: Memo<Narrowing>,
    /// The catalogue, once it is here.
    actions: Signal<Vec<Action>>,
    me: Uuid,
) -> impl IntoView {
    view! {
        <ol class="card tasks" aria-label="Tasks">
            {each(move || tasks.get(), |task| task.id, move |task| view! {
                <Entry task=task narrowing=narrowing actions=actions me=me/>
            }.into_any())}
        </ol>
    }
}

#[component]
fn Entry(
    task: Task,
    narrowing: Memo<Narrowing>,
    actions: Signal<Vec<Action>>,
    me: Uuid,
) -> impl IntoView {
    let name = doer(&task, me);
    let face = task
        .actor
        .as_ref()
        .map(|actor| actor.name.clone())
        .unwrap_or_default();
    let of_actor = task.actor.as_ref().and_then(|actor| actor.id);
    let doer = match of_actor {
        Some(actor) => {
            let href = move || {
                let now = narrowing.get();
                Narrowing {
                    actor: Some(actor),
                    ..now
                }
                .address()
            };
            let title = format!("Only what {} did", if actor == me { "you" } else { &name });
            view! { <a class="strong" href=href title=title>{name}</a> }.into_any()
        }
        None => view! { <span class="strong">{name}</span> }.into_any(),
    };
    let origin = by_means(&task).into_iter().chain(
        task.network_address
            .clone()
            .filter(|address| !address.is_empty())
            .map(|address| format!("from {address}")),
    );
    let origin: Vec<String> = origin.collect();
    let (address, deed, at) = (address(&task, me), deed(&task), task.at);
    view! {
        <li class="task">
            <Avatar name=face/>
            <div class="task-words">
                <p>{doer} " " {deed}</p>
                {address.map(|address| view! { <p class="task-address muted small">{address}</p> })}
                {move || {
                    let changes = actions.with(|actions| changes(&task, actions));
                    (!changes.is_empty()).then(|| view! {
                        <ul class="task-changes">
                            {changes.into_iter().map(|change| view! { <ChangeLine change=change/> }).collect_view()}
                        </ul>
                    })
                }}
            </div>
            <p class="task-when muted small">
                <RelativeTime at=at/>
                {(!origin.is_empty()).then(|| view! { <span class="task-origin">{origin.join(", ")}</span> })}
            </p>
        </li>
    }
}

#[component]
fn ChangeLine(change: Change) -> impl IntoView {
    let Change { name, how } = change;
    let words = match how {
        How::Became { before, after } => {
            let or_nothing = |fact: Option<String>| fact.unwrap_or_else(|| "nothing".to_owned());
            view! {
                <span class="task-before">{or_nothing(before)}</span>
                " to "
                <span class="task-after">{or_nothing(after)}</span>
            }
            .into_any()
        }
        How::Holds { added, removed } => {
            let both = added.is_some() && removed.is_some();
            view! {
                {added.map(|names| view! { "added " <span class="task-after">{names}</span> })}
                {both.then_some("; ")}
                {removed.map(|names| view! { "removed " <span class="task-before">{names}</span> })}
            }
            .into_any()
        }
    };
    view! { <li class="muted small">{name} ": " {words}</li> }
}
