use std::collections::HashSet;

use accord_api_types::{CreateGroup, Environment, UpdateEnvironment, Uuid};
use leptos::prelude::*;

use super::model::{
    Owner, Places, check_name, check_place, creation, missing_path, status_choices,
};
use crate::components::{
    Button, ButtonKind, CancelButton, Choice, ChoiceList, Dialog, DialogFooter, FailureNotice,
    Icon, Select, TextField,
};
use crate::pages::auth::model::checked;
use crate::pages::groups::groups_of;
use crate::pages::preview::{AccessPreview, change};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;

/// What the form is for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Purpose {
    /// A new one, for one of these owners.
    Create(Vec<Owner>),
    Edit(Box<Environment>),
}

/// Creates or edits an environment.
#[component]
pub(crate) fn EnvironmentDialog(
    open: RwSignal<bool>,
    purpose: RwSignal<Purpose>,
    on_saved: Callback<Environment>,
) -> impl IntoView {
    let dirty = RwSignal::new(false);
    let title = Signal::derive(move || match purpose.get() {
        Purpose::Create(_) => "New environment".to_owned(),
        Purpose::Edit(environment) => format!("Edit {}", environment.name),
    });
    view! {
        <Dialog open=open title=title dirty=dirty>
            <EnvironmentForm open=open purpose=purpose.get_untracked() dirty=dirty on_saved=on_saved/>
        </Dialog>
    }
}

#[component]
fn EnvironmentForm(
    open: RwSignal<bool>,
    purpose: Purpose,
    dirty: RwSignal<bool>,
    on_saved: Callback<Environment>,
) -> impl IntoView {
    let submission = Submission::new();
    let before = match &purpose {
        Purpose::Create(_) => (
            String::new(),
            String::new(),
            "running".to_owned(),
            Vec::new(),
        ),
        Purpose::Edit(environment) => (
            environment.name.clone(),
            environment.display_name.clone().unwrap_or_default(),
            environment.status.as_str().to_owned(),
            environment.group_ids.clone(),
        ),
    };
    let name = RwSignal::new(before.0.clone());
    let display_name = RwSignal::new(before.1.clone());
    let status = RwSignal::new(before.2.clone());
    let group_ids = RwSignal::new(before.3.clone());
    let groups_before = StoredValue::new(before.3.clone());
    let (owner, owners, may_set_groups) = match &purpose {
        Purpose::Create(owners) => (
            owners
                .first()
                .map(|owner| owner.id.to_string())
                .unwrap_or_default(),
            owners.clone(),
            true,
        ),
        Purpose::Edit(environment) => (
            environment.owner.id.to_string(),
            Vec::new(),
            super::model::may(environment, "set_groups"),
        ),
    };
    let owner = RwSignal::new(owner);
    let owner_id =
        Memo::new(move |_| owner.with(|owner| owner.parse::<Uuid>().unwrap_or_default()));
    // Groups are another owner's own: a choice made for one means nothing for the next.
    Effect::new(move |chosen: Option<Uuid>| {
        let now = owner_id.get();
        if chosen.is_some_and(|chosen| chosen != now) {
            group_ids.set(Vec::new());
        }
        now
    });
    {
        Effect::new(move |_| {
            let same = name.with(|name| *name == before.0)
                && display_name.with(|display_name| *display_name == before.1)
                && status.with(|status| *status == before.2)
                && group_ids.with(|group_ids| *group_ids == before.3);
            dirty.set(!same);
        });
    }
    let choices = owners
        .iter()
        .map(|owner| (owner.id.to_string(), owner.label.clone()))
        .collect::<Vec<_>>();
    let several_owners = choices.len() > 1;
    // Who edits may set groups only on an account of their own.
    let places = Memo::new(move |_| {
        let chosen = owner_id.get();
        owners
            .iter()
            .find(|owner| owner.id == chosen)
            .map_or(Places::Everywhere, |owner| owner.places.clone())
    });
    // Only the owner may ask, and only the owner sets groups.
    let regrouped = {
        let known = match &purpose {
            Purpose::Edit(environment) if may_set_groups => Some(environment.id),
            Purpose::Edit(_) | Purpose::Create(_) => None,
        };
        Signal::derive(move || {
            let id = known?;
            let group_ids = group_ids.get();
            let same = groups_before.with_value(|before| {
                before.len() == group_ids.len() && before.iter().all(|id| group_ids.contains(id))
            });
            (!same).then(|| change::environment_groups(id, group_ids))
        })
    };
    let send = {
        let purpose = purpose.clone();
        move |event: web_sys::SubmitEvent| {
            event.prevent_default();
            let place = group_ids.with_untracked(|chosen| {
                places.with_untracked(|places| check_place(places, chosen))
            });
            if let Err(failure) = checked([name.with_untracked(|name| check_name(name)), place]) {
                return submission.fail(failure);
            }
            let typed = creation(
                &name.get_untracked(),
                &display_name.get_untracked(),
                &status.get_untracked(),
                group_ids.get_untracked(),
            );
            let (client, account_id, purpose) = (
                submission.client(),
                owner_id.get_untracked(),
                purpose.clone(),
            );
            submission.send(
                async move {
                    let saved = match purpose {
                        Purpose::Create(_) => client.create_environment(account_id, &typed).await?,
                        Purpose::Edit(before) => {
                            let body = UpdateEnvironment {
                                name: (typed.name != before.name).then_some(typed.name),
                                display_name: (typed.display_name != before.display_name)
                                    .then_some(typed.display_name),
                                status: typed.status.filter(|status| *status != before.status),
                                group_ids: (may_set_groups && typed.group_ids != before.group_ids)
                                    .then_some(typed.group_ids),
                            };
                            client
                                .update_environment(account_id, before.id, &body, None)
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
        }
    };
    view! {
        <form novalidate=true on:submit=send>
            <div class="dialog-body">
                <FailureNotice failure=submission.failure shown_by_fields=&["/name", "/display_name", "/status", "/group_ids"]/>
                {several_owners.then(|| view! {
                    <Select label="Owner" value=owner choices=Signal::derive(move || choices.clone()) hint="It will belong to this account."/>
                })}
                <TextField label="Name" value=name error=submission.at("/name") autofocus=true/>
                <TextField label="Display name" value=display_name optional=true error=submission.at("/display_name")/>
                <Select label="Status" value=status choices=Signal::derive(status_choices) error=submission.at("/status")/>
                {may_set_groups.then(|| view! { <GroupChoice owner_id=owner_id places=places group_ids=group_ids error=submission.at("/group_ids")/> })}
            </div>
            <AccessPreview change=regrouped/>
            <DialogFooter>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>
                    {if matches!(purpose, Purpose::Edit(_)) { "Save environment" } else { "Create environment" }}
                </Button>
            </DialogFooter>
        </form>
    }
}

/// The groups that hold it: the owner's, as far as the caller may know of them. The owner makes a missing
/// one by its path.
#[component]
fn GroupChoice(
    owner_id: Memo<Uuid>,
    places: Memo<Places>,
    group_ids: RwSignal<Vec<Uuid>>,
    error: Signal<Option<String>>,
) -> impl IntoView {
    let session = Session::current();
    let groups = Remote::new(move || {
        let owner_id = owner_id.get();
        async move { groups_of(session, owner_id).await }
    });
    let creation = Submission::new();
    let looked_for = RwSignal::new(String::new());
    let chosen = RwSignal::new(HashSet::<String>::new());
    // One list of ids in two forms: that of the choice follows that of the form.
    Effect::new(move |_| {
        let ids = group_ids.with(|ids| ids.iter().map(Uuid::to_string).collect::<HashSet<_>>());
        if chosen.with_untracked(|chosen| *chosen != ids) {
            chosen.set(ids);
        }
    });
    Effect::new(move |before: Option<()>| {
        let ids = chosen.get();
        if before.is_some() {
            group_ids.update(|group_ids| {
                group_ids.retain(|id| ids.contains(&id.to_string()));
                for id in ids.iter().filter_map(|id| id.parse().ok()) {
                    if !group_ids.contains(&id) {
                        group_ids.push(id);
                    }
                }
            });
        }
    });
    let choices = Memo::new(move |_| {
        groups.data.with(|groups| {
            groups
                .iter()
                .flatten()
                .filter(|group| places.with(|places| places.group(group.id)))
                .map(|group| Choice {
                    id: group.id.to_string(),
                    label: group.path.clone(),
                    color: Some(group.color.clone()),
                    ..Choice::default()
                })
                .collect::<Vec<_>>()
        })
    });
    let missing = Memo::new(move |_| {
        let mine = owner_id.get() == session.account_id();
        groups.data.with(|groups| {
            let groups = groups.as_ref()?;
            mine.then(|| looked_for.with(|path| missing_path(groups, path)))
                .flatten()
        })
    });
    let create = Callback::new(move |()| {
        let Some(path) = missing.get_untracked() else {
            return;
        };
        let (client, owner_id) = (creation.client(), owner_id.get_untracked());
        let body = CreateGroup {
            path: Some(path),
            ..CreateGroup::default()
        };
        creation.send(
            async move { client.create_group(owner_id, &body).await },
            move |created| {
                group_ids.update(|ids| ids.push(created.into_inner().id));
                groups.reload();
            },
        );
    });
    let shown = move || owner_id.get() == session.account_id() || !choices.with(Vec::is_empty);
    move || {
        shown().then(|| {
            view! {
                <ChoiceList
                    label="Groups"
                    find="Find a group, or type a path"
                    none="No group has this in its path."
                    choices=choices
                    chosen=chosen
                    error=error
                    optional=Signal::derive(move || places.with(Places::root))
                    looked_for=looked_for
                    foot=move || view! {
                        <FailureNotice failure=creation.failure/>
                        {move || missing.get().map(|path| view! {
                            <div><Button icon=Icon::FolderPlus busy=creation.busy on_press=create>{format!("Create group {path}")}</Button></div>
                        })}
                    }
                />
            }
        })
    }
}
