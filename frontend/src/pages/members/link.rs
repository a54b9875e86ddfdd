use accord_api_types::Member;
use leptos::prelude::*;

use super::model::name;
use crate::components::{CopyField, Dialog, FailureNotice, Notice, Skeleton, SkeletonView, Tone};
use crate::session::Session;
use crate::submission::Submission;

/// A link made to be copied, where no mail server is set up.
#[component]
pub(super) fn LinkDialog(open: RwSignal<bool>, member: RwSignal<Option<Member>>) -> impl IntoView {
    let title = Signal::derive(move || {
        member.with(|member| {
            format!(
                "Invitation link for {}",
                member.as_ref().map(name).unwrap_or_default()
            )
        })
    });
    view! {
        <Dialog open=open title=title>
            {member.get_untracked().map(|member| view! { <Link member=member/> })}
        </Dialog>
    }
}

#[component]
fn Link(member: Member) -> impl IntoView {
    let session = Session::current();
    let submission = Submission::new();
    let url = RwSignal::new(String::new());
    let (client, account_id) = (session.client(), session.account_id());
    submission.send(
        async move { client.invitation_link(account_id, member.id).await },
        move |link| {
            // The dialog may be closed by now; the link then is simply a newer one.
            url.try_set(link.url);
        },
    );
    view! {
        <div class="dialog-body">
            <FailureNotice failure=submission.failure/>
            {move || if submission.busy.get() {
                view! { <SkeletonView shape=Skeleton::Card/> }.into_any()
            } else if url.with(String::is_empty) {
                ().into_any()
            } else {
                view! {
                    <Notice tone=Tone::Warn>
                        <p>"It replaces every link made before."</p>
                    </Notice>
                    <CopyField
                        label="Link"
                        text=url.get()
                        advice="Hand it to this person alone: whoever has the link can answer."
                        said_when_copied="Copied."
                    />
                }.into_any()
            }}
        </div>
    }
}
