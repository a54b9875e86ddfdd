use accord_api_types::SignIn as Credentials;
use leptos::prelude::*;

use super::model::{check_email, check_filled, checked};
use crate::components::{Button, ButtonKind, FailureNotice, FieldKind, TextField};
use crate::layout::CardPage;
use crate::session::Session;
use crate::submission::Submission;

/// The page for those who have an account.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let session = Session::current();
    let may_sign_up = move || {
        session
            .service
            .with(|service| service.as_ref().is_none_or(|service| service.sign_up_open))
    };
    view! {
        <CardPage
            title="Sign in"
            lead=Some("Welcome back.".to_owned())
            below=move || may_sign_up().then(|| view! {
                <p>"New here? " <a href="/sign-up">"Create an account"</a></p>
            })
        >
            <SignInForm/>
            <p class="card-aside"><a href="/forgot-password">"Forgotten your password?"</a></p>
        </CardPage>
    }
}

/// Address and password; used wherever somebody must sign in to go on.
#[component]
pub(crate) fn SignInForm(
    #[prop(optional, into)] email: String,
    /// Only this address will do.
    #[prop(optional)]
    fixed_email: bool,
) -> impl IntoView {
    let session = Session::current();
    let submission = Submission::new();
    let email = RwSignal::new(email);
    let password = RwSignal::new(String::new());
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let body = Credentials {
            email: email.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
        };
        if let Err(failure) = checked([
            check_email("/email", &body.email),
            check_filled("/password", &body.password, "Enter your password"),
        ]) {
            return submission.fail(failure);
        }
        let client = session.client();
        submission.send(
            async move { client.sign_in(&body).await },
            move |signed_in| session.signed_in(signed_in),
        );
    };
    view! {
        <form class="form" novalidate=true on:submit=send>
            <FailureNotice failure=submission.failure shown_by_fields=&["/email", "/password"]/>
            <TextField
                label="E-mail address"
                kind=FieldKind::Email
                autocomplete="username"
                value=email
                error=submission.at("/email")
                readonly=fixed_email
                autofocus=!fixed_email
            />
            <TextField
                label="Password"
                kind=FieldKind::Password
                value=password
                error=submission.at("/password")
                autofocus=fixed_email
            />
            <Button kind=ButtonKind::Primary submit=true wide=true busy=submission.busy>"Sign in"</Button>
        </form>
    }
}
