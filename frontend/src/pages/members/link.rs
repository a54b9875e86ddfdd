use accord_api_types::Member;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::model::name;
use crate::components::{
    Button, ButtonKind, Dialog, FailureNotice, Notice, Skeleton, SkeletonView, TextField, Toasts,
    Tone,
};
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
    let toasts = Toasts::current();
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
    let copy = Callback::new(move |()| {
        let clipboard = window().navigator().clipboard();
        let text = url.get_untracked();
        spawn_local(async move {
            match JsFuture::from(clipboard.write_text(&text)).await {
                Ok(_) => toasts.done("Link copied."),
                Err(_) => toasts.failed(
                    "The browser did not let the link be copied. Select it and copy it by hand.",
                ),
            }
        });
    });
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
                        <p>"Hand it to this person alone: whoever has the link can answer. It replaces every link made before."</p>
                    </Notice>
                    <TextField label="Link" value=url readonly=true/>
                    <Button kind=ButtonKind::Primary wide=true on_press=copy>"Copy link"</Button>
                }.into_any()
            }}
        </div>
    }
}
