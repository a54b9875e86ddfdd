//! Where the way out in a mail leads. Asks first: mail scanners open every link.

use accord_api_types::{ErrorCode, MailWayOut};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::components::{
    Button, ButtonKind, FailureNotice, Notice, Skeleton, Tone, kind_words, screen,
};
use crate::failure::Failure;
use crate::layout::CardPage;
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;

/// The page.
#[component]
pub(crate) fn Unsubscribe() -> impl IntoView {
    let session = Session::current();
    let params = use_params_map();
    let token = Memo::new(move |_| params.with(|params| params.get("token").unwrap_or_default()));
    let way_out = Remote::new(move || {
        let (client, token) = (session.client(), token.get());
        async move { client.mail_way_out(&token).await }
    });
    let unknown = Memo::new(move |_| {
        way_out
            .failure
            .with(|failure| failure.as_ref().and_then(Failure::code) == Some(ErrorCode::NotFound))
    });
    view! {
        <CardPage title="Mail that you do not want">
            {move || if unknown.get() {
                view! {
                    <Notice tone=Tone::Warn><p>"This link is not valid. It may have been cut: open it from the mail again, or choose what you are sent in your preferences."</p></Notice>
                    <Preferences/>
                }.into_any()
            } else {
                screen(way_out, Skeleton::Card, |_| false, || (), move |way_out| view! { <Leave way_out=way_out token=token/> }).into_any()
            }}
        </CardPage>
    }
}

#[component]
fn Leave(way_out: Signal<MailWayOut>, token: Memo<String>) -> impl IntoView {
    let session = Session::current();
    let submission = Submission::new();
    let stopped = RwSignal::new(way_out.with_untracked(|way_out| !way_out.mailed));
    let name = move || way_out.with(|way_out| kind_words(way_out.kind).0);
    let stop = Callback::new(move |()| {
        let (client, token) = (session.client(), token.get_untracked());
        submission.send(
            async move { client.unsubscribe(&token).await },
            move |now| {
                stopped.try_set(!now.mailed);
            },
        );
    });
    move || {
        if stopped.get() {
            view! {
                <Notice tone=Tone::Good>
                    <p>"No more mail is sent to you about this: " <span class="strong">{name}</span> "."</p>
                </Notice>
                <p class="muted">"What happens still stands in the dashboard. You can turn the mails on again in your preferences."</p>
                <Preferences/>
            }
            .into_any()
        } else {
            view! {
                <p>"You were sent a mail about: " <span class="strong">{name}</span> ". Shall such mails stop?"</p>
                <FailureNotice failure=submission.failure/>
                <Button kind=ButtonKind::Primary wide=true busy=submission.busy on_press=stop>"Stop these mails"</Button>
                <Preferences/>
            }
            .into_any()
        }
    }
}

#[component]
fn Preferences() -> impl IntoView {
    view! { <a class="button wide" data-kind="secondary" href="/settings/notifications">"All preferences"</a> }
}
