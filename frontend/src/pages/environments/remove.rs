use accord_api_types::{Environment, EnvironmentAccess, EnvironmentAccessQuery, PreviewKind};
use leptos::prelude::*;

use super::model::may;
use crate::components::{ConfirmDialog, Skeleton, Toasts, screen};
use crate::listing::every_page;
use crate::live::Topic;
use crate::pages::preview::{AccessPreviews, change};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;

/// Asks, and removes.
#[component]
pub(crate) fn RemoveEnvironment(
    open: RwSignal<bool>,
    environment: RwSignal<Option<Environment>>,
    on_removed: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let submission = Submission::new();
    let name = move || {
        environment.with(|environment| {
            environment
                .as_ref()
                .map(|one| one.name.clone())
                .unwrap_or_default()
        })
    };
    let remove = Callback::new(move |()| {
        let Some(one) = environment.get_untracked() else {
            return;
        };
        let client = session.client();
        submission.send(
            async move { client.delete_environment(one.owner.id, one.id, None).await },
            move |()| {
                open.set(false);
                toasts.done(format!("Environment {} removed.", one.name));
                on_removed.try_run(());
            },
        );
    });
    view! {
        <ConfirmDialog
            open=open
            title=Signal::derive(move || format!("Remove {}?", name()))
            action="Remove environment"
            danger=true
            submission=submission
            on_confirm=remove
        >
            <p>"It is deleted here for good: its name, its tags, and what is shared directly on it. What runs on the platform is the platform's own affair."</p>
            {environment.get_untracked().filter(|one| may(one, "share")).map(|one| view! { <DirectLoss environment=one/> })}
            <AccessPreviews changes=Signal::derive(move || environment.with(|one| {
                // What a change would do to everybody is the owner's to know.
                let own = one.as_ref().filter(|one| one.owner.id == session.account_id());
                own.map(|one| change::deletion(PreviewKind::EnvironmentDeletion, one.id)).into_iter().collect::<Vec<_>>()
            }))/>
        </ConfirmDialog>
    }
}

/// With whom it is shared directly: with whoever has not joined, too.
#[component]
fn DirectLoss(environment: Environment) -> impl IntoView {
    const NAMED: usize = 8;
    let session = Session::current();
    let (owner_id, id) = (environment.owner.id, environment.id);
    let access = Remote::new(move || {
        let client = session.client();
        async move {
            every_page(|limit, cursor| {
                let client = client.clone();
                async move {
                    client
                        .environment_access(
                            owner_id,
                            id,
                            &EnvironmentAccessQuery {
                                limit,
                                cursor,
                                ..EnvironmentAccessQuery::default()
                            },
                        )
                        .await
                }
            })
            .await
        }
    })
    .follows(&[Topic::Access]);
    screen(
        access,
        Skeleton::Rows(1),
        |all| all.iter().all(|one| one.direct_share.is_none()),
        || view! { <p class="muted">"Nobody has direct access to it."</p> },
        |access: Signal<Vec<EnvironmentAccess>>| {
            move || {
                let mut names: Vec<String> = access
                    .get()
                    .into_iter()
                    .filter(|one| one.direct_share.is_some())
                    .map(|one| one.display_name.unwrap_or(one.email))
                    .collect();
                let more = names.len().saturating_sub(NAMED);
                names.truncate(NAMED);
                view! {
                    <dl class="loss">
                        <div>
                            <dt>"Direct shares that go with it"</dt>
                            <dd>{names.join(", ")} {(more > 0).then(|| format!(" and {more} more"))}</dd>
                        </div>
                    </dl>
                }
            }
        },
    )
}
