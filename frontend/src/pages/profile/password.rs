use accord_api_types::{ChangePassword, ErrorCode};
use leptos::prelude::*;

use crate::components::{Button, FailureNotice, FieldKind, TextField, Toasts};
use crate::failure::Failure;
use crate::pages::auth::model::{PASSWORD_HINT, check_filled, check_new_password, checked};
use crate::session::Session;
use crate::submission::Submission;

/// What is wrong where the present password is asked for again: that it is another one, the server
/// says by a code and not by pointing at the field.
#[derive(Clone, Copy)]
pub(super) struct PresentPassword {
    /// For the field.
    pub(super) error: Signal<Option<String>>,
    /// What remains to be said.
    pub(super) elsewhere: Signal<Option<Failure>>,
}

impl PresentPassword {
    pub(super) fn of(submission: Submission, pointer: &'static str) -> Self {
        fn is_wrong(failure: &Failure) -> bool {
            failure.code() == Some(ErrorCode::WrongPassword)
        }
        let from_fields = submission.at(pointer);
        let wrong = move || {
            submission
                .failure
                .with(|failure| failure.as_ref().is_some_and(is_wrong))
        };
        Self {
            error: Signal::derive(move || {
                if wrong() {
                    Some("This is not your present password.".to_owned())
                } else {
                    from_fields.get()
                }
            }),
            elsewhere: Signal::derive(move || {
                submission
                    .failure
                    .get()
                    .filter(|failure| !is_wrong(failure))
            }),
        }
    }
}

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
    let present = PresentPassword::of(submission, "/current_password");
    view! {
        <form class="form card form-card" novalidate=true on:submit=send>
            <FailureNotice failure=present.elsewhere shown_by_fields=&["/current_password", "/new_password"]/>
            <TextField label="Present password" kind=FieldKind::Password value=current error=present.error/>
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
