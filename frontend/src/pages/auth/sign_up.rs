use accord_api_types::{ErrorCode, SignUp as NewAccount};
use leptos::prelude::*;

use super::model::{PASSWORD_HINT, check_email, check_filled, check_new_password, checked};
use crate::components::{Button, ButtonKind, FailureNotice, FieldKind, Notice, TextField};
use crate::layout::CardPage;
use crate::session::Session;
use crate::submission::Submission;

/// The page where an account is made.
#[component]
pub(crate) fn SignUp() -> impl IntoView {
    let session = Session::current();
    let closed = move || {
        session.service.with(|service| {
            service
                .as_ref()
                .is_some_and(|service| !service.sign_up_open)
        })
    };
    view! {
        <CardPage
            title="Create an account"
            lead=Some("Share your environments with the people who work on them.".to_owned())
            below=|| view! { <p>"Have an account already? " <a href="/sign-in">"Sign in"</a></p> }
        >
            {move || if closed() {
                view! { <Notice><p>"Accounts are made by invitation here. Ask whoever runs this service, or open the link in your invitation."</p></Notice> }.into_any()
            } else {
                view! { <SignUpForm/> }.into_any()
            }}
        </CardPage>
    }
}

#[component]
fn SignUpForm() -> impl IntoView {
    let session = Session::current();
    let submission = Submission::new();
    let name = RwSignal::new(String::new());
    let email = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let body = NewAccount {
            email: email.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
            name: name.get_untracked().trim().to_owned(),
        };
        if let Err(failure) = checked([
            check_filled("/name", &body.name, "Enter your name, or your company's"),
            check_email("/email", &body.email),
            check_new_password("/password", &body.password),
        ]) {
            return submission.fail(failure);
        }
        let client = session.client();
        submission.send(
            async move { client.sign_up(&body).await },
            move |signed_in| session.signed_in(signed_in),
        );
    };
    let taken = move || {
        submission.failure.with(|failure| {
            failure
                .as_ref()
                .is_some_and(|failure| failure.code() == Some(ErrorCode::EmailTaken))
        })
    };
    view! {
        <form class="form" novalidate=true on:submit=send>
            <FailureNotice failure=submission.failure shown_by_fields=&["/name", "/email", "/password"]/>
            {move || taken().then(|| view! { <p><a href="/sign-in">"Sign in with this address"</a></p> })}
            <TextField
                label="Name"
                value=name
                hint="Yours or your company's: the people you invite see it."
                autocomplete="name"
                error=submission.at("/name")
                autofocus=true
            />
            <TextField label="E-mail address" kind=FieldKind::Email value=email error=submission.at("/email")/>
            <TextField
                label="Password"
                kind=FieldKind::NewPassword
                value=password
                hint=PASSWORD_HINT
                error=submission.at("/password")
            />
            <Button kind=ButtonKind::Primary submit=true wide=true busy=submission.busy>"Create account"</Button>
        </form>
    }
}
