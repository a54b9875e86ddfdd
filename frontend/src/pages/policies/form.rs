use std::collections::HashSet;

use accord_api_types::{Action, CreatePolicy, Policy, UpdatePolicy};
use leptos::prelude::*;

use super::model::choices;
use crate::components::{
    Button, ButtonKind, CancelButton, ChoiceList, Dialog, DialogFooter, DialogSize, FailureNotice,
    TextArea, TextField,
};
use crate::failure::invalid;
use crate::listing::in_words;
use crate::pages::auth::model::{check_filled, checked};
use crate::pages::preview::{AccessPreview, change};
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
        <Dialog open=open title=title size=DialogSize::Large lead="A policy names some actions of the platform, so that roles can hold them together." dirty=dirty>
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
    let as_it_was = StoredValue::new(actions_before.clone());
    Effect::new(move |_| {
        let same = name.with(|name| *name == name_before)
            && description.with(|description| *description == description_before)
            && chosen.with(|chosen| *chosen == actions_before);
        dirty.set(!same);
    });
    let action_ids = move || -> Vec<String> {
        actions.with(|actions| {
            actions
                .iter()
                .map(|action| action.id.clone())
                .filter(|id| chosen.with(|chosen| chosen.contains(id)))
                .collect()
        })
    };
    let changed = Signal::derive(move || {
        let id = id?;
        let action_ids = action_ids();
        let same = as_it_was.with_value(|before| chosen.with(|chosen| chosen == before));
        (!same && !action_ids.is_empty()).then(|| change::policy(id, action_ids))
    });
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked().trim().to_owned();
        let description = description.get_untracked().trim().to_owned();
        let action_ids = untrack(action_ids);
        let none = action_ids
            .is_empty()
            .then(|| invalid("/action_ids", "Choose at least one action"));
        if let Err(failure) =
            checked([check_filled("/name", &name, "Give the policy a name"), none])
        {
            return submission.fail(failure);
        }
        let client = submission.client();
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
                <ChoiceList
                    label="Actions"
                    find="Find an action"
                    none="No action matches what you look for."
                    choices=Signal::derive(move || actions.with(|actions| choices(actions)))
                    chosen=chosen
                    error=submission.at("/action_ids")
                />
            </div>
            <AccessPreview change=changed/>
            <DialogFooter>
                <span class="foot-start">{move || in_words(chosen.with(HashSet::len), "action")}</span>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>
                    {if id.is_some() { "Save policy" } else { "Create policy" }}
                </Button>
            </DialogFooter>
        </form>
    }
}
