use accord_api_types::{AccountEmail, ChangeEmail, PendingEmail};
use leptos::prelude::*;

use super::password::PresentPassword;
use crate::components::{
    Button, FailureNotice, FieldKind, Notice, RelativeTime, Skeleton, TextField, Toasts, screen,
};
use crate::pages::auth::model::{check_email, check_filled, checked};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;

/// Another address: asked for, waiting to be proven, or dropped.
#[component]
pub(super) fn Address() -> impl IntoView {
    let session = Session::current();
    let address = Remote::new(move || {
        // Followed elsewhere, the link changes the account, and with it what waits.
        let _ = session.account();
        let client = session.client();
        async move { client.account_email().await }
    });
    let reload = Callback::new(move |()| address.reload());
    screen(
        address,
        Skeleton::Rows(1),
        |_: &AccountEmail| false,
        || (),
        move |address| {
            view! {
                {move || address.get().pending.map(|pending| view! { <Pending pending=pending reload=reload/> })}
                <AddressForm reload=reload/>
            }
        },
    )
}

#[component]
fn Pending(pending: PendingEmail, reload: Callback<()>) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let submission = Submission::new();
    let keep = Callback::new(move |()| {
        let client = session.client();
        submission.send(
            async move { client.cancel_email_change().await },
            move |()| {
                toasts.done("Your address stays as it is.");
                reload.try_run(());
            },
        );
    });
    view! {
        <Notice>
            <p>
                "Waiting for " <strong>{pending.email}</strong>
                ": follow the link in the mail that was sent there. The link ends "
                <RelativeTime at=pending.expires_at/> "; until it is followed you keep the address you have."
            </p>
            <FailureNotice failure=submission.failure/>
            <Button busy=submission.busy on_press=keep>"Keep the present address"</Button>
        </Notice>
    }
}

#[component]
fn AddressForm(reload: Callback<()>) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let submission = Submission::new();
    let email = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let present = PresentPassword::of(submission, "/password");
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let body = ChangeEmail {
            email: email.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
        };
        if let Err(failure) = checked([
            check_email("/email", &body.email),
            check_filled("/password", &body.password, "Enter your present password"),
        ]) {
            return submission.fail(failure);
        }
        let client = session.client();
        submission.send(async move { client.change_email(&body).await }, move |()| {
            email.set(String::new());
            password.set(String::new());
            toasts.done("A link is on its way to the new address.");
            reload.try_run(());
        });
    };
    view! {
        <form class="form card form-card" novalidate=true on:submit=send>
            <FailureNotice failure=present.elsewhere shown_by_fields=&["/email", "/password"]/>
            <TextField label="New e-mail address" kind=FieldKind::Email value=email error=submission.at("/email")/>
            <TextField label="Password" kind=FieldKind::Password value=password error=present.error/>
            <div><Button submit=true busy=submission.busy>"Change address"</Button></div>
        </form>
    }
}
