use std::collections::HashSet;

use accord_api_types::{CreateGroup, Environment, Group, Uuid};
use accord_client::Versioned;
use leptos::prelude::*;

use super::draft::{Draft, between, told};
use super::model::{Owner, Places, check_name, check_place, missing_path, status_choices};
use crate::components::{
    Button, ButtonKind, CancelButton, Choice, ChoiceList, Dialog, DialogFooter, FailureNotice,
    Icon, Select, TextField, Toasts,
};
use crate::editing::{Editing, Saved, Version, save};
use crate::live::Topic;
use crate::pages::auth::model::checked;
use crate::pages::groups::groups_of;
use crate::pages::preview::{AccessPreview, change};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;
use crate::undo::{Reverse, say_done};

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
    on_saved: Callback<SavedEnvironment>,
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
    on_saved: Callback<SavedEnvironment>,
) -> impl IntoView {
    let session = Session::current();
    let submission = Submission::new();
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
    let edited = match &purpose {
        Purpose::Edit(environment) => Some((environment.owner.id, environment.id)),
        Purpose::Create(_) => None,
    };
    let known = match &purpose {
        Purpose::Edit(environment) => Draft::of(environment, may_set_groups),
        Purpose::Create(_) => Draft::default(),
    };
    let name = RwSignal::new(known.name.clone());
    let display_name = RwSignal::new(known.display_name.clone());
    let status = RwSignal::new(known.status.clone());
    let group_ids = RwSignal::new(known.group_ids.clone());
    let draft = Signal::derive(move || Draft {
        name: name.with(|name| name.trim().to_owned()),
        display_name: display_name.with(|name| name.trim().to_owned()),
        status: status.get(),
        group_ids: group_ids.get(),
    });
    let known = Version {
        content: known,
        etag: None,
    };
    let show = move |draft: Draft| {
        name.set(draft.name);
        display_name.set(draft.display_name);
        status.set(draft.status);
        group_ids.set(draft.group_ids);
    };
    let editing = Editing::new(known, draft, show, submission);
    let content = move |environment: &Environment| Draft::of(environment, may_set_groups);
    if let Some((owner_id, id)) = edited {
        let stored = Remote::new(move || {
            let client = session.client();
            async move { client.environment(owner_id, id).await }
        })
        .follows(&[Topic::Environments, Topic::Access]);
        editing.follow(stored, content);
    }
    Effect::new(move |_| dirty.set(editing.is_dirty()));
    let owner = RwSignal::new(owner);
    let owner_id =
        Memo::new(move |_| owner.with(|owner| owner.parse::<Uuid>().unwrap_or_default()));
    // Groups are another owner's own: a choice made for one means nothing for the next.
    Effect::new(move |chosen: Option<Uuid>| {
        let now = owner_id.get();
        if chosen.is_some_and(|chosen| chosen != now) {
            group_ids.set(HashSet::new());
        }
        now
    });
    let groups = Remote::new(move || {
        let asked = may_set_groups.then(|| owner_id.get());
        async move {
            match asked {
                Some(owner_id) => groups_of(session, owner_id).await,
                None => Ok(Vec::new()),
            }
        }
    })
    .follows(&[Topic::Groups]);
    // A group that is deleted while it is chosen is not there any more to be taken out.
    Effect::new(move |before: Option<HashSet<String>>| {
        let there = groups.data.with(|groups| {
            let groups = groups.iter().flatten();
            groups
                .map(|group| group.id.to_string())
                .collect::<HashSet<_>>()
        });
        let is_gone = |id: &String| {
            let was_there = before.as_ref().is_some_and(|before| before.contains(id));
            was_there && !there.contains(id)
        };
        if group_ids.with_untracked(|ids| ids.iter().any(is_gone)) {
            group_ids.update(|ids| ids.retain(|id| !is_gone(id)));
        }
        there
    });
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
    let regrouped = Signal::derive(move || {
        let (_, id) = edited.filter(|_| may_set_groups)?;
        let draft = draft.get();
        (draft.group_ids != editing.before().group_ids)
            .then(|| change::environment_groups(id, draft.groups()))
    });
    let conflict = editing.conflict("environment", move |three| {
        groups
            .data
            .with(|groups| told(three, groups.as_deref().unwrap_or_default()))
    });
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (base, draft) = editing.to_save();
        let place = places.with_untracked(|places| check_place(places, &draft.groups()));
        if let Err(failure) = checked([check_name(&draft.name), place]) {
            return submission.fail(failure);
        }
        let client = submission.client();
        let Some((owner_id, id)) = edited else {
            let (owner_id, body) = (owner_id.get_untracked(), draft.creation());
            submission.send(
                async move { client.create_environment(owner_id, &body).await },
                move |made| {
                    open.set(false);
                    on_saved.try_run(SavedEnvironment {
                        environment: made.into_inner(),
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
            async move |etag: Option<&str>| {
                client.update_environment(owner_id, id, &body, etag).await
            },
            async move || {
                let fresh = reader.environment(owner_id, id).await?;
                Ok(Version::of(&fresh, content))
            },
        );
        submission.send(saving, move |outcome| match outcome {
            Saved::Done { saved, before } => {
                let reverse = reverse(session, &before, &content(&saved), &saved);
                open.set(false);
                on_saved.try_run(SavedEnvironment {
                    environment: saved.into_inner(),
                    reverse,
                });
            }
            Saved::Overtaken(theirs) => editing.overtaken(theirs),
        });
    };
    view! {
        <form novalidate=true on:submit=send>
            <div class="dialog-body">
                {conflict}
                <FailureNotice failure=submission.failure shown_by_fields=&["/name", "/display_name", "/status", "/group_ids"]/>
                {several_owners.then(|| view! {
                    <Select label="Owner" value=owner choices=Signal::derive(move || choices.clone()) hint="It will belong to this account."/>
                })}
                <TextField label="Name" value=name error=submission.at("/name") autofocus=true/>
                <TextField label="Display name" value=display_name optional=true error=submission.at("/display_name")/>
                <Select label="Status" value=status choices=Signal::derive(status_choices) error=submission.at("/status")/>
                {may_set_groups.then(|| view! { <GroupChoice owner_id=owner_id groups=groups places=places chosen=group_ids error=submission.at("/group_ids")/> })}
            </div>
            <AccessPreview change=regrouped/>
            <DialogFooter>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>
                    {if edited.is_some() { "Save environment" } else { "Create environment" }}
                </Button>
            </DialogFooter>
        </form>
    }
}

/// An environment that was made or changed.
#[derive(Clone, Debug)]
pub(crate) struct SavedEnvironment {
    pub(crate) environment: Environment,
    /// What takes the change back; nothing where the environment is new.
    pub(crate) reverse: Option<Reverse>,
}

impl SavedEnvironment {
    /// Says that it was saved, and offers to take that back.
    pub(crate) fn say(self, toasts: Toasts, session: Session) {
        let words = format!("Environment {} saved.", self.environment.name);
        say_done(toasts, session, words, self.reverse);
    }
}

/// Makes the environment what it was before.
fn reverse(
    session: Session,
    before: &Draft,
    after: &Draft,
    saved: &Versioned<Environment>,
) -> Option<Reverse> {
    let (owner_id, id) = (saved.owner.id, saved.id);
    let body = between(after, before);
    let etag = saved.etag.clone()?;
    let undone = format!("Environment {} is as it was.", before.name);
    Some(Reverse::new(undone, move || {
        let (client, body, etag) = (session.client(), body.clone(), etag.clone());
        async move {
            client
                .update_environment(owner_id, id, &body, Some(&etag))
                .await
        }
    }))
}

/// The groups that hold it: the owner's, as far as the caller may know of them. The owner makes a missing
/// one by its path.
#[component]
fn GroupChoice(
    owner_id: Memo<Uuid>,
    groups: Remote<Vec<Group>>,
    places: Memo<Places>,
    chosen: RwSignal<HashSet<String>>,
    error: Signal<Option<String>>,
) -> impl IntoView {
    let session = Session::current();
    let creation = Submission::new();
    let looked_for = RwSignal::new(String::new());
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
                chosen.update(|chosen| {
                    chosen.insert(created.into_inner().id.to_string());
                });
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
