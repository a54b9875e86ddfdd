use accord_api_types::{AcceptInvitation, Collaboration, ErrorCode, InvitationOffer};
use leptos::prelude::*;

use crate::components::{Button, ButtonKind, ConfirmDialog, FailureNotice, FieldKind, TextField};
use crate::pages::auth::SignInForm;
use crate::pages::auth::model::{PASSWORD_HINT, check_new_password, checked};
use crate::session::Session;
use crate::submission::Submission;

/// Accept or reject, for the person it is meant for.
#[component]
pub(super) fn Decide(
    token: Signal<String>,
    joined: RwSignal<Option<Collaboration>>,
    reload: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    let submission = Submission::new();
    reload_when_closed(submission, reload);
    let accept = Callback::new(move |()| {
        let (client, token) = (session.client(), token.get_untracked());
        submission.send(
            async move {
                client
                    .accept_invitation(&token, &AcceptInvitation::default())
                    .await
            },
            move |accepted| {
                joined.set(Some(accepted.collaboration));
                // A mailed link proves the address.
                session.adopt();
            },
        );
    });
    view! {
        <FailureNotice failure=submission.failure/>
        <div class="decide">
            <RejectButton token=token reload=reload/>
            <Button kind=ButtonKind::Primary wide=true busy=submission.busy on_press=accept>"Accept invitation"</Button>
        </div>
    }
}

/// Signing in without leaving the invitation.
#[component]
pub(super) fn SignInFirst(email: String) -> impl IntoView {
    view! {
        <div class="decide-form">
            <h2>"Sign in to accept"</h2>
            <SignInForm email=email fixed_email=true/>
            <p class="card-aside"><a href="/forgot-password">"Forgotten your password?"</a></p>
        </div>
    }
}

/// Accepting makes an account; its password is chosen here.
#[component]
pub(super) fn NewAccount(
    offer: InvitationOffer,
    token: Signal<String>,
    joined: RwSignal<Option<Collaboration>>,
    reload: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    let submission = Submission::new();
    reload_when_closed(submission, reload);
    let email = RwSignal::new(offer.email);
    let name = RwSignal::new(offer.display_name.unwrap_or_default());
    let password = RwSignal::new(String::new());
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked().trim().to_owned();
        let body = AcceptInvitation {
            password: Some(password.get_untracked()),
            name: (!name.is_empty()).then_some(name),
        };
        if let Err(failure) = checked([check_new_password(
            "/password",
            body.password.as_deref().unwrap_or_default(),
        )]) {
            return submission.fail(failure);
        }
        let (client, token) = (session.client(), token.get_untracked());
        submission.send(
            async move { client.accept_invitation(&token, &body).await },
            move |accepted| {
                joined.set(Some(accepted.collaboration));
                session.adopt();
            },
        );
    };
    view! {
        <form class="form decide-form" novalidate=true on:submit=send>
            <h2>"Choose a password to accept"</h2>
            <p class="muted small">"Accepting makes an account for this address. Rejecting leaves nothing behind."</p>
            <FailureNotice failure=submission.failure shown_by_fields=&["/name", "/password"]/>
            <TextField label="E-mail address" kind=FieldKind::Email autocomplete="username" value=email readonly=true/>
            <TextField label="Your name" value=name autocomplete="name" optional=true error=submission.at("/name")/>
            <TextField
                label="Password"
                kind=FieldKind::NewPassword
                value=password
                hint=PASSWORD_HINT
                error=submission.at("/password")
            />
            <Button kind=ButtonKind::Primary submit=true wide=true busy=submission.busy>"Accept invitation"</Button>
        </form>
        <RejectButton token=token reload=reload/>
    }
}

/// Rejecting needs the link alone; it asks once more.
#[component]
pub(super) fn RejectButton(token: Signal<String>, reload: Callback<()>) -> impl IntoView {
    let session = Session::current();
    let submission = Submission::new();
    let asking = RwSignal::new(false);
    let reject = Callback::new(move |()| {
        let (client, token) = (session.client(), token.get_untracked());
        submission.send(
            async move { client.reject_invitation(&token).await },
            move |()| {
                asking.set(false);
                reload.try_run(());
            },
        );
    });
    view! {
        <Button wide=true on_press=Callback::new(move |()| asking.set(true))>"Reject"</Button>
        <ConfirmDialog
            open=asking
            title="Reject the invitation?"
            action="Reject invitation"
            danger=true
            submission=submission
            on_confirm=reject
        >
            <p>"Whoever invited you is told. To change your mind, you would have to be invited again."</p>
        </ConfirmDialog>
    }
}

/// What stands on the page is out of date when the server says that the invitation is closed, or that
/// the address has an account by now.
fn reload_when_closed(submission: Submission, reload: Callback<()>) {
    Effect::new(move |_| {
        let code = submission
            .failure
            .with(|failure| failure.as_ref().and_then(|failure| failure.code()));
        if matches!(
            code,
            Some(ErrorCode::InvitationNotOpen | ErrorCode::AccountExists)
        ) {
            reload.try_run(());
        }
    });
}
