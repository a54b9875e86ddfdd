use accord_api_types::{CopyRole, Role};
use leptos::prelude::*;

use crate::components::{
    Button, ButtonKind, CancelButton, Dialog, DialogFooter, DialogSize, FailureNotice, TextField,
};
use crate::pages::auth::model::{check_filled, checked};
use crate::session::Session;
use crate::submission::Submission;

/// Makes a role with the same policies under another name.
#[component]
pub(super) fn CopyDialog(
    open: RwSignal<bool>,
    role: RwSignal<Option<Role>>,
    on_saved: Callback<Role>,
) -> impl IntoView {
    let title = Signal::derive(move || {
        role.with(|role| {
            format!(
                "Copy {}",
                role.as_ref().map_or("role", |role| role.name.as_str())
            )
        })
    });
    view! {
        <Dialog open=open title=title size=DialogSize::Small>
            {role.get_untracked().map(|role| view! { <CopyForm open=open role=role on_saved=on_saved/> })}
        </Dialog>
    }
}

#[component]
fn CopyForm(open: RwSignal<bool>, role: Role, on_saved: Callback<Role>) -> impl IntoView {
    let session = Session::current();
    let submission = Submission::new();
    let name = RwSignal::new(format!("{} copy", role.name));
    let (account_id, id) = (session.account_id(), role.id);
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let body = CopyRole {
            name: name.get_untracked().trim().to_owned(),
        };
        if let Err(failure) = checked([check_filled("/name", &body.name, "Give the copy a name")]) {
            return submission.fail(failure);
        }
        let client = submission.client();
        submission.send(
            async move { client.copy_role(account_id, id, &body).await },
            move |copy| {
                open.set(false);
                on_saved.try_run(copy.into_inner());
            },
        );
    };
    view! {
        <form novalidate=true on:submit=send>
            <div class="dialog-body">
                <FailureNotice failure=submission.failure shown_by_fields=&["/name"]/>
                <TextField label="Name of the copy" value=name error=submission.at("/name") autofocus=true/>
            </div>
            <DialogFooter>
                <CancelButton/>
                <Button kind=ButtonKind::Primary submit=true busy=submission.busy>"Copy role"</Button>
            </DialogFooter>
        </form>
    }
}
