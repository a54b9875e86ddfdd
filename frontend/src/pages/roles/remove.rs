use accord_api_types::{DeleteQuery, ErrorCode, Role, UsedBy};
use leptos::prelude::*;

use crate::components::{ConfirmDialog, Notice, Toasts, Tone};
use crate::session::Session;
use crate::submission::Submission;

/// Removes a role; where it is in use, says where and asks whether to take it away there too.
#[component]
pub(super) fn RemoveDialog(
    open: RwSignal<bool>,
    role: RwSignal<Option<Role>>,
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
        role.with(|role| {
            role.as_ref()
                .map(|role| role.name.clone())
                .unwrap_or_default()
        })
    };
    let remove = Callback::new(move |()| {
        let Some(role) = role.get_untracked() else {
            return;
        };
        let (client, account_id) = (session.client(), session.account_id());
        let query = DeleteQuery {
            detach: used_by.with_untracked(Option::is_some).then_some(true),
        };
        attempt.send(
            async move { client.delete_role(account_id, role.id, &query, None).await },
            move |()| {
                open.set(false);
                toasts.done(format!("Role {} removed.", role.name));
                on_removed.run(());
            },
        );
    });
    let title = Signal::derive(move || format!("Remove {}?", name()));
    let action = Signal::derive(move || {
        if used_by.with(Option::is_some) {
            "Take away and remove"
        } else {
            "Remove role"
        }
        .to_owned()
    });
    view! {
        <ConfirmDialog open=open title=title action=action danger=true submission=attempt on_confirm=remove>
            {move || match used_by.get() {
                None => view! { <p>"The role is deleted for good. Members who have it through a share are named first."</p> }.into_any(),
                Some(places) => view! {
                    <Notice tone=Tone::Warn>
                        <p>"It is in use. Removing it takes these members' actions by it away; a share with no other role ends."</p>
                    </Notice>
                    <ul class="used-by">
                        {places.into_iter().map(|place| view! { <li>{place.name}</li> }).collect_view()}
                    </ul>
                }.into_any(),
            }}
        </ConfirmDialog>
    }
}
