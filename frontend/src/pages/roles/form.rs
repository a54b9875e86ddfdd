use std::collections::HashSet;

use accord_api_types::{CreateRole, Policy, Role, UpdateRole, Uuid};
use leptos::prelude::*;

use super::model::{check_policies, shown};
use crate::components::{
    Button, ButtonKind, CancelButton, Checkbox, Dialog, DialogFooter, FailureNotice, SearchField,
    TextField, each,
};
use crate::pages::auth::model::{check_filled, checked};
use crate::session::Session;
use crate::submission::Submission;

/// Adds or edits a role; also inside other forms, which it leaves as they are.
#[component]
pub(crate) fn RoleDialog(
    open: RwSignal<bool>,
    /// The role to edit; none makes a new one.
    #[prop(into)]
    role: Signal<Option<Role>>,
    policies: Signal<Vec<Policy>>,
    on_saved: Callback<Role>,
) -> impl IntoView {
    let dirty = RwSignal::new(false);
    let title = Signal::derive(move || match role.get() {
        Some(role) => format!("Edit {}", role.name),
        None => "New role".to_owned(),
    });
    view! {
        <Dialog open=open title=title lead="A role is a set of policies; a policy is a set of actions." dirty=dirty>
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
    on_saved: Callback<Role>,
) -> impl IntoView {
    let session = Session::current();
    let account_id = session.account_id();
    let submission = Submission::new();
    let id = role.as_ref().map(|role| role.id);
    let before = role.map_or_else(Draft::default, Draft::from);
    let name = RwSignal::new(before.name.clone());
    let description = RwSignal::new(before.description.clone());
    let chosen = RwSignal::new(before.policy_ids.iter().copied().collect::<HashSet<Uuid>>());
    let alerts = RwSignal::new(before.receive_load_alerts);
    Effect::new(move |_| {
        let now_chosen = chosen.get();
        let same = name.get() == before.name
            && description.get() == before.description
            && alerts.get() == before.receive_load_alerts
            && now_chosen.len() == before.policy_ids.len()
            && before
                .policy_ids
                .iter()
                .all(|policy| now_chosen.contains(policy));
        dirty.set(!same);
    });

    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let policy_ids: Vec<Uuid> = policies.with_untracked(|policies| {
            policies
                .iter()
                .map(|policy| policy.id)
                .filter(|id| chosen.with_untracked(|chosen| chosen.contains(id)))
                .collect()
        });
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
        let client = session.client();
        submission.send(
            async move {
                let saved = match id {
                    Some(id) => {
                        client
                            .update_role(account_id, id, &draft.into(), None)
                            .await?
                    }
                    None => client.create_role(account_id, &draft.into()).await?,
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
                <FailureNotice failure=submission.failure shown_by_fields=&["/name", "/description", "/policy_ids"]/>
                <TextField label="Name" value=name error=submission.at("/name") autofocus=true/>
                <TextField label="Description" value=description optional=true error=submission.at("/description")/>
                <PolicyChoice policies=policies chosen=chosen error=submission.at("/policy_ids")/>
                <Checkbox
                    label="Receive load alerts"
                    hint="Members with this role get the load alerts of what is shared with them."
                    checked=alerts
                    on_change=Callback::new(move |on| alerts.set(on))
                />
            </div>
            <DialogFooter>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>
                    {if id.is_some() { "Save role" } else { "Create role" }}
                </Button>
            </DialogFooter>
        </form>
    }
}

/// Which policies the role holds: searched, and narrowed to the chosen ones for review.
#[component]
fn PolicyChoice(
    policies: Signal<Vec<Policy>>,
    chosen: RwSignal<HashSet<Uuid>>,
    error: Signal<Option<String>>,
) -> impl IntoView {
    let looked_for = RwSignal::new(String::new());
    let only_chosen = RwSignal::new(false);
    let list = Memo::new(move |_| {
        let only = only_chosen
            .get()
            .then(|| chosen.get().into_iter().collect::<Vec<_>>());
        policies.with(|policies| {
            looked_for.with(|looked_for| shown(policies, looked_for, only.as_deref()))
        })
    });
    let count = move || chosen.with(HashSet::len);
    view! {
        <fieldset class="choice" aria-invalid=move || error.with(Option::is_some).then_some("true") tabindex="-1">
            <legend class="field-label">"Policies"</legend>
            <div class="choice-tools">
                <SearchField label="Find a policy" value=looked_for/>
                <label class="choice-only">
                    <input type="checkbox" prop:checked=move || only_chosen.get() on:change=move |event| only_chosen.set(event_target_checked(&event))/>
                    {move || format!("Chosen only ({})", count())}
                </label>
            </div>
            {move || error.get().map(|error| view! { <p class="field-error" role="alert">{error}</p> })}
            <div class="choice-list">
                {each(move || list.get(), |policy| policy.id, move |policy| view! {
                    <Checkbox
                        label=policy.name.clone()
                        hint=hint(&policy)
                        checked=Signal::derive(move || chosen.with(|chosen| chosen.contains(&policy.id)))
                        on_change=Callback::new(move |on| chosen.update(|chosen| {
                            if on { chosen.insert(policy.id); } else { chosen.remove(&policy.id); }
                        }))
                    />
                }.into_any())}
                {move || list.with(Vec::is_empty).then(|| view! { <p class="muted small">"No such policy."</p> })}
            </div>
        </fieldset>
    }
}

fn hint(policy: &Policy) -> String {
    let actions = match policy.action_ids.len() {
        1 => "1 action".to_owned(),
        count => format!("{count} actions"),
    };
    if policy.description.is_empty() {
        actions
    } else {
        format!("{} · {actions}", policy.description)
    }
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
