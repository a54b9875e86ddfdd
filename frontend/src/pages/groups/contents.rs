use std::collections::HashSet;

use accord_api_types::{Environment, EnvironmentsQuery, Group, GroupEnvironments, Uuid};
use accord_client::{Client, Versioned};
use leptos::prelude::*;

use crate::components::{
    Button, ButtonKind, CancelButton, Choice, ChoiceList, Dialog, DialogFooter, FailureNotice,
    Skeleton, Toasts, chosen_ids, screen,
};
use crate::editing::{Change, Content, Editing, Saved, Three, Version, save};
use crate::listing::every_page;
use crate::live::Topic;
use crate::pages::preview::{AccessPreview, change};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;
use crate::undo::{Reverse, say_done};

/// Which environments a group holds.
#[component]
pub(super) fn ContentsDialog(
    open: RwSignal<bool>,
    target: RwSignal<Option<Group>>,
    on_changed: Callback<()>,
) -> impl IntoView {
    let dirty = RwSignal::new(false);
    let title = Signal::derive(move || {
        target.with(|group| {
            format!(
                "Environments in {}",
                group.as_ref().map_or("", |group| group.path.as_str())
            )
        })
    });
    view! {
        <Dialog open=open title=title lead="An environment may be in several groups." dirty=dirty>
            {target.get_untracked().map(|group| view! { <ContentsForm open=open group=group dirty=dirty on_changed=on_changed/> })}
        </Dialog>
    }
}

#[component]
fn ContentsForm(
    open: RwSignal<bool>,
    group: Group,
    dirty: RwSignal<bool>,
    on_changed: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let submission = Submission::new();
    let (account_id, group_id, path) = (session.account_id(), group.id, group.path);
    let environments =
        Remote::new(move || all_environments(session.client(), account_id, group_id))
            .follows(&[Topic::Environments]);
    let chosen = RwSignal::new(HashSet::<String>::new());
    // An environment may be deleted while it is chosen here.
    let held = Signal::derive(move || {
        let is_chosen = |one: &&Environment| chosen.with(|ids| ids.contains(&one.id.to_string()));
        environments.data.with(|all| {
            let all = all.iter().flat_map(|all| &all.value);
            Held(
                all.filter(is_chosen)
                    .map(|one| one.id.to_string())
                    .collect(),
            )
        })
    });
    let nothing_yet = Version {
        content: Held::default(),
        etag: None,
    };
    let editing = Editing::new(
        nothing_yet,
        held,
        move |Held(ids)| chosen.set(ids),
        submission,
    );
    let held_by = move |all: &Vec<Environment>| Held::by(group_id, all);
    editing.follow(environments, held_by);
    Effect::new(move |_| dirty.set(editing.is_dirty()));
    let changed = Signal::derive(move || {
        let now = held.get();
        (now != editing.before()).then(|| change::group_environments(group_id, now.ids()))
    });
    let conflict = editing.conflict("group", move |three| {
        environments.data.with(|all| {
            let all = all.as_ref().map_or(&[][..], |all| &all.value);
            told(three, all)
        })
    });
    let unknown = Signal::derive(move || environments.data.with(Option::is_none));
    let loading = Signal::derive(move || unknown.get() && environments.busy.get());
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        // What it holds is not known yet: there is nothing to save.
        if unknown.get_untracked() {
            return;
        }
        let (base, now) = editing.to_save();
        let body = GroupEnvironments {
            environment_ids: now.ids(),
        };
        let (client, path) = (session.client(), path.clone());
        let reader = client.clone();
        let saving = save(
            base,
            now,
            async move |etag: Option<&str>| {
                client
                    .set_group_environments(account_id, group_id, &body, etag)
                    .await
            },
            async move || {
                let fresh = all_environments(reader.clone(), account_id, group_id).await?;
                Ok(Version::of(&fresh, held_by))
            },
        );
        submission.send(saving, move |outcome| match outcome {
            Saved::Done { saved, before } => {
                let words = format!("Environments of {path} saved.");
                let reverse = saved
                    .etag
                    .map(|etag| reverse(session, group_id, &path, &before, etag));
                open.set(false);
                say_done(toasts, session, words, reverse);
                on_changed.try_run(());
            }
            Saved::Overtaken(theirs) => editing.overtaken(theirs),
        });
    };
    view! {
        <form novalidate=true on:submit=send>
            <div class="dialog-body">
                {conflict}
                <FailureNotice failure=submission.failure/>
                {screen(
                    environments,
                    Skeleton::Rows(3),
                    |all| all.is_empty(),
                    || view! { <p class="muted">"There are no environments yet."</p> },
                    move |environments: Signal<Versioned<Vec<Environment>>>| view! {
                        <ChoiceList
                            label="Environments"
                            find="Find an environment"
                            none="No environment is called so."
                            choices=Signal::derive(move || environments.with(|all| all.iter().map(choice).collect()))
                            chosen=chosen
                        />
                    },
                )}
            </div>
            <AccessPreview change=changed/>
            <DialogFooter>
                <span class="foot-start">{move || (!unknown.get()).then(|| format!("{} selected", held.with(|Held(ids)| ids.len())))}</span>
                <CancelButton/>
                <Button
                    kind=ButtonKind::Primary
                    submit=true
                    busy=Signal::derive(move || submission.busy.get() || loading.get())
                    disabled=Signal::derive(move || unknown.get() && !loading.get())
                >
                    "Save"
                </Button>
            </DialogFooter>
        </form>
    }
}

/// All environments, with the version of the group. The version is read first: what is changed while the
/// list is on its way makes it too old for a write, and never too new.
async fn all_environments(
    client: Client,
    account_id: Uuid,
    group_id: Uuid,
) -> accord_client::Result<Versioned<Vec<Environment>>> {
    let etag = client.group(account_id, group_id).await?.etag;
    let value = every_page(|limit, cursor| {
        let client = client.clone();
        let query = EnvironmentsQuery {
            limit,
            cursor,
            sort: Some("name".into()),
            ..EnvironmentsQuery::default()
        };
        async move { client.environments(account_id, &query).await }
    })
    .await?;
    Ok(Versioned { value, etag })
}

/// Gives the group the environments back that it held before.
fn reverse(session: Session, group_id: Uuid, path: &str, before: &Held, etag: String) -> Reverse {
    let account_id = session.account_id();
    let body = GroupEnvironments {
        environment_ids: before.ids(),
    };
    Reverse::new(
        format!("Environments of {path} are as before."),
        move || {
            let (client, body, etag) = (session.client(), body.clone(), etag.clone());
            async move {
                client
                    .set_group_environments(account_id, group_id, &body, Some(&etag))
                    .await
            }
        },
    )
}

/// The environments that a group holds, as the list of choices has them.
#[derive(Clone, Debug, Default, PartialEq)]
struct Held(HashSet<String>);

impl Held {
    fn by(group_id: Uuid, environments: &[Environment]) -> Self {
        let held = environments
            .iter()
            .filter(|one| one.group_ids.contains(&group_id));
        Self(held.map(|one| one.id.to_string()).collect())
    }

    fn ids(&self) -> Vec<Uuid> {
        chosen_ids(&self.0)
    }
}

impl Content for Held {
    fn merged(three: Three<'_, Self>) -> Self {
        Self(three.of(|held| &held.0).each())
    }
}

/// What somebody else changed, in words.
fn told(three: Three<'_, Held>, environments: &[Environment]) -> Vec<Change> {
    let names = |ids: HashSet<String>| {
        let chosen = environments
            .iter()
            .filter(|one| ids.contains(&one.id.to_string()));
        chosen.map(|one| one.name.clone()).collect()
    };
    three.of(|held| &held.0).told_each(
        "It holds these, too, now:",
        "It does not hold these any more:",
        names,
    )
}

fn choice(environment: &Environment) -> Choice {
    Choice {
        id: environment.id.to_string(),
        label: environment.name.clone(),
        note: environment.display_name.clone().unwrap_or_default(),
        ..Choice::default()
    }
}
