use accord_api_types::{Task, Uuid};
use leptos::prelude::*;

use super::model::{Difference, Narrowing, by_means, deed, differences, doer};
use crate::components::{Avatar, RelativeTime, each};

/// The entries, the newest first.
#[component]
pub(super) fn TaskList(
    tasks: Signal<Vec<Task>>,
    narrowing: Memo<Narrowing>,
    me: Uuid,
) -> impl IntoView {
    view! {
        <ol class="card tasks" aria-label="Tasks">
            {each(move || tasks.get(), |task| task.id, move |task| view! {
                <Entry task=task narrowing=narrowing me=me/>
            }.into_any())}
        </ol>
    }
}

#[component]
fn Entry(task: Task, narrowing: Memo<Narrowing>, me: Uuid) -> impl IntoView {
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
    let changes = differences(&task);
    let origin = by_means(&task).into_iter().chain(
        task.network_address
            .clone()
            .filter(|address| !address.is_empty())
            .map(|address| format!("from {address}")),
    );
    let origin: Vec<String> = origin.collect();
    view! {
        <li class="task">
            <Avatar name=face/>
            <div class="task-words">
                <p>{doer} " " {deed(&task)}</p>
                {(!changes.is_empty()).then(|| view! {
                    <ul class="task-changes">
                        {changes.into_iter().map(|change| view! { <Change change=change/> }).collect_view()}
                    </ul>
                })}
            </div>
            <p class="task-when muted small">
                <RelativeTime at=task.at/>
                {(!origin.is_empty()).then(|| view! { <span class="task-origin">{origin.join(", ")}</span> })}
            </p>
        </li>
    }
}

#[component]
fn Change(change: Difference) -> impl IntoView {
    let words = |fact: Option<String>| fact.unwrap_or_else(|| "nothing".to_owned());
    view! {
        <li class="muted small">
            {change.name} ": " <span class="task-before">{words(change.before)}</span>
            " to " <span class="task-after">{words(change.after)}</span>
        </li>
    }
}
