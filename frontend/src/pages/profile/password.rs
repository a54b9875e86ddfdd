use accord_api_types::{ChangePassword, ErrorCode};
use leptos::prelude::*;

use crate::components::{Button, FailureNotice, FieldKind, TextField, Toasts};
use crate::pages::auth::model::{PASSWORD_HINT, check_filled, check_new_password, checked};
use crate::session::Session;
use crate::submission::Submission;

/// The present password and the next.
#[component]
pub(super) fn ChangePasswordForm() -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let submission = Submission::new();
    let current = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let body = ChangePassword {
            current_password: current.get_untracked(),
            new_password: new.get_untracked(),
        };
        if let Err(failure) = checked([
            check_filled(
                "/current_password",
                &body.current_password,
                "Enter your present password",
            ),
            check_new_password("/new_password", &body.new_password),
        ]) {
            return submission.fail(failure);
        }
        let client = session.client();
        submission.send(
            async move { client.change_password(&body).await },
            move |()| {
                current.set(String::new());
                new.set(String::new());
                toasts.done("Password changed.");
            },
        );
    };
    let from_fields = submission.at("/current_password");
    let current_error = Signal::derive(move || {
        let wrong = submission.failure.with(|failure| {
            failure
                .as_ref()
                .is_some_and(|failure| failure.code() == Some(ErrorCode::WrongPassword))
        });
        if wrong {
            Some("This is not your present password.".to_owned())
        } else {
            from_fields.get()
        }
    });
    let elsewhere = Signal::derive(move || {
        submission
            .failure
            .get()
            .filter(|failure| failure.code() != Some(ErrorCode::WrongPassword))
    });
    view! {
        <form class="form card form-card" novalidate=true on:submit=send>
            <FailureNotice failure=elsewhere shown_by_fields=&["/current_password", "/new_password"]/>
            <TextField label="Present password" kind=FieldKind::Password value=current error=current_error/>
            <TextField
                label="New password"
                kind=FieldKind::NewPassword
                value=new
                hint=PASSWORD_HINT
                error=submission.at("/new_password")
            />
            <div><Button submit=true busy=submission.busy>"Change password"</Button></div>
        </form>
    }
}
