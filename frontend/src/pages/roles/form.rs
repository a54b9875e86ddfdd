use std::collections::HashSet;

use accord_api_types::{CreateRole, Policy, Role, UpdateRole, Uuid};
use accord_client::Versioned;
use leptos::prelude::*;

use super::all_actions;
use super::model::{check_policies, choices};
use crate::components::{
    Button, ButtonKind, CancelButton, Checkbox, ChoiceList, Dialog, DialogFooter, DialogSize,
    FailureNotice, TextField,
};
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
    let before = role.map_or_else(Draft::default, Draft::from);
    let as_loaded = StoredValue::new(before.clone());
    let name = RwSignal::new(before.name.clone());
    let description = RwSignal::new(before.description.clone());
    let chosen_before: HashSet<String> = before.policy_ids.iter().map(Uuid::to_string).collect();
    let chosen = RwSignal::new(chosen_before.clone());
    let as_it_was = StoredValue::new(chosen_before.clone());
    let alerts = RwSignal::new(before.receive_load_alerts);
    Effect::new(move |_| {
        let same = name.with(|name| *name == before.name)
            && description.with(|description| *description == before.description)
            && alerts.get() == before.receive_load_alerts
            && chosen.with(|chosen| *chosen == chosen_before);
        dirty.set(!same);
    });
    let catalogue = Remote::new(move || all_actions(session));
    let offered = Memo::new(move |_| {
        catalogue.data.with(|actions| {
            policies.with(|policies| choices(policies, actions.as_deref().unwrap_or_default()))
        })
    });

    let policy_ids = move || -> Vec<Uuid> {
        policies.with(|policies| {
            policies
                .iter()
                .map(|policy| policy.id)
                .filter(|id| chosen.with(|chosen| chosen.contains(&id.to_string())))
                .collect()
        })
    };
    let changed = Signal::derive(move || {
        let id = id?;
        let policy_ids = policy_ids();
        let same = as_it_was.with_value(|before| chosen.with(|chosen| chosen == before));
        (!same && !policy_ids.is_empty()).then(|| change::role(id, policy_ids))
    });

    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let policy_ids = untrack(policy_ids);
        let draft = Draft {
            name: name.get_untracked().trim().to_owned(),
            description: description.get_untracked().trim().to_owned(),
            policy_ids,
            receive_load_alerts: alerts.get_untracked(),
        };
        if let Err(failure) = checked([
            check_filled("/name", &draft.name, "Give the role a name"),
            check_policies(&draft.policy_ids),
        ]) {
            return submission.fail(failure);
        }
        let client = submission.client();
        let before = id.map(|_| as_loaded.get_value());
        submission.send(
            async move {
                match id {
                    Some(id) => {
                        client
                            .update_role(account_id, id, &draft.into(), None)
                            .await
                    }
                    None => client.create_role(account_id, &draft.into()).await,
                }
            },
            move |saved| {
                let reverse = reverse(session, before, &saved);
                open.set(false);
                on_saved.run(Saved {
                    role: saved.into_inner(),
                    reverse,
                });
            },
        );
    };
    view! {
        <form novalidate=true on:submit=send>
            <div class="dialog-body">
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

/// Makes the role what it was when the form was opened.
fn reverse(session: Session, before: Option<Draft>, saved: &Versioned<Role>) -> Option<Reverse> {
    let (account_id, id) = (session.account_id(), saved.id);
    let before = UpdateRole::from(before?);
    let etag = saved.etag.clone()?;
    let undone = format!(
        "Role {} is as it was.",
        before.name.as_deref().unwrap_or(&saved.name)
    );
    Some(Reverse::new(undone, move || {
        let (client, before, etag) = (session.client(), before.clone(), etag.clone());
        async move {
            client
                .update_role(account_id, id, &before, Some(&etag))
                .await
        }
    }))
}

/// What was typed.
#[derive(Clone, Debug, Default, PartialEq)]
struct Draft {
    name: String,
    description: String,
    policy_ids: Vec<Uuid>,
    receive_load_alerts: bool,
}

impl From<Role> for Draft {
    fn from(role: Role) -> Self {
        Self {
            name: role.name,
            description: role.description,
            policy_ids: role.policy_ids,
            receive_load_alerts: role.receive_load_alerts,
        }
    }
}

impl From<Draft> for CreateRole {
    fn from(draft: Draft) -> Self {
        Self {
            name: draft.name,
            description: draft.description,
            policy_ids: draft.policy_ids,
            receive_load_alerts: draft.receive_load_alerts,
        }
    }
}

impl From<Draft> for UpdateRole {
    fn from(draft: Draft) -> Self {
        Self {
            name: Some(draft.name),
            description: Some(draft.description),
            policy_ids: Some(draft.policy_ids),
            receive_load_alerts: Some(draft.receive_load_alerts),
        }
    }
}
