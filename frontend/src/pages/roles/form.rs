use accord_api_types::{CreateRole, Policy, Role};
use accord_client::Versioned;
use leptos::prelude::*;

use super::all_actions;
use super::draft::{Draft, between, told};
use super::model::{check_policies, choices};
use crate::components::{
    Button, ButtonKind, CancelButton, Checkbox, ChoiceList, Dialog, DialogFooter, DialogSize,
    FailureNotice, TextField, chosen_ids,
};
use crate::editing::{self, Editing, Version, save};
use crate::live::Topic;
use crate::pages::auth::model::{check_filled, checked};
use crate::pages::preview::{AccessPreview, change};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;
use crate::undo::Reverse;

/// Adds or edits a role; also inside other forms, which it leaves as they are.
#[component]
pub(crate) fn RoleDialog(
    open: RwSignal<bool>,
    /// The role to edit; none makes a new one.
    #[prop(into)]
    role: Signal<Option<Role>>,
    policies: Signal<Vec<Policy>>,
    on_saved: Callback<Saved>,
) -> impl IntoView {
    let dirty = RwSignal::new(false);
    let title = Signal::derive(move || match role.get() {
        Some(role) => format!("Edit {}", role.name),
        None => "New role".to_owned(),
    });
    view! {
        <Dialog open=open title=title size=DialogSize::Large lead="A role is a set of policies; a policy is a set of actions." dirty=dirty>
            <RoleForm open=open role=role.get_untracked() policies=policies dirty=dirty on_saved=on_saved/>
        </Dialog>
    }
}

#[component]
fn RoleForm(
    open: RwSignal<bool>,
    role: Option<Role>,
    policies: Signal<Vec<Policy>>,
    dirty: RwSignal<bool>,
    on_saved: Callback<Saved>,
) -> impl IntoView {
    let session = Session::current();
    let account_id = session.account_id();
    let submission = Submission::new();
    let id = role.as_ref().map(|role| role.id);
    let known = role.as_ref().map(Draft::of).unwrap_or_default();
    let name = RwSignal::new(known.name.clone());
    let description = RwSignal::new(known.description.clone());
    let chosen = RwSignal::new(known.policy_ids.clone());
    let alerts = RwSignal::new(known.receive_load_alerts);
    let draft = Signal::derive(move || Draft {
        name: name.with(|name| name.trim().to_owned()),
        description: description.with(|description| description.trim().to_owned()),
        // A policy may be deleted while it is chosen here.
        policy_ids: policies.with(|policies| {
            let ids = policies.iter().map(|policy| policy.id.to_string());
            ids.filter(|id| chosen.with(|chosen| chosen.contains(id)))
                .collect()
        }),
        receive_load_alerts: alerts.get(),
    });
    let known = Version {
        content: known,
        etag: None,
    };
    let show = move |draft: Draft| {
        name.set(draft.name);
        description.set(draft.description);
        chosen.set(draft.policy_ids);
        alerts.set(draft.receive_load_alerts);
    };
    let editing = Editing::new(known, draft, show, submission);
    if let Some(id) = id {
        let stored = Remote::new(move || {
            let client = session.client();
            async move { client.role(account_id, id).await }
        })
        .follows(&[Topic::Roles]);
        editing.follow(stored, Draft::of);
    }
    Effect::new(move |_| dirty.set(editing.is_dirty()));
    let catalogue = Remote::new(move || all_actions(session));
    let offered = Memo::new(move |_| {
        catalogue.data.with(|actions| {
            policies.with(|policies| choices(policies, actions.as_deref().unwrap_or_default()))
        })
    });
    let changed = Signal::derive(move || {
        let id = id?;
        let chosen = draft.get().policy_ids;
        let same = chosen == editing.before().policy_ids;
        (!same && !chosen.is_empty()).then(|| change::role(id, chosen_ids(&chosen)))
    });
    let conflict = editing.conflict("role", move |three| {
        policies.with(|policies| told(three, policies))
    });

    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (base, draft) = editing.to_save();
        let policy_ids = chosen_ids(&draft.policy_ids);
        if let Err(failure) = checked([
            check_filled("/name", &draft.name, "Give the role a name"),
            check_policies(&policy_ids),
        ]) {
            return submission.fail(failure);
        }
        let client = submission.client();
        let Some(id) = id else {
            let body = CreateRole {
                name: draft.name,
                description: draft.description,
                policy_ids,
                receive_load_alerts: draft.receive_load_alerts,
            };
            submission.send(
                async move { client.create_role(account_id, &body).await },
                move |made| {
                    open.set(false);
                    on_saved.try_run(Saved {
                        role: made.into_inner(),
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
            async move |etag: Option<&str>| client.update_role(account_id, id, &body, etag).await,
            async move || {
                let fresh = reader.role(account_id, id).await?;
                Ok(Version::of(&fresh, Draft::of))
            },
        );
        submission.send(saving, move |outcome| match outcome {
            editing::Saved::Done { saved, before } => {
                let reverse = reverse(session, &before, &saved);
                open.set(false);
                on_saved.try_run(Saved {
                    role: saved.into_inner(),
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
                <FailureNotice failure=submission.failure shown_by_fields=&["/name", "/description", "/policy_ids"]/>
                <TextField label="Name" value=name error=submission.at("/name") autofocus=true/>
                <TextField label="Description" value=description optional=true error=submission.at("/description")/>
                <ChoiceList
                    label="Policies"
                    find="Find a policy"
                    none="No policy matches what you look for."
                    hint="Point at a policy, or move to it, to see the actions it holds."
                    choices=offered
                    chosen=chosen
                    error=submission.at("/policy_ids")
                />
                <Checkbox
                    label="Receive load alerts"
                    hint="Members with this role get an e-mail and a notification when an environment shared with them is under heavy load."
                    checked=alerts
                    on_change=Callback::new(move |on| alerts.set(on))
                />
            </div>
            <AccessPreview change=changed/>
            <DialogFooter>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>
                    {if id.is_some() { "Save role" } else { "Create role" }}
                </Button>
            </DialogFooter>
        </form>
    }
}

/// A role that was made or changed.
#[derive(Clone, Debug)]
pub(crate) struct Saved {
    pub(crate) role: Role,
    /// What takes the change back; nothing where the role is new.
    pub(crate) reverse: Option<Reverse>,
}

/// Makes the role what it was before.
fn reverse(session: Session, before: &Draft, saved: &Versioned<Role>) -> Option<Reverse> {
    let (account_id, id) = (session.account_id(), saved.id);
    let body = between(&Draft::of(saved), before);
    let etag = saved.etag.clone()?;
    let undone = format!("Role {} is as it was.", before.name);
    Some(Reverse::new(undone, move || {
        let (client, body, etag) = (session.client(), body.clone(), etag.clone());
        async move { client.update_role(account_id, id, &body, Some(&etag)).await }
    }))
}
