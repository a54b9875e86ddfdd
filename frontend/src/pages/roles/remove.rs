use accord_api_types::{DeleteQuery, ErrorCode, PreviewKind, Role};
use leptos::prelude::*;

use super::used_by::UsedBy;
use crate::components::{ConfirmDialog, Notice, Toasts, Tone};
use crate::pages::preview::{AccessPreviews, change};
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
    // Given to somebody since the list was read.
    let meanwhile = RwSignal::new(false);
    let in_use = Memo::new(move |_| {
        meanwhile.get() || role.with(|role| role.as_ref().is_some_and(|role| role.share_count > 0))
    });
    Effect::new(move |_| {
        if open.get() {
            meanwhile.set(false);
        }
    });
    // Being in use is a question here, not a failure.
    Effect::new(move |_| {
        let refused = attempt.failure.with(|failure| {
            failure
                .as_ref()
                .is_some_and(|failure| failure.code() == Some(ErrorCode::InUse))
        });
        if refused {
            meanwhile.set(true);
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
            detach: in_use.get_untracked().then_some(true),
        };
        attempt.send(
            async move { client.delete_role(account_id, role.id, &query, None).await },
            move |()| {
                open.set(false);
                toasts.done(format!("Role {} removed.", role.name));
                on_removed.try_run(());
            },
        );
    });
    let title = Signal::derive(move || format!("Remove {}?", name()));
    let action = Signal::derive(move || {
        if in_use.get() {
            "Take away and remove"
        } else {
            "Remove role"
        }
        .to_owned()
    });
    view! {
        <ConfirmDialog open=open title=title action=action danger=true submission=attempt on_confirm=remove>
            {move || if in_use.get() {
                view! {
                    <Notice tone=Tone::Warn>
                        <p>"It is in use. Removing it takes it away from these members at once; a share with no other role ends."</p>
                    </Notice>
                    {role.get_untracked().map(|role| view! {
                        <UsedBy role=role.id/>
                        <AccessPreviews changes=Signal::stored(vec![change::detached(PreviewKind::RoleDeletion, role.id)])/>
                    })}
                }.into_any()
            } else {
                view! { <p>"Nobody has it. The role is deleted for good; its policies stay."</p> }.into_any()
            }}
        </ConfirmDialog>
    }
}
