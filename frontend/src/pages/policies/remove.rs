use accord_api_types::{DeleteQuery, ErrorCode, Policy, PreviewKind, Role};
use leptos::prelude::*;

use super::model::holders;
use crate::components::{ConfirmDialog, Notice, Toasts, Tone};
use crate::pages::preview::{AccessPreviews, change};
use crate::session::Session;
use crate::submission::Submission;

/// Removes a policy; where it is in use, says where and asks whether to take it away there too.
#[component]
pub(super) fn RemoveDialog(
    open: RwSignal<bool>,
    policy: RwSignal<Option<Policy>>,
    roles: Signal<Vec<Role>>,
    on_removed: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let attempt = Submission::new();
    // Taken into a role since the list was read.
    let meanwhile = RwSignal::new(None::<Vec<String>>);
    let used_by = Memo::new(move |_| {
        meanwhile.get().unwrap_or_else(|| {
            let policy = policy.with(|policy| policy.as_ref().map(|policy| policy.id));
            roles.with(|roles| {
                policy
                    .map(|policy| holders(roles, policy))
                    .unwrap_or_default()
                    .into_iter()
                    .map(|role| role.name)
                    .collect()
            })
        })
    });
    Effect::new(move |_| {
        if open.get() {
            meanwhile.set(None);
        }
    });
    // Being in use is a question here, not a failure.
    Effect::new(move |_| {
        let places = attempt.failure.with(|failure| {
            let failure = failure
                .as_ref()
                .filter(|failure| failure.code() == Some(ErrorCode::InUse))?;
            let places = failure.context()?.used_by.iter();
            Some(places.map(|place| place.name.clone()).collect::<Vec<_>>())
        });
        if places.is_some() {
            meanwhile.set(places);
            attempt.failure.set(None);
        }
    });
    let name = move || {
        policy.with(|policy| {
            policy
                .as_ref()
                .map(|policy| policy.name.clone())
                .unwrap_or_default()
        })
    };
    let remove = Callback::new(move |()| {
        let Some(policy) = policy.get_untracked() else {
            return;
        };
        let (client, account_id) = (session.client(), session.account_id());
        let query = DeleteQuery {
            detach: used_by
                .with_untracked(|roles| !roles.is_empty())
                .then_some(true),
        };
        attempt.send(
            async move {
                client
                    .delete_policy(account_id, policy.id, &query, None)
                    .await
            },
            move |()| {
                open.set(false);
                toasts.done(format!("Policy {} removed.", policy.name));
                on_removed.try_run(());
            },
        );
    });
    let title = Signal::derive(move || format!("Remove {}?", name()));
    let action = Signal::derive(move || {
        if used_by.with(|roles| !roles.is_empty()) {
            "Take out and remove"
        } else {
            "Remove policy"
        }
        .to_owned()
    });
    view! {
        <ConfirmDialog open=open title=title action=action danger=true submission=attempt on_confirm=remove>
            {move || {
                let roles = used_by.get();
                if roles.is_empty() {
                    return view! { <p>"No role holds it. The policy is deleted for good."</p> }.into_any();
                }
                view! {
                    <Notice tone=Tone::Warn>
                        <p>"It is in use. Removing it takes its actions out of these roles, and away from whoever has them. A role that is left without policies allows nothing."</p>
                    </Notice>
                    <ul class="used-by">
                        {roles.into_iter().map(|role| view! { <li>{role}</li> }).collect_view()}
                    </ul>
                    {policy.get_untracked().map(|policy| view! {
                        <AccessPreviews changes=Signal::stored(vec![change::detached(PreviewKind::PolicyDeletion, policy.id)])/>
                    })}
                }.into_any()
            }}
        </ConfirmDialog>
    }
}
