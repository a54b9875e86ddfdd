use std::collections::HashSet;

use accord_api_types::{Action, CreatePolicy, Policy};
use accord_client::Versioned;
use leptos::prelude::*;

use super::draft::{Draft, between, told};
use super::model::choices;
use crate::components::{
    Button, ButtonKind, CancelButton, ChoiceList, Dialog, DialogFooter, DialogSize, FailureNotice,
    TextArea, TextField,
};
use crate::editing::{self, Editing, Version, save};
use crate::failure::invalid;
use crate::listing::in_words;
use crate::live::Topic;
use crate::pages::auth::model::{check_filled, checked};
use crate::pages::preview::{AccessPreview, change};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;
use crate::undo::Reverse;

/// Adds, copies or edits a policy of the account's own.
#[component]
pub(super) fn PolicyDialog(
    open: RwSignal<bool>,
    policy: RwSignal<Option<Policy>>,
    /// Which one a new one begins as a copy of.
    copied: RwSignal<Option<Policy>>,
    actions: Signal<Vec<Action>>,
    on_saved: Callback<Saved>,
) -> impl IntoView {
    let dirty = RwSignal::new(false);
    let title = Signal::derive(move || match (policy.get(), copied.get()) {
        (Some(policy), _) => format!("Edit {}", policy.name),
        (None, Some(copied)) => format!("Copy {}", copied.name),
        (None, None) => "New policy".to_owned(),
    });
    view! {
        <Dialog open=open title=title size=DialogSize::Large lead="A policy names some actions of the platform, so that roles can hold them together." dirty=dirty>
            <PolicyForm open=open policy=policy.get_untracked() copied=copied.get_untracked() actions=actions dirty=dirty on_saved=on_saved/>
        </Dialog>
    }
}

#[component]
fn PolicyForm(
    open: RwSignal<bool>,
    policy: Option<Policy>,
    copied: Option<Policy>,
    actions: Signal<Vec<Action>>,
    dirty: RwSignal<bool>,
    on_saved: Callback<Saved>,
) -> impl IntoView {
    let session = Session::current();
    let account_id = session.account_id();
    let submission = Submission::new();
    let id = policy.as_ref().map(|policy| policy.id);
    let copy = |copied: Policy| Policy {
        name: format!("{} copy", copied.name),
        ..copied
    };
    let begun_with = policy.or(copied.map(copy));
    let known = begun_with.as_ref().map(Draft::of).unwrap_or_default();
    let name = RwSignal::new(known.name.clone());
    let description = RwSignal::new(known.description.clone());
    let chosen = RwSignal::new(known.action_ids.clone());
    let draft = Signal::derive(move || Draft {
        name: name.with(|name| name.trim().to_owned()),
        description: description.with(|description| description.trim().to_owned()),
        action_ids: chosen.get(),
    });
    let known = Version {
        content: known,
        etag: None,
    };
    let show = move |draft: Draft| {
        name.set(draft.name);
        description.set(draft.description);
        chosen.set(draft.action_ids);
    };
    let editing = Editing::new(known, draft, show, submission);
    if let Some(id) = id {
        let stored = Remote::new(move || {
            let client = session.client();
            async move { client.policy(account_id, id).await }
        })
        .follows(&[Topic::Policies]);
        editing.follow(stored, Draft::of);
    }
    Effect::new(move |_| dirty.set(editing.is_dirty()));
    let changed = Signal::derive(move || {
        let id = id?;
        let draft = draft.get();
        let same = draft.action_ids == editing.before().action_ids;
        (!same && !draft.action_ids.is_empty()).then(|| change::policy(id, draft.actions()))
    });
    let conflict = editing.conflict("policy", move |three| {
        actions.with(|actions| told(three, actions))
    });
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (base, draft) = editing.to_save();
        let none = draft
            .action_ids
            .is_empty()
            .then(|| invalid("/action_ids", "Choose at least one action"));
        if let Err(failure) = checked([
            check_filled("/name", &draft.name, "Give the policy a name"),
            none,
        ]) {
            return submission.fail(failure);
        }
        let client = submission.client();
        let Some(id) = id else {
            let body = CreatePolicy {
                action_ids: draft.actions(),
                name: draft.name,
                description: draft.description,
            };
            submission.send(
                async move { client.create_policy(account_id, &body).await },
                move |made| {
                    open.set(false);
                    on_saved.try_run(Saved {
                        policy: made.into_inner(),
                        reverse: None,
                    });
                },
            );
            return;
        };
        let body = between(&base.content, &draft);
        let reader = client.clone();
        let saving = save(
            base,
            draft,
            async move |etag: Option<&str>| client.update_policy(account_id, id, &body, etag).await,
            async move || {
                let fresh = reader.policy(account_id, id).await?;
                Ok(Version::of(&fresh, Draft::of))
            },
        );
        submission.send(saving, move |outcome| match outcome {
            editing::Saved::Done { saved, before } => {
                let reverse = reverse(session, &before, &saved);
                open.set(false);
                on_saved.try_run(Saved {
                    policy: saved.into_inner(),
                    reverse,
                });
            }
            editing::Saved::Overtaken(theirs) => editing.overtaken(theirs),
        });
    };
    view! {
        <form novalidate=true on:submit=send>
            <div class="dialog-body">
                {conflict}
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

/// A policy that was made or changed.
#[derive(Clone, Debug)]
pub(super) struct Saved {
    pub(super) policy: Policy,
    /// What takes the change back; nothing where the policy is new.
    pub(super) reverse: Option<Reverse>,
}

/// Makes the policy what it was before.
fn reverse(session: Session, before: &Draft, saved: &Versioned<Policy>) -> Option<Reverse> {
    let (account_id, id) = (session.account_id(), saved.id);
    let body = between(&Draft::of(saved), before);
    let etag = saved.etag.clone()?;
    let undone = format!("Policy {} is as it was.", before.name);
    Some(Reverse::new(undone, move || {
        let (client, body, etag) = (session.client(), body.clone(), etag.clone());
        async move {
            client
                .update_policy(account_id, id, &body, Some(&etag))
                .await
        }
    }))
}
