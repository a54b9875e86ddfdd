use std::collections::HashSet;

use accord_api_types::{Environment, EnvironmentsQuery, Group, GroupEnvironments, Uuid};
use leptos::prelude::*;

use crate::components::{
    Button, ButtonKind, CancelButton, Checkbox, Dialog, DialogFooter, FailureNotice, SearchField,
    Skeleton, Toasts, each, screen,
};
use crate::listing::every_page;
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
    let chosen = RwSignal::new(HashSet::<Uuid>::new());
    let before = Memo::new(move |_| {
        environments.data.with(|all| {
            all.iter()
                .flatten()
                .filter(|one| one.group_ids.contains(&group_id))
                .map(|one| one.id)
                .collect::<HashSet<_>>()
        })
    });
    Effect::new(move |_| chosen.set(before.get()));
    Effect::new(move |_| dirty.set(chosen.get() != before.get()));
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let body = GroupEnvironments {
            environment_ids: chosen.get_untracked().into_iter().collect(),
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
                    move |environments| view! { <Choice environments=environments chosen=chosen/> },
                )}
            </div>
            <DialogFooter>
                <span class="foot-start">{move || chosen.with(HashSet::len)} " chosen"</span>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>"Save"</Button>
            </DialogFooter>
        </form>
    }
}

#[component]
fn Choice(
    environments: Signal<Vec<Environment>>,
    chosen: RwSignal<HashSet<Uuid>>,
) -> impl IntoView {
    let looked_for = RwSignal::new(String::new());
    let list = move || {
        let looked_for = looked_for.get().trim().to_lowercase();
        environments.with(|all| {
            all.iter()
                .filter(|one| one.name.to_lowercase().contains(&looked_for))
                .cloned()
                .collect::<Vec<_>>()
        })
    };
    view! {
        <div class="choice">
            <SearchField label="Find an environment" value=looked_for/>
            <div class="choice-list">
                {each(list, |one| one.id, move |one| view! {
                    <Checkbox
                        label=one.name
                        checked=Signal::derive(move || chosen.with(|chosen| chosen.contains(&one.id)))
                        on_change=Callback::new(move |on| chosen.update(|chosen| {
                            if on { chosen.insert(one.id); } else { chosen.remove(&one.id); }
                        }))
                    />
                }.into_any())}
            </div>
        </div>
    }
}
