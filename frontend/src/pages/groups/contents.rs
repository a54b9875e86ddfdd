use std::collections::HashSet;

use accord_api_types::{Environment, EnvironmentsQuery, Group, GroupEnvironments, Uuid};
use leptos::prelude::*;

use crate::components::{
    Button, ButtonKind, CancelButton, Choice, ChoiceList, Dialog, DialogFooter, FailureNotice,
    Skeleton, Toasts, screen,
};
use crate::listing::every_page;
use crate::pages::preview::{AccessPreview, change};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;

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
    let environments = Remote::new(move || {
        let client = session.client();
        async move {
            every_page(|limit, cursor| {
                let client = client.clone();
                let query = EnvironmentsQuery {
                    limit,
                    cursor,
                    sort: Some("name".into()),
                    ..EnvironmentsQuery::default()
                };
                async move { client.environments(account_id, &query).await }
            })
            .await
        }
    });
    let chosen = RwSignal::new(HashSet::<String>::new());
    let before = Memo::new(move |_| {
        environments.data.with(|all| {
            all.iter()
                .flatten()
                .filter(|one| one.group_ids.contains(&group_id))
                .map(|one| one.id.to_string())
                .collect::<HashSet<_>>()
        })
    });
    Effect::new(move |_| chosen.set(before.get()));
    Effect::new(move |_| dirty.set(chosen.get() != before.get()));
    let environment_ids = move || -> Vec<Uuid> {
        chosen.with(|chosen| {
            let mut ids: Vec<Uuid> = chosen.iter().filter_map(|id| id.parse().ok()).collect();
            ids.sort();
            ids
        })
    };
    let changed = Signal::derive(move || {
        let same = before.with(|before| chosen.with(|chosen| chosen == before));
        (!same).then(|| change::group_environments(group_id, environment_ids()))
    });
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let body = GroupEnvironments {
            environment_ids: untrack(environment_ids),
        };
        let (client, path) = (session.client(), path.clone());
        submission.send(
            async move {
                client
                    .set_group_environments(account_id, group_id, &body, None)
                    .await
            },
            move |_| {
                open.set(false);
                toasts.done(format!("Environments of {path} saved."));
                on_changed.run(());
            },
        );
    };
    view! {
        <form novalidate=true on:submit=send>
            <div class="dialog-body">
                <FailureNotice failure=submission.failure/>
                {screen(
                    environments,
                    Skeleton::Rows(3),
                    Vec::is_empty,
                    || view! { <p class="muted">"There are no environments yet."</p> },
                    move |environments: Signal<Vec<Environment>>| view! {
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
                <span class="foot-start">{move || chosen.with(HashSet::len)} " selected"</span>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>"Save"</Button>
            </DialogFooter>
        </form>
    }
}

fn choice(environment: &Environment) -> Choice {
    Choice {
        id: environment.id.to_string(),
        label: environment.name.clone(),
        note: environment.display_name.clone().unwrap_or_default(),
        ..Choice::default()
    }
}
