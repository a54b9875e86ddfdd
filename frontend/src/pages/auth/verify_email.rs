use accord_api_types::{ErrorCode, VerifyEmail as Proof};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::model::is_dead_link;
use crate::components::{Button, ButtonKind, FailureNotice, Notice, Tone};
use crate::layout::CardPage;
use crate::session::{Phase, Session};
use crate::submission::Submission;

/// Where the link in the verification mail leads. Asks first: mail scanners open every link.
#[component]
pub(crate) fn VerifyEmail() -> impl IntoView {
    let session = Session::current();
    let params = use_params_map();
    let submission = Submission::new();
    let verified = RwSignal::new(false);
    let signed_in = move || {
        session
            .phase
            .with(|phase| matches!(phase, Phase::SignedIn(_)))
    };
    let verify = Callback::new(move |()| {
        let proof = Proof {
            token: params.with_untracked(|params| params.get("token").unwrap_or_default()),
        };
        let client = session.client();
        submission.send(
            async move { client.verify_email(&proof).await },
            move |()| {
                verified.set(true);
                if matches!(session.phase.get_untracked(), Phase::SignedIn(_)) {
                    session.reload_account();
                }
            },
        );
    });
    let already = move || {
        submission.failure.with(|failure| {
            failure
                .as_ref()
                .is_some_and(|failure| failure.code() == Some(ErrorCode::AlreadyVerified))
        })
    };
    let dead_link = move || {
        submission.failure.with(|failure| {
            let code = failure.as_ref().and_then(|failure| failure.code());
            code.is_some_and(is_dead_link)
        })
    };
    let go_on = move || {
        let (href, words) = if signed_in() {
            ("/environments", "Go to your environments")
        } else {
            ("/sign-in", "Sign in")
        };
        view! { <a class="button wide" data-kind="primary" href=href>{words}</a> }
    };
    view! {
        <CardPage title="Verify your address">
            {move || if verified.get() || already() {
                view! {
                    <Notice tone=Tone::Good><p>"Your address is verified."</p></Notice>
                    {go_on()}
                }.into_any()
            } else {
                view! {
                    <p>"One press, and it is certain that this address is yours."</p>
                    <FailureNotice failure=submission.failure/>
                    {move || dead_link().then(|| view! {
                        <p class="muted">"A new link can be asked for after signing in."</p>
                    })}
                    <Button kind=ButtonKind::Primary wide=true busy=submission.busy on_press=verify>"Verify my address"</Button>
                }.into_any()
            }}
        </CardPage>
    }
}
