use accord_api_types::{DeleteQuery, ErrorCode, Policy, UsedBy};
use leptos::prelude::*;

use crate::components::{ConfirmDialog, Notice, Toasts, Tone};
use crate::session::Session;
use crate::submission::Submission;

/// Removes a policy; where it is in use, says where and asks whether to take it away there too.
#[component]
pub(super) fn RemoveDialog(
    open: RwSignal<bool>,
    policy: RwSignal<Option<Policy>>,
    on_removed: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let attempt = Submission::new();
    let used_by = RwSignal::new(None::<Vec<UsedBy>>);
    Effect::new(move |_| {
        if open.get() {
            used_by.set(None);
        }
    });
    // Being in use is a question here, not a failure.
    Effect::new(move |_| {
        let places = attempt.failure.with(|failure| {
            let failure = failure
                .as_ref()
                .filter(|failure| failure.code() == Some(ErrorCode::InUse))?;
            Some(
                failure
                    .context()
                    .map(|context| context.used_by.clone())
                    .unwrap_or_default(),
            )
        });
        if let Some(places) = places {
            used_by.set(Some(places));
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
            detach: used_by.with_untracked(Option::is_some).then_some(true),
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
                on_removed.run(());
            },
        );
    });
    let title = Signal::derive(move || format!("Remove {}?", name()));
    let action = Signal::derive(move || {
        if used_by.with(Option::is_some) {
            "Take out and remove"
        } else {
            "Remove policy"
        }
        .to_owned()
    });
    view! {
        <ConfirmDialog open=open title=title action=action danger=true submission=attempt on_confirm=remove>
            {move || match used_by.get() {
                None => view! { <p>"The policy is deleted for good. Roles that hold it are named first."</p> }.into_any(),
                Some(places) => view! {
                    <Notice tone=Tone::Warn>
                        <p>"It is in use. Removing it takes its actions out of these roles, and away from whoever has them."</p>
                    </Notice>
                    <ul class="used-by">
                        {places.into_iter().map(|place| view! { <li>{place.name}</li> }).collect_view()}
                    </ul>
                }.into_any(),
            }}
        </ConfirmDialog>
    }
}
