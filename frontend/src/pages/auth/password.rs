use accord_api_types::{ForgotPassword as Forgotten, ResetPassword as NewPassword};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::model::{PASSWORD_HINT, check_email, check_new_password, checked, is_dead_link};
use crate::components::{Button, ButtonKind, FailureNotice, FieldKind, Notice, TextField, Tone};
use crate::layout::CardPage;
use crate::session::{Phase, Session};
use crate::submission::Submission;

/// Asks for a mail that lets the person choose a new password.
#[component]
pub(crate) fn ForgotPassword() -> impl IntoView {
    let session = Session::current();
    let submission = Submission::new();
    let email = RwSignal::new(String::new());
    let sent = RwSignal::new(false);
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let body = Forgotten {
            email: email.get_untracked().trim().to_owned(),
        };
        if let Err(failure) = checked([check_email("/email", &body.email)]) {
            return submission.fail(failure);
        }
        let client = session.client();
        submission.send(
            async move { client.forgot_password(&body).await },
            move |()| sent.set(true),
        );
    };
    view! {
        <CardPage
            title="Forgotten your password?"
            lead=Some("We send you a link with which you choose a new one.".to_owned())
            below=|| view! { <p><a href="/sign-in">"Back to signing in"</a></p> }
        >
            {move || if sent.get() {
                view! {
                    <Notice tone=Tone::Good>
                        <p>"If " <span class="strong">{email.get_untracked()}</span> " has an account, a mail with a link is on its way. The link works once."</p>
                    </Notice>
                }.into_any()
            } else {
                view! {
                    <form class="form" novalidate=true on:submit=send>
                        <FailureNotice failure=submission.failure shown_by_fields=&["/email"]/>
                        <TextField label="E-mail address" kind=FieldKind::Email value=email error=submission.at("/email") autofocus=true/>
                        <Button kind=ButtonKind::Primary submit=true wide=true busy=submission.busy>"Send the link"</Button>
                    </form>
                }.into_any()
            }}
        </CardPage>
    }
}

/// Where the link in that mail leads.
#[component]
pub(crate) fn ResetPassword() -> impl IntoView {
    let session = Session::current();
    let params = use_params_map();
    let submission = Submission::new();
    let password = RwSignal::new(String::new());
    let chosen = RwSignal::new(false);
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let body = NewPassword {
            token: params.with_untracked(|params| params.get("token").unwrap_or_default()),
            password: password.get_untracked(),
        };
        if let Err(failure) = checked([check_new_password("/password", &body.password)]) {
            return submission.fail(failure);
        }
        let client = session.client();
        submission.send(
            async move { client.reset_password(&body).await },
            move |()| {
                chosen.set(true);
                // The new password ended every session, this browser's too.
                if matches!(session.phase.get_untracked(), Phase::SignedIn(_)) {
                    session.sign_out();
                }
            },
        );
    };
    let dead_link = move || {
        submission.failure.with(|failure| {
            let code = failure.as_ref().and_then(|failure| failure.code());
            code.is_some_and(is_dead_link)
        })
    };
    view! {
        <CardPage title="Choose a new password" below=|| view! { <p><a href="/sign-in">"Back to signing in"</a></p> }>
            {move || if chosen.get() {
                view! {
                    <Notice tone=Tone::Good>
                        <p>"Your password is changed, and you are signed out everywhere."</p>
                    </Notice>
                    <a class="button wide" data-kind="primary" href="/sign-in">"Sign in"</a>
                }.into_any()
            } else {
                view! {
                    <form class="form" novalidate=true on:submit=send>
                        <FailureNotice failure=submission.failure shown_by_fields=&["/password"]/>
                        {move || dead_link().then(|| view! { <p><a href="/forgot-password">"Ask for a new link"</a></p> })}
                        <TextField
                            label="New password"
                            kind=FieldKind::NewPassword
                            value=password
                            hint=PASSWORD_HINT
                            error=submission.at("/password")
                            autofocus=true
                        />
                        <p class="muted">"This signs you out everywhere and ends your API tokens."</p>
                        <Button kind=ButtonKind::Primary submit=true wide=true busy=submission.busy>"Change password"</Button>
                    </form>
                }.into_any()
            }}
        </CardPage>
    }
}
