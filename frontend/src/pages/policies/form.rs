use std::collections::HashSet;

use accord_api_types::{Action, CreatePolicy, Policy, UpdatePolicy};
use leptos::prelude::*;

use super::model::by_category;
use crate::components::{
    Button, ButtonKind, CancelButton, Checkbox, Dialog, DialogFooter, FailureNotice, SearchField,
    TextArea, TextField,
};
use crate::failure::invalid;
use crate::pages::auth::model::{check_filled, checked};
use crate::session::Session;
use crate::submission::Submission;

/// Adds or edits a policy of the account's own.
#[component]
pub(super) fn PolicyDialog(
    open: RwSignal<bool>,
    policy: RwSignal<Option<Policy>>,
    actions: Signal<Vec<Action>>,
    on_saved: Callback<Policy>,
) -> impl IntoView {
    let dirty = RwSignal::new(false);
    let title = Signal::derive(move || match policy.get() {
        Some(policy) => format!("Edit {}", policy.name),
        None => "New policy".to_owned(),
    });
    view! {
        <Dialog open=open title=title dirty=dirty>
            <PolicyForm open=open policy=policy.get_untracked() actions=actions dirty=dirty on_saved=on_saved/>
        </Dialog>
    }
}

#[component]
fn PolicyForm(
    open: RwSignal<bool>,
    policy: Option<Policy>,
    actions: Signal<Vec<Action>>,
    dirty: RwSignal<bool>,
    on_saved: Callback<Policy>,
) -> impl IntoView {
    let session = Session::current();
    let account_id = session.account_id();
    let submission = Submission::new();
    let id = policy.as_ref().map(|policy| policy.id);
    let (name_before, description_before, actions_before) = policy
        .map(|policy| {
            (
                policy.name,
                policy.description,
                policy.action_ids.into_iter().collect::<HashSet<_>>(),
            )
        })
        .unwrap_or_default();
    let name = RwSignal::new(name_before.clone());
    let description = RwSignal::new(description_before.clone());
    let chosen = RwSignal::new(actions_before.clone());
    Effect::new(move |_| {
        let same = name.with(|name| *name == name_before)
            && description.with(|description| *description == description_before)
            && chosen.with(|chosen| *chosen == actions_before);
        dirty.set(!same);
    });
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked().trim().to_owned();
        let description = description.get_untracked().trim().to_owned();
        let action_ids: Vec<String> = actions.with_untracked(|actions| {
            actions
                .iter()
                .map(|action| action.id.clone())
                .filter(|id| chosen.with_untracked(|chosen| chosen.contains(id)))
                .collect()
        });
        let none = action_ids
            .is_empty()
            .then(|| invalid("/action_ids", "Choose at least one action"));
        if let Err(failure) =
            checked([check_filled("/name", &name, "Give the policy a name"), none])
        {
            return submission.fail(failure);
        }
        let client = session.client();
        submission.send(
            async move {
                let saved = match id {
                    Some(id) => {
                        let body = UpdatePolicy {
                            name: Some(name),
                            description: Some(description),
                            action_ids: Some(action_ids),
                        };
                        client.update_policy(account_id, id, &body, None).await?
                    }
                    None => {
                        client
                            .create_policy(
                                account_id,
                                &CreatePolicy {
                                    name,
                                    description,
                                    action_ids,
                                },
                            )
                            .await?
                    }
                };
                Ok::<_, accord_client::Error>(saved.into_inner())
            },
            move |saved| {
                open.set(false);
                on_saved.run(saved);
            },
        );
    };
    view! {
        <form novalidate=true on:submit=send>
            <div class="dialog-body">
                <FailureNotice failure=submission.failure shown_by_fields=&["/name", "/description", "/action_ids"]/>
                <TextField label="Name" value=name error=submission.at("/name") autofocus=true/>
                <TextArea label="Description" value=description optional=true error=submission.at("/description")/>
                <ActionChoice actions=actions chosen=chosen error=submission.at("/action_ids")/>
            </div>
            <DialogFooter>
                <span class="foot-start">{move || chosen.with(HashSet::len)} " actions"</span>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>
                    {if id.is_some() { "Save policy" } else { "Create policy" }}
                </Button>
            </DialogFooter>
        </form>
    }
}

#[component]
fn ActionChoice(
    actions: Signal<Vec<Action>>,
    chosen: RwSignal<HashSet<String>>,
    error: Signal<Option<String>>,
) -> impl IntoView {
    let looked_for = RwSignal::new(String::new());
    let change = move |id: String| {
        Callback::new(move |on: bool| {
            chosen.update(|chosen| {
                if on {
                    chosen.insert(id.clone());
                } else {
                    chosen.remove(&id);
                }
            });
        })
    };
    view! {
        <fieldset class="choice" aria-invalid=move || error.with(Option::is_some).then_some("true") tabindex="-1">
            <legend class="field-label">"Actions"</legend>
            <SearchField label="Find an action" value=looked_for/>
            {move || error.get().map(|error| view! { <p class="field-error" role="alert">{error}</p> })}
            <div class="choice-list">
                {move || actions.with(|actions| looked_for.with(|looked_for| by_category(actions, looked_for))).into_iter().map(|(category, actions)| view! {
                    <p class="choice-category">{category}</p>
                    {actions.into_iter().map(|action| {
                        let id = action.id.clone();
                        view! {
                            <Checkbox
                                label=action.title
                                hint=action.id.clone()
                                checked=Signal::derive(move || chosen.with(|chosen| chosen.contains(&id)))
                                on_change=change(action.id)
                            />
                        }
                    }).collect_view()}
                }).collect_view()}
            </div>
        </fieldset>
    }
}
