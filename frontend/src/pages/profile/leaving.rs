use accord_api_types::{DeleteAccount, EnvironmentsQuery, MembersQuery, PageQuery};
use leptos::prelude::*;

use super::model::{Losses, lost};
use super::password::PresentPassword;
use crate::components::{
    Button, ButtonKind, CancelButton, Dialog, DialogFooter, DialogSize, FailureNotice, FieldKind,
    Notice, Skeleton, TextField, Toasts, Tone, download, screen,
};
use crate::live::Topic;
use crate::pages::auth::model::{check_filled, checked};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;

/// Takes along everything that is kept of the account.
#[component]
pub(super) fn Export() -> impl IntoView {
    let session = Session::current();
    let submission = Submission::new();
    let export = Callback::new(move |()| {
        let client = session.client();
        submission.send(
            async move { client.export_account_as_text().await },
            |text| download("accord-account.json", "application/json", text.as_bytes()),
        );
    });
    view! {
        <FailureNotice failure=submission.failure/>
        <div><Button busy=submission.busy on_press=export>"Download my data"</Button></div>
    }
}

/// The way to the end of the account.
#[component]
pub(super) fn DeleteAccountButton() -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <div>
            <Button kind=ButtonKind::Danger on_press=Callback::new(move |()| open.set(true))>"Delete account"</Button>
        </div>
        <Dialog open=open title="Delete your account?" size=DialogSize::Small>
            <DeleteForm/>
        </Dialog>
    }
}

#[component]
fn DeleteForm() -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let submission = Submission::new();
    let password = RwSignal::new(String::new());
    let present = PresentPassword::of(submission, "/password");
    let losses = Remote::new(move || ask_for_losses(session)).follows(&[
        Topic::Environments,
        Topic::Members,
        Topic::Collaborations,
    ]);
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let body = DeleteAccount {
            password: password.get_untracked(),
        };
        if let Err(failure) = checked([check_filled(
            "/password",
            &body.password,
            "Enter your password",
        )]) {
            return submission.fail(failure);
        }
        let client = session.client();
        submission.send(
            async move { client.delete_account(&body).await },
            move |()| {
                toasts.done("Your account was deleted.");
                session.forget();
            },
        );
    };
    view! {
        <form novalidate=true on:submit=send>
            <div class="dialog-body">
                <Notice tone=Tone::Warn>
                    <p>"This cannot be taken back. What goes with your account:"</p>
                    {screen(
                        losses,
                        Skeleton::Rows(2),
                        |_: &Losses| false,
                        || (),
                        |losses| view! {
                            <ul class="losses">{move || lost(&losses.get()).into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
                        },
                    )}
                </Notice>
                <FailureNotice failure=present.elsewhere shown_by_fields=&["/password"]/>
                <TextField label="Password" kind=FieldKind::Password value=password error=present.error/>
            </div>
            <DialogFooter>
                <CancelButton/>
                <Button kind=ButtonKind::Danger submit=true busy=submission.busy>"Delete my account"</Button>
            </DialogFooter>
        </form>
    }
}

/// Counts what would be lost, as far as one page of each list reaches.
async fn ask_for_losses(session: Session) -> accord_client::Result<Losses> {
    let (client, account_id) = (session.client(), session.account_id());
    let limit = Some(accord_api_types::MAX_LIMIT);
    let environments = EnvironmentsQuery {
        limit,
        ..Default::default()
    };
    let environments = client.environments(account_id, &environments).await?;
    let members = MembersQuery {
        limit,
        ..Default::default()
    };
    let members = client.members(account_id, &members).await?;
    let collaborations = PageQuery {
        limit,
        ..Default::default()
    };
    let collaborations = client.collaborations(&collaborations).await?;
    Ok(Losses::of(&environments, &members, &collaborations))
}
